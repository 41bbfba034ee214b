"""Pledges and tax receipts by two at once, and in every currency: once each, nothing lost (A-25 to A-27)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.world import STAFF, World, a_world, party_named

from paidthru.actions.bill_pledges import bill_pledges
from paidthru.actions.change_pledge import change_pledge
from paidthru.actions.issue_tax_receipts import issue_tax_receipts
from paidthru.actions.pledge import Promise, pledge
from paidthru.actions.record_payment import record_payment
from paidthru.actions.record_refund import record_refund
from paidthru.actions.replace_tax_receipt import replace_tax_receipt
from paidthru.giving.models import Pledge, PledgePart, TaxReceipt
from paidthru.giving.queries import fulfilled, unreceipted
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.periods import Interval, Unit
from paidthru.payments.models import Payment
from paidthru.runs.pledges import keep_receipts

pytestmark = pytest.mark.django_db(transaction=True)
MONTHLY = Interval(1, Unit.MONTH)
TODAY = date(2026, 3, 10)


@pytest.fixture
def world() -> World:
    found = a_world("ams_nonprofit", now=datetime(2026, 3, 10, 15, tzinfo=UTC))
    found.party("Ann")
    return found


def at_once(*acts: object) -> list[object]:
    """What each of several acts came to, done at the same time on connections of their own."""

    def one(act: object) -> object:
        try:
            return act()  # type: ignore[operator]
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def promised(world: World, amount_minor: int, currency: str, count: int, key: str | None = None) -> Pledge:
    return pledge(
        world.organization,
        party_named(world, "Ann").id,
        Promise(amount_minor, currency, count, MONTHLY, TODAY),
        actor=STAFF,
        now=world.desk.clock.now(),
        key=key,
    )


def test_two_workers_and_a_double_click_bill_and_change_once(world: World) -> None:
    now = world.desk.clock.now()
    at_once(*(lambda: promised(world, 100_00, "USD", 3, "k") for _ in range(3)))
    one = Pledge.objects.get()
    billed = at_once(*(lambda: bill_pledges(world.organization, actor=STAFF, now=now) for _ in range(3)))
    assert sum(len(made) for made in billed if isinstance(made, list)) == 1
    assert PledgePart.objects.filter(invoice__isnull=False).count() == 1

    def less(key: str) -> object:
        return change_pledge(
            world.organization, one.id, left_minor=40_00, instalments=2, every=MONTHLY, first_on=TODAY,
            reason="Less", actor=STAFF, now=now, key=key,
        )  # fmt: skip

    at_once(lambda: less("a"), lambda: less("a"), lambda: less("a"))
    one.refresh_from_db()
    assert one.written_down_minor == 26_67
    at_once(lambda: less("b"), lambda: bill_pledges(world.organization, actor=STAFF, now=now))
    one.refresh_from_db()
    parts = sum(PledgePart.objects.filter(pledge=one).values_list("amount_minor", flat=True))
    assert parts == one.amount_minor - one.written_down_minor == 73_33


@pytest.mark.parametrize(("currency", "amount_minor"), [("USD", 1000_00), ("JPY", 1000), ("KWD", 1_000_001)])
def test_schedules_sum_exactly_whatever_is_changed_and_in_whatever_order(
    world: World, currency: str, amount_minor: int
) -> None:
    """A-26: billed and unbilled instalments sum to what is promised after each change."""
    now, one = world.desk.clock.now(), promised(world, amount_minor, currency, 7)
    bill_pledges(world.organization, actor=STAFF, now=now)
    for taken, count in ((0, 11), (amount_minor // 3, 3), (1, 13), (0, 1)):
        left = sum(PledgePart.objects.filter(pledge=one, invoice=None).values_list("amount_minor", flat=True))
        change_pledge(
            world.organization, one.id, left_minor=left - taken, instalments=count, every=MONTHLY,
            first_on=date(2026, 5, 31), reason="Asked for", actor=STAFF, now=now,
        )  # fmt: skip
        one.refresh_from_db()
        parts = list(PledgePart.objects.filter(pledge=one).order_by("n"))
        assert sum(part.amount_minor for part in parts) == amount_minor - one.written_down_minor
        assert len({part.n for part in parts}) == len({part.due_on for part in parts}) == len(parts)


def test_a_refund_while_the_receipt_is_issued_leaves_one_valid_receipt_over_what_is_left(
    world: World,
) -> None:
    now, one = world.desk.clock.now(), promised(world, 90_00, "USD", 1)
    bill_pledges(world.organization, actor=STAFF, now=now)
    record_payment(
        world.organization,
        one.party_id,
        amount_minor=90_00,
        currency="USD",
        means="check",
        actor=STAFF,
        now=now,
    )
    payment = Payment.objects.get()

    def issue() -> int:
        return issue_tax_receipts(world.organization, now=now)

    at_once(
        issue,
        lambda: record_refund(
            world.organization,
            payment.id,
            amount_minor=30_00,
            currency="USD",
            via="check",
            given_on=TODAY,
            actor=STAFF,
            now=now,
        ),
        issue,
    )
    issue()
    valid = TaxReceipt.objects.get(state="issued")
    assert (valid.amount_minor, fulfilled([one.id])[one.id]) == (60_00, 60_00)
    numbers = sorted(TaxReceipt.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)), "no gap"
    assert issue() == 0

    def again(key: str) -> object:
        return replace_tax_receipt(
            world.organization, valid.id, reason="Name", actor=STAFF, now=now, key=key
        ).number

    said = at_once(lambda: again("a"), lambda: again("a"), lambda: again("b"), issue)
    assert sum(one == "receipt_replaced" for one in said) in (1, 2)
    assert TaxReceipt.objects.filter(state="issued").count() == 1


def test_the_sweep_looks_at_whom_something_happened_to(world: World) -> None:
    """Money that came is found by the events since; without any, nothing is looked at."""
    now, one = world.desk.clock.now(), promised(world, 90_00, "USD", 1)
    bill_pledges(world.organization, actor=STAFF, now=now)
    before = new_id()
    record_payment(
        world.organization,
        one.party_id,
        amount_minor=90_00,
        currency="USD",
        means="check",
        actor=STAFF,
        now=now,
    )
    found = unreceipted(world.organization.id, limit=9, after=before)
    assert [(each.party_id, each.received_minor) for each in found] == [(one.party_id, 90_00)]
    assert unreceipted(world.organization.id, limit=9, after=new_id()) == []
    assert len(unreceipted(world.organization.id, limit=9)) == 1
    assert keep_receipts(world.desk) == 1
    with CaptureQueriesContext(connection) as asked:
        assert keep_receipts(world.desk) == 0
    looks = [query["sql"] for query in asked if "giving_donation" in query["sql"]]
    assert looks and all("timeline_event" in sql for sql in looks), "at all once a day only"
