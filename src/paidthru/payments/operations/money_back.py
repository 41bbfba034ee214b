"""Write steps of money that is gone again, inside somebody's transaction that holds the payment's row.

Reversed by staff, returned by the bank, or lost in a dispute: `take_back` does the same for each. What the money had
paid is owed again, and the books follow; nothing that was written before is changed (G-02).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Q, Sum

from paidthru.invoicing.models import Invoice, Line, names_of
from paidthru.invoicing.operations import raise_balances
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.operations import JournalDraft, open_batch, write_journals
from paidthru.ledger.rules.postings import (
    CLEARING,
    AllocatedLine,
    Draft,
    dispute_opened,
    reinstated,
    reverse,
    taken_back,
)
from paidthru.payments.models import Allocation, Dispute, Payment, Refund, Reversal, ReversalPart
from paidthru.payments.operations.money_in import Money, allot, place
from paidthru.payments.operations.recovery import bill_recovery
from paidthru.payments.operations.refunds import Moment, carry, conclude, happening
from paidthru.payments.operations.standing import restate
from paidthru.payments.queries.giving_back import refundable_of
from paidthru.payments.rules.refunds import RefundState, parts_of
from paidthru.timeline.operations import Happening


@dataclass(frozen=True, slots=True)
class Taking:
    """How money goes: the kind of reversal (reversal, return, dispute), the account that it leaves, why, by whom, and
    the dispute or return that it comes of."""

    kind: str
    account: str
    why: str
    made_by: str
    dispute_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OwedAgain:
    """A receivable that is open again: of which source (a membership), from which day its period runs, and when it
    was due."""

    source_id: UUID
    period_start: date
    due_on: date
    voluntary: bool


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a reversal did: what is owed again, on which invoices (by number), how much of it was credit, and what went
    beyond what the payment had left (minor units), with the invoice that asks for that."""

    reversal: Reversal
    owed: tuple[OwedAgain, ...]
    invoices: tuple[int | str, ...]
    credit_minor: int
    excess_minor: int
    recovery: int | None
    happenings: tuple[Happening, ...]


def take_back(payment: Payment, amount_minor: int, taking: Taking, at: Moment) -> TakenBack:
    """Takes an amount (minor units) of a held payment back: of its credit first, then of what it paid, newest first.

    What it paid is owed again. What is beyond that, because a refund crossed it, and what is no longer owed (written
    off, canceled), the member owes on an invoice of its own, and staff are told. `recount` comes after, when the
    caller has written what it knows of the dispute.
    """
    told = _withdraw_unsent(payment, amount_minor, at)
    allocations = list(
        Allocation.objects.select_for_update(of=("self",))
        .filter(payment_id=payment.id)
        .select_related("receivable")
        .order_by("-id")
    )
    by_id = {one.id: one for one in allocations}
    parts, excess_minor = parts_of(
        amount_minor,
        payment.unallocated_minor,
        [refundable_of(one) for one in allocations],
    )
    paid = {by_id[part.id]: part.left_minor for part in parts if part.id is not None}
    credit_minor = sum(part.left_minor for part in parts if part.id is None)
    homes = raise_balances(
        _by_receivable(paid),
        _asked_on(paid),
        batch=lambda: open_batch(payment.organization_id, "returns", at.on, now=at.now).id,
        on=at.on,
    )
    batch = open_batch(payment.organization_id, "returns", at.on, now=at.now)
    reversal = Reversal.objects.create(
        organization_id=payment.organization_id,
        payment_id=payment.id,
        party_id=payment.party_id,
        dispute_id=taking.dispute_id,
        batch_id=batch.id,
        kind=taking.kind,
        currency=payment.currency,
        amount_minor=amount_minor,
        occurred_on=at.on,
        why=taking.why[:300],
        made_by=taking.made_by[:200],
    )
    lines = [
        _line(payment, one, part, homes[one.receivable_id])
        for one, part in paid.items()
        if one.receivable_id in homes
    ]
    no_longer_owed = sum(part for one, part in paid.items() if one.receivable_id not in homes)
    _write_parts(payment, reversal, paid, credit_minor, excess_minor)
    entries = taken_back(
        taking.account,
        lines,
        payment.party_id,
        credit_minor=credit_minor,
        excess_minor=excess_minor + no_longer_owed,
        mirrored=taking.kind == "reversal",
    )
    text = f"Payment {payment.number}: {_WORDS[taking.kind]}"
    _book(payment, JournalDraft("reversal", reversal.id, "taken back", at.on, text, entries), batch.id, at)
    recovery = None
    if excess_minor + no_longer_owed:
        why = _why_recovery(payment, excess_minor, no_longer_owed)
        recovery, billed = bill_recovery(payment, excess_minor + no_longer_owed, reversal.id, why, at)
        told.append(billed)
    return TakenBack(
        reversal,
        tuple(_owed_again(one) for one in paid if one.receivable_id in homes),
        _numbers(homes.values()),
        credit_minor,
        excess_minor,
        recovery,
        tuple(told),
    )


_WORDS = {"reversal": "reversed", "return": "returned by the bank", "dispute": "dispute lost"}


def _why_recovery(payment: Payment, excess_minor: int, no_longer_owed: int) -> str:
    if excess_minor:
        twice = plain(excess_minor, payment.currency)
        return f"Payment {payment.number} was refunded and taken back too: {twice} went out twice."
    return (
        f"Payment {payment.number} was taken back; {plain(no_longer_owed, payment.currency)} of it had paid what is no"
        " longer asked for."
    )


def _withdraw_unsent(payment: Payment, amount_minor: int, at: Moment) -> list[Happening]:
    """Lets go of refunds that were not sent yet and whose money would now go out twice (B-20), the newest first."""
    found = Refund.objects.select_for_update().filter(
        payment_id=payment.id,
        state__in=[RefundState.REQUESTED, RefundState.APPROVED],
        first_sent_at__isnull=True,
        via="gateway",
    )
    why = "The money of the payment was taken back meanwhile."
    told = []
    for refund in found.order_by("-id"):
        if payment.refunded_minor + payment.reversed_minor + amount_minor <= payment.amount_minor:
            break
        carry(payment, refund, "withdraw", at)
        conclude(refund, code="taken_back", message=why, now=at.now)
        told.append(happening("refund_withdrawn", payment, refund, why))
    return told


def _by_receivable(paid: Mapping[Allocation, int]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for one, part in paid.items():
        found[one.receivable_id] = found.get(one.receivable_id, 0) + part
    return found


def _asked_on(paid: Mapping[Allocation, int]) -> dict[UUID, UUID]:
    """The invoice on which each receivable was paid last; the allocations come newest first."""
    return {one.receivable_id: one.invoice_id for one in reversed(list(paid))}


def _line(payment: Payment, one: Allocation, amount_minor: int, invoice_id: UUID) -> AllocatedLine:
    owed = one.receivable
    basis = "cash" if owed.basis == "cash" else "accrual"
    return AllocatedLine(
        payment.party_id,
        invoice_id,
        owed.id,
        basis,  # type: ignore[arg-type]
        owed.income_code,
        amount_minor,
        owed.voluntary,
        amount_minor if owed.tax_of_id else 0,
    )


def _owed_again(one: Allocation) -> OwedAgain:
    owed = one.receivable
    return OwedAgain(owed.source_id, owed.period_start, owed.due_on, owed.voluntary)


def _write_parts(
    payment: Payment,
    reversal: Reversal,
    paid: Mapping[Allocation, int],
    credit_minor: int,
    excess_minor: int,
) -> None:
    found: list[tuple[UUID | None, str, int]] = [(one.id, "allocation", part) for one, part in paid.items()]
    found += [(None, "credit", credit_minor), (None, "excess", excess_minor)]
    ReversalPart.objects.bulk_create(
        ReversalPart(
            organization_id=payment.organization_id,
            reversal_id=reversal.id,
            allocation_id=allocation_id,
            kind=kind,
            amount_minor=part,
        )
        for allocation_id, kind, part in found
        if part
    )
    for one, part in paid.items():
        Allocation.objects.filter(id=one.id).update(reversed_minor=F("reversed_minor") + part)
    if credit_minor:
        payment.unallocated_minor -= credit_minor
        Payment.objects.filter(id=payment.id).update(unallocated_minor=payment.unallocated_minor)


def _numbers(invoice_ids: Iterable[UUID]) -> tuple[int | str, ...]:
    return tuple(names_of(Invoice.objects.filter(id__in=set(invoice_ids)).order_by("number")))


def _book(payment: Payment, draft: JournalDraft, batch_id: UUID, at: Moment) -> None:
    write_journals(payment.organization_id, batch_id, payment.currency, [draft], now=at.now)


# ---------------------------------------------------------------- disputes


def book_dispute(payment: Payment, dispute: Dispute, event: str, amount_minor: int, at: Moment) -> None:
    """Books that a dispute holds an amount (minor units) back from Clearing; a negative one is there again."""
    entries: Sequence[Draft] = dispute_opened(abs(amount_minor), payment.party_id)
    if amount_minor < 0:
        entries = reverse(entries)
    batch = open_batch(payment.organization_id, "returns", at.on, now=at.now)
    text = f"Payment {payment.number}: dispute {event.split(' ')[0]}"
    _book(payment, JournalDraft("dispute", dispute.id, event, at.on, text, entries), batch.id, at)


@dataclass(frozen=True, slots=True)
class GivenAgain:
    """Money that was taken and came back: what it paid again (sources), and what stands as credit (minor units)."""

    source_ids: tuple[UUID, ...]
    credit_minor: int


def reinstate(payment: Payment, amount_minor: int, taking: Taking, at: Moment) -> GivenAgain:
    """Gives a held payment back an amount (minor units) that was taken of it: a dispute was won in a second round.

    It pays what the payment had paid before, as far as that is still open, and the invoices that asked for what went
    out twice; the rest is the member's credit. `recount` comes after.
    """
    placed = place(
        payment.organization_id,
        Money(
            party_id=payment.party_id,
            amount_minor=amount_minor,
            currency=payment.currency,
            means=payment.means,
            taken_at=at.now,
            received_on=at.on,
            invoice_ids=_paid_before(payment),
        ),
    )
    batch = open_batch(payment.organization_id, "returns", at.on, now=at.now)
    reversal = Reversal.objects.create(
        organization_id=payment.organization_id,
        payment_id=payment.id,
        party_id=payment.party_id,
        batch_id=batch.id,
        kind="reinstated",
        currency=payment.currency,
        amount_minor=amount_minor,
        occurred_on=at.on,
        why=taking.why[:300],
        made_by=taking.made_by[:200],
    )
    ReversalPart.objects.create(
        organization_id=payment.organization_id,
        reversal_id=reversal.id,
        kind="reinstated",
        amount_minor=amount_minor,
    )
    lines = allot(payment, placed, at.on)
    if placed.surplus_minor:
        payment.unallocated_minor += placed.surplus_minor
        Payment.objects.filter(id=payment.id).update(unallocated_minor=payment.unallocated_minor)
    entries = reinstated(CLEARING, lines, payment.party_id, credit_minor=placed.surplus_minor)
    text = f"Payment {payment.number}: its money is back"
    _book(payment, JournalDraft("reversal", reversal.id, "reinstated", at.on, text, entries), batch.id, at)
    return GivenAgain(placed.source_ids, placed.surplus_minor)


def _paid_before(payment: Payment) -> list[UUID]:
    """The live invoices that ask again for what was taken back of a payment."""
    taken = ReversalPart.objects.filter(reversal__payment_id=payment.id)
    receivables = taken.exclude(allocation=None).values("allocation__receivable_id")
    asking = Line.objects.filter(
        Q(receivable_id__in=receivables) | Q(receivable__source_id__in=taken.values("reversal_id")),
        invoice__state="sent",
    )
    return sorted(set(asking.values_list("invoice_id", flat=True)))


def recount(payment: Payment) -> None:
    """Writes what of a held payment is in dispute and what is gone, and the state that follows."""
    reversals = Reversal.objects.filter(payment_id=payment.id)
    gone = reversals.exclude(kind="reinstated").aggregate(sum=Sum("amount_minor"))["sum"] or 0
    back = reversals.filter(kind="reinstated").aggregate(sum=Sum("amount_minor"))["sum"] or 0
    disputes = Dispute.objects.filter(payment_id=payment.id, state="open")
    held = disputes.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    payment.reversed_minor = min(gone - back, payment.amount_minor)
    payment.disputed_minor = min(held, payment.amount_minor - payment.reversed_minor)
    Payment.objects.filter(id=payment.id).update(
        reversed_minor=payment.reversed_minor, disputed_minor=payment.disputed_minor
    )
    payment.state = restate(payment.id)


def changed_amount() -> str:
    """The name of a journal that changes what a dispute holds: each change has its own."""
    return f"amount {new_id()}"
