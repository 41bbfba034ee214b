"""Lists of any length: a page at a time by key, never by offset, with search, sort, filters and CSV."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.dateparse import parse_date, parse_datetime

from paidthru.faces.console.parts import Query, with_query
from paidthru.kernel.exports import write_csv

PAGE = 50
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Slice(Generic[M]):
    """A page of a list: its rows, and the addresses of its neighbours."""

    rows: list[M]
    next_url: str | None
    previous_url: str | None


def query_of(request: HttpRequest) -> Query:
    """The request's GET parameters, in order."""
    return tuple((name, value) for name in request.GET for value in request.GET.getlist(name))


def page_by_key(
    found: QuerySet[M], request: HttpRequest, sorts: Sequence[str], default: str
) -> tuple[Slice[M], str]:
    """A page of `found` in the order that the address asks for (one of `sorts`, a minus for descending), ties by id.

    The place is the last row's key and id, so a page costs the same wherever it is. Fields sorted by are never null.
    """
    sort = request.GET.get("sort", default)
    if sort.lstrip("-") not in sorts:
        sort = default
    field, down = sort.lstrip("-"), sort.startswith("-")
    query = query_of(request)
    backward = "before" in request.GET
    place = request.GET.get("before") or request.GET.get("after") or ""
    descending = down != backward
    rows = found.order_by(f"{'-' if descending else ''}{field}", f"{'-' if descending else ''}id")
    if place and (at := _read_place(place)) is not None:
        step = "lt" if descending else "gt"
        key, id_ = at
        rows = rows.filter(Q(**{f"{field}__{step}": key}) | Q(**{field: key, f"id__{step}": id_}))
    page = list(rows[: PAGE + 1])
    more = len(page) > PAGE
    page = page[:PAGE]
    if backward:
        page.reverse()

    def at_row(row: M) -> str:
        value: Any = row
        for part in field.split("__"):
            value = getattr(value, part)
        return f"{value.isoformat() if hasattr(value, 'isoformat') else value}~{row.pk}"

    base = with_query(query)
    joint = "&" if "=" in base else ""
    next_url = f"{base}{joint}after={quote(at_row(page[-1]))}" if page and (more or backward) else None
    previous_url = (
        f"{base}{joint}before={quote(at_row(page[0]))}"
        if page and ((place and not backward) or (backward and more))
        else None
    )
    return Slice(page, next_url, previous_url), sort


def _read_place(place: str) -> tuple[object, str] | None:
    key, mark, id_ = place.rpartition("~")
    if not mark or len(id_) != 36:
        return None
    if key.lstrip("-").isdigit() and len(key) < 19:
        return int(key), id_
    try:
        read = parse_datetime(key) if "T" in key else parse_date(key)
    except ValueError:
        read = None
    return read or key, id_


def csv_of(name: str, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A list as a CSV download, streamed; texts that a spreadsheet would run as formulas are neutralized."""
    response = StreamingHttpResponse(_bytes(write_csv(rows, headers)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _bytes(parts: Iterable[str]) -> Iterator[bytes]:
    for part in parts:
        yield part.encode()


def streamed(found: QuerySet[M], row: Callable[[M], Sequence[object]]) -> Iterator[Sequence[object]]:
    """Rows of a query for an export, a few at a time."""
    for one in found.iterator(chunk_size=2000):
        yield row(one)
