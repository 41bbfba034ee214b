"""Money that is here already, applied to other things than it was: credit that staff apply to invoices, and what a
payment paid taken off its invoices again. No money moves by either; the books follow (field-notes D.4, apply credit).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from paidthru.invoicing.models import Invoice, names_of
from paidthru.invoicing.operations import raise_balances
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.models import Batch
from paidthru.ledger.operations import JournalDraft, open_batch, write_journals
from paidthru.ledger.rules.postings import AllocatedLine, Draft, apply_credit, reverse
from paidthru.payments.models import Allocation, Payment, Unapplication
from paidthru.payments.operations.money_in import Money, allot, place
from paidthru.payments.operations.refunds import Moment


def apply_by_hand(
    organization_id: UUID, party_id: UUID, currency: str, parts: Mapping[UUID, int], at: Moment
) -> tuple[list[UUID], list[int]]:
    """Pays invoices the parts (minor units) that were said for them, from the party's credit, oldest money first;
    returns the sources (memberships) that it paid for, and the payments' numbers.

    Refused `amount_invalid` (a part that is nothing or less), `credit_exceeded`, and as `place` with parts.
    """
    for part in parts.values():
        if part <= 0:
            raise Refused(
                "amount_invalid",
                "What is applied has to be more than nothing.",
                field="parts",
                value=plain(part, currency),
                fix="Enter how much of the credit pays the invoice, or leave it out.",
            )
    found = Payment.objects.select_for_update().filter(
        party_id=party_id, currency=currency, unallocated_minor__gt=0
    )
    with_credit = list(found.order_by("id"))
    there_minor, wanted_minor = sum(one.unallocated_minor for one in with_credit), sum(parts.values())
    if wanted_minor > there_minor:
        raise Refused(
            "credit_exceeded",
            f"There is {plain(there_minor, currency)} {currency} of credit; {plain(wanted_minor, currency)} would be"
            " applied.",
            field="parts",
            value=plain(wanted_minor, currency),
            fix="Apply at most the credit that is there.",
        )
    batch = open_batch(organization_id, "receipts", at.on, now=at.now)
    left, sources, used = dict(parts), set[UUID](), list[int]()
    for payment in with_credit:
        mine = _up_to(left, payment.unallocated_minor)
        if not mine:
            continue
        spent_minor = sum(mine.values())
        money = Money(
            party_id=party_id,
            amount_minor=spent_minor,
            currency=currency,
            means=payment.means,
            taken_at=at.now,
            received_on=at.on,
            parts=mine,
        )
        placed = place(organization_id, money)
        lines = allot(payment, placed, at.on)
        Payment.objects.filter(id=payment.id).update(unallocated_minor=F("unallocated_minor") - spent_minor)
        text = f"Credit of payment {payment.number} applied"
        _book(payment, batch, f"credit used {new_id()}", text, apply_credit(party_id, lines), at)
        sources |= set(placed.source_ids)
        used.append(payment.number)
        left = {id_: part - mine.get(id_, 0) for id_, part in left.items() if part > mine.get(id_, 0)}
    return sorted(sources), used


def _up_to(parts: Mapping[UUID, int], most_minor: int) -> dict[UUID, int]:
    """The first of the parts, as far as an amount (minor units) goes."""
    taken: dict[UUID, int] = {}
    for id_, part in parts.items():
        amount_minor = min(part, most_minor)
        if amount_minor > 0:
            taken[id_] = amount_minor
            most_minor -= amount_minor
    return taken


@dataclass(frozen=True, slots=True)
class Unapplied:
    """What was taken off invoices: the allocations with their parts (minor units), and the invoices' numbers."""

    parts: tuple[tuple[Allocation, int], ...]
    invoices: tuple[int | str, ...]

    @property
    def amount_minor(self) -> int:
        """Together, in minor units."""
        return sum(part for _, part in self.parts)


def unapply(payment: Payment, invoice_ids: Sequence[UUID] | None, *, made_by: str, at: Moment) -> Unapplied:
    """Takes what a held payment pays off its invoices, of all or those named: it is credit again, and they are owed.

    What was given back stays given back, and what is owed no more (written off, canceled) stays paid. Refused
    `nothing_applied`.
    """
    found = Allocation.objects.select_for_update(of=("self",)).filter(
        payment=payment, amount_minor__gt=F("reversed_minor") + F("refunded_minor")
    )
    if invoice_ids is not None:
        found = found.filter(invoice_id__in=invoice_ids)
    allocations = list(
        found.filter(receivable__state__in=["open", "settled"]).select_related("receivable").order_by("-id")
    )
    if not allocations:
        raise Refused(
            "nothing_applied",
            f"Payment {payment.number} pays nothing there that could be taken off again.",
            field="payment",
            value=payment.number,
            fix="Its record shows what it pays. What was written off or canceled stays paid.",
        )
    left = {one: one.amount_minor - one.reversed_minor - one.refunded_minor for one in allocations}
    owed: dict[UUID, int] = {}
    for one, part in left.items():
        owed[one.receivable_id] = owed.get(one.receivable_id, 0) + part
    asked_on = {one.receivable_id: one.invoice_id for one in reversed(allocations)}
    homes = raise_balances(
        owed,
        asked_on,
        batch=lambda: open_batch(payment.organization_id, "receipts", at.on, now=at.now).id,
        on=at.on,
    )
    batch = open_batch(payment.organization_id, "receipts", at.on, now=at.now)
    total_minor = sum(left.values())
    Unapplication.objects.bulk_create(
        Unapplication(
            organization_id=payment.organization_id,
            allocation_id=one.id,
            batch_id=batch.id,
            amount_minor=part,
            occurred_on=at.on,
            made_by=made_by[:200],
        )
        for one, part in left.items()
    )
    for one, part in left.items():
        Allocation.objects.filter(id=one.id).update(reversed_minor=F("reversed_minor") + part)
    Payment.objects.filter(id=payment.id).update(unallocated_minor=F("unallocated_minor") + total_minor)
    payment.unallocated_minor += total_minor
    lines = [_line(payment, one, part, homes[one.receivable_id]) for one, part in left.items()]
    text = f"Payment {payment.number} taken off its invoices"
    entries = reverse(apply_credit(payment.party_id, lines))
    _book(payment, batch, f"unapplied {new_id()}", text, entries, at)
    numbers = Invoice.objects.filter(id__in=set(homes.values())).order_by("number")
    return Unapplied(tuple(left.items()), tuple(names_of(numbers)))


def _line(payment: Payment, one: Allocation, amount_minor: int, invoice_id: UUID) -> AllocatedLine:
    owed = one.receivable
    return AllocatedLine(
        payment.party_id,
        invoice_id,
        owed.id,
        "cash" if owed.basis == "cash" else "accrual",
        owed.income_code,
        amount_minor,
        owed.voluntary,
        amount_minor if owed.tax_of_id else 0,
    )


def _book(
    payment: Payment, batch: Batch, event: str, text: str, entries: tuple[Draft, ...], at: Moment
) -> None:
    draft = JournalDraft("payment", payment.id, event, at.on, text, entries)
    write_journals(payment.organization_id, batch.id, payment.currency, [draft], now=at.now)
