"""Reversals by staff, after a look at what the processor says: a reversal moves no money by itself (I-65)."""

from uuid import UUID

from paidthru.actions.reverse_payment import reverse_payment
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewayError, IntentStatus
from paidthru.payments.models import Payment, Reversal
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import Actor


def processor_says(desk: Desk, payment: Payment) -> str:
    """What the processor says of a payment's money: taken (it has it), gone, silent; "" where it came otherwise."""
    intent = payment.attempt.intent if payment.attempt is not None else None
    if intent is None or intent.gateway_ref is None or intent.gateway != desk.gateway.name:
        return ""
    try:
        found = desk.gateway.fetch_intent(intent.gateway_ref)
        given_back = sum(one.amount_minor for one in desk.gateway.refunds_of(intent.gateway_ref))
    except GatewayError:
        return "silent"
    has_it = found.status is IntentStatus.SUCCEEDED and given_back < found.received_minor
    return "taken" if has_it else "gone"


def reverse(
    desk: Desk,
    payment_id: UUID,
    *,
    acknowledged: bool,
    actor: Actor,
    why: str = "",
    amount_minor: int | None = None,
    key: str | None = None,
) -> Reversal:
    """Reverses a payment as `reverse_payment`, unless the processor still has its money: then a reversal would give
    nothing back, and collecting the invoice again would take it twice.

    `acknowledged`: the bank has told staff that it took the money back. Refused `processor_has_money`, and as
    `reverse_payment`.
    """
    found = Payment.objects.select_related("attempt__intent").filter(
        id=payment_id, organization=desk.organization
    )
    payment = found.first()
    if payment is not None and payment.means != "card" and not acknowledged:
        says = processor_says(desk, payment)
        if says in ("taken", "silent"):
            raise Refused(
                "processor_has_money",
                f"The processor still has the money of payment {payment.number}."
                if says == "taken"
                else f"The processor can't say now whether it still has the money of payment {payment.number}.",
                field="payment",
                value=payment.number,
                fix="Refund it; or confirm that the bank has taken it back.",
            )
    return reverse_payment(
        desk.organization,
        payment_id,
        actor=actor,
        now=desk.clock.now(),
        why=why,
        amount_minor=amount_minor,
        key=key,
    )
