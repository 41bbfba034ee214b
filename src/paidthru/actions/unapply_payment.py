"""Take a payment off its invoices: the money stays, as the member's credit, and they are owed again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.membership.operations import after_reversal
from paidthru.membership.operations.receiving import told_of_dates
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.gateway import PAYMENT_DISPUTED
from paidthru.payments.models import Payment
from paidthru.payments.operations.by_hand import Unapplied, unapply
from paidthru.payments.operations.refunds import Moment, hold_payment
from paidthru.timeline.operations import Actor, Happening, once, record


def unapply_payment(
    organization: Organization,
    payment_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    invoice_ids: Sequence[UUID] | None = None,
    why: str = "",
    key: str | None = None,
) -> Payment:
    """Takes what a payment pays off its invoices, all of them or those named, with counter-entries: it stands as the
    member's credit until it is applied or given back. No money moves.

    The invoices are owed again and the memberships' dates follow as after a reversal (`reversal.paid_through`).
    Refused: `payment_unknown`, `payment_disputed`, `nothing_applied`, `key_reused`.
    """

    def act() -> dict[str, str]:
        payment = hold_payment(organization.id, payment_id)
        if payment.disputed_minor > 0:
            raise Refused(
                PAYMENT_DISPUTED,
                f"Payment {payment.number} is disputed: the bank is deciding about its money.",
                field="payment",
                value=payment.number,
                fix="Wait for the decision.",
            )
        at = Moment(organization, local_date(now, organization.zone), now)
        taken = unapply(payment, invoice_ids, made_by=actor.name, at=at)
        owed = [one.receivable for one, _ in taken.parts if not one.receivable.voluntary]
        moved = after_reversal(
            [(one.source_id, one.period_start) for one in owed],
            policies_of(organization),
            on=at.on,
            late_by={one.source_id for one in owed if one.due_on < at.on},
        )
        told = [_told(payment, taken, why)]
        told += told_of_dates(moved, f"Payment {payment.number} was taken off")
        record(organization.id, actor, now, told)
        return {"payment": str(payment.id)}

    named = sorted(str(id_) for id_ in invoice_ids) if invoice_ids is not None else None
    inputs = {"payment": payment_id, "invoices": named, "why": why}
    outcome = once(organization.id, key, "unapply_payment", inputs, now, act)
    return Payment.objects.get(id=outcome["payment"])


def _told(payment: Payment, taken: Unapplied, why: str) -> Happening:
    facts = {
        "payment": payment.number,
        "amount": plain(taken.amount_minor, payment.currency),
        "currency": payment.currency,
        "invoices": list(taken.invoices),
    }
    return Happening("payment_unapplied", "payment", payment.id, payment.party_id, why, facts)
