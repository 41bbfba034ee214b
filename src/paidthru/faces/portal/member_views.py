"""A member's own pages behind their secret link: what they have, pay, cancel, undo, switch (C-40 to C-46, P-28).

Looking changes nothing: acts are POSTs, each with a key, so that pressed twice it is done once.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from paidthru.actions.charge import Asked
from paidthru.actions.record_visit import covered_by
from paidthru.assessments.queries import has_homes
from paidthru.faces.portal.household_views import has_household, household_way
from paidthru.faces.portal.invoice_page import otherwise
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.paying import how_it_went, on_its_way, open_invoices, pay_choice, way_to_pay
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.showing import away, called, home_of, said_in, sent, show, who_at
from paidthru.faces.portal.spoken import state
from paidthru.faces.portal.views import shown, with_link
from paidthru.giving.queries import has_pledges
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import oldest_open_invoice, owed_by
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership, Plan
from paidthru.membership.queries import (
    label_on,
    membership_of,
    next_charge,
    offered_to_members,
)
from paidthru.membership.queries.paying import paid_for_by
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import MemberLink
from paidthru.payments.queries import active_method, credit_of
from paidthru.runs.collection import awaiting_payer, pay_online
from paidthru.runs.desk import Desk
from paidthru.runs.joining import owed_for
from paidthru.runs.paying import standing_of
from paidthru.runs.sending import resume
from paidthru.ticketing.queries import on_sale, orders_of
from paidthru.timeline.operations import Actor
from paidthru.visits.queries import prices_of, visits_of
from paidthru.wiring import desk_for

View = Callable[[HttpRequest, MemberLink, Membership], HttpResponseBase]


def of_member(view: View) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Hands a view the link's member; whoever has no membership, or came to confirm one payment only, gets the link's
    own page."""

    @wraps(view)
    def look(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
        membership = membership_of(link.party_id)
        if membership is None or link.attempt_id is not None:
            return redirect(home_of(request))
        return view(request, link, membership)

    return with_link(look)


@require_GET
@with_link
def first_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """Where a link leads: to the membership, where that is what it is for."""
    membership = membership_of(link.party_id) if link.purpose == "member" else None
    if membership is None and link.purpose == "member" and has_homes(link.party_id):
        return redirect(f"{home_of(request)}homes/")
    if membership is None and link.purpose == "member" and has_pledges(link.party_id):
        return redirect(f"{home_of(request)}pledges/")
    if membership is None and link.purpose == "member" and has_household(link):
        return redirect(f"{home_of(request)}household/")
    return shown_home(request, link, membership) if membership else shown(request, link)


@require_GET
@of_member
def membership_page(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """What the member has, what it costs next, and what can be done (C-42)."""
    tone, notice = said_in(request) or ("good", "")
    return shown_home(request, link, membership, notice=notice, tone=tone)


@require_POST
@of_member
def pay(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """Pays what was read with the way to pay on file: the invoice and the amount that were shown (C-43)."""
    number, __, amount = request.POST.get("pay", "").partition(":")
    found = Invoice.objects.filter(party_id=link.party_id, organization=link.organization)
    invoice = found.filter(number=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    if invoice is None:
        return shown_home(
            request, link, membership, notice=_("There is no such invoice."), tone="warn", status=404
        )
    owed = owed_for(invoice)
    if owed and str(owed) != amount:
        notice = _("The amount has changed. Please read it again.")
        return shown_home(request, link, membership, notice=notice, tone="warn", status=409)
    desk, waiting = desk_for(link.organization), awaiting_payer(invoice.id)
    try:
        if waiting is not None:  # the bank asks them to confirm: the same payment, never another
            back = request.build_absolute_uri(f"{home_of(request)}back/")
            if (url := resume(desk, waiting.id, return_url=back)) is not None:
                return away(request, link.organization, url)
        pay_online(desk, invoice.id, actor=member_of(link), asked=Asked(owed) if owed else None)
    except Refused as refused:
        if refused.code != "invoice_paid":
            return refused_at_home(request, link, membership, refused)
    return done(request, *how_it_went(standing_of(invoice).document))


# ---------------------------------------------------------------- what the pages say


def done(request: HttpRequest, notice: str, tone: str = "good") -> HttpResponse:
    """On to the membership's page, where what was done is said once; Reload does nothing again."""
    return sent(request, tone, notice, to=f"{home_of(request)}membership/")


def shown_home(
    request: HttpRequest,
    link: MemberLink,
    membership: Membership,
    *,
    notice: str = "",
    tone: str = "good",
    status: int = 200,
) -> HttpResponse:
    """The membership's page as things stand now."""
    home, desk = home_of(request), desk_for(link.organization)
    choices = pay_choice(link, home)
    ways = [
        *way_to_pay(link, home),
        *open_invoices(link, home),
        Way(_("Change how I pay"), f"{home}method/"),
        Way(_("Invoices and receipts"), f"{home}documents/"),
        Way(_("What comes, and my calendar"), f"{home}calendar/"),
        Way(_("Mails that I get"), f"{home}mails/"),
    ]
    ways += household_way(link, home)
    if visits_of(link.organization_id).filter(party_id=link.party_id).exists():
        ways.append(Way(_("My visits"), f"{home}visits/"))
    if policies_of(link.organization).word("giving") == "on":
        ways.append(Way(_("Give"), f"{home}give/"))
    if on_sale(link.organization_id, desk.today).exists() or orders_of(link.party_id).exists():
        ways.append(Way(_("Tickets"), f"{home}tickets/"))
    if paid_for_by(link.organization_id, link.party_id):
        ways.append(Way(_("What I pay for others"), f"{home}others/"))
    if has_pledges(link.party_id):
        ways.append(Way(_("My pledges"), f"{home}pledges/"))
    if has_homes(link.party_id):
        ways.append(Way(_("My homes"), f"{home}homes/"))
    if membership.payer_id is None and membership.state != "ended" and desk.gateway.capabilities.online:
        label = _("Stop charging me by itself") if membership.autopay else _("Be charged by itself")
        ways.append(Way(label, f"{home}autopay/"))
    if membership.state == "ending":
        choices = (*choices, Choice("undo", "yes", _("Undo the cancellation"), action=f"{home}undo/"))
    elif membership.state != "ended":
        if membership.payer_id is None and other_plans(link, membership):
            ways.append(Way(_("Switch to another plan"), f"{home}switch/"))
        ways.append(Way(_("Cancel my membership"), f"{home}cancel/"))
    page = Page(
        membership.plan.name,
        who_at(link),
        tuple(_facts(desk, link, membership)),
        notice,
        tone,
        home if choices else "",
        choices,
        (_("Your link leads here until {day}; it is meant for you alone.").format(day=_last_day(link)),),
        ways=tuple(ways),
    )
    return show(request, page, link.organization, status)


def _last_day(link: MemberLink) -> str:
    """The last local day on which a link leads anywhere; one that a code let in lasts hours alone."""
    return local_date(link.expires_at, link.organization.zone).isoformat()


def _facts(desk: Desk, link: MemberLink, membership: Membership) -> list[Fact]:
    policies = policies_of(link.organization)
    ends = ""
    if last := membership.last_day:
        ends = _("Canceled; its last day is {day}.").format(day=last.isoformat())
    found = [Fact(_("Status"), state(label_on(membership, policies, desk.today)), ends)]
    if membership.paid_through:
        found.append(Fact(_("Paid until"), membership.paid_through))
    if membership.next_plan:
        found.append(Fact(_("From the next renewal on"), membership.next_plan.name))
    covered = covered_by(link.organization, link.party_id, desk.today)
    if covered and covered.allowance.included and prices_of(link.organization_id):
        used = _("{used} of {count} used").format(
            used=covered.allowance.used, count=covered.allowance.included
        )
        found.append(Fact(_("Visits of this cycle"), used, _("The count begins anew with the next cycle.")))
    first = oldest_open_invoice(link.party_id)
    due = _("Due on {day}.").format(day=first.due_on.isoformat()) if first else ""
    for currency, amount in owed_by(link.party_id).items():
        if amount:
            found.append(Fact(_("Open now"), Money(amount, currency), due))
    found += [*on_its_way(link), *(otherwise(standing_of(first)) if first else ())]
    for currency, amount in credit_of(link.party_id).items():
        if amount:
            found.append(Fact(_("Credit"), Money(amount, currency), _("Used for what is billed next.")))
    charge = next_charge(membership, policies, desk.today)
    if membership.payer is not None:
        found.append(
            Fact(_("Paid by"), membership.payer.name, _("Nothing for this membership is asked of you."))
        )
    elif charge is None:
        found.append(Fact(_("Next charge"), _("None")))
    else:
        note = (
            _("Charged by itself.")
            if membership.autopay
            else _("Not charged by itself: you are not on autopay.")
        )
        by_itself = membership.autopay
        found += [
            Fact(
                _("Next charge") if by_itself else _("Next invoice"),
                Money(charge.amount_minor, charge.currency),
                note,
            ),
            Fact(_("Next charge on") if by_itself else _("Next invoice on"), charge.on),
        ]
    method = active_method(link.party_id)
    found.append(Fact(_("Payment method"), called(method) if method else _("None on file")))
    return found


def other_plans(link: MemberLink, membership: Membership) -> list[Plan]:
    """The plans that the member can switch to: open, of the same currency, and offered (see `offered_to_members`)."""
    found = Plan.objects.filter(
        offered_to_members(), organization=link.organization, closed=False, currency=membership.plan.currency
    )
    present = membership.next_plan_id or membership.plan_id
    return list(found.exclude(id=present).order_by("name"))


def member_of(link: MemberLink) -> Actor:
    """The link's party as whoever acts."""
    return Actor("member", link.party.name)


def refused_at_home(
    request: HttpRequest, link: MemberLink, membership: Membership, refused: Refused
) -> HttpResponse:
    """The membership's page, with what was refused (409)."""
    return shown_home(request, link, membership, notice=said_of(refused), tone="warn", status=409)
