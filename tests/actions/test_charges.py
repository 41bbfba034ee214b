"""Charges now, voids and credits: clicked twice, or crossed with a collection (I-34, I-52, P-16, P-25)."""

from collections.abc import Callable
from functools import partial

import pytest
from tests.actions.test_collection_races import together
from tests.collecting import Collection, billed
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.record_payment import record_payment
from paidthru.actions.void_invoice import void_invoice
from paidthru.invoicing.models import CreditNote, Invoice
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import DeferralSchedule
from paidthru.payments.models import Attempt
from paidthru.runs.charges import charge_now, collect_now, void

pytestmark = pytest.mark.django_db(transaction=True)


def charge(found: Collection, key: str | None = "click") -> Invoice:
    return charge_now(
        found.desk, found.party("Ann"), amount_minor=3_500, currency="USD", purpose="Lost key", actor=STAFF, key=key
    )  # fmt: skip


def or_refused(act: Callable[[], object]) -> object:
    try:
        return act()
    except Refused as refused:
        return refused.code


def test_a_charge_clicked_ten_times_is_one_p25() -> None:
    found = billed("Ann")
    done = together([partial(or_refused, partial(charge, found))] * 10)
    invoices = {one.id for one in done if isinstance(one, Invoice)}
    assert len(invoices) == 1
    assert {one for one in done if isinstance(one, str)} <= {"payment_in_progress", "invoice_paid"}
    runs.collect_unsent(found.desk)
    assert [payment.amount_minor for payment in found.payments("Ann")] == [3_500]
    assert found.charged() == 1
    found.check()


def test_staff_and_the_calendar_collect_one_invoice_at_once_p16() -> None:
    """Whoever comes first, there is one open intent and one success (P-16)."""
    found = billed("Ann")
    invoice = found.invoice("Ann").id
    acts: list[partial[object]] = [
        partial(or_refused, partial(collect_now, found.desk, invoice, actor=STAFF)),
        partial(or_refused, partial(runs.pay_online, found.desk, invoice, actor=STAFF)),
        partial(or_refused, partial(found.collect)),
    ]
    together(acts * 4)
    assert Attempt.objects.filter(party_id=found.party("Ann"), state="succeeded").count() == 1
    assert (found.charged(), found.invoice("Ann").state) == (1, "paid")
    found.check()


def test_a_charge_uses_credit_first() -> None:
    found = billed("Ann")
    invoice = found.invoice("Ann")
    found.collect()
    record_payment(
        found.world.organization, invoice.party_id, amount_minor=1_000, currency="USD", means="cash", actor=STAFF,
        now=found.desk.clock.now(),
    )  # fmt: skip
    assert charge(found).state == "paid"
    assert [payment.amount_minor for payment in found.payments("Ann")] == [10_000, 1_000, 2_500]
    found.check()


def test_a_void_before_it_is_sent_means_that_nothing_is_sent() -> None:
    found = billed("Ann")
    found.submit()
    void_invoice(found.world.organization, found.invoice("Ann").id, actor=STAFF, now=found.desk.clock.now())
    runs.collect_unsent(found.desk)
    assert (found.states("Ann"), found.charged()) == (["canceled"], 0)
    found.check()


def test_a_payment_that_wins_against_a_void_is_kept_and_flagged_i52() -> None:
    found = billed("Ann")
    found.behave("Ann", "silent_but_charges")
    found.collect()
    void_invoice(found.world.organization, found.invoice("Ann").id, actor=STAFF, now=found.desk.clock.now())
    found.check()
    found.answer("Ann", "succeeded")
    assert found.label("Ann") == "Failed to Settle"
    assert found.payments("Ann")[0].unallocated_minor == 10_000
    found.check()


def test_ten_credits_at_once_never_exceed_the_invoice() -> None:
    found = billed("Ann")
    invoice, organization, now = found.invoice("Ann").id, found.world.organization, found.desk.clock.now()
    act = partial(credit_invoice, organization, invoice, actor=STAFF, now=now, amount_minor=3_000)
    done = together([partial(or_refused, act)] * 10)
    assert sum(isinstance(one, CreditNote) for one in done) == 3
    assert {one for one in done if isinstance(one, str)} == {"amount_invalid"}
    assert found.invoice("Ann").balance_minor == 1_000
    found.check()


def test_a_credit_of_a_deferred_term_takes_the_unearned_part_from_deferred() -> None:
    found = billed("Ann", accounting__method="accrual", accounting__defer="all")
    found.advance(days=40)  # January is earned
    schedule = DeferralSchedule.objects.get()
    earned = schedule.recognized_minor
    assert earned > 0
    credit_invoice(found.world.organization, found.invoice("Ann").id, actor=STAFF, now=found.desk.clock.now())
    balances = found.balances()
    assert balances.get("Deferred", 0) == 0
    assert (balances["Adjustments"], balances["Income:Dues"]) == (earned, -earned)
    found.check()
    found.advance(days=400)
    assert found.balances()["Income:Dues"] == -earned  # nothing more is recognized
    found.check()


def test_a_void_fences_what_waits_for_its_payer() -> None:
    found = billed("Ann")
    found.behave("Ann", "authenticate")
    found.collect()
    void(found.desk, found.invoice("Ann").id, actor=STAFF)
    assert (found.states("Ann"), found.invoice("Ann").state) == (["canceled"], "void")
    found.check()
