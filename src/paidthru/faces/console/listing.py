"""Lists of any length: a page at a time by key, never by offset, with search, sort, filters and CSV."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import merge
from itertools import chain, islice
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from paidthru.faces.console.parts import Column, Query, with_query
from paidthru.kernel.errors import Refused
from paidthru.kernel.exports import Cell, write_csv
from paidthru.kernel.money import EXPONENTS, parse_amount
from paidthru.organizations.rules.vocabulary import Words

PAGE = 50
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Slice(Generic[M]):
    """A page of a list: its rows, and the addresses of its neighbours."""

    rows: list[M]
    next_url: str | None
    previous_url: str | None


def in_words(words: Words, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Columns of members and plans under what the organization calls these."""
    titled = {"Member": words.titled("member"), "Plan": words.titled("plan")}
    return tuple(replace(one, label=titled.get(one.label, one.label)) for one in columns)


def query_of(request: HttpRequest) -> Query:
    """The request's GET parameters, in order."""
    return tuple((name, value) for name in request.GET for value in request.GET.getlist(name))


def text_in(request: HttpRequest, name: str) -> str:
    """A filter's text; what no text of ours can hold (NUL) is left out."""
    return request.GET.get(name, "").replace("\0", "").strip()[:200]


def day_in(request: HttpRequest, name: str) -> date | None:
    """A filter's date, or Refused `date_invalid`."""
    text = text_in(request, name)
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(
            "date_invalid",
            f"“{text}” is no date.",
            field=name,
            value=text,
            fix="Write it as 2026-03-15, or leave it empty.",
        ) from error
    if day and not 1900 <= day.year <= 2200:
        raise Refused(
            "date_invalid",
            f"The books hold nothing of {day.year}.",
            field=name,
            value=text,
            fix="Choose a year from 1900 to 2200, or leave it empty.",
        )
    return day


def of_amount(request: HttpRequest, name: str, of: str = "", *, column: str = "amount_minor") -> Q | None:
    """Rows over a filter's amount, in whatever currency they are (`of` leads to the table that has it, in a `column`);
    None without one. Refused `amount_invalid` for what is an amount in none."""
    text = text_in(request, name)
    if not text:
        return None
    read, refusal = dict[int, list[str]](), None
    for currency in EXPONENTS:
        try:
            read.setdefault(parse_amount(text, currency), []).append(currency)
        except Refused as refused:
            refusal = refused
    if refusal is not None and not read:
        raise refusal
    found = Q(pk__in=[])
    for amount_minor, currencies in read.items():
        found |= Q(**{f"{of}{column}": amount_minor, f"{of}currency__in": currencies})
    return found


def id_in(request: HttpRequest, name: str) -> UUID | None:
    """A filter's id, such as a member's; what is no id is Refused `id_invalid`."""
    text = text_in(request, name)
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Refused(
            "id_invalid",
            f"“{text}” names nothing here.",
            field=name,
            value=text,
            fix="Go back and choose it from the list again.",
        ) from error


def page_by_key(
    found: QuerySet[M], request: HttpRequest, sorts: Sequence[str], default: str, *, tie: str = "id"
) -> tuple[Slice[M], str]:
    """A page of `found` in the order that the address asks for (one of `sorts`, a minus for descending), ties by the
    column `tie`, an id.

    The place is the last row's key and tie, so a page costs the same wherever it is. What is sorted by, a column or an
    annotation, is never null. A place that can't be read is the beginning.
    """
    sort = request.GET.get("sort", default)
    if sort.lstrip("-") not in sorts:
        sort = default
    return _page_of([found], request, sort, tie), sort


def page_of_all(
    found: Sequence[QuerySet[Any]], request: HttpRequest, field: str, default: str
) -> tuple[Slice[Any], str]:
    """As `page_by_key`, of one list whose rows stand in several tables; each has the column or annotation `field`, and
    ids of which none stands in two of them."""
    sort = request.GET.get("sort", default)
    if sort.lstrip("-") != field:
        sort = default
    return _page_of(found, request, sort, "id"), sort


def _page_of(found: Sequence[QuerySet[M]], request: HttpRequest, sort: str, tie: str) -> Slice[M]:
    field, down = sort.lstrip("-"), sort.startswith("-")
    query = query_of(request)
    backward = "before" in request.GET
    place = _read_place(request.GET.get("before") or request.GET.get("after") or "")

    def valued(row: M) -> Any:
        value: Any = row
        for part in field.split("__"):
            value = getattr(value, part)
        return value

    def rows(place: tuple[object, UUID] | None, descending: bool) -> list[M]:
        order = f"{'-' if descending else ''}{field}", f"{'-' if descending else ''}{tie}"
        pages = [
            list(_beyond(one.order_by(*order), field, tie, place, descending)[: PAGE + 1]) for one in found
        ]
        if len(pages) == 1:
            return pages[0]
        merged = sorted(
            chain.from_iterable(pages), key=lambda row: (valued(row), getattr(row, tie)), reverse=descending
        )
        return merged[: PAGE + 1]

    try:
        page = rows(place, down != backward)
    except (ValueError, TypeError, ValidationError, DataError):  # somebody wrote the address by hand
        place, backward, page = None, False, rows(None, down)
    more = len(page) > PAGE
    page = page[:PAGE]
    if backward:
        page.reverse()

    def at_row(row: M) -> str:
        return quote(f"{_written(valued(row))}~{getattr(row, tie)}")

    base = with_query(query)
    joint = "&" if "=" in base else ""
    next_url = f"{base}{joint}after={at_row(page[-1])}" if page and (more or backward) else None
    previous_url = (
        f"{base}{joint}before={at_row(page[0])}"
        if page and ((place and not backward) or (backward and more))
        else None
    )
    return Slice(page, next_url, previous_url)


def _beyond(
    rows: QuerySet[M], field: str, tie: str, place: tuple[object, UUID] | None, descending: bool
) -> QuerySet[M]:
    """The rows after a place. The first condition says nothing new, but an index can start from it."""
    if place is None:
        return rows
    key, id_ = place
    step = "lt" if descending else "gt"
    return rows.filter(Q(**{f"{field}__{step}e": key})).filter(
        Q(**{f"{field}__{step}": key}) | Q(**{f"{tie}__{step}": id_})
    )


def _written(value: object) -> str:
    """A key with its type, which a text that looks like a number or a date would not show."""
    match value:
        case datetime():
            return f"t{value.isoformat()}"
        case date():
            return f"d{value.isoformat()}"
        case int():
            return f"i{value}"
    return f"s{value}"


def _read_place(place: str) -> tuple[object, UUID] | None:
    written, mark, id_ = place.rpartition("~")
    kind, key = written[:1], written[1:]
    try:
        at = UUID(id_)
        match kind:
            case "s" if mark and "\0" not in key:
                return key, at
            case "i":
                return int(key), at
            case "d":
                return date.fromisoformat(key), at
            case "t":
                return datetime.fromisoformat(key), at
    except ValueError:
        pass
    return None


def csv_of(name: str, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A list as a CSV download, streamed; texts that a spreadsheet would run as formulas are neutralized."""
    cells = cast("Iterable[Sequence[Cell]]", rows)  # anything else is a mistake that the writer shows at once
    response = StreamingHttpResponse(
        as_bytes(write_csv(cells, headers)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_bytes(parts: Iterable[str]) -> Iterator[bytes]:
    """Parts of a file as they come. In one transaction: outside of any, the database would have to write down all rows
    before it gives the first, and what is read later could belong to another state."""
    with transaction.atomic():
        for part in parts:
            yield part.encode()


def streamed(found: QuerySet[M], row: Callable[[M], Sequence[object]]) -> Iterator[Sequence[object]]:
    """Rows of a query for an export, a few at a time."""
    for one in found.iterator(chunk_size=2000):
        yield row(one)


def streamed_together(
    found: QuerySet[M], lines: Callable[[list[M]], Iterable[Sequence[object]]]
) -> Iterator[Sequence[object]]:
    """As `streamed`, where the lines of many rows are asked for at once."""
    rows = found.iterator(chunk_size=500)
    while chunk := list(islice(rows, 500)):
        yield from lines(chunk)


def merged(
    found: Sequence[QuerySet[Any]], field: str, lines: Callable[[list[Any]], Iterable[Sequence[object]]]
) -> Iterator[Sequence[object]]:
    """The list of `page_of_all` for an export, the latest first, many rows at once."""
    rows = merge(
        *(one.order_by(f"-{field}", "-id").iterator(chunk_size=500) for one in found),
        key=lambda row: (getattr(row, field), row.id),
        reverse=True,
    )
    while some := list(islice(rows, 500)):
        yield from lines(some)


LONGEST_WAY_BACK = 40  # pages that an address remembers; further back it is the first one


def onward_pages(request: HttpRequest, next_place: str | None, **keep: str) -> tuple[str | None, str | None]:
    """The addresses of the next and the previous page of a list that can be read onward only: the address remembers
    the places of the pages before. `keep` are parameters to be set."""
    query, here = query_of(request), text_in(request, "after")
    way = [place for place in request.GET.get("back", "").split(",") if place][-LONGEST_WAY_BACK:]

    def url(after: str, back: Sequence[str]) -> str:
        base = with_query(query, **{**keep, "back": ",".join(back)})
        joint = "&" if "=" in base else ""
        return f"{base}{joint}after={quote(after)}" if after else base

    return (
        url(next_place, [*way, here or "-"]) if next_place else None,
        url("" if not way or way[-1] == "-" else way[-1], way[:-1]) if here else None,
    )
