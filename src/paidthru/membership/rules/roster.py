"""A roster's rows as members to be, each with what is wrong with it and the way out.

`survey` (roster_survey.py) looks through the file and makes a `Layout`; a person may correct it; `read_rows`
then yields every row, in order and in flat memory apart from the ids already seen. Rows are numbered as a
spreadsheet shows them: headings are row 1, blank rows count, a line break inside quotes does not.

Severities: an `error` leaves the row out; so does the warning that it repeats an earlier row; any other
`warning` comes with a row that is taken; a `note` says how something unusual was read.
"""

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from typing import BinaryIO

from paidthru.kernel.errors import Refused
from paidthru.membership.rules.csv_reading import Limits, members_after_header
from paidthru.membership.rules.roster_items import Fault, Known, RosterRow, RowFaults, shown
from paidthru.membership.rules.roster_layout import Assumption, Corrections, Layout, Survey, layout_from
from paidthru.membership.rules.roster_survey import survey
from paidthru.membership.rules.row_reading import RowReader

__all__ = [
    "Assumption", "Corrections", "Fault", "Known", "Layout", "Limits", "RosterRow", "RowFaults", "Survey",
    "Tally", "layout_from", "read_rows", "survey",
]  # fmt: skip


class Tally:
    """Counts over what `read_rows` yields. `plans_unknown` is the question for a person: which plan is it?"""

    def __init__(self) -> None:
        self.rows = 0
        self.taken = 0
        self.left_out = 0
        self.codes: Counter[str] = Counter()
        self.plans_unknown: Counter[str] = Counter()
        self.statuses_unknown: Counter[str] = Counter()

    def note(self, item: RosterRow | RowFaults) -> tuple[Fault, ...]:
        """Count one row; returns its faults, warnings and notes."""
        self.rows += 1
        taken = isinstance(item, RosterRow)
        self.taken += taken
        self.left_out += not taken
        faults = item.warnings if isinstance(item, RosterRow) else item.faults
        for fault in faults:
            self.codes[fault.code] += 1
            if fault.code == "plan_unknown":
                self.plans_unknown[fault.value] += 1
            elif fault.code == "status_unknown":
                self.statuses_unknown[fault.value] += 1
        return faults


def read_rows(
    stream: BinaryIO, layout: Layout, known: Known, limits: Limits | None = None
) -> Iterator[RosterRow | RowFaults]:
    """Every data row of the file that `layout` was made from.

    Raises `Refused`: file_changed when the headings are no longer those of the layout, currency_unknown, and
    for the whole file what `csv_reading` raises.
    """
    header_row, headers, rows = members_after_header(stream, layout.form, limits or Limits())
    if header_row != layout.header_row or tuple(headers) != tuple(layout.headers):
        raise Refused(
            "file_changed",
            "The file is not the one whose columns were looked at.",
            fix="Begin the import again with this file.",
        )
    reader = RowReader(layout, known)
    repeats = _Repeats(layout)
    for row, cells in rows:
        if cells is None:
            yield RowFaults(row, None, (_unpaired_quotes(row),))
            continue
        repeated = repeats.note(row, cells)
        if repeated and repeated.code == "row_repeated":
            yield RowFaults(row, repeats.id_of(cells), (repeated,))
        else:
            yield reader.read(row, cells, (repeated,) if repeated else ())


class _Repeats:
    """Remembers every id with the row it first stood in and a hash of that row: about 150 bytes an id."""

    def __init__(self, layout: Layout) -> None:
        self._id = layout.columns.get("external_id")
        self._plan = layout.columns.get("plan")
        self._layout = layout
        self._first: dict[str, int] = {}
        self._whole: dict[bytes, int] = {}

    def id_of(self, cells: list[str]) -> str | None:
        return cells[self._id].strip() or None if self._id is not None and self._id < len(cells) else None

    def note(self, row: int, cells: list[str]) -> Fault | None:
        if self._id is None:
            digest = blake2b("\x1f".join(cells).encode("utf-8", "surrogatepass"), digest_size=16).digest()
            first = self._whole.setdefault(digest, row)
            return None if first == row else _same_row(row, first, "", "")
        key = self.id_of(cells)
        if key is None or len(key) > 1000:
            return None  # a fault of its own
        plan = cells[self._plan] if self._plan is not None and self._plan < len(cells) else ""
        packed = (row << 96) | ((hash(plan) & 0xFFFFFFFF) << 64) | (hash(tuple(cells)) & 0xFFFFFFFFFFFFFFFF)
        first_packed = self._first.setdefault(key, packed)
        first = first_packed >> 96
        if first == row:
            return None
        heading = self._layout.heading("external_id")
        difference = (first_packed ^ packed) & ((1 << 96) - 1)
        if not difference:
            return _same_row(row, first, heading, key)
        other_plan = difference >> 64 != 0
        what = f"with another {self._layout.heading('plan')}" if other_plan else "with other values"
        return Fault(
            row,
            heading,
            shown(key),
            "id_repeated",
            f"{shown(key)!r} already stands in row {first}, {what}.",
            f"Keep the right one of rows {first} and {row}, or give this row an id of its own.",
        )


def _same_row(row: int, first: int, heading: str, key: str) -> Fault:
    return Fault(
        row,
        heading,
        shown(key),
        "row_repeated",
        f"The row is the same as row {first}.",
        "Nothing to do: it is taken once.",
        "warning",
    )


def _unpaired_quotes(row: int) -> Fault:
    return Fault(
        row,
        "",
        "",
        "quotes_unpaired",
        "The quotation marks in this row do not pair up, so its cells cannot be told apart.",
        'Write a quotation mark inside a cell twice, such as "Ann ""Nan"" Lee".',
    )
