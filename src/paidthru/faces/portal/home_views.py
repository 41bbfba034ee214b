"""An owner's homes behind their secret link: what each owes, what comes next, paying it, and autopay (A-29, X21).

Looking changes nothing: acts are POSTs to the same address, and answer with one that can be loaded again.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from paidthru.actions.charge import Asked
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.actions.switch_home_autopay import switch_home_autopay
from paidthru.assessments.queries import Home, asked_for_homes, homes_of
from paidthru.faces.portal.languages import locale_at
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.reworded import reworded
from paidthru.faces.portal.showing import away, brand_and_last4, called, home_of, said_in, sent, show, who_at
from paidthru.faces.portal.spoken import autopay_choice
from paidthru.faces.portal.views import with_link
from paidthru.invoicing.models import Invoice, Line
from paidthru.invoicing.queries import pay_token
from paidthru.kernel.errors import Refused
from paidthru.kernel.formats import day_text, money_text
from paidthru.kernel.money import Money
from paidthru.membership.queries import membership_of
from paidthru.payments.models import MemberLink, PaymentMethod
from paidthru.payments.queries import active_method, has_open_attempt
from paidthru.runs.collection import awaiting_payer, pay_online
from paidthru.runs.joining import owed_for
from paidthru.runs.sending import resume
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for

MOST = 12  # invoices and homes that have buttons of their own


@require_http_methods(["GET", "HEAD", "POST"])
@with_link
def homes_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """The homes that the link's party owns or rents, and what is asked of them for any; posted, one thing is done."""
    if link.attempt_id is not None:
        return redirect(home_of(request))
    if request.method == "POST":
        try:
            return _switched(request, link) if "autopay" in request.POST else _paid(request, link)
        except Refused as refused:
            return sent(request, said_of(refused), "warn")
    said = said_in(request)
    return _shown(request, link, *(said if said and len(said) == 2 else ("", "good")))


def _switched(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """Gives or takes back the owner's consent for one home."""
    unit, __, wanted = request.POST["autopay"].partition(":")
    homes = {str(one.unit.id): one for one in homes_of(link.party_id)}
    if unit not in homes:
        return sent(request, _("That home isn’t yours any more."), "warn")
    switch_home_autopay(
        link.organization,
        UUID(unit),
        link.party_id,
        on=wanted == "on",
        actor=Actor("member", link.party.name),
        now=desk_for(link.organization).clock.now(),
    )
    name = homes[unit].unit.name
    return sent(
        request,
        _("{name} is charged by itself from now on.").format(name=name)
        if wanted == "on"
        else _("{name} is not charged by itself any more.").format(name=name),
        "good",
    )


def _paid(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """Pays an invoice as it was read, with what is on file, or by the invoice's own page where nothing is."""
    number, __, amount = request.POST.get("pay", "").partition(":")
    invoice = next((one for one in asked_for_homes(link.party_id) if str(one.number) == number), None)
    if invoice is None:
        return sent(request, _("Nothing of that invoice is open any more."), "good")
    desk, actor = desk_for(link.organization), Actor("member", link.party.name)
    if active_method(link.party_id) is None:
        there = make_pay_link(link.organization, invoice.id, actor=actor, now=desk.clock.now())
        return redirect(f"/pay/{pay_token(there.id)}/")
    owed = owed_for(invoice)
    if str(owed) != amount:
        return sent(request, _("The amount has changed. Please read it again."), "warn")
    waiting = awaiting_payer(invoice.id)
    if waiting is not None:  # the bank asks them to confirm: the same payment, never another
        back = request.build_absolute_uri(f"{home_of(request)}back/")
        url = resume(desk, waiting.id, return_url=back)
        if url is not None:
            return away(request, link.organization, url)
    pay_online(desk, invoice.id, actor=actor, asked=Asked(owed))
    invoice.refresh_from_db()
    if not owed_for(invoice):
        return sent(request, _("Thank you: invoice {invoice} is paid.").format(invoice=invoice.label), "good")
    if has_open_attempt(invoice.id):
        return sent(request, _("The payment is on its way. Please don’t pay again."), "good")
    return sent(request, _("The payment did not go through. Nothing was taken."), "warn")


def _shown(request: HttpRequest, link: MemberLink, notice: str, tone: str) -> HttpResponse:
    homes, invoices = homes_of(link.party_id), asked_for_homes(link.party_id)
    method, online = active_method(link.party_id), desk_for(link.organization).gateway.capabilities.online
    locale = locale_at(link.organization)
    facts = [fact for one in homes[:MOST] for fact in _home(one, link, locale)]
    said = dict(
        Line.objects.filter(invoice__in=invoices).order_by("-id").values_list("invoice_id", "description")
    )
    facts += [
        Fact(
            _("Invoice {invoice}").format(invoice=one.label),
            Money(owed_for(one), one.currency),
            _("{what}. Due {day}.").format(
                what=reworded(said[one.id]) if one.id in said else _("Of a home"),
                day=day_text(one.due_on, locale),
            ),
        )
        for one in invoices[:MOST]
    ]
    facts.append(Fact(_("Payment method"), called(method) if method else _("None on file")))
    choices = [_pay(one, method, locale, first=at == 0) for at, one in enumerate(invoices[:MOST])]
    choices = [one for one in choices if one.value] if online else []
    if method is not None or any(one.holding.autopay for one in homes):
        choices += [_autopay(one) for one in homes[:MOST] if one.holding.role == "owner"]
    ways = [
        Way(_("Change how I pay") if method else _("Add a card or account"), f"{home_of(request)}method/"),
        Way(_("Invoices and receipts"), f"{home_of(request)}documents/"),
        Way(_("What comes, and my calendar"), f"{home_of(request)}calendar/"),
    ]
    if membership_of(link.party_id):
        ways.append(Way(_("See my membership"), f"{home_of(request)}membership/"))
    page = Page(
        _("My homes") if len(homes) > 1 else homes[0].unit.name if homes else _("You own no home here now"),
        who_at(link),
        tuple(facts),
        notice,
        tone,
        action=request.path if choices else "",
        choices=tuple(choices),
        asides=() if method else (_("With a card or account on file, a home can be charged by itself."),),
        ways=tuple(ways),
    )
    return show(request, page, link.organization)


def _home(one: Home, link: MemberLink, locale: str) -> list[Fact]:
    """What is open of a home and what comes next; of a rented one, that it is."""
    if one.holding.role != "owner":
        return [
            Fact(
                one.unit.name,
                _("You rent it"),
                _("Its owner pays what {organization} asks for it.").format(
                    organization=link.organization.name
                ),
            )
        ]
    way = _("Charged by itself.") if one.holding.autopay else _("Not charged by itself.")
    coming = _("Nothing is planned.")
    if one.coming is not None:
        amount = money_text(Money(one.coming.amount_minor, one.coming.currency), locale)
        coming = _("Next: {name}, {amount} on {day}.").format(
            name=one.coming.name, amount=amount, day=day_text(one.coming.on, locale)
        )
    owed = sorted(one.owed.items()) or [(link.organization.currency, 0)]
    return [
        Fact(_("{home} owes").format(home=one.unit.name), Money(minor, currency), f"{coming} {way}")
        for currency, minor in owed
    ]


def _pay(invoice: Invoice, method: PaymentMethod | None, locale: str, *, first: bool) -> Choice:
    """The button that pays an invoice; without a value where it is being paid just now."""
    owed = owed_for(invoice)
    facts = {"invoice": invoice.label, "amount": money_text(Money(owed, invoice.currency), locale)}
    label = _("Pay invoice {invoice}, {amount}").format(**facts)
    if method:
        facts |= brand_and_last4(method)
        label = _("Pay invoice {invoice}, {amount} with {brand} •••• {last4}").format(**facts)
    value = f"{invoice.number}:{owed}"
    if awaiting_payer(invoice.id):
        label = _("Confirm invoice {invoice}, {amount}, with my bank").format(**facts)
    elif has_open_attempt(invoice.id):
        value = ""
    return Choice("pay", value, label, primary=first)


def _autopay(one: Home) -> Choice:
    value, label = autopay_choice(one.unit.name, on=one.holding.autopay)
    return Choice("autopay", f"{one.unit.id}:{value}", label)
