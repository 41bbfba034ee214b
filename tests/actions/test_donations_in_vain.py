"""Donations whose money is gone, or never came, are asked for no more (A-24, G-02)."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.together import together
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.donate import donate
from paidthru.giving.models import Donation, TaxReceipt
from paidthru.giving.operations import Giving
from paidthru.organizations.operations import move_clock
from paidthru.payments.models import Payment
from paidthru.runs.giving import ask_no_more, give
from paidthru.runs.pledges import keep_receipts
from paidthru.runs.reversals import reverse
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("ams_nonprofit", now=datetime(2026, 3, 10, 15, tzinfo=UTC))


def by_check(world: World, name: str) -> Giving:
    return Giving(world.party(name), 30_00, "USD", None, "staff", "check")


def test_a_check_that_bounced_is_void_and_of_a_part_the_rest_stays_given(world: World) -> None:
    whole, part = (give(world.desk, by_check(world, name), actor=STAFF) for name in ("Ann", "Bob"))
    keep_receipts(world.desk)
    for donation, gone in ((whole, None), (part, 10_00)):
        payment = Payment.objects.get(party_id=donation.party_id)
        reverse(world.desk, payment.id, acknowledged=True, actor=STAFF, amount_minor=gone)
    together([lambda: ask_no_more(world.desk)] * 3)
    whole.invoice.refresh_from_db()
    part.invoice.refresh_from_db()
    assert whole.invoice.state == "void"
    assert (part.invoice.balance_minor, part.invoice.state) == (0, "paid")
    assert Event.objects.filter(verb="invoice_voided").count() == 1
    keep_receipts(world.desk)
    valid = TaxReceipt.objects.filter(state="issued").values_list("party_id", "amount_minor")
    assert list(valid) == [(part.party_id, 20_00)]
    assert TaxReceipt.objects.filter(state="void").count() == 2
    assert invariants.check(world.organization.id) == []


def test_a_donation_that_was_stopped_before_its_money_was_taken_down_is_let_go_of(world: World) -> None:
    now = world.desk.clock.now()
    stopped = donate(world.organization, by_check(world, "Ann"), actor=STAFF, now=now, key="click")
    runs.work(world.desk)
    assert Donation.objects.get().invoice.state == "sent"  # a second click still takes the money down
    assert give(world.desk, by_check(world, "Bob"), actor=STAFF, key="other").invoice.state == "paid"
    move_clock(world.organization, now + timedelta(days=2))
    runs.work(world.desk)
    stopped.invoice.refresh_from_db()
    assert stopped.invoice.state == "void"
    assert not Donation.objects.filter(retry_on__isnull=False).exists()
    assert invariants.check(world.organization.id) == []
