"""Steps CREATE, BIND and CONFIRM of a charge, with no transaction open (field-notes C.3, 3 to 5)."""

from django.db import connection

from paidthru.actions.charge.claiming import Claim
from paidthru.payments.gateway import (
    UNEXPECTED_STATE,
    Gateway,
    GatewayError,
    GatewayIntent,
    GatewayKeyReused,
    GatewayRejected,
)
from paidthru.payments.models import PaymentIntent
from paidthru.payments.rules.intents import INTENT


def send(held: Claim, gateway: Gateway) -> GatewayIntent | GatewayError | None:
    """Steps CREATE, BIND, CONFIRM, with no transaction open; returns the gateway's answer or error. What is no longer
    wanted is canceled at the gateway instead (design.md §5, step 6).

    None when the right to send was lost on the way (deadline, lease, or another worker's intent): whoever has it now
    goes on, and what we created is unconfirmed and harms nobody.
    """
    try:
        ref = held.gateway_ref
        if ref is not None and not held.wanted:
            return gateway.cancel_intent(ref, key=f"fence:{held.attempt_id}")
        if ref is None:
            for stale in held.stale_refs:
                _fence(stale, gateway)
            ref = gateway.create_intent(held.request, key=f"col:{held.intent_id}").ref
        if not _may_send(held, ref):
            return None
        return gateway.confirm_intent(ref, held.confirmation, key=held.key)
    except GatewayError as error:
        return error


def _fence(ref: str, gateway: Gateway) -> None:
    """Cancels an intent that another one takes the place of (C.3, 11). Should it have moved on, a person must look."""
    try:
        gateway.cancel_intent(ref, key=f"fence:{ref}")
    except GatewayRejected as error:
        if error.code == UNEXPECTED_STATE:
            raise GatewayKeyReused(
                "An earlier intent of this invoice, taken for declined, can't be canceled.",
                code="earlier_intent",
            ) from error
        raise
    intent = PaymentIntent.objects.filter(gateway_ref=ref, gateway=gateway.name, state="declined")
    intent.update(state=INTENT.next("declined", "close"))


def _may_send(held: Claim, ref: str) -> bool:
    """Step BIND, the gateway's id written once under our lease, and the last look before money moves: whether our
    lease, the deadline and the attempt still allow it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payments_paymentintent t SET gateway_ref = %s FROM payments_attempt a
               WHERE t.id = %s AND a.id = %s AND a.lease_token = %s AND a.state IN ('submitted', 'unknown')
                 AND (t.gateway_ref IS NULL OR t.gateway_ref = %s)
               RETURNING a.send_deadline > clock_timestamp()""",
            [ref, held.intent_id, held.attempt_id, held.lease, ref],
        )
        row = cursor.fetchone()
    return row is not None and bool(row[0])
