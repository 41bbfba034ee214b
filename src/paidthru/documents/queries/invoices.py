"""Invoice, credit note and renewal notice with their facts out of the books."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from paidthru.documents.queries.issuer import kept_with, present_issuer, present_payer, start_of
from paidthru.documents.rules.billing import credit_note_sheet, invoice_sheet, notice_sheet
from paidthru.documents.rules.electronic import ElectronicInvoice, electronic
from paidthru.documents.rules.facts import CreditNoteFacts, InvoiceFacts, LineFacts, NoticeFacts, TaxRate
from paidthru.documents.rules.sheets import Sheet
from paidthru.invoicing.models import CreditNote, CreditNoteLine, Invoice, Line
from paidthru.invoicing.operations.writing import books_of, items_of, paper_of
from paidthru.invoicing.queries import lines_of
from paidthru.kernel.periods import Period
from paidthru.membership.queries.renewal_notices import renewal_notices
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of


@dataclass(frozen=True, slots=True)
class Document:
    """A sheet ready to be drawn, under a file name, with the invoice as data where the organization wants it."""

    file_name: str
    sheet: Sheet
    electronic: ElectronicInvoice | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A line before its tax is put beside it: of which receivable (or fee), and of which it is the tax."""

    id: UUID
    tax_of: UUID | None
    facts: LineFacts
    tax: TaxRate | None = None


def invoice_document(organization: Organization, invoice: Invoice) -> Document:
    """An invoice as it was issued, or a draft as it would be."""
    if invoice.number is None:
        return _draft(organization, invoice)
    issuer, payer, _ = kept_with(organization, invoice.id, invoice.party)
    lines = lines_of(invoice.id)
    instead_of = next((_inputs(line).get("instead_of") for line in lines), None)
    facts = InvoiceFacts(
        number=invoice.label,
        currency=invoice.currency,
        billed_on=invoice.bill_on,
        due_on=invoice.due_on,
        lines=_paired(_part(line) for line in lines),
        total_minor=invoice.total_minor,
        issued_at=start_of(invoice.bill_on, issuer.zone),
        follows=str(instead_of) if instead_of else None,
    )
    return Document(
        f"invoice-{invoice.label}.pdf",
        invoice_sheet(facts, issuer, payer),
        electronic(facts, issuer, payer) if issuer.electronic else None,
    )


def credit_note_document(organization: Organization, note: CreditNote) -> Document:
    """A credit note, each line with the text that its invoice gave it."""
    issuer, payer, _ = kept_with(organization, note.id, note.party)
    billed = {line.receivable_id: line for line in lines_of(note.invoice_id)}
    parts = []
    found = CreditNoteLine.objects.filter(credit_note=note).select_related("receivable")
    place = {id_: at for at, id_ in enumerate(billed)}
    for part in sorted(found, key=lambda one: (place.get(one.receivable_id, len(place)), str(one.id))):
        line = billed.get(part.receivable_id)
        text, period = _worded(line) if line else (f"Invoice {note.invoice.label}", None)
        facts = LineFacts(
            text, 1, part.amount_minor, part.amount_minor, part.receivable.voluntary, period=period
        )
        tax = _rate(line) if line and part.receivable.tax_of_id else None
        parts.append(_Part(part.receivable_id, part.receivable.tax_of_id, facts, tax))
    facts_of_note = CreditNoteFacts(
        number=note.number,
        currency=note.currency,
        issued_on=note.issued_on,
        invoice=note.invoice.label,
        invoice_on=note.invoice.bill_on,
        reason=note.reason,
        lines=_paired(parts, units_with_tax=True),
        total_minor=note.amount_minor,
        issued_at=start_of(note.issued_on, issuer.zone),
    )
    return Document(
        f"credit-note-{note.number}.pdf",
        credit_note_sheet(facts_of_note, issuer, payer),
        electronic(facts_of_note, issuer, payer) if issuer.electronic else None,
    )


def notice_document(organization: Organization, invoice: Invoice) -> Document:
    """The renewal notice of an invoice: as it stands now, for it is a reminder and no issued document (G-43, G-45)."""
    issuer, payer, _ = kept_with(organization, invoice.id, invoice.party)
    notice = renewal_notices([invoice], policies_of(organization))[0]
    facts = NoticeFacts(
        invoice=notice.invoice,
        currency=notice.currency,
        lines=_paired(_part(line) for line in lines_of(invoice.id)),
        total_minor=notice.total_minor,
        credit_minor=notice.credit_minor if notice.shows_credit else 0,
        open_minor=notice.open_minor,
        due_on=notice.due_on,
        made_at=start_of(invoice.bill_on, issuer.zone),
    )
    return Document(f"renewal-notice-{invoice.label}.pdf", notice_sheet(facts, issuer, payer))


def _draft(organization: Organization, invoice: Invoice) -> Document:
    issuer, payer = present_issuer(organization), present_payer(invoice.party)
    items = []
    if invoice.state == "draft":
        policies = policies_of(organization).within(customer=invoice.party_id)
        paper = paper_of(invoice, bill_on=invoice.bill_on)
        items = list(items_of(organization.id, paper, books_of(policies)))
    parts = [
        _Part(
            item.fee_id,
            item.tax_of,
            LineFacts(item.description, item.quantity, item.unit_amount_minor, item.amount_minor),
            _rate_in(item.derivation.get("inputs", {})) if item.tax_of else None,
        )
        for item in items
    ]
    facts = InvoiceFacts(
        number=None,
        currency=invoice.currency,
        billed_on=invoice.bill_on,
        due_on=invoice.due_on,
        lines=_paired(parts),
        total_minor=sum(item.amount_minor for item in items),
        issued_at=start_of(invoice.bill_on, issuer.zone),
    )
    return Document("draft.pdf", invoice_sheet(facts, issuer, payer))


def _worded(line: Line) -> tuple[str, Period | None]:
    """A line's text; one that bills a term ends with its dates, which are shown in the reader's way instead."""
    receivable = line.receivable
    period = Period(receivable.period_start, receivable.period_end)
    text = line.description.removesuffix(f", {period.start} to {period.through}")
    return text, period if text != line.description else None


def _part(line: Line) -> _Part:
    text, period = _worded(line)
    facts = LineFacts(
        text,
        line.quantity,
        line.unit_amount_minor,
        line.amount_minor,
        line.receivable.voluntary,
        period=period,
    )
    tax_of = line.receivable.tax_of_id
    return _Part(line.receivable_id, tax_of, facts, _rate(line) if tax_of else None)


def _paired(parts: Iterable[_Part], *, units_with_tax: bool = False) -> tuple[LineFacts, ...]:
    """Lines with their tax beside them. A tax whose own line isn't there (credited alone, say) is a line itself."""
    known = list(parts)
    taxes = {part.tax_of: part for part in known if part.tax_of and part.tax}
    bases = {part.id for part in known if not part.tax_of}
    found = []
    for part in known:
        facts, tax = part.facts, taxes.get(part.id)
        if part.tax_of and part.tax and part.tax_of in bases:
            continue
        if tax is None or tax.tax is None:
            found.append(facts)
            continue
        inside = units_with_tax and tax.tax.inclusive
        found.append(
            LineFacts(
                facts.text,
                facts.quantity,
                facts.unit_amount_minor + (tax.facts.amount_minor if inside else 0),
                facts.amount_minor,
                facts.voluntary,
                tax.tax,
                tax.facts.amount_minor,
                facts.period,
            )
        )
    return tuple(found)


def _inputs(line: Line) -> dict[str, object]:
    inputs = line.derivation.get("inputs") if isinstance(line.derivation, dict) else None
    return inputs if isinstance(inputs, dict) else {}


def _rate(line: Line) -> TaxRate | None:
    return _rate_in(_inputs(line))


def _rate_in(inputs: dict[str, object]) -> TaxRate | None:
    name, ppm = inputs.get("tax"), inputs.get("rate_ppm")
    if not isinstance(name, str) or not isinstance(ppm, int):
        return None
    return TaxRate(name, ppm, bool(inputs.get("inclusive")))
