"""A member's own pages behind their secret link: what they have, pay, cancel, undo, switch (C-40 to C-46, P-28).

Looking changes nothing: acts are POSTs, each with a key, so that pressed twice it is done once.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST, require_safe

from paidthru.actions.charge import Asked
from paidthru.actions.record_visit import covered_by
from paidthru.actions.switch_plan import SwitchPreview, preview_switch
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.assessments.queries import has_homes
from paidthru.faces.portal.offering import own_price
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.paying import how_it_went, on_its_way, pay_choice
from paidthru.faces.portal.showing import away, called, home_of, said_in, sent, show
from paidthru.faces.portal.views import shown, with_link
from paidthru.giving.queries import has_pledges
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import owed_by
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money, plain
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
    number, _, amount = request.POST.get("pay", "").partition(":")
    found = Invoice.objects.filter(party_id=link.party_id, organization=link.organization)
    invoice = found.filter(number=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    if invoice is None:
        return _shown(request, link, membership, notice="There is no such invoice.", tone="warn", status=404)
    owed = owed_for(invoice)
    if owed and str(owed) != amount:
        notice = "The amount has changed. Please read it again."
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
    return _done(request, f"Thank you: invoice {invoice.label} is paid.")


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
            if request.POST.get("key", "").partition(":")[2] != _stands_for(_ending(preview)):
                notice = "What canceling means has changed. Please read it again."
                return _canceling(request, link, membership, preview, notice=notice, status=409)
        done = cancel(desk, membership.id, actor=_actor(link), key=_key(request))
    except Refused as refused:
        return _refused(request, link, membership, refused)
    membership.refresh_from_db()
    over = membership.state == "ended"
    notice = (
        "Your membership has ended." if over else f"Canceled: your membership ends on {done.on.isoformat()}."
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
    return _done(request, "Your membership goes on.")


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
        f"Switch to {chosen.name}?",
        f"You are on {membership.plan.name} at {link.organization.name}.",
        action=f"{home}switch/confirm/?plan={chosen.id}",
        choices=(Choice("switch", f"{new_id()}:{_digest(preview)}", _switch_label(preview), primary=True),),
        consequences=_switching(link, preview),
        ways=(Way("Keep what I have", f"{home}membership/"),),
    )
    return show(request, page, link.organization)


@require_POST
@of_member
def switch_confirmed(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """Switches as it was read, and pays at once what is billed at once (P-28, X15)."""
    desk, chosen = desk_for(link.organization), _plan(link, request.GET.get("plan", ""))
    key, _, digest = request.POST.get("switch", "").replace("\0", "").partition(":")
    if chosen is None or not key:
        return redirect(f"{home_of(request)}switch/")
    pressed_twice = chosen.id in (membership.plan_id, membership.next_plan_id)
    try:
        if not pressed_twice:
            preview = preview_switch(
                link.organization, link.party_id, chosen.id, actor=_actor(link), now=desk.clock.now()
            )
            if digest != _digest(preview):
                notice = "What the switch costs has changed. Please read it again."
                return _shown(request, link, membership, notice=notice, tone="warn", status=409)
        switch_and_pay(desk, link.party_id, chosen.id, actor=_actor(link), key=f"switch {key[:40]}")
    except Refused as refused:
        if refused.code != "same_plan":
            return _refused(request, link, membership_of(link.party_id) or membership, refused)
    present = membership_of(link.party_id) or membership
    when = "You are" if present.plan_id == chosen.id else "From your next renewal on you are"
    return _done(request, f"{when} on {chosen.name}.")


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
        Way("Change how I pay", f"{home}method/"),
        Way("Invoices and receipts", f"{home}documents/"),
        Way("What comes, and my calendar", f"{home}calendar/"),
        Way("Mails that I get", f"{home}mails/"),
    ]
    if policies_of(link.organization).word("giving") == "on":
        ways.append(Way("Give", f"{home}give/"))
    if on_sale(link.organization_id, desk.today).exists() or orders_of(link.party_id).exists():
        ways.append(Way("Tickets", f"{home}tickets/"))
    if paid_for_by(link.organization_id, link.party_id):
        ways.append(Way("What I pay for others", f"{home}others/"))
    if has_pledges(link.party_id):
        ways.append(Way("My pledges", f"{home}pledges/"))
    if has_homes(link.party_id):
        ways.append(Way("My homes", f"{home}homes/"))
    if membership.state == "ending":
        choices = (*choices, Choice("undo", "yes", "Undo the cancellation", action=f"{home}undo/"))
    elif membership.state != "ended":
        if membership.payer_id is None and _others(link, membership):
            ways.append(Way("Switch to another plan", f"{home}switch/"))
        ways.append(Way("Cancel my membership", f"{home}cancel/"))
    page = Page(
        membership.plan.name,
        f"{link.party.name}, at {link.organization.name}.",
        tuple(_facts(desk, link, membership)),
        notice,
        tone,
        home if choices else "",
        choices,
        ("The same page can be reached by this link for two weeks; it is meant for you alone.",),
        ways=tuple(ways),
    )
    return show(request, page, link.organization, status)


def _facts(desk: Desk, link: MemberLink, membership: Membership) -> list[Fact]:
    policies = policies_of(link.organization)
    ends = ""
    if membership.state == "ending" and membership.cancel_on:
        ends = f"Canceled; it ends on {membership.cancel_on.isoformat()}."
    found = [Fact("Status", label_on(membership, policies, desk.today), ends)]
    if membership.paid_through:
        found.append(Fact("Paid until", membership.paid_through))
    if membership.next_plan:
        found.append(Fact("From the next renewal on", membership.next_plan.name))
    covered = covered_by(link.organization, link.party_id, desk.today)
    if covered and covered.allowance.included and prices_of(link.organization_id):
        used = f"{covered.allowance.used} of {covered.allowance.included} used"
        found.append(Fact("Visits of this cycle", used, "The count begins anew with the next cycle."))
    for currency, amount in owed_by(link.party_id).items():
        if amount:
            found.append(Fact("Open now", Money(amount, currency)))
    found += on_its_way(link)
    for currency, amount in credit_of(link.party_id).items():
        if amount:
            found.append(Fact("Credit", Money(amount, currency), "Used for what is billed next."))
    charge = next_charge(membership, policies, desk.today)
    if membership.payer is not None:
        found.append(Fact("Paid by", membership.payer.name, "Nothing for this membership is asked of you."))
    elif charge is None:
        found.append(Fact("Next charge", "None"))
    else:
        note = (
            "Charged by itself." if membership.autopay else "Not charged by itself: you are not on autopay."
        )
        found += [
            Fact("Next charge", Money(charge.amount_minor, charge.currency), note),
            Fact("Next charge on", charge.on),
        ]
    method = active_method(link.party_id)
    found.append(Fact("Payment method", called(method) if method else "None"))
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
        facts.append(Fact(plan.name, *(costs or ("Free",))))
        ways.append(Way(f"See what {plan.name} means", f"{home}switch/?plan={plan.id}"))
    text = f"You are on {membership.plan.name}. Nothing changes before you have read what it costs and confirmed it."
    if not ways:
        text = "There is no other plan to choose."
    return Page("Switch to another plan", text, tuple(facts), ways=(*ways, Way("Back", f"{home}membership/")))


def _switching(link: MemberLink, preview: SwitchPreview) -> tuple[str, ...]:
    """What a switch does, in sentences."""
    name, currency = preview.plan.name, preview.currency

    def said(amount_minor: int) -> str:
        return f"{plain(amount_minor, currency)} {currency}"

    if preview.when == "undone":
        return (f"You stay on {name}: the switch that you had chosen is taken back.",)
    if preview.when == "next_renewal":
        on = f", on {preview.bills_on.isoformat()}" if preview.bills_on else ""
        return (f"You are on {name} from your next renewal on{on}.", "Nothing is charged now.")
    found = [f"You are on {name} at once."]
    if preview.period is not None:
        through = preview.period.through.isoformat()
        found.append(
            f"{said(preview.amount_minor)} is billed now, for {preview.period.start.isoformat()} to {through}."
        )
        found += [str(line.derivation["text"]) for line in preview.lines]
    if preview.unused_minor:
        found.append(f"{said(preview.unused_minor)} of what you had paid is credited to you.")
    elif preview.amount_minor:
        found.append("What you had paid before is not taken into account.")
    if preview.owed_no_more_minor:
        found.append(f"{said(preview.owed_no_more_minor)} of what is unpaid is not owed any more.")
    method = active_method(link.party_id)
    if preview.amount_minor:
        found.append(
            f"It is charged to {called(method)}, now."
            if method
            else "You have no payment method on file: save one afterwards, and pay there."
        )
    return tuple(found)


def _canceling(
    request: HttpRequest,
    link: MemberLink,
    membership: Membership,
    preview: CancelPreview,
    *,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    home, sentences = home_of(request), _ending(preview)
    key = f"{new_id()}:{_stands_for(sentences)}"
    page = Page(
        "Cancel your membership?",
        f"{membership.plan.name} at {link.organization.name}.",
        notice=notice,
        tone="warn",
        action=f"{home}cancel/confirm/",
        choices=(Choice("key", key, "Cancel my membership", primary=True),),
        consequences=sentences,
        ways=(Way("Keep it", f"{home}membership/"),),
    )
    return show(request, page, link.organization, status)


def _ending(preview: CancelPreview) -> tuple[str, ...]:
    """What canceling does, in sentences."""
    decided, sentences = preview.decided, list[str]()
    if decided.at_once:
        sentences.append("Your membership ends today.")
    else:
        last = decided.last_day.isoformat()
        sentences.append(
            f"Your membership goes on through {last} and ends then. Until then you can undo this."
        )
    sentences.append("Nothing is charged for the time after.")
    sentences += [
        f"Invoice {one.number}, {plain(one.balance_minor, one.currency)} {one.currency}, is taken back."
        for one in preview.withdrawn
    ]
    sentences += [
        f"What is open stays owed: invoice {one.number}, {plain(one.balance_minor, one.currency)} {one.currency}."
        for one in preview.owed
    ]
    if preview.into:
        sentences.append(f"Afterwards you are on {preview.into}.")
    return tuple(sentences)


def _stands_for(sentences: tuple[str, ...]) -> str:
    """Stands for what was read."""
    return hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:16]


def _switch_label(preview: SwitchPreview) -> str:
    if preview.when == "now" and preview.amount_minor:
        return f"Switch and pay {plain(preview.amount_minor, preview.currency)} {preview.currency}"
    return "Switch"


def _digest(preview: SwitchPreview) -> str:
    """Stands for what was read of a switch."""
    return f"{preview.when} {preview.amount_minor} {preview.unused_minor} {preview.bills_on}".replace(
        " ", "-"
    )


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
    notice = f"{refused.message} {refused.fix or ''}".strip()
    return _shown(request, link, membership, notice=notice, tone="warn", status=409)
