"""What a campaign takes, and how far it is (A-20, A-22). Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

MOST_MINOR = 10**12  # above this a donation is a slip of the keyboard
_OTHER = re.compile(r"[^a-z0-9]+")
_MOST_SLUG = 60


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """A campaign as the rules see it: minor units, and the local days from `starts_on` through `ends_on`."""

    name: str
    currency: str
    minimum_minor: int
    starts_on: date | None
    ends_on: date | None
    closed: bool

    def takes_on(self, on: date) -> bool:
        """Whether it takes donations on a local date."""
        begun = self.starts_on is None or on >= self.starts_on
        return begun and (self.ends_on is None or on <= self.ends_on) and not self.closed


def checked_donation(campaign: CampaignFacts | None, amount_minor: int, currency: str, on: date) -> None:
    """Refuses a donation (minor units) that can't be taken on a local date: `campaign_closed` (A-20),
    `currency_mismatch`, `amount_invalid` (nothing, less than the campaign's minimum, or beyond MOST_MINOR)."""
    if campaign is not None and not campaign.takes_on(on):
        early = campaign.starts_on is not None and on < campaign.starts_on and not campaign.closed
        raise Refused(
            "campaign_closed",
            f"{campaign.name} takes donations from {campaign.starts_on} on."
            if early
            else f"{campaign.name} takes no donations any more.",
            field="campaign",
            value=campaign.name,
            fix="Give without a campaign, or to another one.",
        )
    if campaign is not None and currency != campaign.currency:
        raise Refused(
            "currency_mismatch",
            f"{campaign.name} is raised in {campaign.currency}.",
            field="amount",
            value=currency,
            fix=f"Give an amount in {campaign.currency}.",
        )
    least = campaign.minimum_minor if campaign is not None else 1
    if amount_minor < least:
        raise Refused(
            "amount_invalid",
            f"A donation is {plain(least, currency)} {currency} or more.",
            field="amount",
            value=plain(amount_minor, currency),
            fix="Enter another amount.",
        )
    if amount_minor > MOST_MINOR:
        raise Refused(
            "amount_invalid",
            f"That is more than can be given at once: at most {plain(MOST_MINOR, currency)} {currency}.",
            field="amount",
            value=plain(amount_minor, currency),
            fix="Look whether a digit is too many.",
        )


def percent_of(raised_minor: int, goal_minor: int) -> int:
    """How much of a goal is reached, in whole percents, rounded half up; it may be above 100."""
    return (200 * raised_minor + goal_minor) // (2 * goal_minor)


def slug_of(name: str) -> str:
    """A campaign's name as it stands in its address; "campaign" where no letter or digit of it can."""
    ascii_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _OTHER.sub("-", ascii_).strip("-")[:_MOST_SLUG].strip("-") or "campaign"
