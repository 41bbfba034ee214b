"""Gifts, pledges, homes and visits that are due at the same moment: once each, by several workers, and where one is
killed on the way (A-20, A-27, A-30 to A-33, A-51, B-2 to B-5, C-28)."""

from collections import Counter
from itertools import count

import pytest
from tests.actions.test_work_killed import EVERY, killed, lives_on, without_runs
from tests.everything_due import became
from tests.gifts_and_homes_due import gifts_and_homes_due
from tests.together import together
from tests.world import STAFF, World

from paidthru import invariants, runs
from paidthru.giving.models import Donation, PledgePart, TaxReceipt
from paidthru.invoicing.models import Receivable
from paidthru.organizations.models import Organization
from paidthru.payments.models import Payment
from paidthru.people.models import Party
from paidthru.runs.reversals import reverse
from paidthru.timeline.models import Event
from paidthru.visits.models import Visit
from paidthru.wiring import desk_for

pytestmark = pytest.mark.django_db(transaction=True)
Counts = dict[str, Counter[tuple[object, ...]]]


def due(name: str) -> World:
    """All due, and a check that bounced on top."""
    world = gifts_and_homes_due(name)
    bounced = Payment.objects.get(organization=world.organization, means="check")
    reverse(world.desk, bounced.id, acknowledged=True, actor=STAFF, why="It bounced")
    return world


def rest(world: World) -> Counts:
    """What `became` doesn't look at."""
    mine = {"organization": world.organization}
    name = dict(Party.objects.filter(**mine).values_list("id", "name"))

    def counted(rows: object) -> Counter[tuple[object, ...]]:
        return Counter(tuple(name.get(cell, cell) for cell in row) for row in rows)  # type: ignore[attr-defined]

    return {
        "donations": counted(
            Donation.objects.filter(**mine).values_list("party_id", "n", "retry_on", "invoice__state")
        ),
        "parts": counted(PledgePart.objects.filter(**mine).values_list("n", "amount_minor", "invoice__state")),
        "receipts": counted(TaxReceipt.objects.filter(**mine).values_list("party_id", "amount_minor", "state")),
        "visits": counted(Visit.objects.filter(**mine).values_list("party_id", "verdict", "invoice__state")),
        "kinds": counted(Receivable.objects.filter(**mine).values_list("kind", "party_id", "state", "due_on")),
    }  # fmt: skip


def same(found: Counts, expected: Counts, at: object) -> None:
    for what, counted in expected.items():
        assert without_runs(found[what]) == without_runs(counted), (at, what)


def test_three_workers_or_one_that_is_killed_do_what_one_does() -> None:
    alone = due("Alone")
    runs.work(alone.desk)
    lives_on(alone)
    expected, others = became(alone), rest(alone)
    kinds = {kind for kind, *_ in others["kinds"]}
    assert kinds >= {"assessment", "levy", "late_fee", "donation", "pledge", "visit"}, kinds
    crowd = due("Crowd")
    said = together([lambda: runs.work(desk_for(Organization.objects.get(id=crowd.organization.id)))] * 3)
    assert said == [None] * 3
    lives_on(crowd)
    same(became(crowd), expected, "crowd")
    same(rest(crowd), others, "crowd")
    kills = 0
    for points in count(1, 1) if EVERY else (7, 29, 47):
        world = due(f"Killed at {points}")
        was_killed = killed(world, points, runs.work)
        kills += was_killed
        world = World(world.organization, desk_for(Organization.objects.get(id=world.organization.id)))
        lives_on(world)
        same(became(world), expected, points)
        same(rest(world), others, points)
        if not was_killed:
            break
    assert kills >= 2
    assert invariants.check(crowd.organization.id) == []
    assert Event.objects.filter(organization=crowd.organization, verb="late_fee_charged").exists()
