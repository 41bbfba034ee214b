"""Rows into PostgreSQL by COPY: the one bulk path, for a batch of one as for a batch of thousands.

`bulk_create` was measured about three times slower; see benchmarks/. The text format is PostgreSQL's own
(documentation, COPY, "Text Format").
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID


def _escaped(text: str) -> str:
    if "\\" in text or "\n" in text or "\t" in text or "\r" in text:
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return text


_as_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def _json(value: object) -> str:
    return _escaped(_as_json(value))


def _id(value: UUID) -> str:
    return value.int.to_bytes(16, "big").hex()  # PostgreSQL needs no hyphens, and they cost two thirds of the time


class Encoded(str):
    """Text that is already in COPY's form: what many rows share is written out once (see `encoded`)."""

    __slots__ = ()


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _escaped,
    Encoded: str,
    int: str,
    bool: lambda value: "t" if value else "f",
    type(None): lambda _: "\\N",
    UUID: _id,
    date: date.isoformat,
    datetime: datetime.isoformat,
    dict: _json,
    list: _json,
}


def encoded(*values: object) -> Encoded:
    """The values of neighbouring columns in COPY's form, to be used for many rows as if they were one."""
    return Encoded("\t".join([_WRITERS[type(value)](value) for value in values]))


def array_of(values: Iterable[UUID | date | None]) -> str:
    """A PostgreSQL array of ids or dates as one text, for a parameter that is cast (`%s::uuid[]`)."""
    return "{" + ",".join(["NULL" if value is None else _WRITERS[type(value)](value) for value in values]) + "}"


class Rows:
    """Rows for one table, each kept as its line of text: lighter than the values, and nothing for the collector."""

    __slots__ = ("_lines", "_target")

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self._target = f"{table} ({', '.join(columns)})"
        self._lines: list[str] = []

    def add(self, *values: object) -> None:
        """A row: values in the order of the columns; one Encoded value may fill several columns.

        A value's type decides its text; a type that isn't known is a programming error (KeyError).
        """
        self._lines.append("\t".join([_WRITERS[type(value)](value) for value in values]))

    def copy(self, cursor: Any) -> int:
        """Writes the rows and returns how many. `cursor` is a psycopg cursor, or a wrapper of one, in a transaction."""
        if self._lines:
            self._lines.append("")
            with cursor.copy(f"COPY {self._target} FROM STDIN") as copy:
                copy.write("\n".join(self._lines))
        count = max(0, len(self._lines) - 1)
        self._lines.clear()
        return count


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Writes rows (values in the order of `columns`) into `table`, as `Rows` does, and returns how many."""
    written = Rows(table, columns)
    for row in rows:
        written.add(*row)
    return written.copy(cursor)
