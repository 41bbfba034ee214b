"""Write steps of money given back, inside somebody's transaction that holds the payment's row.

`carry` is the heart: whatever brings a refund from one state to another, a person or an answer, the books follow from
the two states alone. So they end the same in whichever order things are told (field-notes C.7, D.4).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Sum

from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.models import Entry, Journal
from paidthru.ledger.operations import (
    JournalDraft,
    cancel_deferred,
    open_batch,
    restore_deferred,
    write_journals,
)
from paidthru.ledger.rules.postings import DEFERRED, Draft, reverse
from paidthru.ledger.rules.refunds import RefundedLine, refund_owed, refund_paid
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
from paidthru.payments.gateway import PAYMENT_DISPUTED, REFUND_EXCEEDS
from paidthru.payments.models import Allocation, Payment, Refund, RefundPart
from paidthru.payments.operations.standing import restate
from paidthru.payments.queries.giving_back import refundable_of
from paidthru.payments.rules.intents import reconcile_delay
from paidthru.payments.rules.refunds import (
    ACCEPTED,
    GIVEN,
    HELD,
    REFUND_MACHINE,
    RefundState,
    parts_of,
    refundable,
)
from paidthru.timeline.operations import Actor, Happening


def hold_payment(organization_id: UUID, payment_id: UUID) -> Payment:
    """The payment, locked until the transaction ends: whoever gives back or takes back of it comes one by one.
    Refused `payment_unknown`."""
    found = Payment.objects.raw(
        f"SELECT * FROM {Payment._meta.db_table} WHERE id = %s AND organization_id = %s FOR UPDATE",
        [payment_id, organization_id],
    )
    for payment in found:
        return payment
    raise Refused(
        "payment_unknown",
        "There is no such payment.",
        field="payment",
        value=payment_id,
        fix="Open the payment's record and ask for the refund there.",
    )


def hold_refund(refund_id: UUID, organization_id: UUID | None = None) -> tuple[Payment, Refund]:
    """A refund and its payment, both locked, the payment first. Refused `refund_unknown`."""
    found = Refund.objects.filter(id=refund_id)
    if organization_id is not None:
        found = found.filter(organization_id=organization_id)
    place = found.values_list("organization_id", "payment_id").first()
    if place is None:
        raise Refused(
            "refund_unknown",
            "There is no such refund.",
            field="refund",
            value=refund_id,
            fix="`paidthru refund list` shows them.",
        )
    payment = hold_payment(*place)
    return payment, Refund.objects.select_for_update().get(id=refund_id)


def refuse_beyond(payment: Payment, amount_minor: int, currency: str) -> None:
    """Refuses what can't be given back of a payment: `amount_invalid`, `currency_mismatch`, `payment_disputed`,
    `refund_exceeds_payment`."""
    if currency != payment.currency:
        raise Refused(
            "currency_mismatch",
            f"Payment {payment.number} came in {payment.currency}; {currency} can't be given back of it.",
            field="currency",
            value=currency,
            fix=f"Enter the amount in {payment.currency}.",
        )
    if amount_minor <= 0:
        raise Refused(
            "amount_invalid",
            "A refund has to be more than nothing.",
            field="amount",
            value=amount_minor,
            fix="Enter the amount that is to be given back.",
        )
    if payment.disputed_minor > 0:
        raise Refused(
            PAYMENT_DISPUTED,
            f"Payment {payment.number} is disputed: the bank is deciding about its money.",
            field="payment",
            value=payment.number,
            fix="Wait for the decision: refunding now could give the money back twice.",
        )
    left = left_of(payment)
    if amount_minor > left:
        raise Refused(
            REFUND_EXCEEDS,
            f"Of payment {payment.number} {plain(left, currency)} {currency} is left to give back.",
            field="amount",
            value=plain(amount_minor, currency),
            fix=f"Enter {plain(left, currency)} or less."
            if left
            else "Nothing more can be given back of it.",
        )


def left_of(payment: Payment) -> int:
    """What is left of a payment to give back, in minor units."""
    return refundable(
        payment.amount_minor,
        refunded_minor=payment.refunded_minor,
        disputed_minor=payment.disputed_minor,
        reversed_minor=payment.reversed_minor,
    )


def refuse_nobody(actor: Actor) -> None:
    """Refuses what two people decide to somebody who can't be told from another (`actor_unnamed`, E.3)."""
    if not actor.is_somebody:
        raise Refused(
            "actor_unnamed",
            "This needs two people, and nobody knows who is typing.",
            field="as",
            fix="Say who you are: --as EMAIL, that of a member of the staff.",
        )


@dataclass(frozen=True, slots=True)
class NewRefund:
    """A refund to be written: minor units of the payment's currency. `separated`: somebody else has to approve it.

    `reference` is the gateway's own of one that was made there past us, found at `requested_at`.
    """

    amount_minor: int
    via: str
    reason: str
    requested_by: str
    requested_at: datetime
    requester_id: str = ""
    separated: bool = False
    reference: str | None = None
    id: UUID | None = None


def write_refund(payment: Payment, new: NewRefund, *, key_of: str) -> Refund:
    """Writes the row of a refund, which holds its amount at once. `key_of` is the gateway's name of the money, from
    which and the refund's id its key comes: a restored database makes the same one (C.7).

    Refunds are numbered, and their series stays locked until the transaction ends.
    """
    id_ = new.id or new_id()
    refund = Refund.objects.create(
        id=id_,
        organization_id=payment.organization_id,
        number=take_numbers(payment.organization_id, "refund"),
        payment_id=payment.id,
        party_id=payment.party_id,
        via=new.via,
        currency=payment.currency,
        amount_minor=new.amount_minor,
        reason=new.reason[:300],
        state=RefundState.REQUESTED.value,
        separated=new.separated,
        requested_by=new.requested_by[:200],
        requester_id=new.requester_id,
        requested_at=new.requested_at,
        idempotency_key=f"ref:{key_of[-50:]}:{id_}",
        gateway_ref=new.reference,
    )
    _hold(payment)
    return refund


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is booked: the local date, and the instant (UTC)."""

    organization: Organization
    on: date
    now: datetime


def carry(payment: Payment, refund: Refund, event: str, at: Moment, *, beyond_allowed: bool = False) -> int:
    """Brings a refund, held with its payment, to its next state, and the books with it; returns what went out beyond
    what the payment had left (minor units), which only `beyond_allowed` lets happen: otherwise
    `refund_exceeds_payment`. The caller writes the rest of the row."""
    old, new = refund.state, REFUND_MACHINE.next(refund.state, event)
    beyond = 0
    refund.state = new
    Refund.objects.filter(id=refund.id).update(state=new)
    if (new in HELD) != (old in HELD):
        _hold(payment)
    if new in GIVEN and old not in GIVEN:
        beyond = _owe(payment, refund, at, beyond_allowed)
    if new in ACCEPTED and old not in ACCEPTED:
        paid = refund_paid(refund.via, refund.amount_minor, refund.party_id)
        _book(payment, refund, "sent", f"Refund {refund.number} of payment {payment.number} sent", paid, at)
    if old in ACCEPTED and new not in ACCEPTED:
        back = reverse(refund_paid(refund.via, refund.amount_minor, refund.party_id))
        _book(
            payment, refund, "failed", f"Refund {refund.number} of payment {payment.number} failed", back, at
        )
    if old in GIVEN and new not in GIVEN:
        _undo(payment, refund, at)
    Refund.objects.filter(id=refund.id).update(batch_id=refund.batch_id)
    payment.state = restate(payment.id)
    return beyond


def _hold(payment: Payment) -> None:
    """Takes what a payment's refunds hold out of what can be given back. Should more have gone out than came, by hand
    and at the processor, it is all of it."""
    payment.refunded_minor = min(held_by(payment), payment.amount_minor)
    Payment.objects.filter(id=payment.id).update(refunded_minor=payment.refunded_minor)


def held_by(payment: Payment, *, but: UUID | None = None, states: Iterable[str] = HELD, via: str = "") -> int:
    """The sum of a payment's refunds in some states, in minor units: of all but one, or of one way only."""
    found = Refund.objects.filter(payment_id=payment.id, state__in=list(states))
    if but is not None:
        found = found.exclude(id=but)
    if via:
        found = found.filter(via=via)
    return found.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def _owe(payment: Payment, refund: Refund, at: Moment, beyond_allowed: bool) -> int:
    """Books that a refund is owed to the member: of the payment's credit first, then of its allocations, newest
    first; of dues what is not yet earned comes out of Deferred."""
    allocations = list(
        Allocation.objects.select_for_update(of=("self",))
        .filter(payment_id=payment.id)
        .select_related("receivable")
        .order_by("-id")
    )
    by_id = {one.id: one for one in allocations}
    parts, beyond = parts_of(
        refund.amount_minor,
        payment.unallocated_minor,
        [refundable_of(one) for one in allocations],
    )
    if beyond and not beyond_allowed:
        raise Refused(
            REFUND_EXCEEDS,
            f"Of payment {payment.number} there is not so much left to give back.",
            field="amount",
            value=plain(refund.amount_minor, refund.currency),
            fix="Turn this refund down, and ask for one of what is left.",
        )
    RefundPart.objects.filter(refund_id=refund.id).delete()  # of an earlier time, when it was undone
    RefundPart.objects.bulk_create(
        RefundPart(
            organization_id=refund.organization_id,
            refund_id=refund.id,
            allocation_id=part.id,
            amount_minor=part.left_minor,
        )
        for part in parts
    )
    credit = sum(part.left_minor for part in parts if part.id is None)
    if credit:
        payment.unallocated_minor -= credit
        Payment.objects.filter(id=payment.id).update(unallocated_minor=payment.unallocated_minor)
    given: list[tuple[Allocation, int]] = []
    for part in parts:
        if part.id is not None:
            given.append((by_id[part.id], part.left_minor))
            Allocation.objects.filter(id=part.id).update(refunded_minor=F("refunded_minor") + part.left_minor)
    text = f"Refund {refund.number} of payment {payment.number}"
    _book(payment, refund, "owed", text, refund_owed(refund.party_id, credit, _lines(given), beyond), at)
    return beyond


def _lines(given: Sequence[tuple[Allocation, int]]) -> list[RefundedLine]:
    """The parts of allocations as the books see them, those of accrual dues with what is not yet earned of them."""
    deferred: dict[UUID, int] = {}
    for one, amount in given:
        if one.receivable.deferred and one.receivable.basis == "accrual":
            deferred[one.receivable_id] = deferred.get(one.receivable_id, 0) + amount
    canceled = cancel_deferred(deferred) if deferred else {}
    lines = []
    for one, amount in given:
        unearned = min(amount, canceled.get(one.receivable_id, 0))
        if unearned:
            canceled[one.receivable_id] -= unearned
        tax = amount if one.receivable.tax_of_id else 0
        lines.append(RefundedLine(one.invoice_id, one.receivable_id, amount, unearned, tax))
    return lines


def _undo(payment: Payment, refund: Refund, at: Moment) -> None:
    """Books that a refund will not be: what it took is the payment's again. Dues go back into Deferred as far as their
    term goes on, and are income where it is over."""
    for part in RefundPart.objects.filter(refund_id=refund.id):
        if part.allocation_id is None:
            payment.unallocated_minor += part.amount_minor
            Payment.objects.filter(id=payment.id).update(unallocated_minor=payment.unallocated_minor)
        else:
            Allocation.objects.filter(id=part.allocation_id).update(
                refunded_minor=F("refunded_minor") - part.amount_minor
            )
    owed = Journal.objects.filter(source_kind="refund", source_id=refund.id, event__startswith="owed")
    journal = owed.order_by("-id")[0]
    entries = [
        Draft(code, amount, party_id, invoice_id, receivable_id)
        for code, amount, party_id, invoice_id, receivable_id in Entry.objects.filter(journal=journal)
        .order_by("id")
        .values_list("account__code", "amount_minor", "party_id", "invoice_id", "receivable_id")
    ]
    text = f"Refund {refund.number} of payment {payment.number} taken back"
    _book(payment, refund, "undone", text, _restored(entries), at, reverses_id=journal.id)


def _restored(entries: Sequence[Draft]) -> tuple[Draft, ...]:
    """The other side of what was booked, as far as Deferred can still take it."""
    unearned: dict[UUID, int] = {}
    for one in entries:
        if one.account == DEFERRED and one.receivable_id is not None:
            unearned[one.receivable_id] = unearned.get(one.receivable_id, 0) + one.amount_minor
    restored = restore_deferred(unearned) if unearned else {}
    drafts = []
    for one in reverse(entries):
        if one.account == DEFERRED and one.receivable_id is not None:
            deferred, income = restored[one.receivable_id]
            part = min(-one.amount_minor, deferred)
            restored[one.receivable_id] = deferred - part, income
            who = (one.party_id, one.invoice_id, one.receivable_id)
            drafts += [Draft(DEFERRED, -part, *who), Draft(income, one.amount_minor + part, *who)]
        else:
            drafts.append(one)
    return tuple(draft for draft in drafts if draft.amount_minor)


def _book(
    payment: Payment,
    refund: Refund,
    event: str,
    text: str,
    entries: Sequence[Draft],
    at: Moment,
    *,
    reverses_id: UUID | None = None,
) -> None:
    """Writes a journal of a refund. What happens a second time (it was undone meanwhile) is booked a second time."""
    batch = open_batch(payment.organization_id, "refunds", at.on, now=at.now)
    before = Journal.objects.filter(
        source_kind="refund", source_id=refund.id, event__startswith=event
    ).count()
    if refund.batch_id is None:
        refund.batch_id = batch.id
    name = f"{event} {before + 1}" if before else event
    draft = JournalDraft("refund", refund.id, name, at.on, text, entries, reverses_id)
    write_journals(payment.organization_id, batch.id, payment.currency, [draft], now=at.now)


def make_room(payment: Payment, amount_minor: int, but: UUID | None, at: Moment) -> list[Happening]:
    """Lets go of refunds that can't be any more, because money of the payment (minor units) went out past us; `but` is
    the refund by which it did, if it is one of ours. What was not sent and doesn't fit beside it is called off, the
    newest first. A gateway never gives back more than it took, so what was sent and doesn't fit has not happened.

    Refused `refund_exceeds_payment` when the gateway would have given back more than it took.
    """
    gone = held_by(payment, but=but, states=ACCEPTED, via="gateway") + amount_minor
    if gone > payment.amount_minor:
        raise Refused(
            REFUND_EXCEEDS,
            f"The processor would have given back more than payment {payment.number}.",
            field="amount",
            value=plain(amount_minor, payment.currency),
            fix="Compare the payment's refunds with the processor's: a person has to look.",
        )
    happenings = []
    why = "Something else was given back of the payment meanwhile."
    for one in _waiting(payment, but):
        unsent = one.first_sent_at is None
        if unsent and held_by(payment, but=but) + amount_minor <= payment.amount_minor:
            continue
        if not unsent and gone + one.amount_minor <= payment.amount_minor:
            continue
        carry(payment, one, "withdraw" if unsent else "reject", at)
        conclude(one, code=REFUND_EXCEEDS, message=why, now=at.now)
        happenings.append(happening("refund_withdrawn" if unsent else "refund_rejected", payment, one, why))
    return happenings


def _waiting(payment: Payment, but: UUID | None) -> list[Refund]:
    """A payment's refunds that are not sent, the newest first, and then those that are and have no answer."""
    open_ones = [RefundState.REQUESTED, RefundState.APPROVED, RefundState.SUBMITTED, RefundState.UNKNOWN]
    found = Refund.objects.select_for_update().filter(payment_id=payment.id, state__in=open_ones)
    if but is not None:
        found = found.exclude(id=but)
    return sorted(found, key=lambda one: (one.first_sent_at is None, one.id), reverse=True)


def conclude(refund: Refund, *, code: str, message: str, now: datetime) -> None:
    """Writes that nothing more is to be done about a refund, and why."""
    Refund.objects.filter(id=refund.id).update(
        code=code[:60],
        message=message[:300],
        concluded_at=now,
        next_look_at=None,
        lease_token=None,
        lease_until=None,
    )


def look_later(refund_id: UUID, *, now: datetime) -> None:
    """Puts off a refund that can't be settled as it is."""
    Refund.objects.filter(id=refund_id).update(
        next_look_at=now + timedelta(seconds=reconcile_delay(3)), lease_token=None, lease_until=None
    )


def happening(verb: str, payment: Payment, refund: Refund, why: str = "", **more: str) -> Happening:
    """The event of a refund, which stands in the history of its payment's member."""
    facts: dict[str, str | int] = {
        "refund": refund.number,
        "payment": payment.number,
        "amount": plain(refund.amount_minor, refund.currency),
        "currency": refund.currency,
        "means": refund.via,
        **more,
    }
    return Happening(verb, "refund", refund.id, refund.party_id, why, facts)
