"""Plans: what a member can belong to, its fees, its join links (P-26), and how it is prorated (G-38)."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.add_prorate_table import add_prorate_table
from paidthru.actions.change_join_link import change_join_link
from paidthru.actions.make_join_link import make_join_link
from paidthru.actions.prorate_plan import prorate_plan
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key
from paidthru.faces.console.listing import text_in
from paidthru.faces.console.pages import FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Column,
    EmptyState,
    Fact,
    Link,
    ListPage,
    Row,
    Table,
    Value,
)
from paidthru.faces.console.plan_forms import LinkForm, NewLinkForm, ProrateForm, TableForm
from paidthru.faces.console.row_exports import rows_csv
from paidthru.faces.console.sentences import moments
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.membership.models import Fee, JoinLink, Plan, PriceChange, ProrateTable
from paidthru.membership.queries.join_links import join_links_of
from paidthru.organizations.queries import policies_of
from paidthru.timeline.queries import events_of, was_done
from paidthru.visits.queries import prices_of

_KINDS = {
    "subscription": "Renews",
    "prepaid": "Prepaid, doesn’t renew",
    "pay_as_you_go": "Paid by the visit",
    "non_recurring": "Billed once",
    "free": "Free",
}
_PRORATE = {"": "As the organization decides", "none": "No", "months": "By months", "days": "By days"}
_NOW = Q(memberships__state__in=["pending", "active", "ending"])


def plan_url(visit: Visit, plan_id: UUID, act: str = "") -> str:
    """A plan's page, or an act on it."""
    return visit.url(f"plans/{plan_id}/{act}")


@staff_page("view")
def plan_list(visit: Visit) -> HttpResponseBase:
    """All plans with their prices and members."""
    found = Plan.objects.filter(organization=visit.organization).annotate(
        members=Count("memberships", filter=_NOW)
    )
    rows = tuple(
        Row(
            (
                plan.name,
                _price(plan),
                _every(plan),
                _KINDS.get(plan.kind, plan.kind),
                plan.members,
                _state(plan) or Badge("Offered"),
            ),
            plan_url(visit, plan.id),
        )
        for plan in found.prefetch_related("fees").order_by("name", "id")
    )
    columns = (
        Column("plan", visit.words.titled("plan")),
        Column("price", "Price", "money"),
        Column("every", "Every"),
        Column("kind", "Kind"),
        Column("members", visit.words.titled("members"), "number"),
        Column("state", "Status", "badge"),
    )
    if text_in(visit.request, "export") == "csv":
        return rows_csv("plans", columns, rows)
    empty = EmptyState(
        f"No {visit.words.plans} yet",
        "What somebody can belong to, and what it costs. A roster that is imported brings its own along.",
    )
    actions = [Action("Prorate tables", visit.url("plans/prorate/"))]
    if visit.may("set_policy"):
        add = Action(f"Add a {visit.words.plan}", visit.url("plans/add/"), "primary", icon="plus")
        empty = replace(empty, action=add)
        actions = [add, *actions] if rows else actions
    return visit.page(
        ListPage(
            visit.words.titled("plans"),
            columns,
            rows,
            empty,
            actions=tuple(actions),
            export_url="?export=csv",
            noun=(visit.words.plan, visit.words.plans),
        ),
        "plans",
    )


@staff_page("view")
def plan(visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """One plan: what it costs, who may join by themselves and where."""
    found = _plan(visit, plan_id)
    may, by_visit = visit.may("set_policy"), bool(prices_of(visit.organization.id))
    fees = tuple(
        Row((fee.name, Money(fee.amount_minor, found.currency), _what(fee)))
        for fee in found.fees.filter(closed=False).order_by("position", "id")
    )
    columns = (Column("fee", "Item"), Column("amount", "Amount", "money"), Column("what", "", "text"))
    return visit.page(
        RecordPage(
            title=found.name,
            kind=visit.words.titled("plan"),
            badges=tuple(badge for badge in (_state(found),) if badge),
            facts=(
                Fact("Price", _price(found)),
                Fact("Every", _every(found)),
                Fact("Kind", _KINDS.get(found.kind, found.kind)),
                Fact("Income account", found.income_code),
                Fact("Prorated", _prorated(found), _no_effect(visit, found)),
                *((Fact("Tax", found.tax.name),) if found.tax else ()),
                *((Fact("Seats", str(found.seats)),) if found.seats else ()),
                *((Fact("Visits of a cycle that it includes", _included(found)),) if by_visit else ()),
            ),
            actions=(
                *(
                    (Action("Change the price", plan_url(visit, found.id, "price/")),)
                    if may and found.kind != "free"
                    else ()
                ),
                *((Action("Name and offer", plan_url(visit, found.id, "change/")),) if may else ()),
                *((Action("Change proration", plan_url(visit, found.id, "prorate/")),) if may else ()),
                *(
                    (Action("Tax", plan_url(visit, found.id, "tax/")),)
                    if may and found.kind != "free"
                    else ()
                ),
                *((Action("Seats", plan_url(visit, found.id, "seats/")),) if may else ()),
                *((Action("Visits", plan_url(visit, found.id, "visits/")),) if may and by_visit else ()),
                Action("Policies", visit.url(f"settings/plans/{found.id}/")),
            ),
            sections=(
                Section(
                    "items",
                    "What it bills",
                    Table(
                        columns,
                        fees,
                        "Items",
                        empty=EmptyState("It costs nothing" if found.kind == "free" else "No price yet"),
                    ),
                ),
                *_planned(visit, found, may=may),
                _links(visit, found, may=may),
            ),
            timeline=moments(events_of(visit.organization.id, found.id, limit=30), visit.organization.locale),
            crumbs=(Link(visit.words.titled("plans"), visit.url("plans/")),),
        ),
        "plans",
    )


def _planned(visit: Visit, found: Plan, *, may: bool) -> tuple[Section, ...]:
    """Prices whose day is still to come."""
    changes = PriceChange.objects.filter(fee__plan=found).select_related("fee").order_by("from_on", "id")
    rows = tuple(
        Row(
            (
                one.from_on,
                one.fee.name,
                Money(one.amount_minor, found.currency),
                Link("Take it back", plan_url(visit, found.id, f"price/{one.id}/drop/")) if may else None,
            )
        )
        for one in changes
    )
    columns = (
        Column("on", "For terms from", "date"),
        Column("fee", "Item"),
        Column("amount", "Price", "money"),
        Column("act", "", "link"),
    )
    return (Section("planned", "Prices to come", Table(columns, rows, "Prices to come")),) if rows else ()


def _links(visit: Visit, found: Plan, *, may: bool) -> Section:
    rows = tuple(
        Row(
            (
                address(visit, link),
                _works(link, visit.desk.today),
                link.expires_on,
                link.sign_ups.exclude(membership=None).count(),
            ),
            plan_url(visit, found.id, f"links/{link.id}/") if may else None,
        )
        for link in join_links_of(found.id)
    )
    columns = (
        Column("address", "Address", "prose"),
        Column("state", "", "badge"),
        Column("until", "Works through", "date"),
        Column("joined", "Joined by it", "number"),
    )
    empty = EmptyState("No link yet", "Whoever opens one reads what joining costs, and joins by themselves.")
    make = Action("Make a join link", plan_url(visit, found.id, "links/make/"))
    return Section(
        "links",
        "Join link",
        Table(columns, rows, "Join links", empty=empty),
        text="Put the address on your site or into a mail: it is public, and leads to this plan.",
        actions=(make,) if may and not found.closed else (),
    )


@staff_page("set_policy")
def make_link(visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """Makes a join link; pressed twice, it is one."""
    found = _plan(visit, plan_id)
    form = NewLinkForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        clean, done = form.cleaned_data, was_done(visit.organization.id, form.cleaned_data["key"])
        try:
            link = make_join_link(
                visit.organization,
                found.id,
                actor=visit.actor,
                now=visit.desk.clock.now(),
                expires_on=clean["expires_on"],
                key=clean["key"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            if not done:
                messages.success(visit.request, f"The link is {address(visit, link)}")
            return redirect(plan_url(visit, found.id) + "#links")
    return _form(visit, found, form, "Make a join link", "Make the link", "")


@staff_page("set_policy")
def change_link(visit: Visit, plan_id: UUID, link_id: UUID) -> HttpResponseBase:
    """Switches a link off or on, or lets it expire on another day."""
    found = _plan(visit, plan_id)
    link = get_object_or_404(JoinLink, id=link_id, plan=found)
    start = new_key() | {"enabled": link.enabled, "expires_on": link.expires_on}
    form = LinkForm(visit.request.POST or None, initial=start)
    if visit.request.method == "POST" and form.is_valid():
        try:
            change_join_link(
                visit.organization,
                link.id,
                enabled=form.cleaned_data["enabled"],
                expires_on=form.cleaned_data["expires_on"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, "The link is as you wished.")
            return redirect(plan_url(visit, found.id) + "#links")
    return _form(visit, found, form, "Change the join link", "Save", address(visit, link))


@staff_page("set_policy")
def prorate(visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """Assigns a way to prorate, or a table, to the plan (G-38)."""
    found = _plan(visit, plan_id)
    tables = [
        (str(one.id), one.name)
        for one in ProrateTable.objects.filter(organization=visit.organization).order_by("name")
    ]
    present = str(found.prorate_table_id) if found.prorate_table_id else found.prorate
    form = ProrateForm(visit.request.POST or None, initial=new_key() | {"prorate": present}, tables=tables)
    if visit.request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["prorate"]
        is_table = chosen in dict(tables)
        prorate_plan(
            visit.organization,
            found.id,
            kind="" if is_table else chosen,
            table_id=UUID(chosen) if is_table else None,
            actor=visit.actor,
            now=visit.desk.clock.now(),
        )
        messages.success(
            visit.request, f"{found.name} is prorated as you wished, for those who join from now on."
        )
        return redirect(plan_url(visit, found.id))
    intro = f"A plan without a table or a way of its own follows the organization. {_no_effect(visit, found)}"
    return _form(visit, found, form, f"Prorate {found.name}", "Save", intro)


@staff_page("view")
def tables(visit: Visit) -> HttpResponseBase:
    """The prorate tables: twelve factors each."""
    found = ProrateTable.objects.filter(organization=visit.organization).order_by("name")
    used = {
        one.id: [plan.name for plan in Plan.objects.filter(prorate_table=one).order_by("name")]
        for one in found
    }
    rows = tuple(Row((one.name, " ".join(one.factors), ", ".join(used[one.id]) or None)) for one in found)
    columns = (
        Column("name", "Table"),
        Column("factors", "Factors", "prose"),
        Column("plans", "Used by", "prose"),
    )
    add = Action("Define a table", visit.url("plans/prorate/add/")) if visit.may("set_policy") else None
    empty = EmptyState(
        "No tables yet", "A table says month by month what share of the price a newcomer pays.", add
    )
    return visit.page(
        ListPage(
            "Prorate tables",
            columns,
            rows,
            empty,
            actions=(add,) if add and rows else (),
            intro="Month 1 is the first month of the fiscal year. A table works for the plans that it is assigned to.",
            crumbs=(Link(visit.words.titled("plans"), visit.url("plans/")),),
            noun=("table", "tables"),
        ),
        "plans",
    )


@staff_page("set_policy")
def add_table(visit: Visit) -> HttpResponseBase:
    """Defines a prorate table; another number of rows than twelve is refused."""
    form = TableForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        try:
            add_prorate_table(
                visit.organization,
                form.cleaned_data["name"],
                form.listed,
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(
                visit.request, f"The table {form.cleaned_data['name']} is defined. Assign it to a plan."
            )
            return redirect(visit.url("plans/prorate/"))
    return visit.page(
        FormPage(
            title="Define a prorate table",
            form=form,
            cancel_url=visit.url("plans/prorate/"),
            crumbs=(
                Link(visit.words.titled("plans"), visit.url("plans/")),
                Link("Prorate tables", visit.url("plans/prorate/")),
            ),
        ),
        "plans",
        422 if form.errors else 200,
    )


def address(visit: Visit, link: JoinLink) -> str:
    """A link's whole address."""
    return f"{visit.desk.public_url}/join/{link.token}/"


def _plan(visit: Visit, plan_id: UUID) -> Plan:
    return get_object_or_404(
        Plan.objects.prefetch_related("fees"), id=plan_id, organization=visit.organization
    )


def _form(
    visit: Visit, found: Plan, form: NewLinkForm | LinkForm | ProrateForm, title: str, label: str, intro: str
) -> HttpResponseBase:
    page = FormPage(
        title=title,
        form=form,
        submit_label=label,
        cancel_url=plan_url(visit, found.id),
        intro=intro,
        crumbs=(
            Link(visit.words.titled("plans"), visit.url("plans/")),
            Link(found.name, plan_url(visit, found.id)),
        ),
    )
    return visit.page(page, "plans", 422 if form.errors else 200)


def _price(found: Plan) -> Value:
    if found.kind == "free":
        return "Free"
    fee = next((fee for fee in found.fees.all() if fee.is_primary and not fee.closed), None)
    return Money(fee.amount_minor, found.currency) if fee else "No price yet"


def _every(found: Plan) -> str:
    return (
        f"{found.interval_count} {found.interval_unit}s" if found.interval_count > 1 else found.interval_unit
    )


def _included(found: Plan) -> str:
    if found.kind == "pay_as_you_go":
        return "None"
    return "Every one" if found.included_visits is None else str(found.included_visits)


def _what(fee: Fee) -> str:
    marks = {"The price": fee.is_primary, "Voluntary": fee.voluntary, "No charge": fee.complimentary}
    return ", ".join(mark for mark, holds in marks.items() if holds)


def _state(found: Plan) -> Badge | None:
    if found.closed:
        return Badge("Closed")
    return Badge("Default", "info") if found.is_default else None


def _prorated(found: Plan) -> str:
    table = found.prorate_table
    return f"By the table {table.name}" if table else _PRORATE.get(found.prorate, found.prorate)


def _no_effect(visit: Visit, found: Plan) -> str:
    """Only fixed terms are prorated (G-34)."""
    if policies_of(visit.organization).word("term.basis") == "annual":
        return ""
    return "Only fixed terms are prorated; members here have terms of their own."


def _works(link: JoinLink, today: date) -> Badge:
    if not link.enabled:
        return Badge("Switched off")
    if link.expires_on is not None and link.expires_on < today:
        return Badge("Expired", "warn")
    return Badge("Works", "good")
