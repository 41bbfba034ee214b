"""One of a member's invoices behind their secret link: its lines and why they cost what they do, what is open of it,
and paying all of it or a part with what is on file (A-54, C-43).

Looking changes nothing: a part is read first at an address of its own, and paid by a POST.
"""

from dataclasses import replace
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from paidthru.actions.charge import Asked
from paidthru.faces.portal.forms import PartForm
from paidthru.faces.portal.invoice_page import about, amounts, ended, otherwise
from paidthru.faces.portal.languages import locale_at
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.paying import how_it_went, on_its_way_of
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.showing import (
    amount_said,
    away,
    brand_and_last4,
    called,
    home_of,
    said_in,
    sent,
    show,
)
from paidthru.faces.portal.views import with_link
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.kernel.formats import money_text
from paidthru.kernel.money import Money, parse_amount, plain
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import MemberLink, PaymentMethod
from paidthru.payments.queries import active_method, has_open_attempt
from paidthru.runs.collection import awaiting_payer, pay_online
from paidthru.runs.desk import Desk
from paidthru.runs.paying import Standing, standing_of
from paidthru.runs.sending import resume
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for


def invoice_page(request: HttpRequest, token: str, invoice_id: UUID) -> HttpResponseBase:
    """One of the member's own invoices; posted, it is paid, or a part of it is read first."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @with_link
    def look(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
        if link.attempt_id is not None:  # it is for confirming one payment only
            return redirect(home_of(request))
        own = Invoice.objects.filter(organization=link.organization, party_id=link.party_id)
        invoice = own.filter(id=invoice_id, number__isnull=False).select_related("party").first()
        if invoice is None:
            raise Http404
        return _OwnInvoice(request, link, invoice).answer()

    return look(request, token)


class _OwnInvoice:
    """A request for one invoice, with how it stands."""

    def __init__(self, request: HttpRequest, link: MemberLink, invoice: Invoice) -> None:
        self.request, self.link, self.invoice = request, link, invoice
        self.desk: Desk = desk_for(link.organization)
        self.standing: Standing = standing_of(invoice)
        self.method: PaymentMethod | None = active_method(link.party_id)
        self.may_part = policies_of(link.organization).word("collect.part_payments") == "on"

    @property
    def currency(self) -> str:
        """In which the invoice is."""
        return self.standing.document.currency

    def answer(self) -> HttpResponseBase:
        """What the request asks for."""
        if self.request.method != "POST":
            part = self._part(self.request.GET.get("part", ""))
            return self._shown(self._confirming(part) if part else self._reading(self._form()))
        if "pay" in self.request.POST:
            return self._paid()
        form = self._form(self.request.POST)
        if form.is_valid():
            try:
                amount = parse_amount(form.cleaned_data["amount"], self.currency)
            except Refused as refused:
                form.add_error("amount", said_of(refused))
            else:
                if self._part(str(amount)):
                    return redirect(f"{self.request.path}?part={amount}")
                locale = locale_at(self.link.organization)
                most = money_text(Money(self.standing.open_minor, self.currency), locale)
                form.add_error(
                    "amount", _("Enter more than nothing, and {amount} at most.").format(amount=most)
                )
        return self._shown(self._reading(form), 422)

    def _form(self, posted: object = None) -> PartForm:
        owed = plain(self.standing.owed_minor or self.standing.open_minor, self.currency)
        return PartForm(posted, currency=self.currency, initial={"amount": owed})

    def _part(self, text: str) -> int | None:
        """An amount of minor units that can be paid now, if the text is one."""
        amount = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
        in_full = amount in self.standing.choices()
        fits = in_full or (self.may_part and 0 < amount <= self.standing.open_minor)
        return amount if fits and self._can_be_paid() and self.method else None

    def _can_be_paid(self) -> bool:
        """Whether it can be charged now; not where a payment of it is under way."""
        online = self.desk.gateway.capabilities.online
        return online and bool(self.standing.open_minor) and not has_open_attempt(self.standing.document.id)

    def _paid(self) -> HttpResponseBase:
        """Pays what was read, with what is on file."""
        amount, __, read = self.request.POST["pay"].partition(":")
        waiting = awaiting_payer(self.invoice.id)
        try:
            if waiting is not None:  # the bank asks them to confirm: the same payment, never another
                back = self.request.build_absolute_uri(f"{home_of(self.request)}back/")
                if (url := resume(self.desk, waiting.id, return_url=back)) is not None:
                    return away(self.request, self.link.organization, url)
            wanted = self._part(amount)
            if wanted is not None and read == str(self.standing.open_minor):
                # What is voluntary is paid by whoever chooses all that is open.
                of = wanted if wanted in self.standing.choices() else self.standing.open_minor
                asked = Asked(wanted, of_minor=of)
                pay_online(self.desk, self.invoice.id, actor=self._actor(), asked=asked)
            elif self._can_be_paid():
                left = amount_said(self.standing.open_minor, self.currency)
                notice = _("Nothing was charged now: {amount} is open. Please read it again.")
                return sent(self.request, "warn", notice.format(amount=left))
        except Refused as refused:
            if refused.code not in ("invoice_paid", "payment_in_progress"):
                return sent(self.request, "warn", said_of(refused))
        notice, tone = how_it_went(standing_of(self.invoice).document)
        return sent(self.request, tone, notice)

    def _actor(self) -> Actor:
        return Actor("member", self.link.party.name)

    def _shown(self, page: Page, status: int = 200) -> HttpResponse:
        tone, notice = said_in(self.request) or ("good", "")
        return show(self.request, replace(page, notice=notice, tone=tone), self.link.organization, status)

    def _ways(self) -> tuple[Way, ...]:
        home = home_of(self.request)
        return (
            Way(_("Open it as PDF"), f"{home}documents/invoice/{self.invoice.id}/"),
            Way(_("Invoices and receipts"), f"{home}documents/"),
            Way(_("Back"), home),
        )

    def _reading(self, form: PartForm) -> Page:
        """The invoice, with what can be done about it."""
        standing = self.standing
        title = _("Invoice {invoice}").format(invoice=standing.document.label)
        facts = (
            *about(self.invoice, standing),
            *amounts(standing, why=True),
            *on_its_way_of(standing.document),
            *otherwise(standing),
        )
        page = Page(
            title if standing.open_minor else ended(standing.document),
            _("From {organization}.").format(organization=self.link.organization.name),
            facts,
            ways=self._ways(),
        )
        bank = awaiting_payer(self.invoice.id)
        if bank is not None:
            confirm = Choice("pay", "bank", _("Confirm with my bank"), primary=True)
            return replace(page, action=self.request.path, choices=(confirm,))
        if not self._can_be_paid():
            return page
        if self.method is None:
            how = Way(_("Choose how to pay"), f"{home_of(self.request)}method/", primary=True)
            return replace(page, ways=(how, *page.ways))
        return self._offering(page, form, self.method)

    def _offering(self, page: Page, form: PartForm, method: PaymentMethod) -> Page:
        """The page with its form for an amount; where invoices are paid whole, with the buttons that pay it."""
        page = replace(page, action=self.request.path)
        if not self.may_part:
            buttons = (self._pay_button(one, at == 0) for at, one in enumerate(self.standing.choices()))
            return replace(page, choices=tuple(buttons))
        label = _("Pay with {brand} •••• {last4}").format(**brand_and_last4(method))
        return replace(page, form=form, choices=(Choice("go", "read", label, primary=True),))

    def _pay_button(self, amount: int, primary: bool = True) -> Choice:
        assert self.method is not None
        label = _("Pay {amount} now with {brand} •••• {last4}").format(
            amount=amount_said(amount, self.currency), **brand_and_last4(self.method)
        )
        return Choice("pay", f"{amount}:{self.standing.open_minor}", label, primary=primary)

    def _confirming(self, amount: int) -> Page:
        """What a payment of so much does, before it is made."""
        assert self.method is not None
        document, left = self.standing.document, self.standing.open_minor - amount
        facts = [
            Fact(_("Open"), Money(self.standing.open_minor, self.currency)),
            Fact(_("You pay now"), Money(amount, self.currency), called(self.method)),
            Fact(_("Stays open"), Money(left, self.currency)),
        ]
        if left:
            facts.append(Fact(_("Due on"), document.due_on))
        return Page(
            _("Pay a part of invoice {invoice}?").format(invoice=document.label)
            if left
            else _("Pay invoice {invoice}?").format(invoice=document.label),
            _("To {organization}.").format(organization=self.link.organization.name),
            tuple(facts),
            action=self.request.path,
            choices=(self._pay_button(amount),),
            ways=(Way(_("Another amount"), self.request.path),),
        )
