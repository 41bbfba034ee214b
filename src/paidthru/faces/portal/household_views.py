"""Households and companies behind a secret link: who belongs to one and is covered, for whoever holds its membership;
whose membership covers them, for whoever belongs (C-42).

Looking changes nothing: acts are POSTs to the same address, and answer with one that can be loaded again.
"""

from dataclasses import replace
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from paidthru.actions.let_go import let_go
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.showing import home_of, said_in, sent, show, who_at
from paidthru.faces.portal.spoken import state
from paidthru.faces.portal.views import with_link
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.membership.queries import label_on, membership_of
from paidthru.membership.queries.covering import covered_people, covers_of, holding
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import MemberLink
from paidthru.people.models import Belonging
from paidthru.people.queries import belongings_of
from paidthru.people.rules.belonging import GROUPS
from paidthru.runs.desk import Desk
from paidthru.runs.households import MOST, bring_along, refuse_by_staff_alone
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for

_MOST = 100  # people who are shown; larger companies ask for their list
_INPUT = {"class": "input", "autocomplete": "off"}


class RelativeForm(forms.Form):
    """Somebody who is to belong. `key` makes a double click one person."""

    name = forms.CharField(
        label=_lazy("Name"),
        max_length=200,
        error_messages={"required": _lazy("Say who.")},
        widget=forms.TextInput(attrs=_INPUT),
    )
    email = forms.EmailField(
        label=_lazy("E-mail address"),
        required=False,
        max_length=254,
        help_text=_lazy("If you enter one, they can see their membership by it."),
        error_messages={"invalid": _lazy("That is no e-mail address. Write it as ann@example.org.")},
        widget=forms.EmailInput(attrs=_INPUT),
    )
    role = forms.CharField(
        label=_lazy("Who they are"),
        required=False,
        max_length=60,
        help_text=_lazy("Such as partner, child, or employee."),
        widget=forms.TextInput(attrs=_INPUT),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


def has_household(link: MemberLink) -> bool:
    """Whether the link's party is a household or company, or belongs to one now."""
    if link.party.kind in GROUPS:
        return True
    today = desk_for(link.organization).today
    return belongings_of(link.organization_id, on=today).filter(party_id=link.party_id).exists()


def household_way(link: MemberLink, home: str) -> tuple[Way, ...]:
    """The way to the household or company, where there is one."""
    if not has_household(link):
        return ()
    label = _("Who is covered") if link.party.kind in GROUPS else _("My household or company")
    return (Way(label, f"{home}household/"),)


@require_safe
@with_link
def household_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """Who belongs to the household or company, or what covers the person."""
    if link.attempt_id is not None:  # it is for confirming one payment only
        return redirect(home_of(request))
    desk, tone_and_notice = desk_for(link.organization), said_in(request)
    page = _group if link.party.kind in GROUPS else _covered
    tone, notice = tone_and_notice or ("good", "")
    shown = replace(page(desk, link, home_of(request)), tone=tone, notice=notice)
    return show(request, shown, link.organization)


@require_http_methods(["GET", "HEAD", "POST"])
@with_link
def add_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """Asks who is to belong; posted, they do from today on."""
    desk = desk_for(link.organization)
    if link.attempt_id is not None or not _may_add(desk, link):
        return redirect(home_of(request) if link.attempt_id is not None else f"{home_of(request)}household/")
    form = RelativeForm(request.POST if request.method == "POST" else None, initial={"key": new_id()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            bring_along(
                desk,
                link.party_id,
                given["name"],
                email=given["email"],
                role=given["role"],
                actor=Actor("member", link.party.name),
                key=f"portal {given['key'][:40]}",
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, said_of(refused))
        else:
            notice = _("{name} belongs to it now.").format(name=given["name"])
            return sent(request, "good", notice, to=f"{home_of(request)}household/")
    page = Page(
        _("Add somebody"),
        who_at(link),
        action=request.path,
        form=form,
        choices=(Choice("go", "add", _("Add this person"), primary=True),),
        ways=(Way(_("Back"), f"{home_of(request)}household/"),),
    )
    return show(request, page, link.organization, 422 if form.errors else 200)


def person_page(request: HttpRequest, token: str, belonging_id: UUID) -> HttpResponseBase:
    """One who belongs to the link's household or company; posted, they are let go from today on."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @with_link
    def look(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
        found = belongings_of(link.organization_id).filter(group_id=link.party_id, id=belonging_id)
        stay = found.first() if link.attempt_id is None else None
        if stay is None:
            raise Http404
        desk = desk_for(link.organization)
        if request.method != "POST":
            return show(request, _letting_go(desk, stay, request), link.organization)
        to, actor = f"{home_of(request)}household/", Actor("member", link.party.name)
        try:
            refuse_by_staff_alone(desk)
            let_go(link.organization, stay.id, until_on=desk.today, actor=actor, now=desk.clock.now())
        except Refused as refused:
            if refused.code != "belonging_over":  # pressed twice
                return sent(request, "warn", said_of(refused), to=to)
        return sent(
            request, "good", _("{name} does not belong to it any more.").format(name=stay.party.name), to=to
        )

    return look(request, token)


def _letting_go(desk: Desk, stay: Belonging, request: HttpRequest) -> Page:
    may = policies_of(desk.organization).word("household.by_holder") == "on"
    gone = stay.until_on is not None and stay.until_on <= desk.today
    facts = [Fact(_("Belongs from"), stay.from_on)]
    if stay.role:
        facts.append(Fact(_("Who they are"), stay.role))
    if stay.until_on is not None:
        facts.append(Fact(_("Gone from"), stay.until_on))
    label = _("Let {name} go").format(name=stay.party.name)
    return Page(
        stay.party.name,
        facts=tuple(facts),
        action=request.path if may and not gone else "",
        choices=(Choice("go", "yes", label, primary=True),) if may and not gone else (),
        consequences=(_("From today on your membership does not cover them."),) if may and not gone else (),
        ways=(Way(_("Back"), f"{home_of(request)}household/"),),
    )


def _seats(desk: Desk, link: MemberLink) -> tuple[int, int | None, bool]:
    """How many people belong to the household or company now, how many its membership covers (None: all), and whether
    it has a membership."""
    held = holding(link.party_id, desk.today)
    used = belongings_of(link.organization_id, on=desk.today).filter(group_id=link.party_id).count()
    return used, held.plan.seats if held else None, held is not None


def _may_add(desk: Desk, link: MemberLink) -> bool:
    used, seats, __ = _seats(desk, link)
    by_holder = policies_of(link.organization).word("household.by_holder") == "on"
    return by_holder and link.party.kind in GROUPS and used < (MOST if seats is None else min(seats, MOST))


def _group(desk: Desk, link: MemberLink, home: str) -> Page:
    """A household or company as its holder sees it: who belongs to it, and who of them is covered."""
    organization, party = link.organization, link.party
    policies = policies_of(organization)
    used, seats, has_membership = _seats(desk, link)
    covered = covered_people(organization.id, policies, desk.today, groups=[party.id])
    stays = belongings_of(organization.id).filter(group_id=party.id).exclude(until_on__lte=desk.today)
    shown = list(stays[: _MOST + 1])
    people = _("{count} of {seats} seats used").format(count=used, seats=seats) if seats else str(used)
    facts = [Fact(_("People"), people)]
    if not has_membership:
        facts.append(Fact(_("Membership"), _("None"), _("Nobody is covered.")))
    ways = [
        Way(_said(one, desk, is_covered=(party.id, one.party_id) in covered), f"{home}household/{one.id}/")
        for one in shown[:_MOST]
    ]
    if _may_add(desk, link):
        ways.append(Way(_("Add somebody"), f"{home}household/add/"))
    asides = []
    if len(shown) > _MOST:
        most = _("These are the first {count}; ask {organization} for the whole list.")
        asides.append(most.format(count=_MOST, organization=organization.name))
    if policies.word("household.by_holder") != "on":
        ask = _("To change who belongs here, ask {organization}.")
        asides.append(ask.format(organization=organization.name))
    return Page(
        _("Who is covered"),
        who_at(link),
        tuple(facts),
        ways=(*ways, Way(_("Back"), home)),
        asides=tuple(asides),
    )


def _said(stay: Belonging, desk: Desk, *, is_covered: bool) -> str:
    """Somebody who belongs, and whether they are covered today."""
    name = f"{stay.party.name}, {stay.role}" if stay.role else stay.party.name
    if stay.from_on > desk.today:
        return _("{name}: from {day} on").format(name=name, day=stay.from_on.isoformat())
    said = _("{name}: covered") if is_covered else _("{name}: not covered")
    return said.format(name=name)


def _covered(desk: Desk, link: MemberLink, home: str) -> Page:
    """What covers a person who belongs to households or companies."""
    organization, today = link.organization, desk.today
    policies = policies_of(organization)
    covers = covers_of(organization.id, link.party_id, policies, today)
    by_group = {one.membership.party_id: one for one in covers}
    facts = list[Fact]()
    for stay in belongings_of(organization.id, on=today).filter(party_id=link.party_id):
        cover, held = by_group.get(stay.group_id), holding(stay.group_id, today)
        if cover is None or not cover.holds:
            why = (
                _("It has no membership now.")
                if held is None
                else _("Its membership does not cover you now.")
            )
            facts.append(Fact(stay.group.name, _("Not covered"), why))
            continue
        note = _("You are covered by {plan}. Nothing for it is asked of you.")
        label = state(label_on(cover.membership, policies, today))
        facts.append(Fact(stay.group.name, label, note.format(plan=cover.membership.plan.name)))
        if cover.membership.paid_through:
            facts.append(Fact(_("Paid until"), cover.membership.paid_through))
    ways = [Way(_("Mails that I get"), f"{home}mails/"), Way(_("Invoices and receipts"), f"{home}documents/")]
    if membership_of(link.party_id) is not None:
        ways.insert(0, Way(_("See my membership"), f"{home}membership/"))
    title = _("My household or company") if facts else _("You belong to no household or company now")
    return Page(title, who_at(link), tuple(facts), ways=tuple(ways))
