"""Questions to the invoicing room."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from paidthru.invoicing.models import CreditNote, Invoice, Line, Receivable


def invoice_numbered(organization_id: UUID, number: int) -> Invoice | None:
    """The invoice of that number."""
    return Invoice.objects.filter(organization_id=organization_id, number=number).first()


def owed_by(party_id: UUID) -> dict[str, int]:
    """What a party owes by currency, in minor units: open receivables on live invoices. A voluntary line is asked
    for and not owed (G-44)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.currency, sum(r.balance_minor) FROM invoicing_invoice i
               JOIN invoicing_line l ON l.invoice_id = i.id JOIN invoicing_receivable r ON r.id = l.receivable_id
               WHERE i.party_id = %s AND i.state = 'sent' AND r.state = 'open' AND NOT r.voluntary GROUP BY 1""",
            [party_id],
        )
        return {currency: int(amount) for currency, amount in cursor.fetchall()}


def owed_on(invoice_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What is owed on invoices, in minor units: their balances without the voluntary lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.invoice_id, sum(r.balance_minor) FROM invoicing_line l
               JOIN invoicing_receivable r ON r.id = l.receivable_id
               WHERE l.invoice_id = ANY(%s) AND r.state = 'open' AND NOT r.voluntary GROUP BY 1""",
            [list(invoice_ids)],
        )
        return {invoice_id: int(amount) for invoice_id, amount in cursor.fetchall()}


def oldest_open_invoice(party_id: UUID, *, kind: str = "membership") -> Invoice | None:
    """The sent invoice with a balance that is due first."""
    return (
        Invoice.objects.filter(party_id=party_id, kind=kind, state="sent", balance_minor__gt=0)
        .order_by("due_on", "number")
        .first()
    )


def invoices_of(party_id: UUID) -> QuerySet[Invoice]:
    """A party's invoices, newest number first."""
    return Invoice.objects.filter(party_id=party_id, number__isnull=False).order_by("-number")


def lines_of(invoice_id: UUID) -> list[Line]:
    """An invoice's lines in their order, each with its receivable."""
    return list(
        Line.objects.filter(invoice_id=invoice_id).select_related("receivable").order_by("position", "id")
    )


def invoices_of_terms(membership_ids: Sequence[UUID]) -> dict[tuple[UUID, date], Invoice]:
    """The latest invoice that bills each term, by membership and the term's first day."""
    found: dict[tuple[UUID, date], Invoice] = {}
    lines = Line.objects.filter(receivable__source_id__in=membership_ids, receivable__is_primary=True)
    lines = lines.exclude(receivable__state="canceled")  # also because the index of sources leaves these out
    for line in lines.select_related("receivable", "invoice").order_by("invoice__number"):
        found[line.receivable.source_id, line.receivable.period_start] = line.invoice
    return found


def overdue_of(party_id: UUID, on: date) -> int:
    """How many of a party's invoices are overdue on a local date (A-18)."""
    return Invoice.objects.filter(party_id=party_id, state="sent", balance_minor__gt=0, due_on__lt=on).count()


def open_on(invoice_id: UUID) -> list[Receivable]:
    """The receivables that an invoice asks for and that are still open, locked, in their order."""
    found = Receivable.objects.select_for_update(of=("self",)).filter(
        lines__invoice=invoice_id, state="open", balance_minor__gt=0
    )
    return list(found.order_by("id"))


def credit_notes_of(invoice_id: UUID) -> list[CreditNote]:
    """The credit notes of an invoice, oldest first."""
    return list(CreditNote.objects.filter(invoice_id=invoice_id).order_by("number"))
