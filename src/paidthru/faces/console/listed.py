"""A list in one piece: by key, page after page, with what is added to it, and streamed as CSV."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponseBase

from paidthru.faces.console.access import Visit
from paidthru.faces.console.listing import page_by_key, query_of, text_in
from paidthru.faces.console.parts import Action, ListPage, Row, with_query
from paidthru.faces.console.row_exports import rows_csv

M = TypeVar("M", bound=Model)
_CHUNK = 500


def listed(
    visit: Visit,
    found: QuerySet[M],
    rows: Callable[[Sequence[M]], Sequence[Row]],
    page: ListPage,
    *,
    current: str,
    sorts: Sequence[str],
    default: str,
    file: str = "",
    add: Action | None = None,
) -> HttpResponseBase:
    """`found` as `page` says, which comes without rows: `rows` makes them of a handful at a time. It is sorted as
    `page_by_key` does; asked for as CSV it is streamed in the order of `found`, under the name `file` ('': it isn't).
    `add` stands above the list, or where it is empty in its middle."""
    query = query_of(visit.request)
    if file and text_in(visit.request, "export") == "csv":
        return rows_csv(file, page.columns, _streamed(found, rows))
    part, sort = page_by_key(found.order_by(), visit.request, sorts, default)
    more = (add,) if add is not None and part.rows else ()
    full = replace(
        page,
        rows=tuple(rows(part.rows)),
        empty=replace(page.empty, action=add or page.empty.action),
        actions=(*more, *page.actions),
        next_url=part.next_url,
        previous_url=part.previous_url,
        query=query,
        sort=sort,
        export_url=with_query(query, export="csv") if file and part.rows else None,
    )
    return visit.page(full, current)


def _streamed(found: QuerySet[M], rows: Callable[[Sequence[M]], Sequence[Row]]) -> Iterator[Row]:
    every = found.iterator(chunk_size=_CHUNK)
    while chunk := list(islice(every, _CHUNK)):
        yield from rows(chunk)
