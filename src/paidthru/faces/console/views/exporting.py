"""The books as files for other programs: a period, or what is new since the last export (A-55, I-17)."""

from collections.abc import Iterator
from datetime import date

from django.contrib import messages
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect

from paidthru.actions.export_books import export_books
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import key_of, new_key, told
from paidthru.faces.console.addresses import batch_url
from paidthru.faces.console.listing import as_bytes, day_in, query_of, text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Column,
    EmptyState,
    Figure,
    Filter,
    Link,
    Row,
    Table,
    with_query,
)
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch
from paidthru.ledger.queries.exporting import (
    book_file,
    books_of_export,
    books_of_period,
    export_numbered,
    exports_made,
    waiting_batches,
)
from paidthru.ledger.rules.exporting import FORMATS, SUFFIXES

_NAMES = {"csv": "CSV", "beancount": "beancount", "hledger": "hledger"}
_ONLY_POSTED = (
    "Only what is posted leaves: an open batch may still grow. The memo accounts stay here. Each file says at its head"
    " which batches it leaves out."
)


@staff_page("view")
def exports(visit: Visit) -> HttpResponseBase:
    """A period as a file, what waits for the next numbered export, and the exports made."""
    waiting = waiting_batches(visit.organization.id)
    start, through = _period(visit)
    return visit.page(
        RecordPage(
            title="Exports",
            intro=_ONLY_POSTED,
            figures=(Figure("Posted and not exported yet", len(waiting), "batches"),),
            filters=(
                Filter("from", "From", "date", start.isoformat(), always=True),
                Filter("to", "To", "date", through.isoformat(), always=True),
            ),
            query=query_of(visit.request),
            sections=(
                Section(
                    "period",
                    "A period",
                    text="A file that stands alone: it opens each account with what it held before, and states what"
                    " each holds at the end of every month.",
                    actions=tuple(
                        Action(
                            f"Download {_NAMES[form]}",
                            visit.url("exports/period/")
                            + with_query(
                                (), **{"from": start.isoformat(), "to": through.isoformat(), "format": form}
                            ),
                        )
                        for form in FORMATS
                    ),
                ),
                _next(visit, waiting),
                _made(visit),
            ),
        ),
        "exports",
    )


def _period(visit: Visit) -> tuple[date, date]:
    """The days asked for: this year up to today unless others are."""
    today = visit.desk.today
    start = day_in(visit.request, "from") or today.replace(month=1, day=1)
    return start, day_in(visit.request, "to") or today


def _next(visit: Visit, waiting: list[Batch]) -> Section:
    columns = (Column("batch", "Batch", "code"), Column("name", "Name"), Column("dated", "Dated", "date"))
    rows = tuple(
        Row((str(one.number), one.name, one.dated_on), batch_url(visit, one.id)) for one in waiting[:100]
    )
    empty = EmptyState("Everything posted is exported.", "What is posted next waits here.")
    may = visit.may("post") and waiting
    return Section(
        "next",
        "Since the last export",
        Table(columns, rows, "Batches that wait for the next export", empty=empty),
        text="Each posted batch goes into one numbered export and never into another, so nothing is handed over twice.",
        actions=(Action("Export what is new", visit.url("exports/make/"), "primary", ask=True),)
        if may
        else (),
    )


def _made(visit: Visit) -> Section:
    columns = (
        Column("number", "Export", "code"),
        Column("made", "Made", "date"),
        Column("by", "By"),
        Column("batches", "Batches", "number"),
        *(Column(form, _NAMES[form], "link") for form in FORMATS),
    )
    rows = tuple(
        Row(
            (
                str(one.number),
                one.exported_at,
                one.exported_by,
                one.batches.count(),
                *(
                    Link("Download", visit.url(f"exports/{one.number}/") + with_query((), format=form))
                    for form in FORMATS
                ),
            )
        )
        for one in exports_made(visit.organization.id)[:100]
    )
    empty = EmptyState(
        "No export was made yet.", "A period can be downloaded at any time; it is not counted."
    )
    return Section(
        "made",
        "Exports made",
        Table(columns, rows, "Exports made", empty=empty),
        text="An export can be downloaded again in any format: it is the same to the letter.",
    )


@staff_page("view")
def period(visit: Visit) -> HttpResponseBase:
    """What is posted of a period, as a file."""
    start, through = _period(visit)
    form = _format(visit)
    books = books_of_period(visit.organization.id, visit.organization.name, start, through)
    return _file(visit, book_file(visit.organization.id, books, form), f"{start}-{through}", form)


@staff_page("view")
def export(visit: Visit, number: int) -> HttpResponseBase:
    """A numbered export, once more."""
    form = _format(visit)
    books = books_of_export(export_numbered(visit.organization.id, number), visit.organization.name)
    return _file(visit, book_file(visit.organization.id, books, form), f"export-{number}", form)


@staff_page("post")
def make(visit: Visit) -> HttpResponseBase:
    """The next numbered export, of every posted batch that none holds yet."""
    back = visit.url("exports/")
    if visit.request.method == "POST":
        try:
            made = export_books(
                visit.organization, actor=visit.actor, now=visit.desk.clock.now(), key=key_of(visit)
            )
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, f"Export {made.number} is made. Download it below.")
        return redirect(back + "#made")
    waiting = waiting_batches(visit.organization.id)
    if not waiting:
        raise Refused(
            "nothing_to_export",
            "Every posted batch has been exported.",
            fix="Post a batch first: only what is posted is exported.",
        )
    what = "1 posted batch" if len(waiting) == 1 else f"{len(waiting)} posted batches"
    return visit.page(
        ConfirmPage(
            title="Export what is new?",
            confirm=Confirm(
                action_url=f"{back}make/",
                label="Make the export",
                consequences=(
                    f"Makes the next numbered export of {what}; no other export will hold them.",
                    "Nothing in the books changes. The files can be downloaded as often as you like.",
                ),
                cancel_url=back,
                fields=tuple(new_key().items()),
            ),
            crumbs=(Link("Exports", back),),
        ),
        "exports",
    )


def _format(visit: Visit) -> str:
    form = text_in(visit.request, "format") or "csv"
    if form not in FORMATS:
        raise Refused(
            "format_unknown",
            f"“{form}” is no format of ours.",
            field="format",
            value=form,
            fix=f"Choose one of: {', '.join(FORMATS)}.",
        )
    return form


def _file(visit: Visit, parts: Iterator[str], name: str, form: str) -> StreamingHttpResponse:
    kind = "text/csv" if form == "csv" else "text/plain"
    response = StreamingHttpResponse(as_bytes(parts), content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = (
        f'attachment; filename="{visit.organization.slug}-{name}.{SUFFIXES[form]}"'
    )
    return response
