"""Another plan behind a secret link: what it costs is read first (P-28, X15)."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paidthru.actions.switch_plan import preview_switch
from paidthru.faces.portal.member_sentences import digest_of, switch_label, switching
from paidthru.faces.portal.member_views import (
    done,
    member_of,
    of_member,
    other_plans,
    refused_at_home,
    shown_home,
)
from paidthru.faces.portal.offering import own_price
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.showing import home_of, show
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.membership.models import Membership, Plan
from paidthru.membership.queries import as_for, membership_of, offered_to_members, plan_facts
from paidthru.payments.models import MemberLink
from paidthru.runs.joining import switch_and_pay
from paidthru.wiring import desk_for


@require_safe
@of_member
def switch_page(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """The plans that can be chosen; for one of them, what the switch would do and cost."""
    home, chosen = home_of(request), _plan(link, membership, request.GET.get("plan", ""))
    if chosen is None:
        return show(request, _offering(link, membership, home), link.organization)
    try:
        preview = preview_switch(
            link.organization,
            link.party_id,
            chosen.id,
            actor=member_of(link),
            now=desk_for(link.organization).clock.now(),
        )
    except Refused as refused:
        return refused_at_home(request, link, membership, refused)
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
    desk, chosen = desk_for(link.organization), _plan(link, membership, request.GET.get("plan", ""))
    key, __, digest = request.POST.get("switch", "").replace("\0", "").partition(":")
    if chosen is None or not key:
        return redirect(f"{home_of(request)}switch/")
    pressed_twice = chosen.id in (membership.plan_id, membership.next_plan_id)
    try:
        if not pressed_twice:
            preview = preview_switch(
                link.organization, link.party_id, chosen.id, actor=member_of(link), now=desk.clock.now()
            )
            if digest != digest_of(preview):
                notice = _("What the switch costs has changed. Please read it again.")
                return shown_home(request, link, membership, notice=notice, tone="warn", status=409)
        switch_and_pay(desk, link.party_id, chosen.id, actor=member_of(link), key=f"switch {key[:40]}")
    except Refused as refused:
        if refused.code != "same_plan":
            return refused_at_home(request, link, membership_of(link.party_id) or membership, refused)
    present = membership_of(link.party_id) or membership
    said = (
        _("You are on {plan}.")
        if present.plan_id == chosen.id
        else _("From your next renewal on you are on {plan}.")
    )
    return done(request, said.format(plan=chosen.name))


def _offering(link: MemberLink, membership: Membership, home: str) -> Page:
    known, today = plan_facts(link.organization_id), desk_for(link.organization).today
    facts, ways = [], []
    for plan in other_plans(link, membership):
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


def _plan(link: MemberLink, membership: Membership, text: str) -> Plan | None:
    """A plan that is offered, or the member's own; None for any other."""
    own = Q(id=membership.plan_id) | Q(id=membership.next_plan_id)
    try:
        return Plan.objects.filter(
            offered_to_members() | own, organization=link.organization, id=UUID(text)
        ).first()
    except ValueError:
        return None
