"""Money that is taken back, as stories tell it."""

from collections.abc import Callable
from typing import Any

from paidthru import runs
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewayEvent
from paidthru.runs.reversals import reverse
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
    """The processor's word that something happened: it is kept, and worked unless nobody is there to do it."""
    desk = telling.desk
    runs.receive(telling.organization, event, gateway=desk.gateway.name, now=desk.clock.now())
    if not telling.organization.worker_stopped:
        runs.work_inbox(desk)


def _reverses(telling: Telling, step: StaffReversesPayment) -> None:
    payment = telling.payment(step.payment)
    reverse(telling.desk, payment.id, acknowledged=True, actor=STAFF)


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    GatewayReturns: _returns,
    GatewayDisputes: _disputes,
    GatewayDecides: _decides,
    GatewaySendsTwice: _sends_twice,
    StaffReversesPayment: _reverses,
}
