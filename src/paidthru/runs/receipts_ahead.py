"""What will come in, in the coming days, by the rules that bill and collect (A-40; design 1.5).

Memberships go their way through `forecast`, as a change of policy is foretold; what else comes again is counted by the
same rules that will bill it. Nothing is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from paidthru.invoicing.models import RecurringInvoice
from paidthru.invoicing.operations.recurring import interval_of as billed_every
from paidthru.invoicing.rules.recurring import upcoming
from paidthru.invoicing.rules.writing import restored
from paidthru.membership.queries import plans_of
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.automation import BY_ITSELF
from paidthru.runs.coming_charges import (
    ComingCharge,
    Way,
    gifts_ahead,
    homes_ahead,
    pledges_ahead,
    within,
)
from paidthru.runs.desk import Desk
from paidthru.runs.impact import courses

DAYS = 90
Source = Literal["memberships", "homes", "pledges", "gifts", "recurring"]

#: What is taken for granted, in the words that stand beside the figures.
ASSUMED = (
    "Prices, plans and policies stay as they are today but for changes that are planned, and nobody joins, leaves or"
    " switches. Staff do their part of a renewal on its day. A card or account that was declined last is declined"
    " again; every other one is charged, and nothing is refunded. Whoever isn’t on autopay pays on the day on which the"
    " invoice comes: what stands under “asked for” rests on that alone. What is owed today counts only where autopay"
    " collects it; the rest stands above, by its age. Tax isn’t counted, nor are one-off donations, visits and tickets."
)


@dataclass(frozen=True, slots=True)
class Expected:
    """Money expected on a local date, in minor units, for what, and of whom. It comes by itself where a payment method
    is charged; else whoever is asked for it has to act."""

    on: date
    source: Source
    currency: str
    way: Way
    amount_minor: int
    what: str
    party_id: UUID


def expected_receipts(desk: Desk, *, days: int = DAYS) -> list[Expected]:
    """What is expected in so many days from today on, each by itself, by day and source."""
    until = desk.today + timedelta(days=days)
    found = [*_of_memberships(desk, days), *_recurring(desk, until)]
    others: tuple[tuple[Source, Iterator[ComingCharge]], ...] = (
        ("homes", homes_ahead(desk, until)),
        ("pledges", pledges_ahead(desk, until)),
        ("gifts", gifts_ahead(desk, until)),
    )
    for source, charges in others:
        found += (
            Expected(one.on, source, one.currency, one.way, one.amount_minor, one.what, one.party_id)
            for one in charges
        )
    return sorted((one for one in found if one.amount_minor), key=lambda one: (one.on, one.source))


def _of_memberships(desk: Desk, days: int) -> Iterator[Expected]:
    policies = policies_of(desk.organization).changed(dict(BY_ITSELF), scope="organization", scope_id=None)
    plans = {one.id: one.name for one in plans_of(desk.organization.id)}
    for member, happens in courses(desk, policies, days=days):
        candidate, what = member.standing.candidate, plans[member.plan_id]
        for one in happens:
            if one.kind == "charge" and one.what == "succeeded":
                way: Way = "by itself"
            elif one.kind == "bill" and not candidate.autopay:
                way = "asked for"
            else:
                continue
            yield Expected(
                one.on, "memberships", candidate.currency, way, one.amount_minor, what, member.party_id
            )


def _recurring(desk: Desk, until: date) -> Iterator[Expected]:
    coming = RecurringInvoice.objects.filter(
        organization=desk.organization, next_on__lt=until, paused_at=None
    )
    for one in coming.iterator():
        lines = restored(one.lines)
        amount_minor, what = sum(line.amount_minor for line in lines), lines[0].description
        days = upcoming(one.starts_on, billed_every(one), one.made, one.ends_on)
        for on, _ in within(desk, days, until):
            yield Expected(on, "recurring", one.currency, "asked for", amount_minor, what, one.party_id)
