"""The dashboard: collected, owed by age, how dues stand, giving, failures and what is expected (A-40 to A-44, X24)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.core.cache import cache
from django.http import HttpResponseBase

from paidthru.dunning.queries import open_counts
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.badges import label_badge
from paidthru.faces.console.charts import Chart, Group
from paidthru.faces.console.equivalents import equivalent_figures
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.listing import csv_of, query_of, text_in
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Choice,
    Column,
    EmptyState,
    Figure,
    Filter,
    Link,
    Row,
    Table,
    Value,
    with_query,
)
from paidthru.faces.console.views.ages import LABELS
from paidthru.faces.console.views.calendar import standing
from paidthru.giving.queries import campaigns_of, progress_of
from paidthru.invoicing.queries import age_totals
from paidthru.invoicing.rules.aging import AGES
from paidthru.kernel.formats import money_text, month_text, short_day_text
from paidthru.kernel.money import EXPONENTS, Money
from paidthru.kernel.periods import add_months
from paidthru.membership.models import Plan
from paidthru.membership.queries import counts_by_label
from paidthru.membership.queries.health import DEFINITION, renewed_in
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import Collected, collected, collected_by_month, currencies_collected
from paidthru.people.queries import found_by
from paidthru.runs.coming_charges import Way
from paidthru.runs.receipts_ahead import ASSUMED, DAYS, Expected, expected_receipts
from paidthru.timeline.queries import last_event

_MONTHS = 12
_PERIODS = (("This month", 1), ("This quarter", 3), ("This year", 12))
_SOURCES = {
    "memberships": "Memberships",
    "homes": "Homes",
    "pledges": "Pledges",
    "gifts": "Gifts that come again",
    "recurring": "Recurring invoices",
}
_DAY = timedelta(days=1)


@staff_page("view")
def expected(visit: Visit) -> HttpResponseBase:
    """What is expected in the next days, as a part of the dashboard, or without a script a page of its own."""
    currency = text_in(visit.request, "currency")
    section = _expected(visit, currency if currency in EXPONENTS else visit.organization.currency)
    if visit.request.headers.get("HX-Request"):
        return visit.part("console/parts/section.html", section)
    crumbs = (Link("Overview", visit.url("overview/")),)
    return visit.page(RecordPage(title=section.title, sections=(section,), crumbs=crumbs), "overview")


@staff_page("view")
def dashboard(visit: Visit) -> HttpResponseBase:
    """How the organization stands, in one currency; every figure leads to its rows."""
    request, organization = visit.request, visit.organization
    known = dict.fromkeys((organization.currency, *currencies_collected(organization.id)))
    chosen = text_in(request, "currency")
    currency = chosen if chosen in known else organization.currency
    match request.GET.get("export"):
        case "collected":
            header: tuple[str, ...] = (
                "month",
                "received",
                "given back",
                "taken back",
                "collected",
                "a year before",
            )
            return csv_of("collected-by-month", header, _month_lines(visit, currency))
        case "expected":
            header = ("day", "source", "how", "currency", "amount")
            return csv_of("expected-receipts", header, _expected_lines(visit))
    ages = age_totals(organization.id, visit.desk.today)
    owed = sum(ages.get(currency, ()))
    failed, overdue = open_counts(organization.id)
    return visit.page(
        RecordPage(
            title="Overview",
            intro=f"{day_text(visit.desk.today, organization.locale, 'full')}. Amounts in {currency}.",
            figures=(
                *_collected_figures(visit, currency),
                Figure("Owed", Link(_said(visit, owed, currency), visit.url(f"unpaid/?currency={currency}"))),
                *equivalent_figures(visit, {one: sum(amounts) for one, amounts in ages.items()}),
                Figure(
                    "Payment failures",
                    Link(f"{failed:,}", visit.url("failures/"), f"and {overdue:,} not paid by due date"),
                    tone="bad" if failed else "neutral",
                ),
                standing(visit),
            ),
            sections=(
                _collected(visit, currency),
                _owed(visit, currency, ages.get(currency, (0,) * len(AGES))),
                *_dues(visit),
                *_giving(visit),
                Section(
                    "expected",
                    f"Expected in the next {DAYS} days",
                    load_url=visit.url(f"overview/expected/?currency={currency}"),
                    text="Counting what the coming days bring…",
                ),
            ),
            filters=(
                Filter(
                    "currency",
                    "Currency",
                    "choice",
                    currency,
                    tuple(Choice(one, one) for one in known),
                    always=True,
                ),
            )
            if len(known) > 1
            else (),
            query=query_of(request),
            dense=True,
            printable=True,
            printed_at=visit.desk.clock.now(),
        ),
        "overview",
    )


def _came(currency: str) -> str:
    """The list of payments with the money that came in one currency, and no tries that brought none."""
    return f"show=came&currency={currency}"


def _said(visit: Visit, amount_minor: int, currency: str) -> str:
    return money_text(Money(amount_minor, currency), visit.organization.locale)


def _chart(
    visit: Visit, currency: str, series: tuple[str, ...], groups: tuple[Group, ...], *, stacked: bool = False
) -> Chart:
    made = Chart(series, groups, stacked)
    return replace(made, peak_said=_said(visit, made.peak, currency))


def _collected_figures(visit: Visit, currency: str) -> Iterator[Figure]:
    """What was collected so far this month, quarter and year, beside the same days a year ago."""
    today, organization_id = visit.desk.today, visit.organization.id
    for label, months in _PERIODS:
        start = _period_start(today, months)
        before = collected(organization_id, currency, add_months(start, -12), add_months(today, -12) + _DAY)
        amount = collected(organization_id, currency, start, today + _DAY)
        path = f"payments/?from={start}&to={today}&{_came(currency)}"
        yield Figure(
            f"Collected {label.lower()}",
            Link(_said(visit, amount, currency), visit.url(path)),
            f"{_said(visit, before, currency)} by this day a year ago",
        )


def _period_start(on: date, months: int) -> date:
    return date(on.year, (on.month - 1) // months * months + 1, 1)


def _months(visit: Visit, currency: str) -> list[tuple[Collected, Collected]]:
    """The last twelve months, this one included, each beside the same one a year before."""
    this = visit.desk.today.replace(day=1)
    start = add_months(this, 1 - 2 * _MONTHS)
    found = {
        one.month: one
        for one in collected_by_month(visit.organization.id, currency, start, add_months(this, 1))
    }
    months = (add_months(this, n) for n in range(1 - _MONTHS, 1))
    return [
        tuple(found.get(month, Collected(month)) for month in (one, add_months(one, -12)))  # type: ignore[misc]
        for one in months
    ]


def _collected(visit: Visit, currency: str) -> Section:
    months = _months(visit, currency)
    locale = visit.organization.locale

    def days(month: date) -> str:
        return f"?from={month}&to={add_months(month, 1) - _DAY}&{_came(currency)}"

    rows = tuple(
        Row(
            (
                Link(month_text(one.month, locale), visit.url(f"payments/{days(one.month)}")),
                *(
                    Money(minor, currency)
                    for minor in (one.received_minor, one.refunded_minor, one.taken_back_minor)
                ),
                Money(one.net_minor, currency),
                Money(before.net_minor, currency),
            )
        )
        for one, before in months
    )
    columns = (
        Column("month", "Month", "link"),
        Column("received", "Received", "money"),
        Column("refunded", "Given back", "money"),
        Column("back", "Taken back", "money"),
        Column("net", "Collected", "money"),
        Column("before", "A year before", "money"),
    )
    groups = tuple(
        Group(
            month_text(one.month, locale, short=True),
            (one.net_minor, before.net_minor),
            (_said(visit, one.net_minor, currency), _said(visit, before.net_minor, currency)),
            visit.url(f"payments/{days(one.month)}"),
        )
        for one, before in months
    )
    return Section(
        "collected",
        "Collected by month",
        Table(columns, rows, "Collected by month"),
        text="Money received, less what was given back or taken back, by the day on which it moved.",
        actions=(
            Action("Download", with_query(query_of(visit.request), export="collected"), icon="download"),
        ),
        chart=_chart(visit, currency, ("These twelve months", "The twelve before"), groups),
        folded=True,
    )


def _month_lines(visit: Visit, currency: str) -> Iterator[Sequence[object]]:
    for one, before in _months(visit, currency):
        amounts = (one.received_minor, one.refunded_minor, one.taken_back_minor, one.net_minor)
        yield (one.month, *(Money(minor, currency) for minor in (*amounts, before.net_minor)))


def _owed(visit: Visit, currency: str, ages: Sequence[int]) -> Section:
    """What is unpaid, by age (A-41)."""
    here = visit.url(f"unpaid/?currency={currency}")
    rows = tuple(
        Row((label, Money(minor, currency)), f"{here}&age={start}")
        for start, label, minor in zip(AGES, LABELS, ages, strict=True)
    )
    return Section(
        "owed",
        "Owed, by age",
        Table(
            (Column("age", "Since it was due"), Column("amount", "Owed", "money")),
            rows,
            "Owed, by age",
            foot=Row(("Together", Money(sum(ages), currency))),
        )
        if any(ages)
        else Table((), (), empty=EmptyState("Nothing is owed.")),
        more=Link("Who owes it", here),
        chart=_chart(
            visit,
            currency,
            ("Owed",),
            tuple(
                Group(label, (minor,), (_said(visit, minor, currency),), f"{here}&age={start}")
                for start, label, minor in zip(AGES, LABELS, ages, strict=True)
            ),
        )
        if any(ages)
        else None,
        folded=True,
    )


def _dues(visit: Visit) -> Iterator[Section]:
    """How dues stand (A-42): members by status, and how many of those that were due renewed."""
    organization, today = visit.organization, visit.desk.today
    if visit.bills_homes and not Plan.objects.filter(organization=organization).exists():
        return
    labels = counts_by_label(organization.id, policies_of(organization), today, which=found_by("", "party__"))
    rows = [
        Row((label_badge(label), Link(f"{count:,}", visit.url(f"members/?status={label}"))))
        for label, count in sorted(labels.items(), key=lambda one: -one[1])
    ]
    columns = (Column("status", "Status", "badge"), Column("count", visit.words.titled("members"), "number"))
    empty = EmptyState(f"No {visit.words.members} yet.")
    yield Section(
        "status",
        f"{visit.words.titled('members')} by status",
        Table(columns, tuple(rows), "By status", empty=empty),
        more=Link(f"All {visit.words.members}", visit.url("members/")),
    )
    spans = (
        ("The last twelve months", add_months(today, -12), today),
        ("This year so far", date(today.year, 1, 1), today),
        ("Last year", date(today.year - 1, 1, 1), date(today.year, 1, 1)),
    )
    rates = []
    every = renewed_in(organization.id, [(start, end) for _, start, end in spans])
    for (label, _, _), found in zip(spans, every, strict=True):
        rate: Value = None if found.percent is None else f"{found.percent} %"
        rates.append(Row((label, found.due, found.renewed, rate)))
    yield Section(
        "renewal-rate",
        "Renewal rate",
        Table(
            (
                Column("span", "Last day in"),
                Column("due", "Due", "number"),
                Column("renewed", "Renewed", "number"),
                Column("rate", "Rate", "number"),
            ),
            tuple(rates),
            "Renewal rate",
        ),
        text=DEFINITION,
    )


def _giving(visit: Visit) -> Iterator[Section]:
    """How far the campaigns are (A-43): given, less what was given back."""
    organization = visit.organization
    if policies_of(organization).word("giving") == "off":
        return
    rows = []
    for one in campaigns_of(organization.id)[:5]:
        raised, percent = progress_of(one)
        url = visit.url(f"campaigns/{one.id}/")
        goal = Money(one.goal_minor, one.currency) if one.goal_minor else None
        rows.append(
            Row((Link(one.name, url), Money(raised, one.currency), goal, f"{percent} %" if goal else None))
        )
    yield Section(
        "giving",
        "Giving",
        Table(
            (
                Column("campaign", "Campaign", "link"),
                Column("raised", "Raised", "money"),
                Column("goal", "Goal", "money"),
                Column("progress", "Progress", "number"),
            ),
            tuple(rows),
            "Giving",
            empty=EmptyState("No campaign yet."),
        ),
        more=Link("All campaigns", visit.url("campaigns/")),
    )


def _foretold(visit: Visit) -> list[Expected]:
    """What is expected, counted anew as soon as anything has happened or the day has changed."""
    key = f"expected-{visit.organization.id}-{visit.desk.today}-{last_event(visit.organization.id)}"
    found: list[Expected] | None = cache.get(key)
    if found is None:
        found = expected_receipts(visit.desk)
        cache.set(key, found)
    return found


def _expected(visit: Visit, currency: str) -> Section:
    """What comes in the next days: by itself, and from those who are asked; with what is assumed."""
    found = [one for one in _foretold(visit) if one.currency == currency]
    today, locale = visit.desk.today, visit.organization.locale
    weeks: Counter[tuple[int, Way]] = Counter()
    sources: Counter[tuple[str, Way]] = Counter()
    for one in found:
        weeks[(one.on - today).days // 7, one.way] += one.amount_minor
        sources[one.source, one.way] += one.amount_minor

    def both(of: Counter[tuple[int, Way]] | Counter[tuple[str, Way]], key: object) -> tuple[int, int]:
        return of[key, "by itself"], of[key, "asked for"]  # type: ignore[index]

    groups = []
    for week in range(-(-DAYS // 7)):
        amounts = both(weeks, week)
        label = short_day_text(today + timedelta(days=7 * week), locale)
        groups.append(Group(label, amounts, tuple(_said(visit, each, currency) for each in amounts)))
    rows = tuple(
        Row((_SOURCES[source], *_monies((*amounts, sum(amounts)), currency)))
        for source in _SOURCES
        if any(amounts := both(sources, source))
    )
    totals = tuple(sum(amounts) for amounts in zip(*(both(sources, one) for one in _SOURCES), strict=True))
    return Section(
        "expected",
        f"Expected in the next {DAYS} days",
        Table(
            (
                Column("source", "From"),
                Column("itself", "By itself", "money"),
                Column("asked", "Asked for", "money"),
                Column("total", "Together", "money"),
            ),
            rows,
            f"Expected in the next {DAYS} days",
            foot=Row(("Together", *_monies((*totals, sum(totals)), currency))) if rows else None,
            empty=EmptyState("Nothing is expected."),
        ),
        text=ASSUMED,
        actions=(
            Action("Download", visit.url(f"overview/?currency={currency}&export=expected"), icon="download"),
        ),
        chart=_chart(visit, currency, ("By itself", "Asked for"), tuple(groups), stacked=True)
        if rows
        else None,
    )


def _monies(amounts: Iterable[int], currency: str) -> tuple[Value, ...]:
    return tuple(Money(one, currency) if one else None for one in amounts)


def _expected_lines(visit: Visit) -> Iterator[Sequence[object]]:
    for one in _foretold(visit):
        yield (one.on, _SOURCES[one.source], one.way, one.currency, Money(one.amount_minor, one.currency))
