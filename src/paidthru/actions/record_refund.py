"""Record a refund: money that was given back without a gateway, by check, in cash, by transfer or elsewhere (G-03)."""

from datetime import date, datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.ledger.queries.closing import refuse_closed_day
from paidthru.notices.operations import announce
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Refund
from paidthru.payments.operations.refunds import (
    Moment,
    NewRefund,
    carry,
    conclude,
    happening,
    hold_payment,
    refuse_beyond,
    refuse_nobody,
    write_refund,
)
from paidthru.payments.rules.refunds import needs_approval
from paidthru.timeline.operations import Actor, once, record

WAYS = ("check", "cash", "transfer", "elsewhere")


def record_refund(
    organization: Organization,
    payment_id: UUID,
    *,
    amount_minor: int,
    currency: str,
    via: str,
    reason: str = "",
    given_on: date | None = None,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Refund:
    """Books money (minor units) of any payment, however it came, that was given back on a local date (today, unless
    said): no gateway is asked.

    Where the policies want a second person it waits for one, who books it by approving. The same `key`, one for each
    click, is the same refund. Refused: `payment_unknown`, `means_unknown`, `past_date` (given back later than today,
    or before the payment came), `amount_invalid`, `currency_mismatch`, `payment_disputed`, `refund_exceeds_payment`,
    `actor_unnamed` (a second person is needed, and nobody knows who the first is), `key_reused`.
    """
    today = local_date(now, organization.zone)
    on = given_on or today
    if via not in WAYS:
        raise Refused(
            "means_unknown",
            f"“{via}” isn't a way in which staff give money back.",
            field="means",
            value=via,
            fix=f"Choose one of: {', '.join(WAYS)}.",
        )
    inputs = {
        "payment": payment_id,
        "amount": amount_minor,
        "currency": currency,
        "via": via,
        "reason": reason,
        "on": given_on,
    }

    def act() -> dict[str, str]:
        payment = hold_payment(organization.id, payment_id)
        if not payment.received_on <= on <= today:
            raise Refused(
                "past_date",
                "Money is given back after it came, and not in the future.",
                field="given_on",
                value=on.isoformat(),
                fix=f"Enter a day from {payment.received_on.isoformat()} to {today.isoformat()}.",
            )
        if given_on:
            refuse_closed_day(organization.id, given_on, field="given_on")
        refuse_beyond(payment, amount_minor, currency)
        policies = policies_of(organization)
        separated = needs_approval(
            amount_minor,
            currency,
            separation=policies.word("staff.separation") == "on",
            approve_above=policies.number("refund.approve_above"),
            primary_currency=organization.currency,
        )
        if separated:
            refuse_nobody(actor)
        new = NewRefund(amount_minor, via, reason, actor.name, now, actor.id, separated)
        refund = write_refund(payment, new, key_of=f"by {via}")
        if separated:
            happenings = [happening("refund_requested", payment, refund, reason)]
        else:
            at = Moment(organization, on, now)
            carry(payment, refund, "approve", at)
            carry(payment, refund, "give", at)
            Refund.objects.filter(id=refund.id).update(
                approved_by=actor.name[:200], approver_id=actor.id, approved_at=now
            )
            conclude(refund, code="", message="", now=now)
            happenings = [happening("refund_recorded", payment, refund, reason)]
        record(organization.id, actor, now, happenings)
        announce(organization.id, happenings, now=now)
        return {"refund": str(refund.id)}

    outcome = once(organization.id, key, "record_refund", inputs, now, act)
    return Refund.objects.get(id=outcome["refund"])
