"""Approve a refund, turn it down, or withdraw it: nobody approves their own where the two are kept apart (E.3)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.notices.operations import announce
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import PAYMENT_DISPUTED
from paidthru.payments.models import Payment, Refund
from paidthru.payments.operations.refunds import (
    Moment,
    carry,
    conclude,
    happening,
    hold_refund,
    refuse_nobody,
)
from paidthru.payments.rules.refunds import RefundState
from paidthru.timeline.operations import Actor, record


def approve_refund(organization: Organization, refund_id: UUID, *, actor: Actor, now: datetime) -> Refund:
    """Approves a refund that waits: it stands in the books from now on and is sent next; one that was given back by
    hand is done with it. Approved already, it is returned as it is.

    Refused: `refund_unknown`, `refund_concluded`, `own_request`, `actor_unnamed`, `payment_disputed`,
    `refund_exceeds_payment` (the money was taken back meanwhile).
    """
    with transaction.atomic():
        payment, refund = hold_refund(refund_id, organization.id)
        if refund.state in (RefundState.REFUSED, RefundState.CANCELED):
            raise _concluded(refund)
        if refund.state != RefundState.REQUESTED:
            return refund
        if refund.separated:
            refuse_nobody(actor)
        if refund.separated and actor.is_same(refund.requested_by, refund.requester_id):
            raise Refused(
                "own_request",
                f"Refund {refund.number} was asked for by you.",
                field="refund",
                value=refund.number,
                fix="Somebody else has to approve it (staff.separation is on). You can withdraw it.",
            )
        if payment.disputed_minor > 0:
            raise Refused(
                PAYMENT_DISPUTED,
                f"Payment {payment.number} is disputed: the bank is deciding about its money.",
                field="refund",
                value=refund.number,
                fix="Turn the refund down, or wait for the decision.",
            )
        at = Moment(organization, local_date(now, organization.zone), now)
        carry(payment, refund, "approve", at)
        Refund.objects.filter(id=refund.id).update(
            approved_by=actor.name[:200], approver_id=actor.id, approved_at=now, next_look_at=now
        )
        happenings = [happening("refund_approved", payment, refund, requested_by=refund.requested_by)]
        if refund.via != "gateway":
            carry(payment, refund, "give", at)
            conclude(refund, code="", message="", now=now)
            happenings.append(happening("refund_recorded", payment, refund, refund.reason))
        record(organization.id, actor, now, happenings)
        announce(organization.id, happenings, now=now)
        return Refund.objects.get(id=refund.id)


def turn_down_refund(
    organization: Organization, refund_id: UUID, *, why: str = "", actor: Actor, now: datetime
) -> Refund:
    """Turns a refund down that waits for an approver; whoever asked for it withdraws it so. Nothing is given back, and
    its amount can be asked for again. Refused: `refund_unknown`, `refund_concluded` when it is sent or done."""
    with transaction.atomic():
        payment, refund = hold_refund(refund_id, organization.id)
        if refund.state != RefundState.REQUESTED:
            raise _concluded(refund)
        own = actor.is_same(refund.requested_by, refund.requester_id)
        _end(organization, payment, refund, "withdraw" if own else "turn_down", why, actor, now)
        return Refund.objects.get(id=refund.id)


def withdraw_refund(
    organization: Organization, refund_id: UUID, *, why: str = "", actor: Actor, now: datetime
) -> Refund:
    """Withdraws a refund that was not sent yet, approved or not. Refused: `refund_unknown`, `refund_concluded`."""
    with transaction.atomic():
        payment, refund = hold_refund(refund_id, organization.id)
        if refund.state not in (RefundState.REQUESTED, RefundState.APPROVED):
            raise _concluded(refund)
        _end(organization, payment, refund, "withdraw", why, actor, now)
        return Refund.objects.get(id=refund.id)


def _end(
    organization: Organization,
    payment: Payment,
    refund: Refund,
    event: str,
    why: str,
    actor: Actor,
    now: datetime,
) -> None:
    carry(payment, refund, event, Moment(organization, local_date(now, organization.zone), now))
    conclude(refund, code="", message=why, now=now)
    verb = "refund_withdrawn" if event == "withdraw" else "refund_turned_down"
    record(organization.id, actor, now, [happening(verb, payment, refund, why)])


def _concluded(refund: Refund) -> Refused:
    return Refused(
        "refund_concluded",
        f"Refund {refund.number} is {refund.state}; nothing can be decided about it any more.",
        field="refund",
        value=refund.number,
        fix="Ask for a new refund of what is left.",
    )
