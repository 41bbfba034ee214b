"""Documents as PDF: invoice, credit note, receipt, statement, renewal notice, batch report. Looking changes nothing."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.documents.queries import (
    Document,
    batch_document,
    credit_note_document,
    invoice_document,
    notice_document,
    receipt_document,
    statement_document,
)
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.badges import BATCH_KINDS
from paidthru.faces.console.document_forms import PeriodForm
from paidthru.faces.console.listing import day_in
from paidthru.faces.console.pages import FormPage
from paidthru.faces.console.parts import Link
from paidthru.invoicing.models import CreditNote, Invoice
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch
from paidthru.payments.models import Payment
from paidthru.people.models import Party
from paidthru.wiring import printer


def as_pdf(document: Document) -> HttpResponse:
    """A document as the response to a request: shown in the browser, under its own name when it is kept."""
    response = HttpResponse(
        printer().pdf(document.sheet, electronic=document.electronic), content_type="application/pdf"
    )
    response.headers["Content-Disposition"] = f'inline; filename="{document.file_name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@staff_page("view")
def invoice(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """An invoice, or a draft as it would be."""
    found = get_object_or_404(
        Invoice.objects.select_related("party"), id=invoice_id, organization=visit.organization
    )
    return as_pdf(invoice_document(visit.organization, found))


@staff_page("view")
def notice(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """The renewal notice of a membership's invoice. Refused `not_a_renewal` for others."""
    found = get_object_or_404(
        Invoice.objects.select_related("party"), id=invoice_id, organization=visit.organization
    )
    if found.kind != "membership" or found.number is None:
        raise Refused(
            "not_a_renewal",
            "A renewal notice is about an invoice of a membership.",
            field="invoice",
            value=found.number,
            fix="Print the invoice itself.",
        )
    return as_pdf(notice_document(visit.organization, found))


@staff_page("view")
def credit_note(visit: Visit, note_id: UUID) -> HttpResponseBase:
    """A credit note."""
    notes = CreditNote.objects.select_related("party", "invoice")
    return as_pdf(
        credit_note_document(
            visit.organization, get_object_or_404(notes, id=note_id, organization=visit.organization)
        )
    )


@staff_page("view")
def receipt(visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """The receipt of a payment."""
    payments = Payment.objects.select_related("party", "attempt__method")
    return as_pdf(
        receipt_document(
            visit.organization, get_object_or_404(payments, id=payment_id, organization=visit.organization)
        )
    )


@staff_page("view")
def batch(visit: Visit, batch_id: UUID) -> HttpResponseBase:
    """A batch's report for paper (I-16)."""
    found = get_object_or_404(Batch, id=batch_id, organization=visit.organization)
    kind = BATCH_KINDS.get(found.kind, found.kind)
    return as_pdf(batch_document(visit.organization, found, kind=kind, now=visit.desk.clock.now()))


@staff_page("view")
def statement(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Asks for a statement's period; posted, it leads to the statement."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    today, here = visit.desk.today, member_url(visit, party.id)
    start = {"start": date(today.year, 1, 1), "through": today}
    form = PeriodForm(visit.request.POST if visit.request.method == "POST" else None, initial=start)
    if form.is_bound and form.is_valid():
        first, last = form.cleaned_data["start"], form.cleaned_data["through"]
        try:
            _statement(visit, party, first, last)
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(f"{here}statement/pdf/?from={first.isoformat()}&to={last.isoformat()}")
    return visit.page(
        FormPage(
            title="Statement of account",
            form=form,
            submit_label="Make the statement",
            cancel_url=here,
            intro=f"For {party.name}: what was billed and paid in that time, and what is open.",
            aside=("What is open by age is added where the statement reaches to today.",),
            crumbs=(Link(visit.words.titled("members"), visit.url("members/")), Link(party.name, here)),
        ),
        "members",
        422 if form.errors else 200,
    )


@staff_page("view")
def statement_pdf(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """A member's statement from a day through another; this year up to today where none are named."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    today = visit.desk.today
    first = day_in(visit.request, "from") or date(today.year, 1, 1)
    last = day_in(visit.request, "to") or today
    return as_pdf(_statement(visit, party, first, last))


def _statement(visit: Visit, party: Party, first: date, last: date) -> Document:
    desk = visit.desk
    return statement_document(
        visit.organization, party, start=first, through=last, today=desk.today, now=desk.clock.now()
    )
