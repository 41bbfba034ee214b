"""Money given back, as stories tell it."""

from collections.abc import Callable
from typing import Any

from paidthru import runs
from paidthru.actions.approve_refund import approve_refund, turn_down_refund
from paidthru.actions.record_refund import record_refund
from paidthru.actions.request_refund import request_refund
from paidthru.actions.settle_refund import settle_refund
from paidthru.kernel.errors import Refused
from paidthru.payments.models import Refund
from paidthru.payments.queries.refunds import label_of_refund, refund_numbered, refunds_of_payment
from paidthru.payments.rules.refunds import RefundLabel
from paidthru.timeline.operations import SCHEDULE, Actor
from paidthru.wiring import levers_of

from .forms import Step
from .refund_forms import (
    GatewayAnswersRefund,
    GatewayRefunds,
    RefundIs,
    StaffApprovesRefund,
    StaffTurnsDownRefund,
)
from .step_forms import StaffRecordsRefund, StaffRefunds
from .telling import STAFF, Telling

#: How money is given back that no gateway holds, by the means it came.
_BY_HAND = {"check": "check", "cash": "cash", "transfer": "transfer", "terminal": "elsewhere"}

_WORDS = {
    RefundLabel.WAITING: "waiting",
    RefundLabel.PENDING: "pending",
    RefundLabel.OVERDUE: "unanswered",
    RefundLabel.DONE: "done",
    RefundLabel.FAILED: "failed",
    RefundLabel.REFUSED: "turned down",
    RefundLabel.REJECTED: "rejected",
    RefundLabel.CANCELED: "canceled",
}


def _refunds(telling: Telling, step: StaffRefunds) -> None:
    payment = telling.payment(step.payment)
    amount_minor, currency = telling.money_in(step.amount, payment.currency) if step.amount else (None, None)
    if payment.means in _BY_HAND:
        left = payment.amount_minor - payment.refunded_minor - payment.disputed_minor - payment.reversed_minor
        record_refund(
            telling.organization,
            payment.id,
            amount_minor=amount_minor if amount_minor is not None else left,
            currency=currency or payment.currency,
            via=_BY_HAND[payment.means],
            actor=STAFF,
            now=telling.desk.clock.now(),
        )
        return
    request_refund(
        telling.organization,
        payment.id,
        amount_minor=amount_minor,
        currency=currency,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )
    _send(telling)


def _send(telling: Telling) -> None:
    """What is approved is sent at once, unless nobody is there to do it."""
    if not telling.organization.worker_stopped:
        runs.send_refunds(telling.desk)


def _records(telling: Telling, step: StaffRecordsRefund) -> None:
    payment = telling.payment(step.payment)
    amount_minor, currency = telling.money_in(step.amount, payment.currency)
    record_refund(
        telling.organization,
        payment.id,
        amount_minor=amount_minor,
        currency=currency,
        via=step.method,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _refund(telling: Telling, number: int) -> Refund:
    found = refund_numbered(telling.organization.id, number)
    if found is None:
        raise Refused(
            "refund_unknown",
            f"There is no refund {number} yet.",
            field="refund",
            value=number,
            fix="Refunds are numbered from 1, in the order they were asked for.",
        )
    return found


def _approves(telling: Telling, step: StaffApprovesRefund) -> None:
    actor = Actor("staff", step.who) if step.who else STAFF
    refund = _refund(telling, step.refund)
    approve_refund(telling.organization, refund.id, actor=actor, now=telling.desk.clock.now())
    _send(telling)


def _turns_down(telling: Telling, step: StaffTurnsDownRefund) -> None:
    actor = Actor("staff", step.who) if step.who else STAFF
    refund = _refund(telling, step.refund)
    turn_down_refund(telling.organization, refund.id, actor=actor, now=telling.desk.clock.now())


def _answers(telling: Telling, step: GatewayAnswersRefund) -> None:
    """The answer, and the processor's word to us that there is one, upon which we look."""
    sent = [one for one in refunds_of_payment(telling.payment(step.payment).id) if one.gateway_ref]
    if not sent:
        raise Refused(
            "refund_unknown",
            f"Nothing of payment {step.payment} was refunded through the gateway.",
            field="payment",
            value=step.payment,
            fix="Let staff refund it first.",
        )
    ref = sent[-1].gateway_ref or ""
    levers_of(telling.organization).answer_refund(ref, step.outcome, step.code or "")
    _look(telling, ref)


def _refunds_elsewhere(telling: Telling, step: GatewayRefunds) -> None:
    payment = telling.payment(step.payment)
    amount_minor, _ = telling.money_in(step.amount, payment.currency)
    event = levers_of(telling.organization).refund_elsewhere(payment.gateway_ref or "", amount_minor)
    _look(telling, event.object_ref)


def _look(telling: Telling, ref: str) -> None:
    if telling.organization.worker_stopped:
        return
    answer = telling.desk.gateway.fetch_refund(ref)
    now = telling.desk.clock.now()
    settle_refund(telling.organization, answer, refund_id=None, actor=SCHEDULE, now=now)


def refund_is(telling: Telling, line: RefundIs) -> tuple[str, str]:
    """A refund as it was expected, and as it is."""
    refund = _refund(telling, line.refund)
    amount_minor, currency = telling.money_in(line.amount, refund.currency)
    label = label_of_refund(
        refund,
        zone=telling.organization.zone,
        on=telling.desk.today,
        timeout_days=telling.policies.number("collect.reconcile_timeout_days"),
    )
    expected = f"{telling.shown(amount_minor, currency)} {line.state}"
    return expected, f"{telling.shown(refund.amount_minor, refund.currency)} {_WORDS[label]}"


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    StaffRefunds: _refunds,
    StaffRecordsRefund: _records,
    StaffApprovesRefund: _approves,
    StaffTurnsDownRefund: _turns_down,
    GatewayAnswersRefund: _answers,
    GatewayRefunds: _refunds_elsewhere,
}
