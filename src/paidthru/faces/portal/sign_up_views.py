"""The way on that was mailed to whoever asked to join: save a way to pay, read what is charged, join (P-22, P-28)."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from paidthru import runs
from paidthru.actions.make_link import make_link
from paidthru.actions.name_newcomer import name_newcomer
from paidthru.faces.portal.guessing import note_wrong, turned_away
from paidthru.faces.portal.join_views import gone
from paidthru.faces.portal.languages import speak
from paidthru.faces.portal.offering import Offer, offer_of
from paidthru.faces.portal.pages import Choice, Fact, Page
from paidthru.faces.portal.refusals import message_of, said_of
from paidthru.faces.portal.showing import (
    PRIVATE,
    amount_said,
    away,
    called,
    home_of,
    setup_in,
    show,
    way_back,
)
from paidthru.faces.portal.spoken import state
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership, SignUp
from paidthru.membership.queries import label_on
from paidthru.membership.queries.join_links import members_at, refuse_unusable, sign_up_by
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import active_method, last_attempt
from paidthru.runs.joining import begin_paying, code_of, first_invoice, join_through, owed_for
from paidthru.runs.methods import finish_saving
from paidthru.runs.sending import see
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for

View = Callable[[HttpRequest, SignUp], HttpResponseBase]
_DEPTH = 4  # /join/on/TOKEN/


def with_sign_up(view: View) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Hands a view the sign-up of the token; one that isn't good any more gets a page that says so (404). Who has
    joined already may come back, also when the link has ended since."""

    @wraps(view)
    @never_cache
    def look(request: HttpRequest, token: str) -> HttpResponseBase:
        too_many = turned_away(request)
        if too_many is not None:
            return too_many
        sign_up = sign_up_by(token)
        desk = desk_for(sign_up.organization) if sign_up else None
        if sign_up is None or desk is None or sign_up.until is None or sign_up.until <= desk.clock.now():
            note_wrong(request)
            page = Page(
                _("This link doesn't work any more."),
                _("Ask for a new one where you began. Nothing was charged."),
            )
            return show(request, page, None, 404)
        speak(request, sign_up.organization)
        if sign_up.membership_id is None:
            try:
                refuse_unusable(sign_up.link, on=desk.today)
            except Refused as refused:
                return gone(request, sign_up.link, refused)
        return view(request, sign_up)

    return look


@require_GET
@with_sign_up
def sign_up_page(request: HttpRequest, sign_up: SignUp) -> HttpResponseBase:
    """How far it is, and what comes next."""
    return _shown(request, sign_up)


@require_POST
@with_sign_up
def save(request: HttpRequest, sign_up: SignUp) -> HttpResponseBase:
    """Goes to the processor's page, where a way to pay is saved."""
    if sign_up.party_id is None and _is_member(sign_up):
        return _shown(request, sign_up)
    desk, back = desk_for(sign_up.organization), way_back(request, _DEPTH)
    try:
        setup = begin_paying(desk, sign_up, return_url=back)
    except Refused as refused:
        return _refused(request, sign_up, refused)
    return away(request, sign_up.organization, setup.url or back)


@require_GET
@with_sign_up
def back(request: HttpRequest, sign_up: SignUp) -> HttpResponseBase:
    """Back from the processor: what became of it is asked there, not read from the address."""
    desk, setup = desk_for(sign_up.organization), setup_in(request)
    if setup and sign_up.party_id:
        finish_saving(desk, setup, actor=Actor("member", sign_up.name), party_id=sign_up.party_id)
    elif (invoice := first_invoice(sign_up)) and (attempt := last_attempt(invoice.id)):
        see(desk, attempt.id)
    return redirect(home_of(request, _DEPTH))


@require_POST
@with_sign_up
def go(request: HttpRequest, sign_up: SignUp) -> HttpResponseBase:
    """Joins as it was read, and pays. Pressed twice, it is one membership and one charge."""
    code = ""
    if sign_up.membership_id is None:
        if sign_up.party_id is None and _is_member(sign_up):
            return _shown(request, sign_up)
        offer, code, __ = _offered(sign_up)
        if request.POST.get("go") != offer.digest:
            notice = _("What joining means has changed. Please read it again.")
            return _shown(request, sign_up, notice=notice, status=409)
        if offer.needs_method and (sign_up.party_id is None or active_method(sign_up.party_id) is None):
            return _shown(request, sign_up)
    try:
        join_through(desk_for(sign_up.organization), sign_up, code=code)
    except Refused as refused:
        return _refused(request, sign_up, refused)
    return redirect(home_of(request, _DEPTH))


@require_POST
@with_sign_up
def confirm(request: HttpRequest, sign_up: SignUp) -> HttpResponseBase:
    """Goes to the payer's bank, where they confirm the first payment: the same intent, never another."""
    invoice = first_invoice(sign_up)
    attempt = last_attempt(invoice.id) if invoice else None
    if attempt is None:
        return _shown(request, sign_up, status=404)
    back = request.build_absolute_uri(f"{home_of(request, _DEPTH)}back/")
    try:
        url = runs.resume(desk_for(sign_up.organization), attempt.id, return_url=back)
    except Refused as refused:
        return _refused(request, sign_up, refused)
    return away(request, sign_up.organization, url or back)


@require_POST
@with_sign_up
def another(request: HttpRequest, sign_up: SignUp) -> HttpResponseBase:
    """Somebody else of the same address joins too: not a member by that name."""
    if not _goes_by(sign_up, _members(sign_up)):
        actor, now = Actor("member", sign_up.name), desk_for(sign_up.organization).clock.now()
        name_newcomer(sign_up.organization, sign_up.id, actor=actor, now=now)
    return redirect(home_of(request, _DEPTH))


@require_POST
@with_sign_up
def member(request: HttpRequest, sign_up: SignUp) -> HttpResponseBase:
    """On to a membership of this address: the one that the sign-up became, or one that was there before, which is
    offered the link's plan. Whoever reads the mail is its member."""
    desk, wanted = desk_for(sign_up.organization), request.POST.get("member", "")
    found = {str(one.id): one for one in (*_members(sign_up), *_own(sign_up))}
    membership = found.get(wanted)
    if membership is None:
        return _shown(request, sign_up, status=404)
    __, token = make_link(
        sign_up.organization,
        membership.party_id,
        purpose="member",
        actor=Actor("member", membership.party.name),
        now=desk.clock.now(),
    )
    switching = membership.id != sign_up.membership_id and membership.plan_id != sign_up.link.plan_id
    return redirect(f"/m/{token}/switch/?plan={sign_up.link.plan_id}" if switching else f"/m/{token}/")


def _own(sign_up: SignUp) -> list[Membership]:
    if sign_up.membership_id is None:
        return []
    mine = Membership.objects.select_related("party", "plan", "organization")
    return [mine.get(id=sign_up.membership_id)]


def _members(sign_up: SignUp) -> list[Membership]:
    return members_at(sign_up.organization_id, sign_up.email)


def _is_member(sign_up: SignUp) -> bool:
    return bool(_members(sign_up))


def _goes_by(sign_up: SignUp, members: list[Membership]) -> bool:
    """Whether one of these members has the name that was given."""
    return sign_up.name.casefold() in {one.party.name.casefold() for one in members}


def _refused(request: HttpRequest, sign_up: SignUp, refused: Refused) -> HttpResponse:
    return _shown(request, sign_up, notice=said_of(refused), status=409)


def _shown(request: HttpRequest, sign_up: SignUp, *, notice: str = "", status: int = 200) -> HttpResponse:
    """The page as things stand now."""
    home = home_of(request, _DEPTH)
    if sign_up.membership_id is not None:
        page = _joined(sign_up, home, notice)
    elif sign_up.party_id is None and (members := _members(sign_up)):
        page = _known(sign_up, members, home)
    else:
        offer, __, over = _offered(sign_up)
        page = _joining(sign_up, offer, home, notice or over)
    return show(request, page, sign_up.organization, status)


def _offered(sign_up: SignUp) -> tuple[Offer, str, str]:
    """What joining means now, with the code that was given as far as it is still good; and what is to be said of it."""
    plan, today, code = sign_up.link.plan, desk_for(sign_up.organization).today, code_of(sign_up)
    try:
        return offer_of(plan, today, party_id=sign_up.party_id, code=code), code, ""
    except Refused as refused:
        if refused.code != "code_unknown":
            raise
        return (
            offer_of(plan, today, party_id=sign_up.party_id),
            "",
            " ".join((message_of(refused), _("This is the price without it."))),
        )


def _joining(sign_up: SignUp, offer: Offer, home: str, notice: str) -> Page:
    method = active_method(sign_up.party_id) if sign_up.party_id else None
    facts = offer.facts()
    save = Choice(
        "kind", "any", _("Save a card or bank account"), primary=method is None, action=f"{home}save/"
    )
    if offer.needs_method and method is None:
        text = _(
            "For {name}. First a way to pay is saved; then you confirm, and only then it is charged."
        ).format(name=sign_up.name)
        return Page(
            _("Join {plan}").format(plan=offer.plan), text, facts, notice, "warn", home, (save,), (PRIVATE,)
        )
    said = amount_said(offer.due_minor, offer.currency) if offer.due_minor else ""
    join = Choice(
        "go",
        offer.digest,
        _("Join and pay {amount}").format(amount=said) if said else _("Join"),
        primary=True,
        action=f"{home}go/",
    )
    choices: tuple[Choice, ...] = (join,)
    if method is not None:
        facts = (*facts, Fact(_("Payment method"), called(method)))
        other = Choice("kind", "any", _("Use another card or bank account"), action=f"{home}save/")
        choices = (join, other) if offer.needs_method else (join,)
    return Page(
        _("Join {plan}").format(plan=offer.plan),
        _("For {name}.").format(name=sign_up.name),
        facts,
        notice,
        "warn",
        home,
        choices,
        (offer.consent,),
    )


def _known(sign_up: SignUp, members: list[Membership], home: str) -> Page:
    """Only whoever reads the mail of the address sees who is known there."""
    policies, today = policies_of(sign_up.organization), desk_for(sign_up.organization).today
    plan = sign_up.link.plan
    facts = tuple(
        Fact(one.party.name, one.plan.name, state(label_on(one, policies, today))) for one in members
    )
    choices = [
        Choice(
            "member",
            str(one.id),
            _("See the membership of {name}").format(name=one.party.name)
            if one.plan_id == plan.id
            else _("Switch {name} to {plan}").format(name=one.party.name, plan=plan.name),
            primary=True,
            action=f"{home}member/",
        )
        for one in members
    ]
    if not _goes_by(sign_up, members):
        choices.append(
            Choice("another", "yes", _("Join as {name}").format(name=sign_up.name), action=f"{home}another/")
        )
    text = _("With this address you are known at {organization} already. Nothing is charged yet.").format(
        organization=sign_up.organization.name
    )
    return Page(_("Join {plan}").format(plan=plan.name), text, facts, action=home, choices=tuple(choices))


def _joined(sign_up: SignUp, home: str, notice: str) -> Page:
    invoice = first_invoice(sign_up)
    see_it = Choice("member", str(sign_up.membership_id), _("See my membership"), action=f"{home}member/")
    plan = sign_up.link.plan.name
    facts: tuple[Fact, ...] = (Fact(_("Plan"), plan), Fact(_("Name"), sign_up.name))
    owed = owed_for(invoice) if invoice else 0
    if invoice is None or not owed:
        if invoice is not None:
            facts = (
                *facts,
                Fact(
                    _("Paid"),
                    Money(invoice.total_minor, invoice.currency),
                    _("Invoice {invoice}").format(invoice=invoice.label),
                ),
            )
        text = _("You have joined {organization}. A mail with all of it is on its way to you.").format(
            organization=sign_up.organization.name
        )
        return Page(_("Welcome"), text, facts, notice, "warn", home, (see_it,))
    attempt = last_attempt(invoice.id)
    facts = (
        *facts,
        Fact(_("Open"), Money(owed, invoice.currency), _("Invoice {invoice}").format(invoice=invoice.label)),
    )
    match attempt.state if attempt else "":
        case "requires_action":
            bank = Choice("go", "bank", _("Confirm with my bank"), primary=True, action=f"{home}confirm/")
            text = _("Your bank asks you to confirm this payment. Nothing has been taken yet.")
            return Page(_("Confirm your payment"), text, facts, notice, "warn", home, (bank,), (PRIVATE,))
        case "" | "declined" | "canceled" | "rejected":
            return _not_paid(sign_up, home, facts, notice)
    text = _("Your bank has not answered yet. Please don't pay again: a mail tells you how it went.")
    return Page(_("The payment is under way"), text, facts, notice, "warn", home, (see_it,))


def _not_paid(sign_up: SignUp, home: str, facts: tuple[Fact, ...], notice: str) -> Page:
    assert sign_up.party_id is not None
    method = active_method(sign_up.party_id)
    save = Choice(
        "kind", "any", _("Use another card or bank account"), primary=method is None, action=f"{home}save/"
    )
    choices: tuple[Choice, ...] = (save,)
    if method is not None:
        facts = (*facts, Fact(_("Payment method"), called(method)))
        choices = (Choice("go", "again", _("Pay now"), primary=True, action=f"{home}go/"), save)
    text = _("Nothing was taken. Your place is kept: pay, and the membership begins.")
    return Page(_("The payment did not go through"), text, facts, notice, "warn", home, choices, (PRIVATE,))
