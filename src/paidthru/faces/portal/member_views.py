"""A member's own pages behind their secret link: what they have, pay, cancel, undo, switch (C-40 to C-46, P-28).

Looking changes nothing: acts are POSTs, each with a key, so that pressed twice it is done once.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from paidthru.actions.charge import Asked
from paidthru.actions.record_visit import covered_by
from paidthru.actions.switch_plan import preview_switch
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.assessments.queries import has_homes
from paidthru.faces.portal.member_sentences import digest_of, ending, stands_for, switch_label, switching
from paidthru.faces.portal.offering import own_price
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
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership, Plan
from paidthru.membership.queries import as_for, label_on, membership_of, next_charge, plan_facts
from paidthru.membership.queries.ending import CancelPreview, cancel_preview
from paidthru.membership.queries.paying import paid_for_by
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import MemberLink
from paidthru.payments.queries import active_method, credit_of
from paidthru.runs.collection import awaiting_payer, pay_online
from paidthru.runs.desk import Desk
from paidthru.runs.ending import cancel
from paidthru.runs.joining import owed_for, switch_and_pay
from paidthru.runs.sending import resume
from paidthru.ticketing.queries import on_sale, orders_of
from paidthru.timeline.operations import Actor
from paidthru.visits.queries import prices_of
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
    return _shown(request, link, membership) if membership else shown(request, link)


@require_GET
@of_member
def membership_page(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """What the member has, what it costs next, and what can be done (C-42)."""
    tone, notice = said_in(request) or ("good", "")
    return _shown(request, link, membership, notice=notice, tone=tone)


@require_POST
@of_member
def pay(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """Pays what was read with the way to pay on file: the invoice and the amount that were shown (C-43)."""
    number, __, amount = request.POST.get("pay", "").partition(":")
    found = Invoice.objects.filter(party_id=link.party_id, organization=link.organization)
    invoice = found.filter(number=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    if invoice is None:
        return _shown(
            request, link, membership, notice=_("There is no such invoice."), tone="warn", status=404
        )
    owed = owed_for(invoice)
    if owed and str(owed) != amount:
        notice = _("The amount has changed. Please read it again.")
        return _shown(request, link, membership, notice=notice, tone="warn", status=409)
    desk, waiting = desk_for(link.organization), awaiting_payer(invoice.id)
    try:
        if waiting is not None:  # the bank asks them to confirm: the same payment, never another
            back = request.build_absolute_uri(f"{home_of(request)}back/")
            if (url := resume(desk, waiting.id, return_url=back)) is not None:
                return away(request, link.organization, url)
        pay_online(desk, invoice.id, actor=_actor(link), asked=Asked(owed) if owed else None)
    except Refused as refused:
        if refused.code != "invoice_paid":
            return _refused(request, link, membership, refused)
    if owed_for(invoice):
        notice, tone = how_it_went(invoice)
        return _done(request, notice, tone)
    return _done(request, _("Thank you: invoice {invoice} is paid.").format(invoice=invoice.label))


@require_safe
@of_member
def cancel_page(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """What canceling means, before it is done."""
    desk = desk_for(link.organization)
    try:
        preview = cancel_preview(membership, policies_of(link.organization), desk.today, by_staff=False)
    except Refused as refused:
        return _refused(request, link, membership, refused)
    if membership.state in ("ended", "ending"):
        return redirect(home_of(request))
    return _canceling(request, link, membership, preview)


@require_POST
@of_member
def cancel_confirmed(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """Cancels as it was read; the same act as staff's, with another actor (C-41, C-46)."""
    if membership.state == "ending":  # pressed twice
        return redirect(f"{home_of(request)}membership/")
    desk = desk_for(link.organization)
    try:
        if membership.state != "ended":
            preview = cancel_preview(membership, policies_of(link.organization), desk.today, by_staff=False)
            if request.POST.get("key", "").partition(":")[2] != stands_for(preview):
                notice = _("What canceling means has changed. Please read it again.")
                return _canceling(request, link, membership, preview, notice=notice, status=409)
        done = cancel(desk, membership.id, actor=_actor(link), key=_key(request))
    except Refused as refused:
        return _refused(request, link, membership, refused)
    membership.refresh_from_db()
    over = membership.state == "ended"
    notice = (
        _("Your membership has ended.")
        if over
        else _("Canceled: the last day of your membership is {day}.").format(
            day=(done.on - timedelta(days=1)).isoformat()
        )
    )
    return _done(request, notice)


@require_POST
@of_member
def undo(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """Takes a cancellation back before it takes effect."""
    now = desk_for(link.organization).clock.now()
    try:
        undo_cancellation(link.organization, membership.id, actor=_actor(link), now=now)
    except Refused as refused:
        if refused.code != "not_canceled":  # pressed twice
            return _refused(request, link, membership, refused)
    return _done(request, _("Your membership goes on."))


@require_safe
@of_member
def switch_page(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """The plans that can be chosen; for one of them, what the switch would do and cost."""
    home, chosen = home_of(request), _plan(link, request.GET.get("plan", ""))
    if chosen is None:
        return show(request, _offering(link, membership, home), link.organization)
    try:
        preview = preview_switch(
            link.organization,
            link.party_id,
            chosen.id,
            actor=_actor(link),
            now=desk_for(link.organization).clock.now(),
        )
    except Refused as refused:
        return _refused(request, link, membership, refused)
    page = Page(
        _("Switch to {plan}?").format(plan=chosen.name),
        _("You are on {plan} at {organization}.").format(
            plan=membership.plan.name, organization=link.organization.name
        ),
        action=f"{home}switch/confirm/?plan={chosen.id}",
        choices=(Choice("switch", f"{new_id()}:{digest_of(preview)}", switch_label(preview), primary=True),),
        consequences=switching(link, preview),
        ways=(Way(_("Keep what I have"), f"{home}membership/"),),
    )
    return show(request, page, link.organization)


@require_POST
@of_member
def switch_confirmed(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """Switches as it was read, and pays at once what is billed at once (P-28, X15)."""
    desk, chosen = desk_for(link.organization), _plan(link, request.GET.get("plan", ""))
    key, __, digest = request.POST.get("switch", "").replace("\0", "").partition(":")
    if chosen is None or not key:
        return redirect(f"{home_of(request)}switch/")
    pressed_twice = chosen.id in (membership.plan_id, membership.next_plan_id)
    try:
        if not pressed_twice:
            preview = preview_switch(
                link.organization, link.party_id, chosen.id, actor=_actor(link), now=desk.clock.now()
            )
            if digest != digest_of(preview):
                notice = _("What the switch costs has changed. Please read it again.")
                return _shown(request, link, membership, notice=notice, tone="warn", status=409)
        switch_and_pay(desk, link.party_id, chosen.id, actor=_actor(link), key=f"switch {key[:40]}")
    except Refused as refused:
        if refused.code != "same_plan":
            return _refused(request, link, membership_of(link.party_id) or membership, refused)
    present = membership_of(link.party_id) or membership
    said = (
        _("You are on {plan}.")
        if present.plan_id == chosen.id
        else _("From your next renewal on you are on {plan}.")
    )
    return _done(request, said.format(plan=chosen.name))


# ---------------------------------------------------------------- what the pages say


def _done(request: HttpRequest, notice: str, tone: str = "good") -> HttpResponse:
    """On to the membership's page, where what was done is said once; Reload does nothing again."""
    return sent(request, tone, notice, to=f"{home_of(request)}membership/")


def _shown(
    request: HttpRequest,
    link: MemberLink,
    membership: Membership,
    *,
    notice: str = "",
    tone: str = "good",
    status: int = 200,
) -> HttpResponse:
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
    if membership.state == "ending":
        choices = (*choices, Choice("undo", "yes", _("Undo the cancellation"), action=f"{home}undo/"))
    elif membership.state != "ended":
        if membership.payer_id is None and _others(link, membership):
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
    if membership.state == "ending" and membership.cancel_on:
        last = membership.cancel_on - timedelta(days=1)
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
    found += on_its_way(link)
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
    found.append(Fact(_("Payment method"), called(method) if method else _("None")))
    return found


def _others(link: MemberLink, membership: Membership) -> list[Plan]:
    """The plans that the member can switch to: open, priced or free, of the same currency."""
    found = Plan.objects.filter(
        organization=link.organization, closed=False, currency=membership.plan.currency
    )
    present = membership.next_plan_id or membership.plan_id
    return list(found.exclude(id=present).order_by("name"))


def _offering(link: MemberLink, membership: Membership, home: str) -> Page:
    known, today = plan_facts(link.organization_id), desk_for(link.organization).today
    facts, ways = [], []
    for plan in _others(link, membership):
        offered = as_for(known[plan.id], link.organization_id, link.party_id)
        costs = own_price(offered, today)
        if costs is None and plan.kind != "free":
            continue
        facts.append(Fact(plan.name, *(costs or (_("Free"),))))
        ways.append(Way(_("See what {plan} means").format(plan=plan.name), f"{home}switch/?plan={plan.id}"))
    text = _(
        "You are on {plan}. Nothing changes before you have read what it costs and confirmed it."
    ).format(plan=membership.plan.name)
    if not ways:
        text = _("There is no other plan to choose.")
    return Page(
        _("Switch to another plan"), text, tuple(facts), ways=(*ways, Way(_("Back"), f"{home}membership/"))
    )


def _canceling(
    request: HttpRequest,
    link: MemberLink,
    membership: Membership,
    preview: CancelPreview,
    *,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    home = home_of(request)
    key = f"{new_id()}:{stands_for(preview)}"
    page = Page(
        _("Cancel your membership?"),
        _("{plan} at {organization}.").format(plan=membership.plan.name, organization=link.organization.name),
        notice=notice,
        tone="warn",
        action=f"{home}cancel/confirm/",
        choices=(Choice("key", key, _("Cancel my membership"), primary=True),),
        consequences=ending(preview),
        ways=(Way(_("Keep it"), f"{home}membership/"),),
    )
    return show(request, page, link.organization, status)


def _plan(link: MemberLink, text: str) -> Plan | None:
    try:
        return Plan.objects.filter(organization=link.organization, id=UUID(text)).first()
    except ValueError:
        return None


def _key(request: HttpRequest) -> str | None:
    """The key of what is confirmed, in a name of its own."""
    key = request.POST.get("key", "").replace("\0", "")[:40]
    return f"portal {key}" if key else None


def _actor(link: MemberLink) -> Actor:
    return Actor("member", link.party.name)


def _refused(
    request: HttpRequest, link: MemberLink, membership: Membership, refused: Refused
) -> HttpResponse:
    return _shown(request, link, membership, notice=said_of(refused), tone="warn", status=409)
