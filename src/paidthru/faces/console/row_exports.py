"""The rows of a list as CSV, cell by cell as the page shows them: for lists whose page has all that there is to say."""

from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

from paidthru.faces.console.listing import csv_of
from paidthru.faces.console.parts import Badge, Column, Link, Row, Text, Value
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period


def rows_csv(name: str, columns: Sequence[Column], rows: Iterable[Row]) -> StreamingHttpResponse:
    """Rows as a CSV download, streamed; of an amount, the currency stands in a column beside it."""
    return lines_csv(name, columns, (cells_of(columns, row) for row in rows))


def lines_csv(
    name: str, columns: Sequence[Column], lines: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """As `rows_csv`, of lines of cells that are there already (`cells_of`)."""
    headers: list[str] = []
    for column in columns:
        headers += [column.label, "Currency"] if column.kind == "money" else [column.label]
    return csv_of(name, headers, lines)


def cells_of(columns: Sequence[Column], row: Row) -> list[object]:
    """A row's cells as CSV has them."""
    line: list[object] = []
    for column, value in zip(columns, row.cells, strict=True):
        line.append(_cell(value))
        if column.kind == "money":
            line.append(value.currency if isinstance(value, Money) else None)
    return line


def _cell(value: Value) -> object:
    match value:
        case Badge():
            return value.label
        case Link():
            return _noted(value.label, value.note)
        case Text():
            return _noted(value.text, value.note)
        case Period():
            return f"{value.start.isoformat()} to {value.through.isoformat()}"
    return value


def _noted(text: str, note: str) -> str:
    return f"{text}, {note}" if note else text
