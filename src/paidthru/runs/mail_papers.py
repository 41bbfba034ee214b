"""What goes with a mail: the invoice, the notice, the receipt or the tax receipt that it tells of, drawn when sent."""

from uuid import UUID

from paidthru.documents.queries import (
    Document,
    given_year_document,
    invoice_document,
    notice_document,
    receipt_document,
    tax_receipt_document,
)
from paidthru.giving.models import TaxReceipt
from paidthru.giving.queries import receipts_in
from paidthru.invoicing.models import Invoice
from paidthru.notices.rules.catalogue import Attachment
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Payment
from paidthru.runs.desk import Desk
from paidthru.timeline.models import Message

MOST = 5_000_000  # bytes: mail servers take 10 MB as a rule, and a mail carries files as four thirds of them
_TAX, _YEAR = "tax_receipt", "given_year"  # their mails are nothing without them
_WANTED = {
    "invoice": "invoice",
    "renewal_notice": "invoice",
    "receipt": "receipt",
    _TAX: "both",
    _YEAR: "both",
}


def papers(desk: Desk, message: Message) -> tuple[tuple[Attachment, ...], str]:
    """What is attached to a mail by `mail.attach` (tax receipts always are), and why nothing is where it should be.
    Called with no transaction open. A document that can't be drawn, or is too large, never holds its mail up."""
    wanted = _WANTED.get(message.kind)
    if wanted is None or desk.printer is None or "test" in message.facts:
        return (), ""
    if message.kind not in (_TAX, _YEAR) and policies_of(desk.organization).word("mail.attach") not in (
        wanted,
        "both",
    ):
        return (), ""
    try:
        document = _document(desk, message)
        if document is None:
            return (), ""
        drawn = desk.printer().pdf(document.sheet, electronic=document.electronic)
    except Exception as failed:  # noqa: BLE001 - whatever a printer fails of, the mail matters more
        return (), f"Sent without its PDF: {failed}"[:300]
    if len(drawn) > MOST:
        return (), f"Sent without its PDF, which is too large: {len(drawn)} bytes, where {MOST} may be."
    return (Attachment(document.file_name, drawn),), ""


def _document(desk: Desk, message: Message) -> Document | None:
    organization, facts = desk.organization, message.facts
    if message.kind == "receipt":
        payments = Payment.objects.filter(organization=organization, party_id=message.party_id or UUID(int=0))
        payment = payments.select_related("party", "attempt__method").filter(number=facts["payment"]).first()
        return receipt_document(organization, payment) if payment else None
    if message.kind == _TAX:
        known = TaxReceipt.objects.filter(organization=organization, party_id=message.party_id or UUID(int=0))
        one = known.select_related("party", "replaces").filter(number=facts["number"]).first()
        return tax_receipt_document(organization, one) if one else None
    if message.kind == _YEAR:
        return _year(desk, message)
    invoices = Invoice.objects.filter(organization=organization).select_related("party")
    if message.kind == "renewal_notice":
        invoice = invoices.filter(number=facts["invoice"]).first()
        return notice_document(organization, invoice) if invoice else None
    invoice = invoices.filter(id=UUID(facts["pays"])).first() if "pays" in facts else None
    return invoice_document(organization, invoice) if invoice else None


def _year(desk: Desk, message: Message) -> Document | None:
    """The statement of a year, as it stands when it is sent."""
    organization, year = desk.organization, int(message.facts["year"])
    found = list(receipts_in(organization.id, year, message.party_id))
    if not found:
        return None
    party, now = found[0].party, desk.clock.now()
    return given_year_document(organization, party, year, found, today=desk.today, now=now)
