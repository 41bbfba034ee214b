"""What a tax receipt has to say, by country (A-25). Pure.

Rules stand in dated tables with their sources, for they change. United States: a written acknowledgment from $250 on,
which says whether goods or services were given in return and what they were worth; the worth is said below $250 too,
for above $75 it has to be. Canada: an official receipt shows the advantage and the eligible amount, is signed, and
names the Canada Revenue Agency. United Kingdom: the charity claims on a declaration, so the receipt is no claim.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Limit:
    """From a local date on a donor needs a written acknowledgment of what is `acknowledge_minor` or more, in minor
    units of `currency`."""

    country: str
    currency: str
    from_on: date
    acknowledge_minor: int


LIMITS = (Limit("US", "USD", date(1994, 1, 1), 250_00),)
"""Asked for since 1994 (Omnibus Budget Reconciliation Act of 1993, section 13172)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the receipts of a country follow, from a local date on, and where that can be read."""

    country: str
    from_on: date
    source: str


RULES = (
    Rule("US", date(1994, 1, 1), "IRS Publication 1771; Treasury Regulations 1.170A-13(f) and 1.6115-1"),
    Rule("CA", date(2013, 6, 26), "Income Tax Regulations, C.R.C., c. 945, section 3501(1)"),
    Rule("GB", date(2000, 4, 6), "HMRC, Charities: detailed guidance notes, chapter 3: Gift Aid"),
)

Saying = Literal["us_nothing", "us_worth", "us_keep", "ca_official", "gb_gift_aid", "in_return"]
_ENGLISH: dict[Saying, str] = {
    "us_nothing": "No goods or services were given in return for this contribution.",
    "us_worth": (
        "In return you were given goods or services worth {advantage}; what is deductible is at most {eligible}."
    ),
    "us_keep": "Keep this acknowledgment: a contribution of this size is deducted only with it.",
    "ca_official": (
        "Official receipt for income tax purposes. Amount {amount}, advantage {advantage}, eligible amount {eligible}."
        " Canada Revenue Agency: canada.ca/charities-giving."
    ),
    "gb_gift_aid": (
        "If you have given us a Gift Aid declaration, and have paid as much tax, we claim back the basic rate on"
        " {eligible}."
    ),
    "in_return": "In return you were given a value of {advantage}.",
}


@dataclass(frozen=True, slots=True)
class Gift:
    """What a receipt is for, in minor units: what was received, and the value of what the donor got in return."""

    amount_minor: int
    advantage_minor: int
    currency: str
    on: date

    @property
    def eligible_minor(self) -> int:
        """What is deducted at the most."""
        return max(self.amount_minor - self.advantage_minor, 0)


def rule_of(country: str, on: date) -> Rule | None:
    """The rule that receipts of a country followed on a local date; None where none is known."""
    held = [one for one in RULES if one.country == country and one.from_on <= on]
    return max(held, key=lambda one: one.from_on, default=None)


def sayings(country: str, gift: Gift) -> tuple[Saying, ...]:
    """What a receipt says besides its facts, in its order; documents have each in every language."""
    got = gift.advantage_minor > 0
    if rule_of(country, gift.on) is None:
        return ("in_return",) if got else ()
    if country == "US":
        first: Saying = "us_worth" if got else "us_nothing"
        return (first, "us_keep") if needs_acknowledgment(country, gift) else (first,)
    return ("ca_official",) if country == "CA" else ("gb_gift_aid",)


def statement(country: str, gift: Gift, amounts: tuple[str, str, str]) -> str:
    """What the receipt says besides its facts, in English. `amounts` are the amount, the advantage and the eligible
    part as the reader writes them."""
    amount, advantage, eligible = amounts
    filling = {"amount": amount, "advantage": advantage, "eligible": eligible}
    return " ".join(_ENGLISH[one].format(**filling) for one in sayings(country, gift))


def needs_acknowledgment(country: str, gift: Gift) -> bool:
    """Whether the donor can deduct it only with a written acknowledgment, by the limit of its day."""
    held = [
        one
        for one in LIMITS
        if one.country == country and one.currency == gift.currency and one.from_on <= gift.on
    ]
    limit = max(held, key=lambda one: one.from_on, default=None)
    return limit is not None and gift.amount_minor >= limit.acknowledge_minor
