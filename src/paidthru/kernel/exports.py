"""CSV that leaves the product: typed where it is typed, harmless where a person wrote it.

A spreadsheet runs a cell that begins like a formula, whoever typed it into a name. So texts are guarded
with an apostrophe, which spreadsheets hide and our own import takes off again; numbers and dates are not
texts and stay what they are, negative ones too (field-notes E.6).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from paidthru.kernel.money import Money, plain

FORMULA_STARTS = frozenset("=+-@\t\r\n\0＝＋－＠")
"""What makes a spreadsheet take a cell for a formula or for something else than its text; the full-width
signs are read as plain ones in East Asia."""

MARK = "\ufeff"
"""Written first, it makes spreadsheets read the file as UTF-8."""

Cell = str | int | Decimal | date | Money | bool | None
_ROWS_A_CHUNK = 500


def safe_cell(text: str) -> str:
    """A text that no spreadsheet runs: guarded with `'` when it begins like a formula, without NULs (which
    a CSV cannot carry). For texts only; numbers are exported typed."""
    guarded = f"'{text}" if text[:1] in FORMULA_STARTS and text else text
    return guarded.replace("\0", "")


def write_csv(rows: Iterable[Sequence[Cell]], headers: Sequence[str], *, mark: bool = True) -> Iterator[str]:
    """The rows as CSV (comma, CRLF) in chunks of text, so that an export of any size streams.

    Texts are made safe; `Money` becomes a plain number such as `-3.50`, without its currency; dates are ISO;
    instants ISO with their offset; True and False are yes and no; None is blank.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if mark:
        buffer.write(MARK)
    writer.writerow([safe_cell(header) for header in headers])
    for count, row in enumerate(rows, start=1):
        writer.writerow([_written(cell) for cell in row])
        if count % _ROWS_A_CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _written(cell: Cell) -> str | int | Decimal:
    if isinstance(cell, str):
        return safe_cell(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, Money):
        return plain(cell.amount_minor, cell.currency)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return cell
