"""What is unpaid, by age (A-41): every currency for itself, and the same sum as the books."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.equivalents import equivalent_figures
from paidthru.faces.console.listing import PAGE, csv_of, in_words, onward_pages, query_of, text_in
from paidthru.faces.console.parts import (
    Choice,
    Column,
    EmptyState,
    Figure,
    Filter,
    ListPage,
    Row,
    Tab,
    Value,
    with_query,
)
from paidthru.invoicing.queries import Aged, age_totals, unpaid_by_age
from paidthru.invoicing.rules.aging import AGES
from paidthru.kernel.money import Money
from paidthru.ledger.queries import receivable_in_books

LABELS = (
    "Not due yet",
    *(f"{first}–{following - 1} days" for first, following in pairwise(AGES[1:])),
    f"Over {AGES[-1] - 1} days",
)
_CHOICES = (
    Choice("", "Anything owed"),
    *(Choice(str(start), label) for start, label in zip(AGES, LABELS, strict=True)),
)
_COLUMNS = (
    Column("member", "Member"),
    *(Column(f"age{start}", label, "money") for start, label in zip(AGES, LABELS, strict=True)),
    Column("total", "Together", "money"),
)
_CSV = ("number", "member", "currency", "not due", "1-30", "31-60", "61-90", "90+", "total")


@staff_page("view")
def ages(visit: Visit) -> HttpResponseBase:
    """Who owes what, by how long it is overdue; a tab for each currency, for sums of two say nothing."""
    request, organization, today = visit.request, visit.organization, visit.desk.today
    wanted = text_in(request, "age")
    age = next((start for start in AGES if str(start) == wanted), None)
    if "export" in request.GET:
        return csv_of("unpaid-by-age", _CSV, _lines(unpaid_by_age(organization.id, today, age=age)))
    totals = age_totals(organization.id, today)
    currencies = sorted(totals, key=lambda one: (one != organization.currency, one))
    chosen = text_in(request, "currency")
    currency = chosen if chosen in totals else next(iter(currencies), organization.currency)
    found = list(
        unpaid_by_age(
            organization.id,
            today,
            currency=currency,
            age=age,
            after=text_in(request, "after"),
            limit=PAGE + 1,
        )
    )
    place = f"{found[PAGE - 1].name} {found[PAGE - 1].party_id}" if len(found) > PAGE else None
    next_url, previous_url = onward_pages(request, place)
    sums = totals.get(currency, (0,) * len(AGES))
    query = query_of(request)
    return visit.page(
        ListPage(
            title="Unpaid by age",
            columns=in_words(visit.words, _COLUMNS),
            rows=tuple(_row(visit, one) for one in found[:PAGE]),
            empty=EmptyState("Nothing is owed", "What is billed and not paid stands here until it is."),
            next_url=next_url,
            previous_url=previous_url,
            intro="What is owed today, by the days since it was first due. An invoice that replaces another doesn’t"
            " make it younger. Nobody owes a voluntary line, so none is counted.",
            figures=(
                *_figures(visit, currency, sum(sums)),
                *equivalent_figures(visit, {one: sum(amounts) for one, amounts in totals.items()}),
            ),
            tabs=tuple(Tab(one, with_query((), currency=one), None, one == currency) for one in currencies)
            if len(currencies) > 1
            else (),
            foot=_foot(sums, currency, age) if found else None,
            filters=(
                Filter("age", "Since it was due", "choice", wanted if age is not None else "", _CHOICES),
            ),
            query=query,
            export_url=with_query(query, export="csv") if found else None,
            printable=True,
            printed_at=visit.desk.clock.now(),
        ),
        "ages",
    )


def _foot(sums: Sequence[int], currency: str, age: int | None) -> Row:
    """What the columns sum to; of one age alone, where the others' rows aren't all there."""
    if age is None:
        return Row(("Together", *_monies(sums, currency), Money(sum(sums), currency)))
    only = [minor if start == age else 0 for start, minor in zip(AGES, sums, strict=True)]
    return Row(("Together", *_monies(only, currency), None))


def _figures(visit: Visit, currency: str, total_minor: int) -> tuple[Figure, ...]:
    """What is owed, beside what the books say of it."""
    booked_minor = receivable_in_books(visit.organization.id, currency)
    same = booked_minor == total_minor
    return (
        Figure("Owed", Money(total_minor, currency)),
        Figure(
            "In the books",
            Money(booked_minor, currency),
            "the same" if same else "with voluntary lines, and what waits to be asked for",
            "neutral" if same else "warn",
        ),
    )


def _monies(ages: Sequence[int], currency: str) -> list[Value]:
    return [Money(one, currency) if one else None for one in ages]


def _row(visit: Visit, one: Aged) -> Row:
    cells = (
        one.name,
        *_monies(one.ages, one.currency),
        Money(one.total_minor, one.currency),
    )
    return Row(cells, member_url(visit, one.party_id), tone="bad" if one.ages[-1] else "neutral")


def _lines(found: Iterator[Aged]) -> Iterator[Sequence[object]]:
    for one in found:
        amounts = (Money(part, one.currency) for part in (*one.ages, one.total_minor))
        yield (one.number, one.name, one.currency, *amounts)
