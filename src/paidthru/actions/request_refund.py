"""Request a refund: money of a payment is to be given back through its gateway, all of it or a part (A-34, A-35)."""

from datetime import datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Payment, Refund
from paidthru.payments.operations.refunds import (
    Moment,
    NewRefund,
    carry,
    happening,
    hold_payment,
    left_of,
    refuse_beyond,
    refuse_nobody,
    write_refund,
)
from paidthru.payments.rules.refunds import needs_approval
from paidthru.timeline.operations import Actor, once, record


def request_refund(
    organization: Organization,
    payment_id: UUID,
    *,
    amount_minor: int | None = None,
    currency: str | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Refund:
    """Writes a refund (minor units; without an amount, all that is left) under a lock on its payment, which holds the
    amount at once; `send_refund` sends it.

    Where the policies want a second person it waits for one (`staff.separation`, `refund.approve_above`); else it is
    approved by whoever asks, and stands in the books. The same `key`, one for each click, is the same refund (B-19).
    Refused: `payment_unknown`, `amount_invalid`, `currency_mismatch`, `payment_disputed`, `refund_exceeds_payment`,
    `payment_unsettled` (no gateway holds the payment's money), `actor_unnamed` (a second
    person is needed, and nobody knows who the first is), `key_reused`.
    """
    inputs = {"payment": payment_id, "amount": amount_minor, "currency": currency, "reason": reason}

    def act() -> dict[str, str]:
        payment = hold_payment(organization.id, payment_id)
        _refuse_unsettled(payment)
        # Of nothing that is left the least is asked for, and refused.
        asked_minor = (left_of(payment) or 1) if amount_minor is None else amount_minor
        refuse_beyond(payment, asked_minor, currency or payment.currency)
        policies = policies_of(organization)
        separated = needs_approval(
            asked_minor,
            payment.currency,
            separation=policies.word("staff.separation") == "on",
            approve_above=policies.number("refund.approve_above"),
            primary_currency=organization.currency,
        )
        if separated:
            refuse_nobody(actor)
        new = NewRefund(asked_minor, "gateway", reason, actor.name, now, actor.id, separated)
        refund = write_refund(payment, new, key_of=payment.gateway_ref or "")
        happenings = [happening("refund_requested", payment, refund, reason)]
        if not separated:
            at = Moment(organization, local_date(now, organization.zone), now)
            carry(payment, refund, "approve", at)
            Refund.objects.filter(id=refund.id).update(
                approved_by=actor.name[:200], approver_id=actor.id, approved_at=now, next_look_at=now
            )
        record(organization.id, actor, now, happenings)
        return {"refund": str(refund.id)}

    outcome = once(organization.id, key, "request_refund", inputs, now, act)
    return Refund.objects.get(id=outcome["refund"])


def _refuse_unsettled(payment: Payment) -> None:
    """A refund goes back to where the money came from, so there has to be a charge at the gateway (A-36)."""
    if payment.means in ("card", "bank") and payment.gateway_ref and payment.attempt_id is not None:
        return
    raise Refused(
        "payment_unsettled",
        f"No processor holds the money of payment {payment.number}: it came by {payment.means}.",
        field="payment",
        value=payment.number,
        fix="Give it back by check, cash or transfer, and record that.",
    )
