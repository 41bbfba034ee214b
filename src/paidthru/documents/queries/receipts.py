"""The receipt of a payment."""

from paidthru.documents.queries.invoices import Document
from paidthru.documents.queries.issuer import kept_with, start_of
from paidthru.documents.rules.accounts import receipt_sheet
from paidthru.documents.rules.facts import ReceiptFacts, UsedFacts
from paidthru.organizations.models import Organization
from paidthru.payments.models import Payment


def receipt_document(organization: Organization, payment: Payment) -> Document:
    """A payment's receipt: what came and what it paid when it came. What was given back since stands elsewhere."""
    issuer, payer, kept = kept_with(organization, payment.id, payment.party)
    method = payment.attempt.method if payment.attempt else None
    parts = kept.get("parts", [])
    facts = ReceiptFacts(
        number=payment.number,
        currency=payment.currency,
        received_on=payment.received_on,
        amount_minor=payment.amount_minor,
        means=payment.means,
        method=f"{method.brand} •••• {method.last4}" if method else "",
        parts=tuple(UsedFacts(one["invoice"], one["text"] or "", one["amount_minor"]) for one in parts),
        parts_known="parts" in kept,
        issued_at=start_of(payment.received_on, issuer.zone),
    )
    return Document(f"receipt-{payment.number}.pdf", receipt_sheet(facts, issuer, payer))
