"""Money that is taken back, as stories tell it."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.reverse_payment import reverse_payment
from paidthru.actions.settle_dispute import settle_dispute
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewayEvent
from paidthru.timeline.operations import SCHEDULE
from paidthru.wiring import levers_of

from .forms import Step
from .gateway_forms import GatewayDecides, GatewayDisputes, GatewayReturns, GatewaySendsTwice
from .step_forms import StaffReversesPayment
from .telling import STAFF, Telling


def _returns(telling: Telling, step: GatewayReturns) -> None:
    charge = telling.payment(step.payment).gateway_ref or ""
    tell(telling, levers_of(telling.organization).return_payment(charge, step.code))


def _disputes(telling: Telling, step: GatewayDisputes) -> None:
    charge = telling.payment(step.payment).gateway_ref or ""
    tell(telling, levers_of(telling.organization).dispute(charge))


def _decides(telling: Telling, step: GatewayDecides) -> None:
    levers = levers_of(telling.organization)
    dispute = levers.dispute_of(telling.payment(step.payment).gateway_ref or "")
    tell(telling, levers.decide(dispute, step.verdict))


def _sends_twice(telling: Telling, step: GatewaySendsTwice) -> None:
    event = levers_of(telling.organization).latest_event()
    if event is None:
        raise Refused(
            "no_event",
            "The gateway has sent no event yet.",
            fix="Let something happen at the gateway first: a payment, a refund, a return.",
        )
    tell(telling, event)
    tell(telling, event)


def tell(telling: Telling, event: GatewayEvent) -> None:
    """The processor's word that something happened, upon which we look at it."""
    if telling.organization.worker_stopped:
        return
    if event.object_kind == "dispute":
        answer = telling.desk.gateway.fetch_dispute(event.object_ref)
        settle_dispute(telling.organization, answer, actor=SCHEDULE, now=telling.desk.clock.now())


def _reverses(telling: Telling, step: StaffReversesPayment) -> None:
    payment = telling.payment(step.payment)
    reverse_payment(telling.organization, payment.id, actor=STAFF, now=telling.desk.clock.now())


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    GatewayReturns: _returns,
    GatewayDisputes: _disputes,
    GatewayDecides: _decides,
    GatewaySendsTwice: _sends_twice,
    StaffReversesPayment: _reverses,
}
