"""Invoices that staff write: kept as a draft, and issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations.issuing import Header, InvoiceDraft, Item, LineDraft, issue_invoices
from paidthru.invoicing.operations.numbering import take_invoice_numbers
from paidthru.invoicing.operations.taxing import with_tax
from paidthru.invoicing.queries import rates_of
from paidthru.invoicing.rules.tax import Rounding, rate_on
from paidthru.invoicing.rules.totals import total
from paidthru.invoicing.rules.writing import WrittenLine, restored, stored
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.ledger.rules.postings import Basis, basis_of
from paidthru.organizations.rules.policies import Policies
from paidthru.people.models import Party
from paidthru.timeline.operations import Happening

KIND = "invoice"


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice to be written: whom it is for, its lines, and the local dates on which it is billed and due.

    `recurring` and `recurrence` say of which recurring invoice it is, and the how manieth (from 0).
    """

    party: Party
    currency: str
    lines: Sequence[WrittenLine]
    bill_on: date
    due_on: date
    recurring_id: UUID | None = None
    recurrence: int | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """How what is billed is booked and taxed."""

    basis: Basis
    rounding: Rounding


def books_of(policies: Policies) -> Books:
    """As the organization decided."""
    return Books(
        basis_of(policies),
        "per_invoice" if policies.word("tax.rounding") == "per_invoice" else "per_line",
    )


def paper_of(draft: Invoice, *, bill_on: date) -> Paper:
    """What a draft says, to be billed on a local date: due as many days later as it was to be."""
    days = (draft.due_on - draft.bill_on).days
    return Paper(
        draft.party,
        draft.currency,
        restored(draft.written or ()),
        bill_on,
        bill_on + timedelta(days=days),
        draft.recurring_id,
        draft.recurrence,
    )


def locked_draft(organization_id: UUID, invoice_id: UUID) -> Invoice:
    """A draft, locked. Refused `invoice_unknown`, `invoice_not_draft`."""
    held = Invoice.objects.select_for_update(of=("self",)).select_related("party")
    mine = held.filter(id=invoice_id, organization_id=organization_id)
    # Issued while this waited for it, it is another row under the same id: it is looked up once more.
    invoice = mine.first() or mine.first()
    if invoice is None:
        raise Refused(
            "invoice_unknown", "There is no such invoice.", field="invoice", fix="Look it up again."
        )
    if invoice.state != "draft":
        raise Refused(
            "invoice_not_draft",
            f"Invoice {invoice.label} is issued and can't be changed."
            if invoice.number
            else "It is discarded.",
            field="invoice",
            value=invoice.named,
            fix="Credit it, or void it and write another one.",
        )
    return invoice


def drafted(invoice: Invoice) -> Happening:
    """That a draft is there."""
    facts = {"amount": plain(invoice.total_minor, invoice.currency), "currency": invoice.currency}
    return Happening("invoice_drafted", "invoice", invoice.id, invoice.party_id, facts=facts)


def issued(invoice: Invoice, why: str = "") -> Happening:
    """That an invoice is issued."""
    facts = {
        "invoice": invoice.named,
        "amount": plain(invoice.total_minor, invoice.currency),
        "currency": invoice.currency,
    }
    return Happening("invoice_issued", "invoice", invoice.id, invoice.party_id, why, facts)


def items_of(organization_id: UUID, paper: Paper, books: Books) -> tuple[Item, ...]:
    """What the invoice would ask for: each line, and its tax at the rate of the bill date. Who is exempt pays no tax on
    top, and the whole of a price that would have had it inside. Refused `tax_unknown` (with the row), `amount_invalid`.
    """
    rates = rates_of(organization_id)
    items = []
    for row, line in enumerate(paper.lines, start=1):
        rate = None
        if line.tax:
            if line.tax not in rates:
                raise Refused(
                    "tax_unknown",
                    f"There is no tax named {line.tax}.",
                    field="tax",
                    row=row,
                    value=line.tax,
                    fix="Choose one of the taxes in the settings, or add it there.",
                )
            rate = rate_on(rates[line.tax], paper.bill_on)
        items.append((_item(line, paper), None if paper.party.tax_exempt else rate))
    found = with_tax(items, paper.currency, books.rounding)
    total(item.amount_minor for item in found)
    return found


def _item(line: WrittenLine, paper: Paper) -> Item:
    amount = plain(line.amount_minor, paper.currency)
    each = plain(line.unit_amount_minor, paper.currency)
    return Item(
        fee_id=new_id(),
        period_start=paper.bill_on,
        period_end=paper.bill_on + timedelta(days=1),
        description=line.description,
        quantity=line.quantity,
        unit_amount_minor=line.unit_amount_minor,
        amount_minor=line.amount_minor,
        derivation={
            "rule": "entered",
            "text": f"{line.quantity} × {each} = {amount} {paper.currency}, entered by staff.",
        },
        is_primary=True,
        voluntary=False,
        income_code=line.income_code,
        fund=line.fund,
    )


def keep_draft(
    organization_id: UUID, paper: Paper, books: Books, *, send_on: date | None, now: datetime
) -> Invoice:
    """Writes a draft: nothing is owed, booked or numbered. Refused as `items_of`."""
    return Invoice.objects.create(
        organization_id=organization_id,
        party=paper.party,
        currency=paper.currency,
        total_minor=total(item.amount_minor for item in items_of(organization_id, paper, books)),
        balance_minor=0,
        state="draft",
        kind=KIND,
        bill_on=paper.bill_on,
        due_on=paper.due_on,
        written=stored(paper.lines),
        drafted_at=now,
        send_on=send_on,
        recurring_id=paper.recurring_id,
        recurrence=paper.recurrence,
    )


def issue_paper(
    organization_id: UUID, paper: Paper, books: Books, *, now: datetime, draft: Invoice | None = None
) -> Invoice:
    """Issues an invoice that was written, under the next number; a locked draft keeps its id. Refused as `items_of`.

    Invoices are numbered here and the series stays locked until the transaction ends.
    """
    items = items_of(organization_id, paper, books)
    batch = open_batch(organization_id, "invoices", paper.bill_on, now=now)
    number = take_invoice_numbers(organization_id, 1, paper.bill_on)
    invoice_id = draft.id if draft is not None else new_id()
    if draft is not None:
        draft.delete()
    source: dict[UUID, UUID] = {item.fee_id: item.fee_id for item in items}
    source |= {item.fee_id: item.tax_of for item in items if item.tax_of is not None}
    issue_invoices(
        organization_id,
        batch.id,
        paper.currency,
        [
            InvoiceDraft(
                number,
                paper.party.id,
                Header(KIND, KIND, paper.bill_on, paper.due_on, books.basis, deferred=False),
                paper.lines[0].description,
                # A line is its own source and fee: it is owed once.
                [LineDraft(source[item.fee_id], item, new_id()) for item in items],
                invoice_id,
            )
        ],
        now=now,
    )
    Invoice.objects.filter(id=invoice_id).update(
        drafted_at=draft.drafted_at if draft is not None else None,
        recurring_id=paper.recurring_id,
        recurrence=paper.recurrence,
    )
    return Invoice.objects.get(id=invoice_id)
