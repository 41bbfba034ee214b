"""Members: the list, and a member's record."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.badges import label_badge
from paidthru.faces.console.bulk_acts import MEMBERS
from paidthru.faces.console.ending_pages import ends_said
from paidthru.faces.console.listing import csv_of, id_in, in_words, page_by_key, query_of, text_in
from paidthru.faces.console.member_pages import member_page
from paidthru.faces.console.parts import (
    Action,
    Choice,
    Column,
    EmptyState,
    Filter,
    ListPage,
    Query,
    Row,
    Tab,
    Text,
    with_query,
)
from paidthru.faces.console.views.owners import owner_list
from paidthru.invoicing.queries import who_owe
from paidthru.membership.models import Membership
from paidthru.membership.queries import counts_by_label, members, plans_of
from paidthru.membership.rules.status import LABELS
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Party
from paidthru.people.queries import found_by

_COLUMNS = (
    Column("name", "Member", sort_key="name"),
    Column("number", "Number", "code", "number"),
    Column("plan", "Plan"),
    Column("status", "Status", "badge"),
    Column("cycle", "Billing cycle started", "date"),
    Column("paid", "Paid through", "date", "paid"),
)
_WITH = (
    Choice("", "All of them"),
    Choice("autopay", "On autopay"),
    Choice("by_hand", "Not on autopay"),
    Choice("owing", "With something open"),
    Choice("nothing_owed", "With nothing open"),
    Choice("no_email", "Without an e-mail"),
)
_CSV = (
    "number",
    "external id",
    "name",
    "email",
    "type",
    "plan",
    "status",
    "billing cycle started",
    "paid through",
    "renewed through",
    "autopay",
)


@staff_page("view")
def member_list(visit: Visit) -> HttpResponseBase:
    """Every member with plan, status, billing cycle started and paid through (C-07, C-09)."""
    if visit.bills_homes and text_in(visit.request, "list") != "memberships":
        return owner_list(visit)
    request, query = visit.request, query_of(visit.request)
    text, label, plan_id = text_in(request, "q"), text_in(request, "status"), id_in(request, "plan")
    policies = policies_of(visit.organization)
    ending = text_in(request, "ending") == "yes"
    where = {"which": _which(visit), "plan_id": plan_id}
    narrowed = bool(text or plan_id or ending or text_in(request, "with"))
    found = shown_members(visit)
    if "export" in request.GET:
        return csv_of("members", _CSV, _lines(found))
    counts = counts_by_label(visit.organization.id, policies, visit.desk.today, **where)  # type: ignore[arg-type]
    page, sort = page_by_key(found, request, ["name", "number", "paid"], "name", tie="party_id")
    plans = [Choice(str(plan.id), plan.name) for plan in plans_of(visit.organization.id)]
    words, any_plan = visit.words, Choice("", f"All {visit.words.plans}")
    bring = Action("Import members", visit.url("import/"), "primary", icon="upload")
    may_import = visit.may("import")
    return visit.page(
        ListPage(
            title=visit.words.titled("members"),
            columns=in_words(visit.words, _COLUMNS),
            rows=tuple(_row(visit, one) for one in page.rows),
            empty=EmptyState(
                "No members yet",
                "Bring in your roster as a CSV file: you see what will be added before anything is, and nobody is"
                " mailed or charged.",
                bring if may_import else None,
            ),
            filters=(
                Filter("q", "Name, e-mail, number or id", "search", text),
                Filter("plan", words.titled("plan"), "choice", str(plan_id or ""), (any_plan, *plans)),
                Filter("with", "Which", "choice", text_in(request, "with"), _WITH),
                Filter(
                    "ending",
                    "Ending",
                    "choice",
                    "yes" if ending else "",
                    (Choice("", "Ending or not"), Choice("yes", "Canceled, still going on")),
                ),
            ),
            total=counts.get(label, 0) if label else sum(counts.values()),
            next_url=page.next_url,
            previous_url=page.previous_url,
            actions=(
                *((Action("Add member", visit.url("members/add/")),) if visit.may("renew") else ()),
                *((Action("Add contact", visit.url("members/contact/")),) if visit.may("renew") else ()),
                Action("Households", visit.url("members/households/")),
                *((Action(bring.label, bring.href, icon="upload"),) if may_import and page.rows else ()),
            ),
            tabs=_tabs(policies.word("status.labels"), counts, label, query) if counts or narrowed else (),
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=(visit.words.member, visit.words.members),
            bulk=MEMBERS.bulk(visit, counts.get(label, 0) if label else sum(counts.values()), query),
        ),
        "members",
    )


def shown_members(visit: Visit) -> QuerySet[Membership]:
    """The memberships that the address's filters show. Refused `id_invalid`."""
    request = visit.request
    return members(
        visit.organization.id, policies_of(visit.organization), visit.desk.today, which=_which(visit),
        plan_id=id_in(request, "plan"), label=text_in(request, "status"),
    )  # fmt: skip


def _which(visit: Visit) -> Q:
    found = found_by(text_in(visit.request, "q"), "party__")
    if text_in(visit.request, "ending") == "yes":
        found &= Q(state="ending")
    owing = Q(party__in=who_owe(visit.organization.id))
    match text_in(visit.request, "with"):
        case "autopay":
            found &= Q(autopay=True)
        case "by_hand":
            found &= Q(autopay=False)
        case "owing":
            found &= owing
        case "nothing_owed":
            found &= ~owing
        case "no_email":
            found &= Q(party__email="")
    return found


def _tabs(words: str, counts: dict[str, int], chosen: str, query: Query) -> tuple[Tab, ...]:
    return (
        Tab("All", with_query(query, status=""), sum(counts.values()), not chosen),
        *(
            Tab(label, with_query(query, status=label), counts.get(label, 0), label == chosen)
            for label in LABELS[words]
            if label in counts or label == chosen
        ),
    )


def _row(visit: Visit, one: Membership) -> Row:
    return Row(
        (
            Text(one.party.name, one.party.email),
            Text(str(one.party.number), _of_the_roster(one.party)),
            Text(one.plan.name, ends_said(visit, one)),
            label_badge(_of(one, "label")),
            _day(one, "cycle_started"),
            one.paid_through,
        ),
        member_url(visit, one.party_id),
        pick=MEMBERS.pick(visit, one.id),
        called=one.party.name,
    )


def _of_the_roster(party: Party) -> str:
    """The id that the imported roster gave, where it is another than the number."""
    return party.external_id if party.external_id and party.external_id != str(party.number) else ""


def _lines(found: QuerySet[Membership]) -> Iterator[Sequence[object]]:
    return (
        found.order_by("party__number", "id")
        .values_list(
            "party__number",
            "party__external_id",
            "party__name",
            "party__email",
            "party__customer_type",
            "plan__name",
            "label",  # type: ignore[misc]
            "cycle_started",
            "paid_through",
            "renewed_through",
            "autopay",
        )
        .iterator(chunk_size=2000)
    )


def _of(one: Membership, annotation: str) -> str:
    return str(getattr(one, annotation))


def _day(one: Membership, annotation: str) -> date | None:
    day: date | None = getattr(one, annotation)
    return day


@staff_page("view")
def member(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """A member's record: plan, status, dates, money, and what happened. `?all=1` shows every row of each section."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    return visit.page(member_page(visit, party, whole="all" in visit.request.GET), "members")
