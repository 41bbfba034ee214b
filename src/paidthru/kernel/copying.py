"""Rows into PostgreSQL by COPY: the one bulk path, for a batch of one as for a batch of thousands.

`bulk_create` was measured about three times slower; see benchmarks/. The text format is PostgreSQL's own
(documentation, COPY, "Text Format").
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
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
    return value.int.to_bytes(
        16, "big"
    ).hex()  # PostgreSQL needs no hyphens, and they cost two thirds of the time


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


def objects_with(key: str, shared: Mapping[str, Any]) -> Callable[[int | str], Encoded]:
    """Writes JSON objects, in COPY's form, that differ in one whole number or text: `key`, before what they share."""
    rest = _json(shared)[1:]
    name = _json(key)
    return lambda one: Encoded(f"{{{name}:{one if isinstance(one, int) else _json(one)},{rest}")


def array_of(values: Iterable[UUID | date | None]) -> str:
    """A PostgreSQL array of ids or dates as one text, for a parameter that is cast (`%s::uuid[]`)."""
    return (
        "{" + ",".join(["NULL" if value is None else _WRITERS[type(value)](value) for value in values]) + "}"
    )


_BLOCK = 200  # rows; the database stores one block while we are writing out the next


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Writes rows (values in the order of `columns`) into `table` as they come, and returns how many.

    `cursor` is a psycopg cursor, or a wrapper of one, inside a transaction, which the iterable must not use. A value's
    type decides its text; a type that isn't known is a programming error (KeyError). One Encoded value may fill
    several columns.
    """
    writers, source, count = _WRITERS, iter(rows), 0
    block = ["\t".join([writers[type(value)](value) for value in row]) for row in islice(source, _BLOCK)]
    if not block:
        return 0
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        while block:
            count += len(block)
            block.append("")
            copy.write("\n".join(block))
            block = [
                "\t".join([writers[type(value)](value) for value in row]) for row in islice(source, _BLOCK)
            ]
    return count
