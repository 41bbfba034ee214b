"""Settings: what the organization has decided, by subject, each with its value, its source and an example (G-05)."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.withdraw_policy_change import withdraw_policy_change
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import in_two_steps, new_key, told
from paidthru.faces.console.pages import FormPage, Problem, RecordPage, Section
from paidthru.faces.console.parts import Action, Column, Fact, Link, Row, Table
from paidthru.faces.console.policy_form import PolicyForm
from paidthru.faces.console.sentences import moments
from paidthru.faces.console.settings_pages import (
    ORGANIZATION,
    Place,
    conflicts_section,
    hidden_by_others,
    meaning,
    of_staff,
    place_of,
    sections,
    subject_of,
    unset_label,
)
from paidthru.faces.console.views.settings_preview import made, previewed
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Plan
from paidthru.membership.queries import membership_of
from paidthru.organizations.models import PolicyChange
from paidthru.organizations.queries import planned_changes, policies_of, refused_changes
from paidthru.organizations.rules.policies import CATALOGUE
from paidthru.people.models import Party
from paidthru.timeline.queries import events_of

_TO_LIVE = (
    "It stays one: paidthru org create NAME --live makes another, into which the roster is brought again."
)
_REFUSED_FOR = timedelta(days=30)  # how long the page speaks of a planned change that could not be made


def _own_page(visit: Visit) -> Fact:
    """Where members ask for the link to their membership: for the organization's own website."""
    address = f"{visit.desk.public_url}/my/{visit.organization.slug}/"
    note = "Put it on your website: by it they are mailed the link to their membership."
    return Fact(f"For your {visit.words.members}", Link(address, address), note)


_PLACES = (
    ("People", "settings/people/", "view", "Who works here, what each may do, and how they sign in."),
    (
        "Payment processor",
        "settings/payments/",
        "connect_gateway",
        "The account through which cards and debits come.",
    ),
    (
        "Documents",
        "settings/documents/",
        "view",
        "Letterhead, colours and logo of invoices, mails and members’ pages.",
    ),
    ("Mail", "settings/mail/", "view", "What is mailed to members, in whose words, and who carries it."),
    ("Billing contact", "billing-contact/", "set_policy", "Who is told whenever somebody buys something."),
    ("Taxes", "settings/taxes/", "view", "What plans and lines bear, and their rates by day."),
    ("Discounts", "settings/discounts/", "view", "What comes off prices, for whom and how long; codes."),
    ("Exchange rates", "settings/rates/", "view", "What other currencies are worth, for reports."),
    ("Examples", "settings/examples/", "view", "What is expected of the policies: told before they change."),
)


def _places(visit: Visit) -> Section:
    """The settings that are no policies, each on a page of its own."""
    rows = tuple(
        Row((Link(name, visit.url(path)), why)) for name, path, act, why in _PLACES if visit.may(act)
    )
    columns = (Column("place", "Where", "link"), Column("why", "What is decided there", "prose"))
    return Section("places", "More settings", Table(columns, rows, "More settings"))


@staff_page("view")
def policies(visit: Visit) -> HttpResponseBase:
    """The policies in force, by what they decide, in the preset's words."""
    organization = visit.organization
    found = policies_of(organization)
    changes = events_of(organization.id, organization.id, limit=20)
    return visit.page(
        RecordPage(
            title="Settings",
            intro="Each policy comes from the preset until somebody sets it here. What is billed keeps what it was"
            " billed with.",
            facts=(
                Fact("Organization", organization.name),
                Fact("Preset", organization.preset),
                Fact("Currency", organization.currency),
                Fact("Time zone", organization.zone),
                Fact("Mode", "Sandbox: no real money", _TO_LIVE)
                if organization.is_sandbox
                else Fact("Mode", "Live"),
                _own_page(visit),
            ),
            sections=(
                *conflicts_section(visit, found),
                _places(visit),
                *_planned(visit),
                *sections(visit, found, ORGANIZATION),
                *_plans(visit),
            ),
            timeline=moments(changes, organization.locale) or None,
        ),
        "settings",
    )


@staff_page("view")
def plan_policies(visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """What a plan decides for itself (G-08), beside what it takes over."""
    plan = get_object_or_404(Plan, id=plan_id, organization=visit.organization)
    return _place(visit, Place("plan", plan.id, plan.name), Link(plan.name, visit.url(f"plans/{plan.id}/")))


@staff_page("view")
def member_policies(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """What holds for one member (G-07), or with `?level=membership` for the one they have (G-09)."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    current = membership_of(party.id)
    here, crumb = (
        visit.url(f"settings/members/{party.id}/"),
        Link(party.name, visit.url(f"members/{party.id}/")),
    )
    if current is None or current.state == "ended":
        return _place(visit, Place("customer", party.id, party.name, party.id), crumb)
    if visit.request.GET.get("level") == "membership":
        place = Place("subscription", current.id, f"the membership of {party.name}", party.id)
        return _place(visit, place, crumb, Action("For the member", here))
    place = Place("customer", party.id, party.name, party.id)
    return _place(visit, place, crumb, Action("For this membership only", f"{here}?level=membership"))


def _place(visit: Visit, place: Place, crumb: Link, *actions: Action) -> HttpResponseBase:
    found = place.policies(visit.organization)
    words = visit.words
    return visit.page(
        RecordPage(
            title=f"Policies of {place.name}",
            kind=words.titled("plan" if place.kind == "plan" else "member"),
            intro="What is set here goes before the organization’s. The most specific level counts: the membership,"
            f" the {words.plan}, the {words.member}, then the organization.",
            actions=actions,
            sections=sections(visit, found, place),
            crumbs=(Link("Settings", visit.url("settings/")), crumb),
        ),
        "settings",
    )


@staff_page("set_policy")
def policy(visit: Visit, name: str) -> HttpResponseBase:
    """Sets a policy in two steps: the form, then what the change does, and it is made (G-01, G-12, G-35)."""
    key = CATALOGUE.get(name)
    if key is None:
        raise Http404
    place = place_of(visit, key)
    policies = place.policies(visit.organization)
    present = policies.effective(name)
    means = meaning(visit, policies, place, key)
    is_set = (place.kind, str(place.id or ""), name) in policies.settings
    form = PolicyForm(
        visit.request.POST or None,
        policy=key,
        present=present.value,
        unset=unset_label(policies, place, key) if is_set else "",
        means=means,
        leave_out=hidden_by_others(policies, key)[0],
        initial=new_key(),
    )
    back = visit.url("settings/") if place.kind == "organization" else visit.url(place.settings)
    here = visit.url(f"settings/{name}/") + place.query
    came = "the preset" if present.source.startswith("preset") else f"what is set for the {present.source}"
    now = means(present.value)

    def entry(form: PolicyForm) -> FormPage:
        asides = (
            *((f"As it is now: {now}",) if now else ()),
            *hidden_by_others(policies, key)[1],
            "It holds at once, for everybody who works here."
            if of_staff(key)
            else "It holds for what is billed from then on. What was billed keeps what it was billed with.",
            key.name,
        )
        return FormPage(
            title=key.title,
            form=form,
            submit_label="See what it changes",
            cancel_url=back,
            intro=f"{key.sentence} Now: {key.said(present.value)}, from {came}."
            + (f" This is for {place.name}." if place.name else ""),
            aside=asides,
            crumbs=(Link("Settings", visit.url("settings/")), Link(subject_of(visit, key), back)),
        )

    def done(form: PolicyForm) -> HttpResponseBase:
        messages.success(visit.request, made(visit, place, key, form))
        return redirect(back)

    return in_two_steps(
        visit,
        form,
        entry=entry,
        confirm=lambda form: previewed(visit, place, key, form, here, back),
        done=done,
        after=back,
        current="settings",
    )


@staff_page("set_policy")
def withdraw(visit: Visit, change_id: UUID) -> HttpResponseBase:
    """Withdraws a planned change; it has to be posted."""
    if visit.request.method != "POST":
        raise Http404
    found = get_object_or_404(PolicyChange, id=change_id, organization=visit.organization)
    back = visit.url("settings/")
    try:
        gone = withdraw_policy_change(
            visit.organization, found.id, actor=visit.actor, now=visit.desk.clock.now()
        )
    except Refused as refused:
        return told(visit, refused, back)
    messages.success(visit.request, f"{', '.join(gone.values)} will not change on {gone.comes_on}.")
    return redirect(back)


def _planned(visit: Visit) -> tuple[Section, ...]:
    """What changes by itself on a later date."""
    found = planned_changes(visit.organization.id)
    refused = refused_changes(visit.organization.id, since=visit.desk.clock.now() - _REFUSED_FOR)
    problem = None
    if refused:
        told = (f"{', '.join(one.values)} on {one.comes_on}: {one.why}" for one in refused)
        problem = Problem("A planned change could not be made", " ".join(told))
    if not found:
        return (Section("planned", "Planned changes", problem=problem),) if problem else ()
    rows = tuple(
        Row(
            (
                name,
                "unset" if value is None else CATALOGUE[name].said(value),
                change.comes_on,
                change.asked_by,
            )
        )
        for change in found
        for name, value in change.values.items()
    )
    columns = (
        Column("policy", "Policy"),
        Column("value", "Changes to", "prose"),
        Column("on", "On", "date"),
        Column("by", "Asked by"),
    )
    withdrawals = tuple(
        Action(
            f"Withdraw {', '.join(change.values)} on {change.comes_on}",
            visit.url(f"settings/changes/{change.id}/withdraw/"),
            method="post",
        )
        for change in found
        if visit.may("set_policy")
    )
    return (
        Section(
            "planned",
            "Planned changes",
            Table(columns, rows, "Planned changes"),
            actions=withdrawals,
            problem=problem,
        ),
    )


def _plans(visit: Visit) -> tuple[Section, ...]:
    """The way to what each plan decides for itself."""
    found = Plan.objects.filter(organization=visit.organization, closed=False).order_by("name", "id")[:50]
    links = tuple(
        Fact(plan.name, Link("Its own policies", visit.url(f"settings/plans/{plan.id}/"))) for plan in found
    )
    return (Section("plans", visit.words.titled("plans"), facts=links),) if links else ()
