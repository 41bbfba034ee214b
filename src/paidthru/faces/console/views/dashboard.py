"""The dashboard: collected, owed by age, how dues stand, giving, failures and what is expected (A-40 to A-44, X24)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from django.db.models import Sum
from django.http import HttpResponseBase

from paidthru.assessments.queries import due_of_homes, homes_standing
from paidthru.dunning.queries import open_counts
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.badges import label_badge
from paidthru.faces.console.charts import Group, chart_of
from paidthru.faces.console.equivalents import equivalent_figures
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.listing import csv_of, query_of, text_in
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
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
from paidthru.faces.console.row_exports import rows_csv
from paidthru.faces.console.views.ages import LABELS
from paidthru.faces.console.views.calendar import standing
from paidthru.faces.console.views.expecting import expected_section
from paidthru.giving.queries import campaigns_of, progress_of
from paidthru.invoicing.queries import age_totals
from paidthru.invoicing.rules.aging import AGES
from paidthru.kernel.formats import money_text, month_text
from paidthru.kernel.money import Money
from paidthru.kernel.periods import add_months
from paidthru.membership.models import Plan
from paidthru.membership.queries import counts_by_label
from paidthru.membership.queries.health import DEFINITION, renewed_in
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import Collected, collected, collected_by_month, currencies_collected
from paidthru.people.queries import found_by

_MONTHS = 12
_PERIODS = (("This month", 1), ("This quarter", 3), ("This year", 12))
_DAY = timedelta(days=1)


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
    ages = age_totals(organization.id, visit.desk.today)
    if asked := text_in(request, "export"):
        for one in _others(visit, currency, ages):
            if one.key == asked and one.table is not None:
                return rows_csv(f"overview-{one.key}", one.table.columns, one.table.rows)
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
                *(_downloadable(visit, one) for one in _others(visit, currency, ages)),
                expected_section(visit, currency),
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


def _others(visit: Visit, currency: str, ages: Mapping[str, Sequence[int]]) -> Iterator[Section]:
    """The sections between what was collected and what is expected; each is downloaded as it stands."""
    yield _owed(visit, currency, ages.get(currency, (0,) * len(AGES)))
    yield from _homes(visit, currency)
    yield from _dues(visit)
    yield from _giving(visit)


def _downloadable(visit: Visit, one: Section) -> Section:
    if one.table is None or not one.table.rows:
        return one
    url = with_query(query_of(visit.request), export=one.key)
    return replace(one, actions=(*one.actions, Action("Download", url, icon="download")))


def _said(visit: Visit, amount_minor: int, currency: str) -> str:
    return money_text(Money(amount_minor, currency), visit.organization.locale)


def _collected_figures(visit: Visit, currency: str) -> Iterator[Figure]:
    """What was collected so far this month, quarter and year, beside the same days a year ago."""
    today, organization_id = visit.desk.today, visit.organization.id
    for label, months in _PERIODS:
        start = _period_start(today, months)
        before = collected(organization_id, currency, add_months(start, -12), add_months(today, -12) + _DAY)
        amount = collected(organization_id, currency, start, today + _DAY)
        path = f"overview/collected/?from={start}&to={today}&currency={currency}"
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
        return f"overview/collected/?from={month}&to={add_months(month, 1) - _DAY}&currency={currency}"

    rows = tuple(
        Row(
            (
                Link(month_text(one.month, locale), visit.url(days(one.month))),
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
            visit.url(days(one.month)),
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
        chart=chart_of(
            ("These twelve months", "The twelve before"), groups, partial(_said, visit, currency=currency)
        ),
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
        chart=chart_of(
            ("Owed",),
            tuple(
                Group(label, (minor,), (_said(visit, minor, currency),), f"{here}&age={start}")
                for start, label, minor in zip(AGES, LABELS, ages, strict=True)
            ),
            partial(_said, visit, currency=currency),
        )
        if any(ages)
        else None,
        folded=True,
    )


def _homes(visit: Visit, currency: str) -> Iterator[Section]:
    """Where homes are billed, how they stand, and how much of what they were asked for is settled (X24)."""
    if not visit.bills_homes:
        return
    organization, today = visit.organization, visit.desk.today
    found, here = homes_standing(organization.id), visit.url("homes/")
    standings = (
        (Badge("Owing something", "warn"), found.owing, f"{here}?show=owing"),
        (Badge("Owned by nobody", "neutral"), found.unowned, f"{here}?show=unowned"),
    )
    yield Section(
        "homes",
        "Homes",
        Table(
            (Column("standing", "They are", "badge"), Column("count", "Homes", "number")),
            tuple(Row((badge, Link(f"{count:,}", url))) for badge, count, url in standings),
            "Homes",
            foot=Row(("All", Link(f"{found.all:,}", here))),
        ),
        more=Link("All homes", here),
    )
    rows = []
    for label, start, end in _spans(today):
        sums = due_of_homes(organization.id, currency, start, end).aggregate(
            asked=Sum("amount_minor"), settled=Sum("settled_minor")
        )
        asked, settled = sums["asked"] or 0, sums["settled"] or 0
        url = visit.url(f"overview/assessed/?from={start}&to={end - _DAY}&currency={currency}")
        share: Value = f"{settled * 100 // asked} %" if asked else None
        amounts = (Link(_said(visit, asked, currency), url), Link(_said(visit, settled, currency), url))
        rows.append(Row((label, *amounts, share)))
    yield Section(
        "assessed",
        "Assessments settled",
        Table(
            (
                Column("span", "Due in"),
                Column("asked", "Asked for", "number"),
                Column("settled", "Settled", "number"),
                Column("share", "Share", "number"),
            ),
            tuple(rows),
            "Assessments settled",
        ),
        text="Of what homes were asked for and was due in these days, without what was taken back or waived: what is"
        " paid, or settled by credit, today. Rounded down.",
    )


def _spans(today: date) -> tuple[tuple[str, date, date], ...]:
    """Stretches of local dates [start, end) that what was due is looked at in, each with its name."""
    return (
        ("The last twelve months", add_months(today, -12), today),
        ("This year so far", date(today.year, 1, 1), today),
        ("Last year", date(today.year - 1, 1, 1), date(today.year, 1, 1)),
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
    spans, rates = _spans(today), []
    every = renewed_in(organization.id, [(start, end) for _, start, end in spans])
    for (label, start, end), found in zip(spans, every, strict=True):
        rate: Value = None if found.percent is None else f"{found.percent} %"
        rows_of = visit.url(f"overview/renewals/?from={start}&to={end - _DAY}")
        counts = Link(f"{found.due:,}", rows_of), Link(f"{found.renewed:,}", f"{rows_of}&show=renewed")
        rates.append(Row((label, *counts, rate)))
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
