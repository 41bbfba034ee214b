"""Paying one invoice by its link, signed out (A-16, X26): what it asks for, and the way to the processor and back.

Looking changes nothing: acts are POSTs. What one visitor gave is shown at an address of its own, so that others who
have the link don't see it.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from paidthru import runs
from paidthru.faces.portal.card_trying import note_outcome, tried_too_many
from paidthru.faces.portal.guessing import note_wrong, turned_away
from paidthru.faces.portal.invoice_page import invoice_page, visit_page
from paidthru.faces.portal.languages import speak
from paidthru.faces.portal.pages import Page
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.showing import away, home_of, show
from paidthru.invoicing.models import PayLink
from paidthru.invoicing.queries import pay_link_by
from paidthru.kernel.errors import Refused
from paidthru.payments.models import PaymentMethod
from paidthru.payments.queries.visitors import attempt_with
from paidthru.runs.paying import begin_visit, come_back, given, pay_as_visitor
from paidthru.wiring import desk_for

View = Callable[[HttpRequest, PayLink], HttpResponseBase]
Visit = Callable[[HttpRequest, PayLink, UUID, PaymentMethod], HttpResponseBase]


def with_pay_link(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hands a view the link of the token; one that was altered, never was or is revoked gets a page for that (404)."""

    @wraps(view)
    @never_cache
    def look(request: HttpRequest, token: str, **about: UUID) -> HttpResponseBase:
        too_many = turned_away(request)
        if too_many is not None:
            return too_many
        link = pay_link_by(token)
        if link is None:
            note_wrong(request)
            page = Page(
                _("This link doesn't work"),
                _("Look whether the whole address was copied, or ask for a new one. Nothing was charged."),
            )
            return show(request, page, None, 404)
        speak(request, link.organization)
        return view(request, link, **about)

    return look


def with_visit(view: Visit) -> Callable[..., HttpResponseBase]:
    """As `with_pay_link`, with the way to pay that this visitor gave; where none was, back to the invoice."""

    @wraps(view)
    def look(request: HttpRequest, link: PayLink, setup: UUID) -> HttpResponseBase:
        method = given(desk_for(link.organization), link, setup)
        if method is None:
            return _invoice(request, link, notice=_("No card or account was entered."), tone="warn")
        return view(request, link, setup, method)

    return with_pay_link(look)


@require_safe
@with_pay_link
def pay_page(request: HttpRequest, link: PayLink) -> HttpResponseBase:
    """The invoice, and what is open of it."""
    return _invoice(request, link)


@require_POST
@with_pay_link
def begin(request: HttpRequest, link: PayLink) -> HttpResponseBase:
    """Goes to the processor's page, where a card or account is entered for this invoice."""
    too_many = tried_too_many(request)
    if too_many is not None:
        return too_many
    desk = desk_for(link.organization)
    if not desk.gateway.capabilities.online:
        return _invoice(request, link, status=409)
    back = request.build_absolute_uri(f"{home_of(request)}with/{{setup}}/")
    try:
        setup = begin_visit(desk, link, return_url=back.replace("%7B", "{").replace("%7D", "}"))
    except Refused as refused:
        return _refused(request, link, refused)
    return away(request, link.organization, setup.url or home_of(request))


@require_safe
@with_visit
def visit(request: HttpRequest, link: PayLink, setup: UUID, method: PaymentMethod) -> HttpResponseBase:
    """Back from the processor: what will be charged to what, and afterwards how it went."""
    return _visit(request, link, setup, method)


@require_POST
@with_visit
def pay(request: HttpRequest, link: PayLink, setup: UUID, method: PaymentMethod) -> HttpResponseBase:
    """Pays what was read. Pressed twice, or in two windows, it is one payment."""
    desk, amount = desk_for(link.organization), request.POST.get("pay", "")
    wanted = int(amount) if amount.isascii() and amount.isdecimal() and len(amount) < 19 else 0
    too_many = tried_too_many(request)
    if too_many is not None:
        return too_many
    try:
        note_outcome(request, pay_as_visitor(desk, link, method, amount_minor=wanted))
    except Refused as refused:
        if refused.code not in ("invoice_paid", "invoice_closed", "payment_in_progress"):
            return _visit(request, link, setup, method, refused)
    return redirect(_here(request, setup))


@require_POST
@with_visit
def confirm(request: HttpRequest, link: PayLink, setup: UUID, method: PaymentMethod) -> HttpResponseBase:
    """Goes to the payer's bank, where they confirm the payment that waits for them: the same intent, never another."""
    attempt = attempt_with(method)
    if attempt is None:
        return redirect(_here(request, setup))
    back = request.build_absolute_uri(f"{_here(request, setup)}back/")
    try:
        url = runs.resume(desk_for(link.organization), attempt.id, return_url=back)
    except Refused as refused:
        return _visit(request, link, setup, method, refused)
    return away(request, link.organization, url or _here(request, setup))


@require_safe
@with_visit
def back(request: HttpRequest, link: PayLink, setup: UUID, method: PaymentMethod) -> HttpResponseBase:
    """Back from the bank: what became of it is asked at the processor, not read from the address."""
    come_back(desk_for(link.organization), link, method)
    return redirect(_here(request, setup))


def _here(request: HttpRequest, setup: UUID) -> str:
    return f"{home_of(request)}with/{setup}/"


def _invoice(
    request: HttpRequest, link: PayLink, *, notice: str = "", tone: str = "good", status: int = 200
) -> HttpResponse:
    page = invoice_page(desk_for(link.organization), link, home_of(request), notice, tone)
    return show(request, page, link.organization, status)


def _visit(
    request: HttpRequest, link: PayLink, setup: UUID, method: PaymentMethod, refused: Refused | None = None
) -> HttpResponse:
    notice = said_of(refused) if refused else ""
    page = visit_page(
        desk_for(link.organization), link, method, home_of(request), _here(request, setup), notice
    )
    return show(request, page, link.organization, 409 if refused else 200)


def _refused(request: HttpRequest, link: PayLink, refused: Refused) -> HttpResponse:
    status = {"too_many_tries": 429, "setup_unavailable": 503}.get(refused.code, 409)
    return _invoice(request, link, notice=said_of(refused), tone="warn", status=status)
