"""Where a payment stands after something was given back or taken back, written in one place for both."""

from uuid import UUID

from django.db.models import Sum

from paidthru.payments.models import Payment, Refund, Reversal
from paidthru.payments.rules.payments import payment_state
from paidthru.payments.rules.refunds import GIVEN


def restate(payment_id: UUID) -> str:
    """Writes a payment's state anew from its columns, refunds and reversals; the caller holds its row."""
    payment = Payment.objects.get(id=payment_id)
    given = Refund.objects.filter(payment_id=payment_id, state__in=GIVEN).aggregate(sum=Sum("amount_minor"))
    last = (
        Reversal.objects.filter(payment_id=payment_id).order_by("-id").values_list("kind", flat=True).first()
    )
    state = payment_state(
        payment.amount_minor,
        refunded_minor=given["sum"] or 0,
        disputed_minor=payment.disputed_minor,
        reversed_minor=payment.reversed_minor,
        last_reversal=last,
    )
    if state != payment.state:
        Payment.objects.filter(id=payment_id).update(state=state)
    return state
