"""Refunds: what is approved is sent, what is open is asked about. The gateway is called with no transaction open."""

import logging
from functools import partial
from uuid import UUID

from paidthru.actions.send_refund import RefundClaim, claim_refund, send_refund
from paidthru.actions.settle_refund import SettledRefund, settle_refund
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import (
    GatewayError,
    GatewayNotExecuted,
    GatewayRefund,
    GatewayUnknown,
)
from paidthru.payments.models import Refund
from paidthru.payments.operations.throttle import heed, hold, take_turns
from paidthru.payments.queries.gates import GATES, paused
from paidthru.payments.queries.refunds import refunds_due
from paidthru.payments.rules.refunds import SENDABLE
from paidthru.payments.rules.throttle import Word
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import SCHEDULE, again_on_conflict

log = logging.getLogger(__name__)


def send_refunds(desk: Desk) -> int:
    """Sends every refund that is due to be, and asks about those under way; returns how many were answered.

    Stops when the gateway refuses the account itself, or money may not be moved just now: what was not sent waits.
    """
    organization, answered = desk.organization, 0
    if _paused(desk):
        return 0
    for id_ in refunds_due(organization.id, by=desk.clock.now()):
        try:
            settled = look_at_refund(desk, id_)
        except Refused as refused:
            if refused.code not in GATES:
                log.exception("refund %s can't be settled", id_)  # it must not hold up the others
                continue
            hold(
                organization.id,
                desk.gateway.name,
                refused.code,
                refused.message,
                actor=SCHEDULE,
                now=desk.clock.now(),
            )
            return answered
        answered += settled is not None
        if settled is not None and settled.stop:
            return answered
    return answered


def look_at_refund(desk: Desk, refund_id: UUID) -> SettledRefund | None:
    """Sends a refund that is approved, or asks the gateway about it, and settles what it says; None when somebody else
    is at it, or the gateway's turn has not come. Refused as `claim_refund`, and `refund_exceeds_payment`."""
    refund = Refund.objects.get(id=refund_id, organization=desk.organization)
    if refund.state in SENDABLE:
        if not _turn(desk):
            return None
        held = claim_refund(desk.organization, refund_id, now=desk.clock.now())
        if held is None:
            return None
        answer = send_refund(held, desk.gateway)
        return None if answer is None else _told(desk, refund_id, answer, held)
    if refund.gateway_ref is None:
        return None
    try:
        return _told(desk, refund_id, desk.gateway.fetch_refund(refund.gateway_ref))
    except GatewayError as error:
        # A look-up that is refused says nothing about the refund.
        unanswered = error if isinstance(error, GatewayNotExecuted) else GatewayUnknown(error.message)
        return _told(desk, refund_id, unanswered)


def _told(
    desk: Desk, refund_id: UUID, answer: GatewayRefund | GatewayError, held: RefundClaim | None = None
) -> SettledRefund:
    _heed(desk, answer)
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


def _turn(desk: Desk) -> bool:
    """Takes the right to start one request, as every payment does: the gateway's limit is for all of them."""
    gateway = desk.gateway
    turn = take_turns(
        desk.organization.id, gateway.name, gateway.capabilities.per_second, 1, now=desk.clock.now()
    )
    return bool(turn.waits)


def _paused(desk: Desk) -> bool:
    """Whether nothing may be sent to the gateway just now."""
    now = desk.clock.now()
    why = paused(desk.organization, desk.gateway.name, now=now)
    return why is not None and why.until > now


def _heed(desk: Desk, answer: GatewayRefund | GatewayError) -> None:
    """What the answer says about the gateway itself goes to its circuit."""
    match answer:
        case GatewayNotExecuted(opens_circuit=True):
            word = Word.REFUSED
        case GatewayNotExecuted():
            word = Word.TURNED_AWAY
        case GatewayUnknown(code=""):
            word = Word.SILENT
        case _:
            word = Word.HEARD
    error = answer if isinstance(answer, GatewayError) else None
    heed(
        desk.organization.id,
        desk.gateway.name,
        word,
        actor=SCHEDULE,
        now=desk.clock.now(),
        code=error.code or "no_answer" if error else "",
        why=error.message if error else "",
        retry_after=answer.retry_after if isinstance(answer, GatewayNotExecuted) else None,
    )
