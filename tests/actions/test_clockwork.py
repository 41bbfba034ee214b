"""Moving a sandbox through time does what falls due, when it falls due, and nothing over and over."""

from datetime import UTC, date, datetime, time

import pytest
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.kernel.clock import local_date, local_instant
from paidthru.membership.models import BillingRun
from paidthru.payments.models import Attempt

pytestmark = pytest.mark.django_db(transaction=True)


def midnight(world: World, on: date) -> datetime:
    return local_instant(on, time.min, world.organization.zone)


def test_what_was_billed_ahead_is_collected_on_its_due_date() -> None:
    world = a_world("recommended", batch__post="manual", accounting__defer="none")
    world.member("Ann", world.plan(), paid_through=date(2026, 1, 31), card=True, autopay=True)
    runs.generate(world.desk, name="Ahead", effective_on=date(2026, 2, 1), actor=STAFF)
    runs.advance(world.desk, midnight(world, date(2026, 2, 1)))
    assert not Attempt.objects.exists()
    assert runs.next_work(world.desk) == datetime(2026, 2, 1, 13, 2, tzinfo=UTC)
    runs.advance(world.desk, midnight(world, date(2026, 3, 1)))
    attempt = Attempt.objects.get()
    assert attempt.submitted_at is not None
    assert local_date(attempt.submitted_at, world.organization.zone) == date(2026, 2, 1)


def test_a_batch_that_can_not_be_posted_does_not_hold_up_time() -> None:
    world = a_world("recommended", billing__trigger="staff_run", accounting__defer="none")
    world.member("Ann", world.plan(), paid_through=date(2025, 12, 31))
    run = runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    assert runs.next_work(world.desk) == datetime(2026, 1, 2, 4, 50, tzinfo=UTC)
    BillingRun.objects.filter(id=run.id).update(state="failed")
    assert runs.next_work(world.desk) == datetime(
        2026, 1, 2, 5, 0, tzinfo=UTC
    )  # an unpaid invoice, not the batch
    runs.advance(world.desk, midnight(world, date(2026, 2, 1)))
    assert run.batch is not None
    run.batch.refresh_from_db()
    assert run.batch.state == "open"
