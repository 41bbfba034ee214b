"""Questions to the invoicing room."""

from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Invoice


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
            [party_id])
        return {currency: int(amount) for currency, amount in cursor.fetchall()}


def oldest_open_invoice(party_id: UUID, *, kind: str = "membership") -> Invoice | None:
    """The sent invoice with a balance that is due first."""
    return (
        Invoice.objects.filter(party_id=party_id, kind=kind, state="sent", balance_minor__gt=0)
        .order_by("due_on", "number").first()
    )
