"""Owners, where homes are billed: everybody whom the organization knows, with their homes and what they owe (A-29)."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Sum
from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.listing import page_by_key, query_of, text_in
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Choice,
    Column,
    EmptyState,
    Filter,
    ListPage,
    Row,
    Text,
    Value,
    with_query,
)
from paidthru.faces.console.row_exports import rows_csv
from paidthru.invoicing.models import Receivable
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership
from paidthru.people.models import Holding, Party
from paidthru.people.queries import found_by

_COLUMNS = (
    Column("name", "Owner", sort_key="name"),
    Column("number", "Number", "code", "number"),
    Column("homes", "Homes"),
    Column("owes", "Owes", "money"),
    Column("autopay", "Collected", "badge"),
)
_SHOWS = (("", "Everybody"), ("owner", "Owners"), ("tenant", "Tenants"), ("nothing", "Without a home"))


def owner_list(visit: Visit) -> HttpResponseBase:
    """Everybody by name; those who own a home, rent one, or have none."""
    text, show, query = text_in(visit.request, "q"), text_in(visit.request, "show"), query_of(visit.request)
    found = Party.objects.filter(found_by(text), organization=visit.organization)
    held = Holding.objects.filter(party=OuterRef("pk"), until_on=None)
    if show in ("owner", "tenant"):
        found = found.filter(Exists(held.filter(role=show)))
    elif show == "nothing":
        found = found.exclude(Exists(held))
    columns = tuple(
        one if one.key != "name" else Column("name", visit.words.titled("member"), sort_key="name")
        for one in _COLUMNS
    )
    if text_in(visit.request, "export") == "csv":
        everybody = list(found.order_by("name", "id"))
        lines = (
            Row((one.name, one.email, *row.cells[1:]))
            for one, row in zip(everybody, _rows(visit, everybody), strict=True)
        )
        return rows_csv("owners", (columns[0], Column("email", "E-mail"), *columns[1:]), lines)
    page, sort = page_by_key(found, visit.request, ["name", "number"], "name")
    bring = Action("Import homes and owners", visit.url("homes/import/"), "primary", icon="upload")
    acts: tuple[Action, ...] = (Action("Households", visit.url("members/households/")),)
    if visit.may("renew"):
        acts = (Action("Add a person", visit.url("members/add/")), *acts)
    if visit.may("import"):
        acts = (*acts, Action("Import people", visit.url("import/"), icon="upload"))
    if Membership.objects.filter(organization=visit.organization).exists():
        acts = (*acts, Action("Memberships", visit.url("members/?list=memberships")))
    return visit.page(
        ListPage(
            title=visit.words.titled("members"),
            columns=columns,
            rows=_rows(visit, page.rows),
            empty=EmptyState(
                "Nobody is called so" if text or show else "Nobody yet",
                "Bring in your homes as a CSV file, with who owns them: you see what will be added before anything is.",
                bring if visit.may("charge") and not (text or show) else None,
            ),
            filters=(
                Filter("q", "Name, e-mail, number or id", "search", text),
                Filter("show", "Who", "choice", show, tuple(Choice(*one) for one in _SHOWS)),
            ),
            next_url=page.next_url,
            previous_url=page.previous_url,
            query=query,
            sort=sort,
            actions=acts,
            export_url=with_query(query, export="csv"),
            noun=(visit.words.member, visit.words.members),
        ),
        "members",
    )


def _rows(visit: Visit, people: Sequence[Party]) -> tuple[Row, ...]:
    ids, currency = [one.id for one in people], visit.organization.currency
    held: dict[UUID, list[Holding]] = {}
    for one in (
        Holding.objects.filter(party__in=ids, until_on=None).select_related("unit").order_by("unit__name")
    ):
        held.setdefault(one.party_id, []).append(one)
    open_ = Receivable.objects.filter(party__in=ids, state="open").values("party_id", "currency")
    owed: dict[UUID, dict[str, int]] = {}
    for row in open_.annotate(minor=Sum("balance_minor")):
        owed.setdefault(row["party_id"], {})[row["currency"]] = row["minor"]
    return tuple(
        Row(
            (
                Text(one.name, one.email),
                str(one.number),
                _homes(held.get(one.id, ())),
                _owes(owed.get(one.id, {}), currency),
                _collected(held.get(one.id, ())),
            ),
            member_url(visit, one.id),
        )
        for one in people
    )


def _owes(owed: dict[str, int], currency: str) -> Money:
    """What somebody owes in the organization's currency, or in the only other one."""
    if currency not in owed and len(owed) == 1:
        (currency,) = owed
    return Money(owed.get(currency, 0), currency)


def _homes(held: Sequence[Holding]) -> Value:
    names = [one.unit.name if one.role == "owner" else f"{one.unit.name} (tenant)" for one in held]
    if not names:
        return None
    return Text(", ".join(names[:4]), f"and {len(names) - 4} more" if len(names) > 4 else "")


def _collected(held: Sequence[Holding]) -> Badge | None:
    owned = [one for one in held if one.role == "owner"]
    if not owned:
        return None
    alone = sum(one.autopay for one in owned)
    if alone == len(owned):
        return Badge("AutoPay", "info")
    return Badge("AutoPay in part", "info") if alone else Badge("By invoice")
