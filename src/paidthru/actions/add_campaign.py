"""Add a campaign: what is raised for, how much, and in which days (A-20)."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from paidthru.giving.models import Campaign
from paidthru.giving.rules.campaigns import MOST_MINOR, slug_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import exponent, plain
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record

LEAST = 1  # whole units of a currency: the smallest donation where a campaign names no other


def add_campaign(
    organization: Organization,
    name: str,
    *,
    goal_minor: int,
    currency: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    minimum_minor: int | None = None,
    story: str = "",
    fund: str = "",
    actor: Actor,
    now: datetime,
) -> Campaign:
    """Writes a campaign with a goal and a smallest donation (minor units), which takes donations from `starts_on`
    through `ends_on` (local dates; None: at any time). Its link is its name as an address may hold it.

    Refused `amount_invalid`, `ends_before_it_begins`, `campaign_taken`, `currency_unknown`, and as `checked_name`.
    """
    text, currency = checked_name(name, field="name", most=200), currency or organization.currency
    least = minimum_minor if minimum_minor is not None else LEAST * 10 ** exponent(currency)
    for field, amount_minor in (("goal", goal_minor), ("minimum", least)):
        if not 0 < amount_minor <= MOST_MINOR * 100:
            raise Refused(
                "amount_invalid",
                f"The {field} has to be more than nothing, and an amount that can be raised.",
                field=field,
                value=plain(amount_minor, currency),
                fix="Enter another amount.",
            )
    if starts_on and ends_on and ends_on < starts_on:
        raise Refused(
            "ends_before_it_begins",
            f"It begins on {starts_on} and can't end before.",
            field="ends_on",
            value=ends_on.isoformat(),
            fix="Choose a later day.",
        )
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                organization=organization,
                name=text,
                slug=_free_slug(organization, text),
                story=story[:5000],
                goal_minor=goal_minor,
                minimum_minor=least,
                currency=currency,
                starts_on=starts_on,
                ends_on=ends_on,
                fund=fund[:60],
                created_at=now,
            )
            facts = {
                "campaign": text,
                "goal": plain(goal_minor, currency),
                "currency": currency,
                "from": starts_on and starts_on.isoformat(),
                "until": ends_on and ends_on.isoformat(),
            }
            record(
                organization.id,
                actor,
                now,
                [Happening("campaign_added", "campaign", campaign.id, facts=facts)],
            )
            return campaign
    except IntegrityError:
        raise Refused(
            "campaign_taken",
            f"There is a campaign called {text} already.",
            field="name",
            value=text,
            fix="Choose another name.",
        ) from None


def _free_slug(organization: Organization, name: str) -> str:
    """The name as a link, with a number behind it where another campaign's name gives the same."""
    slug, n = slug_of(name), 1
    taken = set(
        Campaign.objects.filter(organization=organization, slug__startswith=slug[:50]).values_list(
            "slug", flat=True
        )
    )
    free = slug
    while free in taken:
        n += 1
        free = f"{slug[:50]}-{n}"
    return free
