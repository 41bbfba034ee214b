"""The sandbox's refunds beside what every gateway keeps (test_gateway_contract.py): silence, bank accounts, levers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.kernel.clock import FixedClock
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.payments.gateway import (
    REFUND,
    Confirmation,
    GatewayIntent,
    GatewayRejected,
    GatewayUnknown,
    IntentRequest,
    RefundRequest,
    RefundStatus,
)

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Processor:
    """A fresh account."""

    def __init__(self) -> None:
        self.account, self.clock = new_id(), FixedClock(MONDAY)
        self.gateway, self.desk = (
            SandboxGateway(self.account, self.clock),
            SandboxDesk(self.account, self.clock),
        )

    def paid(self, kind: str = "card", amount_minor: int = 5_000) -> GatewayIntent:
        intent = self.gateway.create_intent(
            IntentRequest(amount_minor, "USD", "ann"), key=f"create {new_id()}"
        )
        token = self.gateway.save_method("ann", kind, "ok").token  # type: ignore[arg-type]
        self.gateway.confirm_intent(
            intent.ref, Confirmation(token, off_session=True), key=f"confirm {new_id()}"
        )
        if kind == "bank":
            self.desk.answer(intent.ref, "succeeded")
        return self.gateway.fetch_intent(intent.ref)


def request(intent: GatewayIntent, amount_minor: int, ours: str = "r1") -> RefundRequest:
    return RefundRequest(intent.ref, intent.charge_ref or "", amount_minor, "USD", {REFUND: ours})


def code_of(call: Callable[[], object]) -> str:
    try:
        call()
    except (Refused, GatewayRejected) as refusal:
        return refusal.code
    return "done"


@pytest.mark.parametrize(("behaviour", "made"), [("silent", 0), ("silent_but_charges", 1)])
def test_toward_a_silent_customer_request_or_reply_is_lost(behaviour: str, made: int) -> None:
    p = Processor()
    paid = p.paid()
    p.desk.set_script("ann", behaviour)
    assert p.gateway.refunds_of(paid.ref) == []  # nothing has been asked yet
    for _ in range(2):
        with pytest.raises(GatewayUnknown):
            p.gateway.create_refund(request(paid, 1_000), key="ref 1")
    with pytest.raises(GatewayUnknown):
        p.gateway.refunds_of(paid.ref)
    assert list(p.gateway.list_refunds(MONDAY)) == []
    p.desk.set_script("ann", "accept")
    assert len(p.gateway.refunds_of(paid.ref)) == made
    p.gateway.create_refund(request(paid, 1_000), key="ref 1")
    assert len(p.gateway.refunds_of(paid.ref)) == len(list(p.gateway.list_refunds(MONDAY))) == 1


def test_to_a_bank_account_it_waits_for_the_bank() -> None:
    p = Processor()
    paid = p.paid("bank")
    first = p.gateway.create_refund(request(paid, 1_000, "r1"), key="ref 1")
    second = p.gateway.create_refund(request(paid, 1_000, "r2"), key="ref 2")
    assert first.status is second.status is RefundStatus.PENDING
    p.clock.set(MONDAY + timedelta(days=9))
    assert p.gateway.fetch_refund(first.ref).status is RefundStatus.PENDING
    event = p.desk.answer_refund(first.ref, "succeeded")
    assert (event.object_kind, event.object_ref, event.intent_ref) == ("refund", first.ref, paid.ref)
    p.desk.answer_refund(second.ref, "failed", "account_closed")
    assert p.gateway.fetch_refund(first.ref).status is RefundStatus.SUCCEEDED
    failed = p.gateway.fetch_refund(second.ref)
    assert (failed.status, failed.failure_code) == (RefundStatus.FAILED, "account_closed")
    assert code_of(lambda: p.desk.answer_refund(first.ref, "succeeded")) == "nothing_to_answer"
    assert code_of(lambda: p.desk.fail_refund(second.ref, "declined")) == "nothing_to_answer"
    assert code_of(lambda: p.desk.fail_refund("re_none", "declined")) == "refund_unknown"


def test_a_refund_at_the_processor_itself_is_capped_like_any() -> None:
    p = Processor()
    paid = p.paid()
    p.gateway.create_refund(request(paid, 4_000), key="ref 1")
    charge = paid.charge_ref or ""
    assert code_of(lambda: p.desk.refund_elsewhere(charge, 1_001)) == "refund_exceeds_payment"
    event = p.desk.refund_elsewhere(charge, 1_000)
    assert p.gateway.fetch_refund(event.object_ref).metadata == {}
    assert code_of(lambda: p.desk.refund_elsewhere("ch_none", 1)) == "charge_unknown"


def test_what_was_lost_in_a_dispute_can_not_be_given_back_too() -> None:
    p = Processor()
    paid = p.paid()
    dispute = p.desk.dispute(paid.charge_ref or "", amount_minor=3_000)
    refused = code_of(lambda: p.gateway.create_refund(request(paid, 1_000), key="ref 1"))
    assert refused == "payment_disputed"
    p.desk.decide(dispute.object_ref, "lost")
    over = code_of(lambda: p.gateway.create_refund(request(paid, 2_001), key="ref 2"))
    assert over == "refund_exceeds_payment"
    assert p.gateway.create_refund(request(paid, 2_000), key="ref 3").amount_minor == 2_000


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount_minor": 0}, "amount_invalid"),
        ({"currency": "EUR"}, "currency_mismatch"),
        ({"charge_ref": "ch_other"}, "intent_unexpected_state"),
        ({"intent_ref": "pi_none"}, "no_such_intent"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, object], code: str) -> None:
    p = Processor()
    asked = request(p.paid(), 100)
    fields = {name: getattr(asked, name) for name in asked.__slots__}
    assert code_of(lambda: p.gateway.create_refund(RefundRequest(**(fields | change)), key="k")) == code
