"""A member's own documents behind their secret link, as PDF: nobody else's, whatever address is tried."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from paidthru.documents.queries import (
    Document,
    given_year_document,
    invoice_document,
    receipt_document,
    tax_receipt_document,
)
from paidthru.faces.portal.languages import locale_at
from paidthru.faces.portal.pages import Page, Way
from paidthru.faces.portal.showing import home_of, show
from paidthru.faces.portal.views import with_link
from paidthru.giving.models import TaxReceipt
from paidthru.giving.queries import receipts_in, receipts_of
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import invoices_of
from paidthru.kernel.formats import day_text, money_text
from paidthru.kernel.money import Money
from paidthru.payments.models import MemberLink, Payment
from paidthru.wiring import desk_for, printer

_MOST = 24  # of each; older ones are asked for at the organization


@require_safe
@with_link
def documents_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """The member's invoices, receipts and tax receipts, the newest first, and what they gave by year."""
    if link.attempt_id is not None:  # it is for confirming one payment only
        return redirect(home_of(request))
    home, locale = home_of(request), locale_at(link.organization)
    dated = [
        (
            one.bill_on,
            one.number or 0,
            one.label,
            "invoice",
            _("Invoice"),
            one.total_minor,
            one.currency,
            one.id,
        )
        for one in invoices_of(link.party_id)[:_MOST]
    ]
    dated += [
        (
            one.received_on,
            one.number,
            str(one.number),
            "receipt",
            _("Receipt"),
            one.amount_minor,
            one.currency,
            one.id,
        )
        for one in Payment.objects.filter(party_id=link.party_id).order_by("-number")[:_MOST]
    ]
    given = receipts_of(link.party_id)
    dated += [
        (
            one.given_on,
            one.number,
            str(one.number),
            "tax-receipt",
            _("Tax receipt"),
            one.amount_minor,
            one.currency,
            one.id,
        )
        for one in given[:_MOST]
    ]
    ways = [
        Way(
            f"{name} {label}, {day_text(on, locale)}, {money_text(Money(amount, currency), locale)}",
            f"{home}invoices/{id_}/" if kind == "invoice" else f"{home}documents/{kind}/{id_}/",
        )
        for on, __, label, kind, name, amount, currency, id_ in sorted(dated, reverse=True)
    ]
    years = sorted({one.given_on.year for one in given}, reverse=True)
    ways += [
        Way(_("What I gave in {year}").format(year=year), f"{home}documents/given/{year}/") for year in years
    ]
    text = _("Receipts open as PDF.") if ways else _("There are no invoices and no receipts yet.")
    page = Page(_("Invoices and receipts"), text, ways=(*ways, Way(_("Back"), f"{home}membership/")))
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


def tax_receipt(request: HttpRequest, token: str, receipt_id: UUID) -> HttpResponseBase:
    """One of the member's tax receipts; a void one says so."""

    @require_safe
    @with_link
    def look(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
        found = TaxReceipt.objects.filter(organization=link.organization, party_id=link.party_id)
        own = get_object_or_404(found.select_related("party", "replaces"), id=receipt_id)
        return _as_pdf(link, tax_receipt_document(link.organization, own))

    return look(request, token)


def given_year(request: HttpRequest, token: str, year: int) -> HttpResponseBase:
    """What the member gave in a calendar year."""

    @require_safe
    @with_link
    def look(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
        known = 1 <= year <= 9999
        found = list(receipts_in(link.organization_id, year, link.party_id)) if known else []
        if not found:
            raise Http404
        desk = desk_for(link.organization)
        document = given_year_document(
            link.organization, link.party, year, found, today=desk.today, now=desk.clock.now()
        )
        return _as_pdf(link, document)

    return look(request, token)


def _as_pdf(link: MemberLink, document: Document) -> HttpResponse:
    if link.attempt_id is not None:
        raise Http404
    content = printer().pdf(document.sheet, electronic=document.electronic)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{document.file_name}"'
    return response
