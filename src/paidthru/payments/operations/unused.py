"""What was paid for and is not used becomes credit: a credit note on what is paid, and the money is free again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.db.models import F

from paidthru.invoicing.models import Invoice, Receivable
from paidthru.invoicing.operations.credit_notes import write_note
from paidthru.ledger.operations import JournalDraft, cancel_deferred, write_journals
from paidthru.ledger.rules.credits import CreditedLine, credit_given
from paidthru.ledger.rules.postings import Basis
from paidthru.payments.models import Allocation, Payment
from paidthru.timeline.operations import Actor

_GONE = ("disputed", "returned", "reversed")


@dataclass(frozen=True, slots=True)
class _Part:
    """A part (minor units) of what a payment paid."""

    allocation: Allocation
    amount_minor: int


def credit_unused(
    organization_id: UUID,
    wanted: Mapping[Receivable, int],
    *,
    batch_id: UUID,
    reason: str,
    actor: Actor,
    on: date,
    now: datetime,
) -> int:
    """Turns parts (minor units) of what was paid for receivables of one party into its credit, and returns how much:
    never more than money that is really there, not what was given back, and not what is disputed or was taken back.

    Each invoice gets a credit note; what is not earned yet leaves Deferred, the rest the income that it was booked to.
    """
    parts: list[_Part] = []
    for receivable, amount in wanted.items():
        left = amount
        for one in _allocations(receivable.id):
            taken = min(left, _stands(one))
            if taken > 0:
                parts.append(_Part(one, taken))
                left -= taken
    by_id = {one.id: one for one in wanted}
    for part in parts:
        _free(part)
        Payment.objects.filter(id=part.allocation.payment_id).update(
            unallocated_minor=F("unallocated_minor") + part.amount_minor
        )
    for invoice_id in sorted({part.allocation.invoice_id for part in parts}):
        mine: dict[UUID, int] = {}
        for part in parts:
            if part.allocation.invoice_id == invoice_id:
                id_ = part.allocation.receivable_id
                mine[id_] = mine.get(id_, 0) + part.amount_minor
        invoice = Invoice.objects.select_for_update().get(id=invoice_id)
        _book(
            organization_id,
            invoice,
            {by_id[id_]: amount for id_, amount in mine.items()},
            batch_id=batch_id,
            reason=reason,
            actor=actor,
            on=on,
            now=now,
        )
    return sum(part.amount_minor for part in parts)


def paid_for(receivable_id: UUID) -> int:
    """What was paid for a receivable, in minor units, of which nothing was taken or given back; its payments locked."""
    return sum(max(0, _stands(one)) for one in _allocations(receivable_id))


def _stands(one: Allocation) -> int:
    return one.amount_minor - one.reversed_minor - one.refunded_minor


def _free(part: _Part) -> None:
    """The money no longer pays what it paid: the credit note says so, and what stood there before."""
    mine = Allocation.objects.filter(id=part.allocation.id)
    if part.amount_minor == part.allocation.amount_minor:
        mine.delete()
    else:
        mine.update(amount_minor=F("amount_minor") - part.amount_minor)


def _allocations(receivable_id: UUID) -> list[Allocation]:
    """What paid a receivable and stands, newest first, locked."""
    found = Allocation.objects.select_for_update(of=("self", "payment")).select_related("payment")
    standing = found.filter(receivable_id=receivable_id).exclude(payment__state__in=_GONE)
    return list(standing.order_by("-id"))


def _book(
    organization_id: UUID,
    invoice: Invoice,
    parts: Mapping[Receivable, int],
    *,
    batch_id: UUID,
    reason: str,
    actor: Actor,
    on: date,
    now: datetime,
) -> None:
    unearned = cancel_deferred({one.id: amount for one, amount in parts.items() if one.deferred})
    note = write_note(
        invoice,
        {one.id: amount for one, amount in parts.items()},
        batch_id=batch_id,
        reason=reason,
        actor=actor,
        on=on,
    )
    lines = [
        CreditedLine(
            one.party_id,
            invoice.id,
            one.id,
            cast("Basis", one.basis),
            amount,
            one.income_code,
            one.voluntary,
            unearned.get(one.id, 0),
        )
        for one, amount in parts.items()
    ]
    draft = JournalDraft(
        "credit note",
        note.id,
        "issued",
        on,
        f"Credit note {note.number} for invoice {invoice.label}",
        credit_given(invoice.party_id, lines),
    )
    write_journals(organization_id, batch_id, invoice.currency, [draft], now=now)
