"""Today: what waits for a person, of renewals too (I-48, I-52)."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from tests.collecting import billed
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions.post_batch import post_batch
from paidthru.actions.review_run import review_run
from paidthru.ledger.models import Batch
from paidthru.membership.models import BillingRun

pytestmark = pytest.mark.django_db(transaction=True)


def waiting(client: Client, world: World) -> dict[str, int]:
    """What waits for somebody, and how many of it."""
    page = client.get(f"/o/{world.organization.slug}/").content.decode()
    table = page[page.index('id="decide"') :]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)[1:]
    found = [re.findall(r"<td.*?</td>", row, re.DOTALL) for row in rows]
    return {words(cells[0]): int(words(cells[1])) for cells in found if len(cells) > 1}


def test_a_renewal_waits_until_it_is_run_committed_and_reviewed() -> None:
    world = a_world()
    plan = world.plan()
    for name in ("Ann", "Bea"):
        world.member(name, plan, paid_through=date(2026, 1, 20))
    world.member("Cleo", plan, paid_through=date(2026, 12, 31))
    client, desk = signed_in(world, "finance"), world.desk
    assert waiting(client, world) == {"Members due within a month, not billed": 2}
    asked = runs.Asked(name="January", effective_on=date(2026, 2, 1))
    runs.propose(desk, actor=STAFF, **asked)
    assert waiting(client, world)["Runs to be committed"] == 1
    assert "Runs to be reviewed" not in waiting(client, world)
    run = runs.generate(desk, actor=STAFF, **asked)
    assert waiting(client, world) == {"Runs to be reviewed": 1}
    review_run(run.id, actor=STAFF, now=desk.clock.now())
    assert "Runs to be reviewed" not in waiting(client, world)


def test_what_bills_by_itself_waits_for_nobody() -> None:
    world = a_world("community")
    world.member("Ann", world.plan(interval_unit="month"), paid_through=date(2026, 1, 20))
    assert waiting(signed_in(world, "finance"), world) == {}
    runs.advance(world.desk, world.desk.clock.now() + timedelta(days=40))
    assert BillingRun.objects.filter(kind="automatic", billed__gt=0, reviewed_at=None).exists()
    assert "Runs to be reviewed" not in waiting(signed_in(world, "viewer", email="v@maple.example"), world)


def test_batches_of_earlier_days_wait_until_they_are_posted() -> None:
    """I-16: not while their day still fills them, nor where they are posted by themselves."""
    waits = "Batches of earlier days to be posted"
    found = billed("Ann", world=a_world(batch__post="manual"))
    client = signed_in(found.world, "finance")
    batch = Batch.objects.get()
    Batch.objects.update(dated_on=found.desk.today)
    assert waits not in waiting(client, found.world)
    found.move(days=1)
    assert waiting(client, found.world)[waits] == 1
    post_batch(batch.id, actor=STAFF, now=found.desk.clock.now())
    assert waits not in waiting(client, found.world)
