"""What is expected in the coming days: as a part of the overview, and the charges behind each of its figures (A-40)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.core.cache import cache
from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.charts import Group, chart_of
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.late import late
from paidthru.faces.console.listing import csv_of, query_of, text_in
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Choice,
    Column,
    EmptyState,
    Filter,
    Link,
    ListPage,
    Row,
    Table,
    Value,
    with_query,
)
from paidthru.kernel.formats import money_text, short_day_text
from paidthru.kernel.money import EXPONENTS, Money
from paidthru.people.models import Party
from paidthru.runs.coming_charges import Way
from paidthru.runs.receipts_ahead import ASSUMED, DAYS, Expected, expected_receipts
from paidthru.timeline.queries import last_event

_SOURCES = {
    "memberships": "Memberships",
    "homes": "Homes",
    "pledges": "Pledges",
    "gifts": "Gifts that come again",
    "recurring": "Recurring invoices",
}
_WAYS: dict[Way, str] = {"by itself": "By itself", "asked for": "Asked for"}
_TITLE = f"Expected in the next {DAYS} days"
_PAGE = 50
_HERE = "overview/expected/rows/"


@staff_page("view")
def expected(visit: Visit) -> HttpResponseBase:
    """What is expected in the next days, as a part of the overview, or without a script a page of its own."""
    section = _expected(visit, _currency(visit))
    if visit.request.headers.get("HX-Request"):
        return visit.part("console/parts/section.html", section)
    crumbs = (Link("Overview", visit.url("overview/")),)
    return visit.page(RecordPage(title=section.title, sections=(section,), crumbs=crumbs), "overview")


def expected_section(visit: Visit, currency: str) -> Section:
    """The section of the overview that is filled when the page is there."""
    here = visit.url(f"{_HERE}?currency={currency}")
    return Section(
        "expected",
        _TITLE,
        load_url=visit.url(f"overview/expected/?currency={currency}"),
        text="Counting what the coming days bring…",
        more=Link("Every charge", here),
        actions=(Action("Download", f"{here}&export=csv", icon="download"),),
    )


@staff_page("view")
def expected_list(visit: Visit) -> HttpResponseBase:
    """Each charge that is expected: when, of whom, for what, by itself or asked for; of a week, a source or a way."""
    request, currency = visit.request, _currency(visit)
    crumbs = (Link("Overview", visit.url("overview/")),)
    waiting = late(
        visit,
        RecordPage(title=_TITLE, crumbs=crumbs),
        "overview",
        saying="Counting what the coming days bring…",
    )
    if waiting is not None:
        return waiting
    source, way, week = (text_in(request, name) for name in ("source", "way", "week"))
    found = [
        one
        for one in _foretold(visit)
        if one.currency == currency
        and source in ("", one.source)
        and way in ("", one.way)
        and week in ("", str(_week_of(visit, one)))
    ]
    if "export" in request.GET:
        header = ("day", "number", "member", "source", "for", "how", "currency", "amount")
        return csv_of("expected-receipts", header, _lines(found))
    at = int(page) if (page := text_in(request, "after")).isdecimal() and len(page) < 7 else 1
    shown, query = found[(at - 1) * _PAGE : at * _PAGE], query_of(request)
    names = Party.objects.in_bulk({one.party_id for one in shown})
    weeks = tuple(Choice(str(n), _week_text(visit, n)) for n in range(_weeks()))
    return visit.page(
        ListPage(
            title=_TITLE,
            intro=ASSUMED,
            columns=(
                Column("on", "On", "date"),
                Column("who", visit.words.titled("member"), "link"),
                Column("source", "From"),
                Column("what", "For"),
                Column("way", "How"),
                Column("amount", "Amount", "money"),
            ),
            rows=tuple(_row(visit, one, names) for one in shown),
            empty=EmptyState("Nothing is expected."),
            filters=(
                Filter("week", "Week", "choice", week, (Choice("", "Any"), *weeks)),
                Filter("source", "From", "choice", source, _choices(_SOURCES)),
                Filter("way", "How", "choice", way, _choices(_WAYS)),
            ),
            foot=Row(
                ("Together", None, None, None, None, Money(sum(one.amount_minor for one in found), currency))
            )
            if found
            else None,
            total=len(found),
            noun=("charge", "charges"),
            next_url=with_query(query, after=str(at + 1)) if len(found) > at * _PAGE else None,
            previous_url=with_query(query, after=str(at - 1)) if at > 1 else None,
            query=query,
            export_url=with_query(query, export="csv") if found else None,
            crumbs=crumbs,
        ),
        "overview",
    )


def _choices(named: dict[str, str] | dict[Way, str]) -> tuple[Choice, ...]:
    return (Choice("", "Any"), *(Choice(key, label) for key, label in named.items()))


def _row(visit: Visit, one: Expected, parties: dict[UUID, Party]) -> Row:
    party = parties[one.party_id]
    amount = Money(one.amount_minor, one.currency)
    who = Link(party.name, member_url(visit, party.id))
    return Row((one.on, who, _SOURCES[one.source], one.what, _WAYS[one.way], amount))


def _lines(found: Sequence[Expected]) -> Iterator[Sequence[object]]:
    for start in range(0, len(found), 500):
        part = found[start : start + 500]
        parties = Party.objects.in_bulk({one.party_id for one in part})
        for one in part:
            party, amount = parties[one.party_id], Money(one.amount_minor, one.currency)
            yield (
                one.on, party.number, party.name, _SOURCES[one.source], one.what, one.way, one.currency, amount
            )  # fmt: skip


def _currency(visit: Visit) -> str:
    currency = text_in(visit.request, "currency")
    return currency if currency in EXPONENTS else visit.organization.currency


def _foretold(visit: Visit) -> list[Expected]:
    """What is expected, counted anew as soon as anything has happened or the day has changed."""
    key = f"expected-{visit.organization.id}-{visit.desk.today}-{last_event(visit.organization.id)}"
    found: list[Expected] | None = cache.get(key)
    if found is None:
        found = expected_receipts(visit.desk)
        cache.set(key, found)
    return found


def _weeks() -> int:
    return -(-DAYS // 7)


def _week_of(visit: Visit, one: Expected) -> int:
    """The how manieth week from today on a charge is in, from 0."""
    return (one.on - visit.desk.today).days // 7


def _first_of(visit: Visit, week: int) -> date:
    return visit.desk.today + timedelta(days=7 * week)


def _week_text(visit: Visit, week: int) -> str:
    return f"Week from {day_text(_first_of(visit, week), visit.organization.locale)}"


def _summed(found: Iterable[tuple[object, Expected]]) -> Counter[tuple[object, Way]]:
    sums: Counter[tuple[object, Way]] = Counter()
    for key, one in found:
        sums[key, one.way] += one.amount_minor
    return sums


def _expected(visit: Visit, currency: str) -> Section:
    """What comes in the next days week by week, and by what it is for; with what is assumed."""
    found = [one for one in _foretold(visit) if one.currency == currency]
    weeks = _summed((_week_of(visit, one), one) for one in found)
    sources = _summed((one.source, one) for one in found)
    here, locale = visit.url(f"{_HERE}?currency={currency}"), visit.organization.locale

    def said(amount_minor: int) -> str:
        return money_text(Money(amount_minor, currency), locale)

    def group(week: int) -> Group:
        amounts = tuple(weeks[week, way] for way in _WAYS)
        label = short_day_text(_first_of(visit, week), locale)
        return Group(label, amounts, tuple(map(said, amounts)), f"{here}&week={week}")

    by_week = tuple(
        _sums_row(Link(_week_text(visit, week), f"{here}&week={week}"), weeks, week, currency)
        for week in range(_weeks())
    )
    by_source = tuple(
        _sums_row(Link(_SOURCES[source], f"{here}&source={source}"), sources, source, currency)
        for source in _SOURCES
        if any(sources[source, way] for way in _WAYS)
    )
    if not by_source:
        nothing = EmptyState(
            "Nothing new is expected",
            "What is owed already and not collected by autopay stands above, by its age.",
        )
        return Section("expected", _TITLE, Table((), (), empty=nothing), text=ASSUMED)
    groups = tuple(group(week) for week in range(_weeks()))
    return Section(
        "expected",
        _TITLE,
        _table("Week", by_week, f"{_TITLE}, by week", weeks, currency),
        text=ASSUMED,
        chart=chart_of(tuple(_WAYS.values()), groups, said, stacked=True),
        folded=True,
        below=_table("From", by_source, _TITLE, sources, currency),
    )


def _sums_row(head: Link, sums: Counter[tuple[object, Way]], key: object, currency: str) -> Row:
    amounts = [sums[key, way] for way in _WAYS]
    return Row((head, *_monies((*amounts, sum(amounts)), currency)))


def _table(
    head: str, rows: tuple[Row, ...], title: str, sums: Counter[tuple[object, Way]], currency: str
) -> Table:
    totals = [sum(amount for (_, way), amount in sums.items() if way == each) for each in _WAYS]
    return Table(
        (
            Column("head", head, "link"),
            *(Column(way.replace(" ", "-"), label, "money") for way, label in _WAYS.items()),
            Column("total", "Together", "money"),
        ),
        rows,
        title,
        foot=Row(("Together", *_monies((*totals, sum(totals)), currency))) if rows else None,
        empty=EmptyState("Nothing is expected."),
    )


def _monies(amounts: Iterable[int], currency: str) -> tuple[Value, ...]:
    return tuple(Money(one, currency) if one else None for one in amounts)
