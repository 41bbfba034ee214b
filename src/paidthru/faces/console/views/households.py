"""Households and companies: the list, a new one, who belongs, and how many a plan covers."""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.add_party import add_party
from paidthru.actions.let_go import let_go
from paidthru.actions.set_seats import set_seats
from paidthru.actions.take_in import take_in
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.forms import DayField
from paidthru.faces.console.household_pages import KINDS
from paidthru.faces.console.listed import listed
from paidthru.faces.console.pages import FormPage
from paidthru.faces.console.parts import Action, Column, EmptyState, Link, ListPage, Row
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_email, checked_name
from paidthru.membership.models import Plan
from paidthru.membership.queries.covering import covered_people
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Belonging, Party
from paidthru.people.operations import PartyDraft
from paidthru.people.queries import belongings_of, one_meant
from paidthru.people.rules.belonging import GROUPS

_INPUT = {"class": "input", "autocomplete": "off"}


class HouseholdForm(ActForm):
    """A household or company to be added."""

    name = forms.CharField(label="Name", max_length=200, widget=forms.TextInput(attrs=_INPUT))
    kind = forms.ChoiceField(label="It is a", choices=tuple(KINDS.items()), widget=forms.Select(attrs=_INPUT))
    email = forms.CharField(
        label="E-mail",
        max_length=254,
        required=False,
        help_text="Bills and receipts of its membership go there.",
        widget=forms.TextInput(attrs=_INPUT),
    )


class PersonForm(ActForm):
    """Who is to belong, and from when."""

    name = forms.CharField(
        label="Person",
        max_length=254,
        help_text="The exact name, the e-mail address, or the number, such as #12.",
        error_messages={"required": "Say who."},
        widget=forms.TextInput(attrs=_INPUT),
    )
    from_on = DayField(label="From")
    role = forms.CharField(
        label="Role",
        max_length=60,
        required=False,
        help_text="Such as child, or front desk.",
        widget=forms.TextInput(attrs=_INPUT),
    )


class EndForm(ActForm):
    """From when somebody no longer belongs."""

    until_on = DayField(label="Gone from", help_text="The first day on which they aren’t covered any more.")


class SeatsForm(ActForm):
    """How many people a plan covers."""

    seats = forms.IntegerField(
        label="Seats",
        required=False,
        help_text="Empty: everybody who belongs to the household or company is covered.",
        widget=forms.NumberInput(attrs=_INPUT),
    )


_COLUMNS = (
    Column("group", "Household or company", sort_key="group"),
    Column("kind", "Kind"),
    Column("person", "Person"),
    Column("role", "Role"),
    Column("from", "From", "date"),
    Column("until", "Gone from", "date"),
    Column("covered", "Covered by"),
)


@staff_page("view")
def household_list(visit: Visit) -> HttpResponseBase:
    """Every household, and every company that somebody belongs to, with who belongs to it today."""
    organization = visit.organization
    stays = belongings_of(organization.id, on=visit.desk.today).filter(group_id=OuterRef("id")).order_by()
    found = Party.objects.filter(
        Q(kind="household") | Exists(stays), organization=organization, kind__in=GROUPS
    )
    add = Action("Add a household or company", visit.url("members/households/new/"), "primary")
    page = ListPage(
        title="Households and companies",
        columns=_COLUMNS,
        rows=(),
        empty=EmptyState(
            "Nobody belongs to a household or company",
            "Its membership covers the people who belong to it.",
        ),
        noun=("row", "rows"),
        crumbs=(Link(visit.words.titled("members"), visit.url("members/")),),
    )
    return listed(
        visit,
        found.annotate(group=Lower("name")).order_by("group", "id"),
        lambda groups: _rows(visit, groups),
        page,
        current="members",
        sorts=["group"],
        default="group",
        file="households",
        add=add if visit.may("renew") else None,
    )


def _rows(visit: Visit, groups: Sequence[Party]) -> list[Row]:
    """Who belongs to some groups today, a row for each; one for a group without anybody."""
    organization, today = visit.organization, visit.desk.today
    ids = [one.id for one in groups]
    covered = covered_people(organization.id, policies_of(organization), today, groups=ids)
    stays: dict[UUID, list[Belonging]] = {}
    for stay in belongings_of(organization.id, on=today).filter(group_id__in=ids):
        stays.setdefault(stay.group_id, []).append(stay)
    rows = []
    for group in groups:
        url, kind = member_url(visit, group.id), KINDS[group.kind]
        if group.id not in stays:
            rows.append(Row((group.name, kind, None, None, None, None, None), url))
        for stay in stays.get(group.id, ()):
            by = covered.get((group.id, stay.party_id))
            cells = (stay.party.name, stay.role or None, stay.from_on, stay.until_on)
            rows.append(Row((group.name, kind, *cells, by.plan.name if by else "Not covered"), url))
    return rows


@staff_page("renew")
def new(visit: Visit) -> HttpResponseBase:
    """Adds a household or company; of the same name there is one."""
    form = HouseholdForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            name = checked_name(clean["name"], field="name", most=200)
            email = checked_email(clean["email"]) if clean["email"].strip() else ""
            known = Party.objects.filter(organization=visit.organization, kind__in=GROUPS, name=name).first()
            found = known.id if known else None
            if found is None:
                draft = PartyDraft(name, clean["kind"], email=email)
                found = add_party(visit.organization, draft, actor=visit.actor, now=visit.desk.clock.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(
                visit.request, f"{name} is there. Add its people, and the plan that it takes up."
            )
            return redirect(member_url(visit, found))
    intro = "Its membership covers the people who belong to it."
    return _form(
        visit,
        form,
        "Add a household or company",
        "Add it",
        intro=intro,
        back=visit.url("members/households/"),
    )


@staff_page("renew")
def add_person(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Somebody belongs to it from a day on; pressed twice, the second is refused."""
    group = get_object_or_404(Party, id=party_id, organization=visit.organization, kind__in=GROUPS)
    form = PersonForm(visit.request.POST or None, initial=new_key() | {"from_on": visit.desk.today})
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            stay = take_in(
                visit.organization,
                one_meant(visit.organization.id, clean["name"]).id,
                group.id,
                from_on=clean["from_on"],
                role=clean["role"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{stay.party.name} belongs to {group.name}.")
            return redirect(f"{member_url(visit, group.id)}#people")
    return _form(visit, form, f"Add a person to {group.name}", "Add them", back=member_url(visit, group.id))


@staff_page("renew")
def end_stay(visit: Visit, party_id: UUID, belonging_id: UUID) -> HttpResponseBase:
    """Somebody no longer belongs to it from a day on."""
    stay = get_object_or_404(
        Belonging.objects.select_related("party", "group"),
        id=belonging_id,
        group_id=party_id,
        organization=visit.organization,
    )
    form = EndForm(visit.request.POST or None, initial=new_key() | {"until_on": visit.desk.today})
    if visit.request.method == "POST" and form.is_valid():
        try:
            let_go(
                visit.organization,
                stay.id,
                until_on=form.cleaned_data["until_on"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{stay.party.name} is let go; the seat is free from then on.")
            return redirect(f"{member_url(visit, party_id)}#people")
    title = f"Let {stay.party.name} go from {stay.group.name}"
    return _form(visit, form, title, "Let them go", back=member_url(visit, party_id))


@staff_page("set_policy")
def seats(visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """How many people of a household or company a plan covers."""
    plan = get_object_or_404(Plan, id=plan_id, organization=visit.organization)
    back = visit.url(f"plans/{plan.id}/")
    form = SeatsForm(visit.request.POST or None, initial=new_key() | {"seats": plan.seats})
    if visit.request.method == "POST" and form.is_valid():
        try:
            set_seats(
                visit.organization,
                plan.id,
                form.cleaned_data["seats"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, "The seats are set. Whoever belongs and came first has one.")
            return redirect(back)
    intro = "When a household or company takes up this plan, so many of its people are covered."
    return _form(visit, form, f"Seats of {plan.name}", "Save", intro=intro, back=back)


def _form(
    visit: Visit, form: ActForm, title: str, label: str, *, back: str, intro: str = ""
) -> HttpResponseBase:
    page = FormPage(title=title, form=form, submit_label=label, cancel_url=back, intro=intro)
    return visit.page(page, "members", 422 if form.errors else 200)
