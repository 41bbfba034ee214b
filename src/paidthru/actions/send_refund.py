"""Send a refund: claim it, look whether the gateway has it already, and only then ask for it (field-notes C.7).

The gateway is called between two transactions, never inside one. What it answered goes to `settle_refund`, strung
together by `runs`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import fingerprint
from paidthru.payments.gateway import (
    PAYMENT_DISPUTED,
    REFUND,
    Gateway,
    GatewayError,
    GatewayNotExecuted,
    GatewayRefund,
    GatewayRejected,
    GatewayUnknown,
    RefundRequest,
)
from paidthru.payments.operations.refunds import Moment, carry, conclude, happening, hold_refund
from paidthru.payments.queries.gates import refuse_unsafe
from paidthru.payments.rules.refunds import ABSENT, KEY_AGE, SENDABLE, STUCK, RefundState
from paidthru.timeline.operations import SCHEDULE, record

SEND_WITHIN_SECONDS = 120  # the latest moment to start a send, after the claim
LEASE_SECONDS = 300  # longer than the deadline and the read timeout together
GATEWAY_AGAIN = timedelta(minutes=15)  # so often it is looked whether a missing gateway is there again
OTHER_GATEWAY, NOT_FOUND = "other_gateway", "not_found"
#: Codes of what we say ourselves after a look-up: the gateway did answer.
UNSAID = frozenset({OTHER_GATEWAY, NOT_FOUND, ABSENT})


@dataclass(frozen=True, slots=True)
class RefundClaim:
    """The right to send a refund, for a while: frozen parameters, and the lease that guards what is written.

    `sent_before`: a request of it may have reached the gateway. `key_lasts`: not longer ago than a key surely holds
    (C.7, 20 h). `looked`: after that time the gateway has said once already that it doesn't have it. `stuck`: only
    look, for a person has to decide.
    """

    refund_id: UUID
    lease: UUID
    gateway: str
    gateway_ref: str | None
    request: RefundRequest
    key: str
    sent_before: bool
    key_lasts: bool
    looked: bool
    stuck: bool


def claim_refund(organization: Organization, refund_id: UUID, *, now: datetime) -> RefundClaim | None:
    """Takes the lease on a refund that may be sent; None when somebody else has it, or it needs no sending.

    One that was never sent is withdrawn when its payment is disputed by now; one that was is only looked up until the
    dispute is decided. Refused as `refuse_unsafe`: `billing_frozen`, `clock_differs`, `database_unsafe`.
    """
    with transaction.atomic():
        payment, refund = hold_refund(refund_id, organization.id)
        if refund.via != "gateway" or refund.state not in SENDABLE or payment.attempt is None:
            return None
        intent = payment.attempt.intent
        refuse_unsafe(live=not organization.is_sandbox, livemode=intent.livemode, now=now)
        disputed = payment.disputed_minor > 0
        if disputed and refund.state == RefundState.APPROVED:
            why = "The payment was disputed before the refund was sent."
            carry(payment, refund, "withdraw", Moment(organization, local_date(now, organization.zone), now))
            conclude(refund, code=PAYMENT_DISPUTED, message=why, now=now)
            record(organization.id, SCHEDULE, now, [happening("refund_withdrawn", payment, refund, why)])
            return None
        lease = new_id()
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE payments_refund SET state = CASE WHEN state = 'approved' THEN 'submitted' ELSE state END,
                       lease_token = %(lease)s, send_deadline = clock_timestamp() + make_interval(secs => %(within)s),
                       lease_until = clock_timestamp() + make_interval(secs => %(held)s),
                       first_sent_at = coalesce(first_sent_at, clock_timestamp())
                   WHERE id = %(id)s AND (lease_until IS NULL OR lease_until <= clock_timestamp())
                   RETURNING clock_timestamp() - first_sent_at""",
                {"lease": lease, "within": SEND_WITHIN_SECONDS, "held": LEASE_SECONDS, "id": refund.id},
            )
            row = cursor.fetchone()
        if row is None:
            return None
        # A sandbox's clock is moved by hand, and its processor's keys age by it: whichever clock says more, counts.
        age = max(row[0], now - (refund.approved_at or now)) if refund.first_sent_at else row[0]
        metadata = {
            "organization": str(organization.id),
            "instance": fingerprint(),
            REFUND: str(refund.id),
        }
        return RefundClaim(
            refund.id,
            lease,
            payment.gateway,
            refund.gateway_ref,
            RefundRequest(
                intent.gateway_ref or "",
                payment.gateway_ref or "",
                refund.amount_minor,
                refund.currency,
                {name: text for name, text in metadata.items() if text},
            ),
            refund.idempotency_key,
            refund.first_sent_at is not None,
            age < KEY_AGE,
            refund.code == ABSENT and (refund.next_look_at is None or refund.next_look_at <= now),
            disputed or refund.code in STUCK,
        )


def waits_for(gateway: str) -> GatewayNotExecuted:
    """The answer to a refund while no gateway can be asked at all (keys that don't open here, no account connected): it
    waits, and meanwhile staff can withdraw it."""
    return GatewayNotExecuted(
        f"The money came through {gateway}, which can't be asked just now.",
        retry_after=GATEWAY_AGAIN,
        code=OTHER_GATEWAY,
    )


def send_refund(held: RefundClaim, gateway: Gateway) -> GatewayRefund | GatewayError | None:
    """Looks the refund up at the gateway and, when it isn't there, asks for it, with no transaction open; returns the
    gateway's answer or error. Nothing is asked for twice: what the look-up finds is the answer.

    None when the right to send was lost on the way (deadline, lease): whoever has it now goes on.
    """
    if held.gateway != gateway.name:
        if not gateway.capabilities.online:
            return waits_for(held.gateway)
        why = f"The money came through {held.gateway}; {gateway.name} can't give it back."
        unsent = not held.sent_before
        return GatewayRejected(why, code=OTHER_GATEWAY) if unsent else GatewayUnknown(why, code=OTHER_GATEWAY)
    found = look_up(held, gateway)
    if found is not None:
        return found
    if held.stuck:
        return GatewayUnknown("The processor does not have this refund.", code=NOT_FOUND)
    if held.sent_before and not held.key_lasts and not (held.looked and _sees_all(gateway)):
        # An old request may still be on its way, and the key no longer holds it and ours together: not being there
        # counts when it is said twice, an hour apart (C.5).
        return GatewayUnknown("The processor does not have this refund yet.", code=ABSENT)
    if not _may_send(held):
        return None
    try:
        return gateway.create_refund(held.request, key=held.key)
    except GatewayRejected as refusal:
        if not held.sent_before:
            return refusal
        # Perhaps it was our own earlier request that used up what there was.
        return look_up(held, gateway) or (
            refusal if _sees_all(gateway) else GatewayUnknown(refusal.message, code=refusal.code)
        )
    except GatewayError as error:
        return error


def look_up(held: RefundClaim, gateway: Gateway) -> GatewayRefund | GatewayError | None:
    """The refund as the gateway knows it, by its reference or by our id on it; None when it has none. A look-up that
    is refused says nothing about the refund."""
    try:
        if held.gateway_ref is not None:
            return gateway.fetch_refund(held.gateway_ref)
        ours = held.request.metadata[REFUND]
        return next(
            (one for one in gateway.refunds_of(held.request.intent_ref) if one.metadata.get(REFUND) == ours),
            None,
        )
    except GatewayRejected as refusal:
        return GatewayUnknown(refusal.message, code=refusal.code)
    except GatewayError as error:
        return error


def _sees_all(gateway: Gateway) -> bool:
    return gateway.capabilities.lookup == "consistent"


def _may_send(held: RefundClaim) -> bool:
    """The last look before money moves: whether our lease, the deadline and the refund still allow it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM payments_refund WHERE id = %s AND lease_token = %s AND state = ANY(%s)"
            " AND send_deadline > clock_timestamp()",
            [held.refund_id, held.lease, [RefundState.SUBMITTED.value, RefundState.UNKNOWN.value]],
        )
        return cursor.fetchone() is not None
