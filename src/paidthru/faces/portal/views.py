"""The pages behind a secret link. Looking changes nothing (mail programs open links by themselves): acts are POSTs."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from paidthru import runs
from paidthru.assessments.queries import has_homes
from paidthru.faces.portal.guessing import note_wrong, turned_away
from paidthru.faces.portal.languages import speak
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.paying import how_it_went, on_its_way, pay_choice, when_saved
from paidthru.faces.portal.refusals import fix_of, message_of, said_of
from paidthru.faces.portal.showing import (
    PRIVATE,
    away,
    brand_and_last4,
    called,
    home_of,
    said_in,
    sent,
    setup_in,
    show,
    way_back,
)
from paidthru.invoicing.queries import owed_by
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.membership.queries import membership_of, next_charge
from paidthru.membership.queries.paying import paid_for_by
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt, MemberLink, PaymentMethod
from paidthru.payments.queries import active_method, attempts_of, invoices_by_intent
from paidthru.payments.queries.links import good_link
from paidthru.runs.desk import Desk
from paidthru.runs.methods import begin_saving, finish_saving, forget_method
from paidthru.runs.sending import see
from paidthru.timeline.operations import Actor
from paidthru.wiring import clock_for, desk_for

View = Callable[[HttpRequest, MemberLink], HttpResponseBase]

_SAVE = (Choice("kind", "any", _lazy("Save a card or bank account"), primary=True),)
_REMOVE = Choice("remove", "ask", _lazy("Remove the one on file"), action="remove/")


def with_link(view: View) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Hands a view the link behind the token; one that isn't good any more gets a page that says so (404)."""

    @wraps(view)
    @never_cache
    def look(request: HttpRequest, token: str) -> HttpResponseBase:
        too_many = turned_away(request)
        if too_many is not None:
            return too_many
        try:
            link = good_link(token, now_in=lambda organization: clock_for(organization).now())
        except Refused as refused:
            note_wrong(request)
            page = Page(
                message_of(refused), " ".join((fix_of(refused), _("Nothing was charged or changed.")))
            )
            return show(request, page, None, 404)
        speak(request, link.organization, link.party)
        return view(request, link)

    return look


@require_GET
@with_link
def method_page(request: HttpRequest, link: MemberLink) -> HttpResponse:
    """What the link is for, and what will be charged."""
    tone, notice = said_in(request) or ("good", "")
    return shown(request, link, notice=notice, tone=tone)


@require_POST
@with_link
def save(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """Goes to the processor's page, where the member saves a way to pay."""
    desk = desk_for(link.organization)
    if not desk.gateway.capabilities.online:
        return shown(request, link, status=409)
    back = way_back(request)
    try:
        setup = begin_saving(desk, link.party_id, return_url=back, link=link)
    except Refused as refused:
        return shown(request, link, notice=said_of(refused), tone="bad", status=503)
    return away(request, link.organization, setup.url or back)


@require_POST
@with_link
def confirm(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """Goes to the payer's bank, where they confirm the payment that waits for them: the same intent, never another."""
    if link.attempt_id is None:
        return shown(request, link, status=404)
    back = request.build_absolute_uri(f"{home_of(request)}back/")
    try:
        url = runs.resume(desk_for(link.organization), link.attempt_id, return_url=back)
    except Refused as refused:
        return shown(request, link, notice=said_of(refused), tone="warn", status=409)
    return away(request, link.organization, url or back)


@require_GET
@with_link
def back(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """The member comes back from the processor: what became of it is asked there, not read from the address."""
    desk, actor = desk_for(link.organization), Actor("member", link.party.name)
    if "setup" in request.GET:
        setup = setup_in(request)
        method = finish_saving(desk, setup, actor=actor, party_id=link.party_id) if setup else None
        if method is None:
            return shown(request, link, notice=_("Nothing was saved."), tone="warn")
        return shown(request, link, notice=_("Saved: {method}.").format(method=called(method)))
    if link.attempt_id is not None:
        see(desk, link.attempt_id)
        return shown(request, link)
    return _back_from_bank(request, link, desk)


def _back_from_bank(request: HttpRequest, link: MemberLink, desk: Desk) -> HttpResponseBase:
    """A member went to their bank from their own pages: how that went, on the page where they began."""
    tried = attempts_of(link.party_id)
    waiting = [one for one in tried if one.state == "requires_action"]
    for attempt in waiting:
        see(desk, attempt.id)
    latest = waiting or tried
    invoices = invoices_by_intent([latest[-1].intent_id])[latest[-1].intent_id] if latest else []
    if not invoices:
        return redirect(home_of(request))
    notice, tone = how_it_went(invoices[0])
    if membership_of(link.party_id) is None:
        return shown(request, link, notice=notice, tone=tone)
    return sent(request, tone, notice, to=f"{home_of(request)}membership/")


@require_POST
@with_link
def remove(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """Takes the way to pay off file: first it says what follows, then, confirmed for that very one, it is done."""
    if link.attempt_id is not None:
        return shown(request, link, status=404)
    method, answer = active_method(link.party_id), request.POST.get("remove", "")
    if method is None or answer == "no":
        return shown(request, link)
    if answer != str(method.id):
        return _rendered(request, link, _removing(method))
    try:
        forget_method(desk_for(link.organization), link.party_id, actor=Actor("member", link.party.name))
    except Refused as refused:
        return shown(request, link, notice=said_of(refused), tone="warn", status=409)
    return sent(
        request,
        "good",
        _("Removed: {method}.").format(method=called(method)),
        to=f"{home_of(request)}method/",
    )


def _removing(method: PaymentMethod) -> Page:
    choices = (
        Choice(
            "remove",
            str(method.id),
            _("Remove {brand} •••• {last4}").format(**brand_and_last4(method)),
            primary=True,
        ),
        Choice("remove", "no", _("Keep it")),
    )
    text = _(
        "Nothing is charged by itself any more. What you owe stays open, and a payment under way is finished."
    )
    facts = (Fact(_("On file"), called(method)),)
    return Page(_("Remove your payment method?"), text, facts, action="remove/", choices=choices)


def shown(
    request: HttpRequest, link: MemberLink, *, notice: str = "", tone: str = "good", status: int = 200
) -> HttpResponse:
    """The link's page as things stand now."""
    page = _saving(link) if link.attempt is None else _confirming(Attempt.objects.get(id=link.attempt.id))
    if page.action and not desk_for(link.organization).gateway.capabilities.online:
        page = _offline(page, link.organization)
    return _rendered(request, link, replace(page, notice=notice, tone=tone), status)


def _offline(page: Page, organization: Organization) -> Page:
    """The page where no processor is connected: what was saved can be taken off file, and nothing else be done."""
    text = _(
        "{organization} can’t take cards or bank accounts here yet. Please ask them how else to pay."
    ).format(organization=organization.name)
    choices = tuple(one for one in page.choices if one.name == "remove")
    action = page.action if choices else ""
    return replace(page, text=text, action=action, choices=choices, asides=())


def _rendered(request: HttpRequest, link: MemberLink, page: Page, status: int = 200) -> HttpResponse:
    """The page with its addresses under the link's own."""
    home = home_of(request)
    choices = tuple(replace(one, action=one.action and f"{home}{one.action}") for one in page.choices)
    ways = tuple(replace(one, href=f"{home}{one.href}") for one in page.ways)
    page = replace(page, action=page.action and f"{home}{page.action}", choices=choices, ways=ways)
    return show(request, page, link.organization, status)


def _saving(link: MemberLink) -> Page:
    method, facts = active_method(link.party_id), []
    if method is not None:
        facts.append(Fact(_("On file"), called(method), _("A new one takes its place.")))
    facts += [
        Fact(_("Open now"), Money(amount, currency))
        for currency, amount in owed_by(link.party_id).items()
        if amount
    ]
    facts += [*on_its_way(link), *when_saved(link), *_next_charge(link.organization, link.party_id)]
    title = _("Save a payment method") if method is None else _("Change your payment method")
    save = (replace(_SAVE[0], primary=method is None),)
    choices = save if method is None else (*pay_choice(link, ""), *save, _REMOVE)
    ways = (Way(_("See my membership"), "membership/"),) if membership_of(link.party_id) else ()
    if paid_for_by(link.organization_id, link.party_id):
        ways = (*ways, Way(_("What I pay for others"), "others/"))
    if has_homes(link.party_id):
        ways = (*ways, Way(_("My homes"), "homes/"))
    return Page(
        title,
        _("For {name}.").format(name=link.party.name),
        tuple(facts),
        action="save/",
        choices=choices,
        asides=(PRIVATE,),
        ways=ways,
    )


def _next_charge(organization: Organization, party_id: UUID) -> list[Fact]:
    """What will be charged, and when: a member sees it before they save anything."""
    membership = membership_of(party_id)
    if membership is None or membership.payer_id is not None:
        return []
    today = local_date(clock_for(organization).now(), organization.zone)
    charge = next_charge(membership, policies_of(organization), today)
    if charge is None:
        return []
    note = (
        _("Charged by itself.") if membership.autopay else _("Not charged by itself: you are not on autopay.")
    )
    return [
        Fact(_("Next payment"), Money(charge.amount_minor, charge.currency), note),
        Fact(_("Due"), charge.on),
    ]


def _confirming(attempt: Attempt) -> Page:
    invoices = ", ".join(one.label for one in invoices_by_intent([attempt.intent_id])[attempt.intent_id])
    facts = (
        Fact(_("Amount"), Money(attempt.intent.amount_minor, attempt.intent.currency)),
        Fact(_("Invoice"), invoices),
        Fact(_("Payment method"), called(attempt.method)),
    )
    match attempt.state:
        case "succeeded":
            return Page(_("The payment has arrived"), _("Thank you. There is nothing left to do."), facts)
        case "requires_action":
            choices = (Choice("go", "bank", _("Confirm with my bank"), primary=True),)
            text = _("Your bank asks you to confirm this payment. Nothing has been taken yet.")
            return Page(
                _("Confirm your payment"), text, facts, action="confirm/", choices=choices, asides=(PRIVATE,)
            )
        case "declined" | "canceled" | "rejected":
            text = _("Nothing was taken. You can save another way to pay.")
            return Page(
                _("The payment did not go through"),
                text,
                facts,
                action="save/",
                choices=_SAVE,
                asides=(PRIVATE,),
            )
    return Page(
        _("The payment is under way"), _("Your bank has not answered yet. Please don't pay again."), facts
    )
