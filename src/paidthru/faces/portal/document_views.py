"""A member's own invoices and receipts behind their secret link, as PDF: nobody else's, whatever address is tried."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from paidthru.documents.queries import Document, invoice_document, receipt_document
from paidthru.faces.portal.pages import Page, Way
from paidthru.faces.portal.showing import home_of, show
from paidthru.faces.portal.views import with_link
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import invoices_of
from paidthru.kernel.formats import day_text, money_text
from paidthru.kernel.money import Money
from paidthru.payments.models import MemberLink, Payment
from paidthru.wiring import printer

_MOST = 24  # of each; older ones are asked for at the organization


@require_safe
@with_link
def documents_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """The member's invoices and receipts, the newest first."""
    if link.attempt_id is not None:  # it is for confirming one payment only
        return redirect(home_of(request))
    home, locale = home_of(request), link.organization.locale
    dated = [
        (one.bill_on, one.number or 0, one.label, "invoice", "Invoice", one.total_minor, one.currency, one.id)
        for one in invoices_of(link.party_id)[:_MOST]
    ]
    dated += [
        (
            one.received_on,
            one.number,
            str(one.number),
            "receipt",
            "Receipt",
            one.amount_minor,
            one.currency,
            one.id,
        )
        for one in Payment.objects.filter(party_id=link.party_id).order_by("-number")[:_MOST]
    ]
    ways = [
        Way(
            f"{name} {label}, {day_text(on, locale)}, {money_text(Money(amount, currency), locale)}",
            f"{home}documents/{kind}/{id_}/",
        )
        for on, _, label, kind, name, amount, currency, id_ in sorted(dated, reverse=True)
    ]
    text = "Each opens as a PDF." if ways else "There are no invoices and no receipts yet."
    page = Page("Invoices and receipts", text, ways=(*ways, Way("Back", f"{home}membership/")))
    return show(request, page, link.organization)


def invoice(request: HttpRequest, token: str, invoice_id: UUID) -> HttpResponseBase:
    """One of the member's invoices."""

    @require_safe
    @with_link
    def look(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
        found = Invoice.objects.filter(
            organization=link.organization, party_id=link.party_id, number__isnull=False
        )
        own = get_object_or_404(found.select_related("party"), id=invoice_id)
        return _as_pdf(link, invoice_document(link.organization, own))

    return look(request, token)


def receipt(request: HttpRequest, token: str, payment_id: UUID) -> HttpResponseBase:
    """The receipt of one of the member's payments."""

    @require_safe
    @with_link
    def look(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
        found = Payment.objects.filter(organization=link.organization, party_id=link.party_id)
        own = get_object_or_404(found.select_related("party", "attempt__method"), id=payment_id)
        return _as_pdf(link, receipt_document(link.organization, own))

    return look(request, token)


def _as_pdf(link: MemberLink, document: Document) -> HttpResponse:
    if link.attempt_id is not None:
        raise Http404
    content = printer().pdf(document.sheet, electronic=document.electronic)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{document.file_name}"'
    return response
