"""What will come in, in the coming days, by the rules that bill and collect (A-40; design 1.5).

Memberships go their way through `forecast`, as a change of policy is foretold; what else comes again is counted by the
same rules that will bill it. Nothing is written.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from typing import Literal
from uuid import UUID

from paidthru.assessments.models import Assessment, LevyPart
from paidthru.assessments.queries import interval_of as assessed_every
from paidthru.giving.models import Gift, PledgePart
from paidthru.giving.queries import interval_of as given_every
from paidthru.invoicing.models import RecurringInvoice
from paidthru.invoicing.operations.recurring import interval_of as billed_every
from paidthru.invoicing.rules.recurring import upcoming
from paidthru.invoicing.rules.writing import restored
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.automation import BY_ITSELF
from paidthru.people.models import Holding
from paidthru.runs.desk import Desk
from paidthru.runs.impact import courses

DAYS = 90
Way = Literal["by itself", "asked for"]
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
    """Money expected on a local date, in minor units. It comes by itself where a payment method is charged; else
    whoever is asked for it has to act."""

    on: date
    source: Source
    currency: str
    way: Way
    amount_minor: int


def expected_receipts(desk: Desk, *, days: int = DAYS) -> list[Expected]:
    """What is expected in so many days from today on, a row for each day, source, currency and way, in order."""
    until = desk.today + timedelta(days=days)
    found: Counter[tuple[date, Source, str, Way]] = Counter()
    for row in (
        *_of_memberships(desk, days),
        *_of_homes(desk, until),
        *_of_pledges(desk, until),
        *_of_gifts(desk, until),
        *_recurring(desk, until),
    ):
        found[row.on, row.source, row.currency, row.way] += row.amount_minor
    return [Expected(*key, amount) for key, amount in sorted(found.items()) if amount]


def _of_memberships(desk: Desk, days: int) -> Iterator[Expected]:
    policies = policies_of(desk.organization).changed(dict(BY_ITSELF), scope="organization", scope_id=None)
    for member, happens in courses(desk, policies, days=days):
        candidate = member.standing.candidate
        for one in happens:
            if one.kind == "charge" and one.what == "succeeded":
                yield Expected(one.on, "memberships", candidate.currency, "by itself", one.amount_minor)
            elif one.kind == "bill" and not candidate.autopay:
                yield Expected(one.on, "memberships", candidate.currency, "asked for", one.amount_minor)


def _of_homes(desk: Desk, until: date) -> Iterator[Expected]:
    held = Holding.objects.filter(organization=desk.organization, role="owner", until_on=None)
    ways: dict[UUID, Way] = {
        unit_id: "by itself" if autopay else "asked for"
        for unit_id, autopay in held.values_list("unit_id", "autopay")
    }  # a home without an owner is billed to nobody
    coming = Assessment.objects.filter(organization=desk.organization, next_on__lt=until)
    for one in coming.iterator():
        if one.unit_id in ways:
            days = upcoming(one.starts_on, assessed_every(one), one.made, one.ends_on)
            for on in _within(days, desk.today, until):
                yield Expected(on, "homes", one.currency, ways[one.unit_id], one.amount_minor)
    parts = LevyPart.objects.filter(organization=desk.organization, invoice=None, due_on__lt=until)
    for part in parts.select_related("levy").iterator():
        if part.unit_id in ways:
            on = max(part.due_on, desk.today)
            yield Expected(on, "homes", part.levy.currency, ways[part.unit_id], part.amount_minor)


def _of_pledges(desk: Desk, until: date) -> Iterator[Expected]:
    parts = PledgePart.objects.filter(organization=desk.organization, invoice=None, due_on__lt=until)
    for part in parts.select_related("pledge").iterator():
        yield Expected(
            max(part.due_on, desk.today), "pledges", part.pledge.currency, "asked for", part.amount_minor
        )


def _of_gifts(desk: Desk, until: date) -> Iterator[Expected]:
    for one in Gift.objects.filter(organization=desk.organization, next_on__lt=until).iterator():
        days = upcoming(one.anchor_on, given_every(one), one.made, None)
        for on in _within(days, desk.today, until):
            yield Expected(on, "gifts", one.currency, "by itself", one.amount_minor)


def _recurring(desk: Desk, until: date) -> Iterator[Expected]:
    coming = RecurringInvoice.objects.filter(
        organization=desk.organization, next_on__lt=until, paused_at=None
    )
    for one in coming.iterator():
        amount_minor = sum(line.amount_minor for line in restored(one.lines))
        days = upcoming(one.starts_on, billed_every(one), one.made, one.ends_on)
        for on in _within(days, desk.today, until):
            yield Expected(on, "recurring", one.currency, "asked for", amount_minor)


def _within(days: Iterator[date], today: date, until: date) -> Iterator[date]:
    """Those before `until`; what should have come already comes today."""
    return (max(on, today) for on in takewhile(lambda on: on < until, days))
