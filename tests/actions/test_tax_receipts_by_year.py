"""A tax receipt is of the year in which the money came, not of the day on which it was asked for (A-25)."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.donate import donate
from paidthru.actions.issue_tax_receipts import issue_tax_receipts
from paidthru.actions.pledge import Promise, pledge
from paidthru.actions.record_payment import record_payment
from paidthru.actions.replace_tax_receipt import replace_tax_receipt
from paidthru.actions.void_tax_receipt import void_tax_receipt
from paidthru.giving.models import PledgePart, TaxReceipt
from paidthru.giving.operations import Giving
from paidthru.kernel.periods import Interval, Unit
from paidthru.payments.models import Payment
from paidthru.runs.clockwork import advance
from paidthru.runs.reversals import reverse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("ams_nonprofit", now=datetime(2025, 12, 10, 15, tzinfo=UTC))


def valid() -> list[tuple[date, int]]:
    return list(
        TaxReceipt.objects.filter(state="issued").order_by("given_on").values_list("given_on", "amount_minor")
    )


def pays(world: World, party: object, amount_minor: int) -> Payment:
    part = PledgePart.objects.get()
    assert part.invoice_id is not None
    return record_payment(
        world.organization, part.pledge.party_id, amount_minor=amount_minor, currency="USD", means="check",
        invoice_ids=[part.invoice_id], actor=STAFF, now=world.desk.clock.now(),
    )  # fmt: skip


def test_an_instalment_of_december_that_is_paid_over_new_year_has_a_receipt_for_each_year(
    world: World,
) -> None:
    ann = world.party("Ann")
    promise = Promise(100_00, "USD", 1, Interval(1, Unit.MONTH), date(2025, 12, 15))
    pledge(world.organization, ann, promise, actor=STAFF, now=world.desk.clock.now())
    advance(world.desk, datetime(2025, 12, 20, 15, tzinfo=UTC))
    pays(world, ann, 30_00)
    runs.work(world.desk)
    assert valid() == [(date(2025, 12, 20), 30_00)]
    advance(world.desk, datetime(2026, 1, 5, 15, tzinfo=UTC))
    late = pays(world, ann, 60_00)
    advance(world.desk, datetime(2026, 1, 7, 15, tzinfo=UTC))
    pays(world, ann, 10_00)
    runs.work(world.desk)
    assert valid() == [(date(2025, 12, 20), 30_00), (date(2026, 1, 7), 70_00)]
    first = TaxReceipt.objects.get(given_on__year=2025, state="issued")
    assert first.number == 1, "what was told of a year isn't told anew when money comes in another"
    void_tax_receipt(world.organization, first.id, reason="Torn", actor=STAFF, now=world.desk.clock.now())
    runs.work(world.desk)
    assert valid() == [(date(2026, 1, 7), 70_00)], "held back by staff"
    anew = replace_tax_receipt(
        world.organization, first.id, reason="Torn", actor=STAFF, now=world.desk.clock.now()
    )
    assert (anew.given_on, anew.amount_minor, anew.replaces) == (date(2025, 12, 20), 30_00, first)
    reverse(world.desk, late.id, acknowledged=True, actor=STAFF)
    advance(world.desk, world.desk.clock.now() + timedelta(hours=1))
    assert valid() == [(date(2025, 12, 20), 30_00), (date(2026, 1, 7), 10_00)]
    assert invariants.check(world.organization.id) == []


def test_what_the_donor_got_in_return_is_taken_off_once_over_the_years(world: World) -> None:
    ann = world.party("Ann")
    giving = Giving(ann, 100_00, "USD", None, "staff", "check", advantage_minor=60_00)
    donation = donate(world.organization, giving, actor=STAFF, now=world.desk.clock.now(), key="dinner")
    asked = partial(
        record_payment, world.organization, ann, amount_minor=50_00, currency="USD", means="check",
        invoice_ids=[donation.invoice_id], actor=STAFF,
    )  # fmt: skip
    asked(now=world.desk.clock.now(), received_on=date(2025, 12, 10))
    asked(now=datetime(2026, 1, 2, 15, tzinfo=UTC), received_on=date(2026, 1, 2))
    issue_tax_receipts(world.organization, now=datetime(2026, 1, 3, 15, tzinfo=UTC))
    told = TaxReceipt.objects.order_by("given_on").values_list(
        "given_on__year", "amount_minor", "advantage_minor"
    )
    assert list(told) == [(2025, 50_00, 50_00), (2026, 50_00, 10_00)]
