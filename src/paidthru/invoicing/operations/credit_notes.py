"""A credit note is issued: it takes back what is still open of an invoice; documents never change."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Sum

from paidthru.invoicing.models import CreditNote, CreditNoteLine, Invoice, Receivable
from paidthru.invoicing.operations.balances import lower_balances
from paidthru.invoicing.operations.crediting import take_back
from paidthru.invoicing.operations.freezing import keep_issued
from paidthru.invoicing.rules.states import DOCUMENT
from paidthru.kernel.ids import new_id
from paidthru.ledger.operations import open_batch
from paidthru.ledger.rules.credits import ADJUSTMENTS
from paidthru.organizations.operations import take_numbers
from paidthru.timeline.operations import Actor


def credit_open(
    invoice: Invoice,
    receivables: Sequence[Receivable],
    parts: Mapping[UUID, int],
    *,
    reason: str,
    actor: Actor,
    on: date,
    now: datetime,
) -> CreditNote:
    """Takes back parts (minor units, by receivable) of what a locked invoice that is sent still asks for. Credited in
    full, by one note or by several, it is closed. What is credited counts as settled; the caller moves the
    memberships' dates."""
    batch = open_batch(invoice.organization_id, "adjustments", on, now=now)
    note = write_note(invoice, parts, batch_id=batch.id, reason=reason, actor=actor, on=on)
    take_back(
        invoice,
        {one: parts[one.id] for one in receivables if one.id in parts},
        batch_id=batch.id,
        account=ADJUSTMENTS,
        source=("credit note", note.id, "issued"),
        text=f"Credit note {note.number} for invoice {invoice.label}",
        on=on,
        now=now,
    )
    lower_balances(parts, [invoice.id])
    notes = CreditNote.objects.filter(invoice=invoice)
    if notes.aggregate(credited=Sum("amount_minor"))["credited"] == invoice.total_minor:
        Invoice.objects.filter(id=invoice.id).update(state=DOCUMENT.next("sent", "close"))
    return note


def write_note(
    invoice: Invoice, parts: Mapping[UUID, int], *, batch_id: UUID, reason: str, actor: Actor, on: date
) -> CreditNote:
    """Writes the credit note itself with its lines (minor units, by receivable); nothing is booked here."""
    note = CreditNote.objects.create(
        organization_id=invoice.organization_id,
        number=take_numbers(invoice.organization_id, "credit note"),
        invoice=invoice,
        party_id=invoice.party_id,
        batch_id=batch_id,
        currency=invoice.currency,
        amount_minor=sum(parts.values()),
        issued_on=on,
        reason=reason[:300],
        issued_by=actor.name,
    )
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(
            id=new_id(),
            organization_id=invoice.organization_id,
            credit_note=note,
            receivable_id=id_,
            amount_minor=part,
        )
        for id_, part in parts.items()
    )
    keep_issued("credit note", [note.id])
    return note
