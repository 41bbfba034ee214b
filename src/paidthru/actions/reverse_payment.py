"""Reverse a payment: staff say that money which was taken down did not come, or is gone (G-02, I-65)."""

from datetime import date, datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.membership.operations import after_reversal
from paidthru.membership.operations.receiving import told_of_dates
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.gateway import PAYMENT_DISPUTED
from paidthru.payments.models import Payment, Reversal
from paidthru.payments.operations import ACCOUNT_OF
from paidthru.payments.operations.money_back import TakenBack, Taking, recount, take_back
from paidthru.payments.operations.refunds import Moment, hold_payment, left_of
from paidthru.timeline.operations import Actor, Happening, once, record


def reverse_payment(
    organization: Organization,
    payment_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    why: str = "",
    amount_minor: int | None = None,
    key: str | None = None,
) -> Reversal:
    """Takes a payment back with a counter-entry, all that is left of it or an amount (minor units); nothing is deleted.

    What it paid is owed again, paid-through goes back by policy. For a bank debit that the bank sent back outside the
    processor, and for money that staff recorded; no money moves by it. Refused: `payment_unknown`, `payment_disputed`,
    `payment_reversed`, `reversal_exceeds_payment`, `amount_invalid`, `refund_instead` (a card's money is given back by
    a refund), `key_reused`.
    """

    def act() -> dict[str, str]:
        payment = hold_payment(organization.id, payment_id)
        amount = _amount(payment, amount_minor)
        at = Moment(organization, local_date(now, organization.zone), now)
        taking = Taking("reversal", ACCOUNT_OF[payment.means], why, actor.name)
        taken = take_back(payment, amount, taking, at)
        recount(payment)
        terms = [(one.source_id, one.period_start) for one in taken.owed if not one.voluntary]
        late_by = {one.source_id for one in taken.owed if not one.voluntary and one.due_on < at.on}
        moved = after_reversal(terms, policies_of(organization), on=at.on, late_by=late_by)
        record(organization.id, actor, now, _happenings(payment, taken, moved, why))
        return {"reversal": str(taken.reversal.id)}

    inputs = {"payment": payment_id, "amount": amount_minor, "why": why}
    outcome = once(organization.id, key, "reverse_payment", inputs, now, act)
    return Reversal.objects.get(id=outcome["reversal"])


def _amount(payment: Payment, wanted_minor: int | None) -> int:
    """What is to be taken back; refuses what can't be."""
    left_minor = left_of(payment)
    if payment.disputed_minor > 0:
        raise Refused(
            PAYMENT_DISPUTED,
            f"Payment {payment.number} is disputed: the bank is deciding about its money.",
            field="payment",
            value=payment.number,
            fix="Wait for the decision: what is lost is taken back by itself.",
        )
    if left_minor == 0:
        raise Refused(
            "payment_reversed" if payment.reversed_minor else "reversal_exceeds_payment",
            f"Nothing of payment {payment.number} is left: it was taken back or given back already.",
            field="payment",
            value=payment.number,
            fix="Its record shows what became of it.",
        )
    if payment.means == "card":
        raise Refused(
            "refund_instead",
            f"Payment {payment.number} came by card, and its money is there: a reversal would not give it back.",
            field="payment",
            value=payment.number,
            fix="Refund it. If the bank takes it back, that is booked by itself.",
        )
    amount = left_minor if wanted_minor is None else wanted_minor
    if amount <= 0:
        raise Refused(
            "amount_invalid",
            "A reversal has to be of more than nothing.",
            field="amount",
            value=amount,
            fix="Enter the amount that is gone, or leave it empty for all of it.",
        )
    if amount > left_minor:
        left = f"{plain(left_minor, payment.currency)} {payment.currency}"
        raise Refused(
            "reversal_exceeds_payment",
            f"Of payment {payment.number} {left} is left.",
            field="amount",
            value=plain(amount, payment.currency),
            fix=f"Enter {left} or less.",
        )
    return amount


def _happenings(
    payment: Payment, taken: TakenBack, moved: list[tuple[UUID, date | None, date | None]], why: str
) -> list[Happening]:
    facts = {
        "payment": payment.number,
        "amount": plain(taken.reversal.amount_minor, payment.currency),
        "currency": payment.currency,
        "invoices": list(taken.invoices),
    }
    told = [Happening("payment_reversed", "payment", payment.id, payment.party_id, why, facts)]
    told += taken.happenings
    return told + told_of_dates(moved, f"Payment {payment.number} was reversed")
