"""What tax came to in a period, by tax and rate, beside the books' own account of it (A-14)."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.equivalents import equivalent_figures
from paidthru.faces.console.listing import csv_of, day_in, query_of
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import Action, Column, Figure, Filter, Row, Table, with_query
from paidthru.invoicing.queries.taxes import TaxedSum, TaxReport, tax_report
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money

_COLUMNS = (
    Column("tax", "Tax"),
    Column("net", "Billed without tax", "money"),
    Column("billed", "Tax billed", "money"),
    Column("net_credited", "Credited without tax", "money"),
    Column("credited", "Tax credited", "money"),
    Column("received", "Tax in money received", "money"),
    Column("refunded", "Tax given back", "money"),
    Column("booked", "In the books", "money"),
)
_CSV = (
    "tax", "rate", "currency", "billed without tax", "tax billed", "credited without tax", "tax credited",
    "tax in money received", "tax given back", "in the books",
)  # fmt: skip
_INTRO = (
    "By the dates of the books. “In the books” is by how much the account Tax grew: on accrual with what is billed,"
    " less what is credited and given back; on a cash basis with what is received. Written-off tax stays in it."
)


@staff_page("view")
def taxes(visit: Visit) -> HttpResponseBase:
    """A period's taxes; this year's up to today unless another is asked for."""
    request, today = visit.request, visit.desk.today
    start = day_in(request, "from") or today.replace(month=1, day=1)
    through = day_in(request, "to") or today
    if start > through:
        raise Refused(
            "period_invalid",
            f"{start.isoformat()} is after {through.isoformat()}.",
            field="from",
            value=start.isoformat(),
            fix="Choose a period that begins before it ends.",
        )
    report, query = tax_report(visit.organization.id, start, through), query_of(request)
    if "export" in request.GET:
        return csv_of(f"tax-{start}-{through}", _CSV, _lines(report))
    settings = Action("Taxes and rates", visit.url("settings/taxes/"))
    return visit.page(
        RecordPage(
            title="Tax",
            intro=_INTRO,
            figures=(
                *(
                    Figure(f"Owed for the period, {currency}", Money(amount, currency), "the account Tax")
                    for currency, amount in sorted(report.account_minor.items())
                ),
                *equivalent_figures(visit, report.account_minor),
            ),
            filters=_period(start, through),
            query=query,
            actions=(settings,),
            sections=_sections(report),
            export_url=with_query(query, export="csv") if report.rows else None,
            printable=True,
            printed_at=visit.desk.clock.now(),
        ),
        "taxes",
    )


def _period(start: date, through: date) -> tuple[Filter, ...]:
    return (
        Filter("from", "From", "date", start.isoformat(), always=True),
        Filter("to", "To", "date", through.isoformat(), always=True),
    )


def _sections(report: TaxReport) -> tuple[Section, ...]:
    currencies = sorted({row.currency for row in report.rows} | set(report.account_minor))
    if not currencies:
        return (
            Section("none", "No tax in this period", text="Lines and plans that bear a tax appear here."),
        )
    return tuple(_section(report, currency) for currency in currencies)


def _section(report: TaxReport, currency: str) -> Section:
    mine = [row for row in report.rows if row.currency == currency]
    rows = [Row((f"{one.tax} {one.percent}", *_monies(one))) for one in mine]
    beside = report.beside_minor(currency)
    if beside:
        rows.append(
            Row(("Booked to Tax, and the tax of no line", *(None,) * 6, Money(beside, currency)), tone="warn")
        )
    sums = [sum(amounts) for amounts in zip(*(_amounts(one) for one in mine), strict=True)] or [0] * 7
    sums[-1] += beside
    foot = Row(("Together", *(Money(amount, currency) for amount in sums)))
    return Section(f"tax-{currency}", currency, Table(_COLUMNS, tuple(rows), f"Tax, {currency}", foot))


def _amounts(one: TaxedSum) -> tuple[int, ...]:
    return (
        one.net_billed_minor,
        one.billed_minor,
        one.net_credited_minor,
        one.credited_minor,
        one.received_minor,
        one.refunded_minor,
        one.booked_minor,
    )


def _monies(one: TaxedSum) -> tuple[Money, ...]:
    return tuple(Money(amount, one.currency) for amount in _amounts(one))


def _lines(report: TaxReport) -> Iterator[Sequence[object]]:
    for one in report.rows:
        yield (one.tax, one.percent, one.currency, *_monies(one))
    for currency in sorted(report.account_minor):
        if beside := report.beside_minor(currency):
            yield ("no line", "", currency, *(None,) * 6, Money(beside, currency))
