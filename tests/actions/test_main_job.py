"""The main job end to end: a run, its collection, and books that balance."""

from datetime import date

import pytest
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.post_batch import post_batch
from paidthru.actions.submit import Selection
from paidthru.invoicing.models import Invoice
from paidthru.ledger.queries import trial_balance
from paidthru.membership.models import Membership
from paidthru.payments.models import Attempt, Payment

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_bills_collects_and_balances() -> None:
    world = a_world()
    plan = world.plan()
    paid = world.member("Ann", plan, paid_through=date(2025, 12, 31), card=True, autopay=True)
    open_ = world.member("Bob", plan, paid_through=date(2025, 12, 31))
    ahead = world.member("Cid", plan, paid_through=date(2026, 12, 31))
    run = runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    assert (run.state, run.billed, run.skipped, run.total_minor) == ("done", 2, 1, 20_000)
    assert [i.number for i in Invoice.objects.filter(organization=world.organization).order_by("number")] == [
        1,
        2,
    ]
    done = runs.submit(world.desk, Selection(date(2026, 1, 1)), actor=STAFF, acknowledged=True)
    assert (done.submitted, done.refused) == (1, ())
    assert runs.collect_unsent(world.desk) == 1
    assert Attempt.objects.get().state == "succeeded"
    assert Payment.objects.get().amount_minor == 10_000
    by_member = {m.id: m for m in Membership.objects.all()}
    assert by_member[paid.id].paid_through == date(2026, 12, 31)
    assert by_member[open_.id].paid_through == date(2025, 12, 31)
    assert by_member[open_.id].renewed_through == date(2026, 12, 31)
    assert by_member[ahead.id].renewed_through == date(2026, 12, 31)
    balances = {b.code: b.balance_minor for b in trial_balance(world.organization.id)}
    assert balances == {
        "Memo billed": 10_000,
        "Memo contra": -10_000,
        "Clearing": 10_000,
        "Income:Dues": -10_000,
    }
    assert run.batch_id is not None
    batch = post_batch(run.batch_id, actor=STAFF, now=world.desk.clock.now())
    assert batch.state == "posted"
