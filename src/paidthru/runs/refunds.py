"""Refunds: what is approved is sent, what is open is asked about. The gateway is called with no transaction open."""

import logging
from functools import partial
from uuid import UUID

from paidthru.actions.send_refund import UNSAID, RefundClaim, claim_refund, send_refund, waits_for
from paidthru.actions.settle_refund import SettledRefund, settle_refund
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewayError, GatewayNotExecuted, GatewayRefund, GatewayUnknown
from paidthru.payments.models import Refund
from paidthru.payments.operations.refunds import look_later
from paidthru.payments.queries.gates import GATES
from paidthru.payments.queries.refunds import refunds_due
from paidthru.payments.rules.refunds import SENDABLE
from paidthru.runs.desk import Desk
from paidthru.runs.throttling import Throttled, sending_paused, wait
from paidthru.timeline.operations import SCHEDULE, again_on_conflict

log = logging.getLogger(__name__)


def send_refunds(desk: Desk) -> int:
    """Sends every refund that is due to be, and asks about those under way; returns how many were answered.

    Ends when sending is paused (the gateway refuses the account itself, or a gate is shut): what was not sent waits.
    """
    answered = 0
    for id_ in refunds_due(desk.organization.id, by=desk.clock.now()):
        if sending_paused(desk) is not None:
            return answered
        try:
            answered += look_at_refund(desk, id_) is not None
        except Refused as refused:
            if refused.code in GATES:
                Throttled(desk).shut(refused)
                return answered
            log.exception("refund %s can't be settled", id_)  # it must not hold up the others
            look_later(id_, now=desk.clock.now())
    return answered


def look_at_refund(desk: Desk, refund_id: UUID) -> SettledRefund | None:
    """Sends a refund that is approved, or asks the gateway about it, and settles what it says; None when somebody else
    is at it, or sending is paused. Refused as `claim_refund`, and `refund_exceeds_payment`."""
    found = Refund.objects.select_related("payment").filter(organization=desk.organization)
    refund = found.get(id=refund_id)
    if refund.payment.gateway != desk.gateway.name and not desk.gateway.capabilities.online:
        return _told(desk, refund_id, waits_for(refund.payment.gateway))
    if refund.state in SENDABLE:
        return _send(desk, refund_id)
    if refund.gateway_ref is None:
        return None
    try:
        return _told(desk, refund_id, desk.gateway.fetch_refund(refund.gateway_ref))
    except GatewayNotExecuted as error:
        return _told(desk, refund_id, error)
    except GatewayError as error:  # a look-up that is refused says nothing about the refund
        return _told(desk, refund_id, GatewayUnknown(error.message, code=error.code))


def _send(desk: Desk, refund_id: UUID) -> SettledRefund | None:
    """Takes a turn, as every payment does, for the gateway's limit is for all of them; then claims and sends."""
    throttled = Throttled(desk)
    turn = throttled.turns(1)
    if not turn.waits:
        return None
    held = claim_refund(desk.organization, refund_id, now=desk.clock.now())
    if held is None:
        throttled.nothing_to_send(turn)
        return None
    wait(turn.waits[0])
    answer = send_refund(held, desk.gateway)
    if answer is None:
        throttled.nothing_to_send(turn)
        return None
    settled = _told(desk, refund_id, answer, held)
    if isinstance(answer, GatewayUnknown) and answer.code in UNSAID:
        throttled.nothing_to_send(turn)
    else:
        throttled.heed(answer, probe=turn.probe)
    return settled


def _told(
    desk: Desk, refund_id: UUID, answer: GatewayRefund | GatewayError, held: RefundClaim | None = None
) -> SettledRefund:
    return again_on_conflict(
        partial(
            settle_refund,
            desk.organization,
            answer,
            refund_id=refund_id,
            actor=SCHEDULE,
            now=desk.clock.now(),
            lease=held.lease if held else None,
        ),
        repeatable=True,
    )
