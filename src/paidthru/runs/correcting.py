"""Correcting what was taken down: a payment that staff recorded, as long as its batch is open (G-04)."""

from datetime import date
from functools import partial
from uuid import UUID

from django.db import transaction

from paidthru.actions.record_payment import record_payment
from paidthru.actions.reverse_payment import reverse_payment
from paidthru.kernel.errors import Refused
from paidthru.payments.models import Payment
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import Actor, again_on_conflict


def correct_payment(
    desk: Desk,
    payment_id: UUID,
    *,
    amount_minor: int,
    means: str,
    received_on: date | None,
    actor: Actor,
    key: str | None = None,
) -> Payment:
    """Records a payment anew as it should have been (minor units of its currency) and reverses what stands, both or
    neither: nothing is deleted. Only money that staff recorded, in a batch that isn't posted; what is posted is
    corrected by a reversal of its own. With the same `key` it is done once.

    Refused `payment_unknown`, `payment_not_recorded`, `batch_posted`, and as `reverse_payment` and `record_payment`.
    """

    def act() -> Payment:
        with transaction.atomic():
            found = Payment.objects.select_for_update(of=("self",)).select_related("batch")
            payment = found.filter(id=payment_id, organization=desk.organization).first()
            if payment is None:
                raise Refused("payment_unknown", "There is no such payment.", field="payment")
            refuse_uncorrectable(payment)
            now, again = desk.clock.now(), partial(_key, key)
            why = f"Payment {payment.number} was corrected."
            reverse_payment(
                desk.organization, payment.id, actor=actor, now=now, why=why, key=again("taken back")
            )
            return record_payment(
                desk.organization,
                payment.party_id,
                amount_minor=amount_minor,
                currency=payment.currency,
                means=means,
                reference=payment.reference,
                actor=actor,
                now=now,
                received_on=received_on,
                key=again("recorded"),
            )

    return again_on_conflict(act)


def refuse_uncorrectable(payment: Payment) -> None:
    """Refuses a payment that stands as it is: `payment_not_recorded`, `batch_posted`."""
    if payment.attempt_id is not None or payment.gateway_ref:
        raise Refused(
            "payment_not_recorded",
            f"Payment {payment.number} came through the processor: it is what it says.",
            field="payment",
            value=payment.number,
            fix="Refund it, in whole or in part.",
        )
    if payment.batch.state == "posted":
        raise Refused(
            "batch_posted",
            f"Batch {payment.batch.number} is posted: what is in it doesn't change any more.",
            field="payment",
            value=payment.number,
            fix="Reverse the payment, and record it as it should have been.",
        )


def _key(key: str | None, part: str) -> str | None:
    return f"{key} {part}" if key else None
