"""What a gateway may answer, and what becomes of it: attempt, settlement state, invoice, membership, books."""

from datetime import date, timedelta

import pytest
from tests.collecting import Collection, billed, method_of
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.record_payment import record_payment
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, IntentInvoice, Payment, PaymentIntent
from paidthru.payments.queries import has_label, last_attempt
from paidthru.payments.rules.settlement import SettlementLabel, result_label
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

PAID = date(2026, 12, 31)
BEFORE = date(2025, 12, 31)


def free(found: Collection, name: str) -> bool:
    """Nothing holds the member's invoice, so that something may collect it again."""
    return not IntentInvoice.objects.filter(invoice=found.invoice(name), open=True).exists()


def test_a_card_is_charged_once_and_everything_follows_i23_i49_i53_i58() -> None:
    found = billed("Ann")
    assert found.submit().submitted == 1
    assert found.label("Ann") == "Awaiting Sync"
    assert runs.collect_unsent(found.desk) == 1
    attempt, (payment,) = found.attempt("Ann"), found.payments("Ann")
    assert (attempt.state, attempt.n, found.label("Ann")) == ("succeeded", 1, "Settled")
    assert result_label(attempt.state) == "Completed"
    assert (attempt.lease_token, attempt.lease_until, attempt.next_look_at) == (None, None, None)
    assert (payment.amount_minor, payment.unallocated_minor, payment.attempt_id) == (10_000, 0, attempt.id)
    (charge,) = found.world.processor.charges()
    assert (charge.ref, charge.amount_minor) == (payment.gateway_ref, 10_000)
    assert (found.invoice("Ann").state, found.invoice("Ann").balance_minor) == ("paid", 0)
    assert found.membership("Ann").paid_through == PAID
    assert found.events("Ann") == ["payment_submitted", "payment_received"]
    moved = Event.objects.get(verb="paid_through_moved")
    assert moved.facts == {"from": "2025-12-31", "to": "2026-12-31"}
    assert found.balances() == {"Clearing": 10_000, "Income:Dues": -10_000}
    found.check()


@pytest.mark.parametrize(
    ("code", "soft", "label", "listed"),
    [
        ("insufficient_funds", True, "Not Settled", ""),
        ("stolen_card", False, "Not Settled", "declined_for_good"),
        # I-48: a code that nobody knows is looked into, never tried again
        ("brand_new_code", False, "Unknown", "code_unrecognised"),
    ],
)
def test_a_decline_frees_the_invoice_and_marks_the_membership_c30_c31_i48(
    code: str, soft: bool, label: str, listed: str
) -> None:
    found = billed("Ann", preset="community", billing__trigger="staff_run")
    found.behave("Ann", "decline", code)
    found.collect()
    attempt = found.attempt("Ann")
    assert (attempt.state, attempt.soft, attempt.decline_code, found.label("Ann")) == (
        "declined", soft, code, label,
    )  # fmt: skip
    assert result_label(attempt.state) == "Failed"
    assert found.invoice("Ann").state == "sent" and found.invoice("Ann").balance_minor == 10_000
    assert free(found, "Ann") and attempt.intent.state == "declined"
    member = found.membership("Ann")
    assert (member.unpaid_since, member.paid_through) == (date(2026, 1, 1), BEFORE)
    assert found.events("Ann") == ["payment_submitted", "payment_declined"]
    assert found.listed()["Ann"] == listed
    assert not Payment.objects.exists()
    found.check()


def test_a_decline_of_what_was_paid_meanwhile_marks_nobody_unpaid_b18() -> None:
    found = billed("Ann", card=None)
    found.bank("Ann")
    found.collect()
    assert found.attempt("Ann").state == "processing"
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=10_000, currency="USD", means="check",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    found.answer("Ann", "failed", "R01")
    assert found.attempt("Ann").state == "declined"
    assert found.membership("Ann").unpaid_since is None
    found.check()


def test_an_expired_card_is_tried_once_i28_i29() -> None:
    found = billed("Ann", card="expired")
    assert found.listed() == {"Ann": ""}
    found.collect()
    assert (found.attempt("Ann").state, found.attempt("Ann").decline_code) == ("declined", "expired_card")
    assert found.listed() == {"Ann": "card_expired"}
    assert found.submit().submitted == 0
    with pytest.raises(Refused, match="tried 1 of 1") as refused:
        found.open("Ann")
    assert refused.value.code == "card_expired"
    found.new_card("Ann")
    assert found.listed() == {"Ann": ""}
    found.collect()
    assert found.states("Ann") == ["declined", "succeeded"]
    found.check()


def test_a_payer_who_has_to_act_is_no_decline_b39() -> None:
    found = billed("Ann", card="authenticate")
    found.collect()
    assert (found.attempt("Ann").state, found.label("Ann")) == ("requires_action", "In Progress")
    assert found.membership("Ann").unpaid_since is None
    assert not free(found, "Ann") and found.listed() == {}
    assert found.events("Ann")[-1] == "payment_requires_action"
    found.answer("Ann", "succeeded")
    assert (found.attempt("Ann").state, found.invoice("Ann").state) == ("succeeded", "paid")
    found.check()


@pytest.mark.parametrize(("outcome", "state", "invoice"), [
    ("succeeded", "succeeded", "paid"), ("failed", "declined", "sent"),
])  # fmt: skip
def test_a_bank_debit_is_open_until_the_bank_answers_i24_i35_x22(
    outcome: str, state: str, invoice: str
) -> None:
    found = billed("Ann", card=None)
    found.bank("Ann")
    found.collect()
    assert (found.attempt("Ann").state, found.label("Ann")) == ("processing", "In Progress")
    assert not Payment.objects.exists() and found.invoice("Ann").state == "sent"
    found.advance(days=9)
    assert found.label("Ann") == "Failed to reconcile – timed out"  # X22: flagged, and not tried again
    assert found.listed() == {}
    found.answer("Ann", outcome, "R01" if outcome == "failed" else None)
    assert (found.attempt("Ann").state, found.invoice("Ann").state) == (state, invoice)
    assert len(found.payments("Ann")) == (state == "succeeded")
    found.check()


@pytest.mark.parametrize("charged", [True, False], ids=["it took effect", "it was lost"])
def test_silence_is_unknown_times_out_and_still_lands_once_i36_i37_b26_b27(charged: bool) -> None:
    found = billed("Ann")
    found.behave("Ann", "silent_but_charges" if charged else "silent")
    found.collect()
    assert (found.attempt("Ann").state, found.label("Ann")) == ("unknown", "In Progress")
    found.advance(days=4)
    assert found.label("Ann") == "In Progress"
    assert found.charged() == int(charged)
    found.advance(days=1)
    assert found.label("Ann") == "Failed to reconcile – timed out"
    assert SettlementLabel(found.label("Ann")).red
    assert not free(found, "Ann") and found.listed() == {}  # it blocks: time never turns unknown into failed
    assert found.submit().submitted == 0
    assert found.attempts("Ann")[0].state in OPEN_ATTEMPT
    found.advance(days=1)
    found.answer("Ann", "succeeded")
    found.advance(days=2)
    runs.retrieve(found.desk)
    assert found.states("Ann") == ["succeeded"]
    assert (found.charged(), len(found.payments("Ann")), found.label("Ann")) == (1, 1, "Settled")
    assert found.invoice("Ann").state == "paid"
    found.check()


def test_after_silence_that_swallowed_the_request_it_is_sent_again_with_the_same_keys_b27() -> None:
    found = billed("Ann")
    found.behave("Ann", "silent")
    found.collect()
    key = found.attempt("Ann").idempotency_key
    found.behave("Ann", "accept")
    found.advance(minutes=5)
    assert (found.states("Ann"), found.charged()) == (["succeeded"], 1)
    assert found.attempt("Ann").idempotency_key == key
    found.check()


@pytest.mark.parametrize("code", ["timeout", "timeout_charged"])
def test_a_reply_that_is_lost_is_looked_up_b2_b26(code: str) -> None:
    found = billed("Ann", card=code)
    found.collect()
    assert found.attempt("Ann").state == "unknown"
    found.advance(minutes=2)
    assert (found.states("Ann"), found.charged(), len(found.payments("Ann"))) == (["succeeded"], 1, 1)
    found.check()


def test_a_retry_uses_the_gateways_intent_again_with_a_new_key_and_a_new_attempt() -> None:
    found = billed("Ann")
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    found.behave("Ann", "accept")
    found.move(days=1)
    found.collect()
    first, second = found.attempts("Ann")
    assert (first.n, first.state, second.n, second.state) == (1, "declined", 2, "succeeded")
    assert first.intent_id == second.intent_id and first.idempotency_key != second.idempotency_key
    assert PaymentIntent.objects.count() == 1 and second.intent.state == "succeeded"
    assert found.membership("Ann").unpaid_since is None
    assert last_attempt(found.invoice("Ann").id) == second
    found.check()


def test_another_amount_is_another_intent_and_the_old_one_is_fenced() -> None:
    found = billed("Ann")
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=4_000, currency="USD", means="check",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    found.behave("Ann", "accept")
    found.collect()
    old, new = PaymentIntent.objects.order_by("created_at", "id")
    assert (old.amount_minor, old.state, new.amount_minor, new.state) == (
        10_000,
        "closed",
        6_000,
        "succeeded",
    )
    assert found.desk.gateway.fetch_intent(old.gateway_ref or "").status == "canceled"
    assert [payment.amount_minor for payment in found.payments("Ann")] == [4_000, 6_000]
    found.check()


def test_a_new_card_opens_a_new_budget_a2_7_i31() -> None:
    found = billed("Ann", collect__max_attempts="2")
    found.behave("Ann", "decline", "insufficient_funds")
    for _ in range(2):
        found.collect()
    assert found.listed() == {"Ann": "attempts_exhausted"}
    used = method_of(found, "Ann").fingerprint
    found.new_card("Ann")
    assert method_of(found, "Ann").fingerprint != used
    for _ in range(2):
        assert found.listed() == {"Ann": ""}
        found.collect()
    assert found.listed() == {"Ann": "attempts_exhausted"}
    assert found.states("Ann") == ["declined"] * 4
    found.check()


def test_an_invoice_that_was_voided_meanwhile_leaves_credit_and_a_flag_i52() -> None:
    found = billed("Ann", card=None)
    found.bank("Ann")
    found.collect()
    number = found.invoice("Ann").number
    Invoice.objects.filter(id=found.invoice("Ann").id).update(state="void")
    found.answer("Ann", "succeeded")
    attempt, (payment,) = found.attempt("Ann"), found.payments("Ann")
    assert (attempt.state, found.label("Ann")) == ("succeeded", "Failed to Settle")
    assert SettlementLabel(found.label("Ann")).red
    assert attempt.apply_error == f"Invoice {number} is void; the money is kept as credit."
    assert payment.unallocated_minor == 10_000
    assert found.balances()["Credit"] == -10_000
    assert Event.objects.filter(verb="payment_received").get().facts["settlement"] == "Failed to Settle"


def test_money_beyond_what_is_owed_is_not_settled_until_it_pays_something_i50_b18() -> None:
    """A check is recorded while an attempt is open, and both succeed: the surplus is credit, no error."""
    found = billed("Ann", card=None)
    found.bank("Ann")
    found.collect()
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=10_000, currency="USD", means="check",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    assert found.invoice("Ann").state == "paid"
    found.answer("Ann", "succeeded")
    check, debit = found.payments("Ann")
    assert (check.unallocated_minor, debit.unallocated_minor) == (0, 10_000)
    assert (found.attempt("Ann").state, found.attempt("Ann").apply_error) == ("succeeded", "")
    assert found.label("Ann") == "Not Settled"
    found.check()
    found.move(days=365)
    runs.generate(found.desk, name="2027", effective_on=date(2027, 1, 1), actor=STAFF)
    assert (found.invoice("Ann").state, found.membership("Ann").paid_through) == ("paid", date(2027, 12, 31))
    assert found.label("Ann") == "Settled"
    found.check()


def test_retrieving_twice_changes_nothing_i54() -> None:
    found = billed("Ann", "Bob", card=None)
    for name in ("Ann", "Bob"):
        found.bank(name)
    found.collect()
    found.answer("Ann", "succeeded")
    before = (Payment.objects.count(), Event.objects.count(), found.states("Ann"), found.states("Bob"))
    for _ in range(3):
        assert runs.retrieve(found.desk) == {"processing": 1}
    assert before == (
        Payment.objects.count(),
        Event.objects.count(),
        found.states("Ann"),
        found.states("Bob"),
    )
    found.check()


def test_every_label_has_its_rows_i48_to_i53() -> None:
    """What is asked of the database and what is said of one attempt are the same."""
    found = billed("Ann", "Bob", "Cid", "Dan", "Eve", "Fay")
    found.behave("Ann", "silent")
    found.submit(name_contains="Ann")
    runs.collect_unsent(found.desk)
    found.move(days=5)
    for name, code in (("Bob", "insufficient_funds"), ("Cid", "odd_code")):
        found.behave(name, "decline", code)
    found.behave("Dan", "silent")
    for name in ("Bob", "Cid", "Dan", "Eve"):
        found.submit(name_contains=name)
    runs.collect_unsent(found.desk)
    found.submit(name_contains="Fay")
    labels = {name: found.label(name) for name in found.members}
    assert labels == {
        "Ann": "Failed to reconcile – timed out", "Bob": "Not Settled", "Cid": "Unknown", "Dan": "In Progress",
        "Eve": "Settled", "Fay": "Awaiting Sync",
    }  # fmt: skip
    for name, label in labels.items():
        asked = has_label(label, zone="America/New_York", on=found.desk.today, timeout_days=5)
        assert [one.party_id for one in Attempt.objects.filter(asked)] == [found.party(name)]


def test_the_batch_of_autopay_takes_every_payment_of_its_day_i60_i61() -> None:
    found = billed("Ann", "Bob")
    found.collect()
    batch = Batch.objects.get(kind="autopay")
    assert batch.name == "Auto-Created for AutoPay 2026-01-01" and batch.dated_on == date(2026, 1, 1)
    assert {payment.batch_id for payment in Payment.objects.all()} == {batch.id}


def test_money_of_a_day_that_is_posted_opens_a_further_batch_of_that_day_i62() -> None:
    found = billed("Ann", "Bob", batch__post="auto")
    found.behave("Bob", "silent_but_charges")
    found.collect()
    found.advance(days=3)
    assert Batch.objects.get(kind="autopay").state == "posted"
    found.answer("Bob", "succeeded")
    batches = Batch.objects.filter(kind="autopay").order_by("number")
    assert [(one.dated_on, one.state) for one in batches] == [
        (date(2026, 1, 1), "posted"), (date(2026, 1, 1), "open"),
    ]  # fmt: skip
    (payment,) = found.payments("Bob")
    assert found.desk.today - payment.received_on == timedelta(days=3)
    found.check()
