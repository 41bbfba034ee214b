"""Reading a delimited text file as real exports are: any encoding, any line end, in flat memory.

Rows are numbered as a spreadsheet shows them: every record counts, blank ones too, a line break inside quotes
does not; the first record of the file is row 1. (A leading `sep=;` line is not a row: spreadsheets hide it.)
The stream must be binary and able to `seek(0)`; it is read in pieces and left open.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from paidthru.kernel.errors import Refused

_PIECE = 1 << 18
_SAMPLE_CHARS = 1 << 16
_HEADER_WITHIN = 20  # rows; a report title above the headings is tolerated that far
_UNREADABLE = re.compile("[\udc80-\udcff]")
DELIMITERS = (",", ";", "\t", "|")

ENCODINGS = (
    "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso8859-1", "iso8859-15",
    "mac-roman",
    "cp1250", "cp1251", "cp437", "cp850", "cp932", "gb18030", "euc_kr", "big5",
)  # fmt: skip
"""What a person may choose when the guess is wrong. `utf-8-sig` reads UTF-8 with and without its mark."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file we take. Rows are data rows that are not blank; a cell is counted in characters."""

    rows: int = 500_000
    size: int = 512 * 1024 * 1024
    record_chars: int = 1 << 18
    columns: int = 1_000


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How to read the file: what `recognize` found or a person chose."""

    encoding: str
    delimiter: str
    has_separator_line: bool = False


_KINDS_BY_START = (
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"{\\rtf", "a word processor document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
)


def recognize(
    stream: BinaryIO, limits: Limits, *, encoding: str | None = None, delimiter: str | None = None
) -> FileFormat:
    """Encoding and delimiter of the file, from the whole of it; what is passed in is not guessed.

    Valid UTF-8 to the last byte is UTF-8; so is a file whose few bad bytes stand among many good letters
    (those rows become faults). Everything else without a mark is Windows-1252, the superset of Latin-1.
    Raises `Refused`: file_empty, not_csv, file_too_large, encoding_unknown, delimiter_unknown.
    """
    if encoding is not None:
        encoding = _checked_encoding(encoding)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise Refused(
            "delimiter_unknown", f"{delimiter!r} does not separate columns in any file we read.",
            field="delimiter", value=delimiter, fix="Use a comma, a semicolon, a tab or a vertical bar.",
        )  # fmt: skip
    stream.seek(0)
    head = stream.read(_PIECE)
    _refuse_other_kinds(head)
    guessed = _encoding_of(stream, head, limits)
    encoding = encoding or guessed
    sample = _sample(stream, encoding)
    if not sample.strip("\ufeff \t\r\n"):
        raise Refused("file_empty", "The file is empty.", fix="Export the members again, as CSV.")
    odd = sum(1 for sign in sample if sign < " " and sign not in "\t\r\n")
    if odd > 3 and odd * 50 > len(sample):
        raise _not_csv("not a text file")
    separator = re.match(r'"?sep=(.)"?\r?\n', sample, re.IGNORECASE)
    if separator and separator[1] in DELIMITERS:
        return FileFormat(encoding, delimiter or separator[1], has_separator_line=True)
    return FileFormat(encoding, delimiter or _delimiter_of(sample))


def records(stream: BinaryIO, form: FileFormat, limits: Limits) -> Iterator[tuple[int, list[str] | None]]:
    """Row number and cells of every record that is not blank, headings included. A record whose quotation
    marks do not pair up comes as None. Cells are as written, line breaks and all.

    Raises `Refused`: cell_too_long, quote_unclosed, too_many_columns, too_many_rows.
    """
    with _text_of(stream, form.encoding) as text:
        lines = _Lines(text, limits.record_chars)
        if form.has_separator_line:
            next(lines, None)
        reader = csv.reader(lines, delimiter=form.delimiter, skipinitialspace=True, strict=True)
        row = taken = 0
        while True:
            row += 1
            lines.pending = 0
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if lines.ended:
                    raise _unclosed(row) from None
                if "limit" in str(error):
                    raise _too_long(row) from None
                yield row, None
                continue
            except _LineTooLongError:
                raise _too_long(row) from None
            if not "".join(cells).strip():
                if row > 10 * limits.rows:
                    raise _too_many_rows(limits.rows)
                continue
            taken += 1
            if len(cells) > limits.columns:
                raise Refused(
                    "too_many_columns", f"Row {row} has {len(cells)} columns.", row=row,
                    fix=f"Export at most {limits.columns} columns.",
                )  # fmt: skip
            if taken > limits.rows + _HEADER_WITHIN:
                raise _too_many_rows(limits.rows)
            yield row, cells


def members_after_header(
    stream: BinaryIO, form: FileFormat, limits: Limits
) -> tuple[int, list[str], Iterator[tuple[int, list[str] | None]]]:
    """Row number and cells of the headings, and an iterator over the rows below them. The headings are the
    first row with at least two filled cells, so that a title above them does no harm.

    Raises `Refused`: one_column, and what `records` raises; the iterator too_many_rows.
    """
    rows = records(stream, form, limits)
    for seen, (row, cells) in enumerate(rows, start=1):
        if cells is not None and sum(1 for cell in cells if cell.strip()) >= 2:
            return row, [cell.strip().lstrip("\ufeff") for cell in cells], _at_most(rows, limits.rows)
        if seen >= _HEADER_WITHIN:
            break
    raise Refused(
        "one_column", "The file has only one column.",
        fix="Export at least a name and an id, separated by commas, semicolons or tabs; "
        "or choose the separator yourself.",
    )  # fmt: skip


def _at_most(
    rows: Iterator[tuple[int, list[str] | None]], limit: int
) -> Iterator[tuple[int, list[str] | None]]:
    for taken, each in enumerate(rows):
        if taken >= limit:
            raise _too_many_rows(limit)
        yield each


class _LineTooLongError(Exception):
    pass


class _Lines:
    """Physical lines, their length bounded, so that no cell of any size is ever held in memory."""

    def __init__(self, text: io.TextIOWrapper, limit: int) -> None:
        self._text = text
        self._limit = limit
        self.pending = 0  # characters handed out since the last whole record
        self.ended = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._limit + 1)
        if not line:
            self.ended = True
            raise StopIteration
        self.pending += len(line)
        if self.pending > self._limit:
            raise _LineTooLongError
        return line


@contextmanager
def _text_of(stream: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    stream.seek(0)
    # Bytes that the encoding lacks become lone surrogates, which the reader of cells reports by row; the wide
    # encodings cannot do that and show U+FFFD.
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
    try:
        yield text
    finally:
        with suppress(ValueError):  # its owner may have closed the stream by now
            text.detach()  # or the wrapper would close a stream that is not ours


def _sample(stream: BinaryIO, encoding: str) -> str:
    with _text_of(stream, encoding) as text:
        return text.read(_SAMPLE_CHARS)


def _encoding_of(stream: BinaryIO, head: bytes, limits: Limits) -> str:
    wide = _wide_encoding(head)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = size = 0
    stream.seek(0)
    while piece := stream.read(_PIECE):
        size += len(piece)
        if size > limits.size:
            raise Refused(
                "file_too_large", f"The file is larger than {limits.size // (1024 * 1024)} MB.",
                fix="Split it into several files and import them one after the other.",
            )  # fmt: skip
        if wide or (piece.isascii() and not decoder.getstate()[0]):
            continue
        letters = decoder.decode(piece)
        escaped = len(_UNREADABLE.findall(letters))
        bad += escaped
        good += len(letters) - len(letters.encode("ascii", "ignore")) - escaped
    bad += len(decoder.decode(b"", final=True))
    if wide:
        return wide
    if not bad or head.startswith(codecs.BOM_UTF8) or good >= 4 * bad:
        return "utf-8-sig"
    return "cp1252"


def _wide_encoding(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = head[:4096]
    if len(start) >= 8 and start.count(0) * 3 > len(
        start
    ):  # UTF-16 without its mark: every other byte is zero
        odd = start[1::2].count(0)
        if odd * 3 > len(start) and not start[::2].count(0):
            return "utf-16-le"
        if not odd:
            return "utf-16-be"
    return None


def _delimiter_of(sample: str) -> str:
    lines = sample.splitlines(keepends=True)
    if len(sample) >= _SAMPLE_CHARS and len(lines) > 1:
        lines.pop()  # cut off in the middle
    best: tuple[float, int] = (0.0, 0)
    chosen = ","
    for delimiter in DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            for cells in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
                widths[len(cells)] += bool(cells)
        except csv.Error:
            pass  # what was read before it still counts
        width, rows = max(widths.items(), key=lambda each: (each[1], each[0]), default=(0, 0))
        score = (rows / max(1, widths.total()), width)
        if width > 1 and score > best:
            best, chosen = score, delimiter
    return chosen


def _refuse_other_kinds(head: bytes) -> None:
    for start, kind in _KINDS_BY_START:
        if head.startswith(start):
            raise _not_csv(kind)
    if head.startswith(b"PK\x03\x04"):
        book = b"xl/" in head or b"[Content_Types].xml" in head or b"opendocument.spreadsheet" in head
        raise _not_csv("an Excel workbook" if book else "a ZIP archive")
    text = head[:1024].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if text.startswith((b"<?xml", b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<workbook")):
        raise _not_csv("a web page or an XML file, whatever its name says")
    if re.match(rb'(\{\s*"|\[\s*[\[{"])', text):
        raise _not_csv("a JSON file")


def _checked_encoding(name: str) -> str:
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = ""
    known = "utf-8-sig" if known in ("utf-8", "ascii") else known
    if known not in ENCODINGS:
        raise Refused(
            "encoding_unknown", f"{name!r} is not an encoding that we read.", field="encoding", value=name,
            fix=f"Use one of {', '.join(ENCODINGS)}.",
        )  # fmt: skip
    return known


def _not_csv(kind: str) -> Refused:
    return Refused(
        "not_csv", f"This is {kind}, not a CSV file.",
        fix="Open it in the program that made it, save it as CSV (UTF-8), and import that file.",
    )  # fmt: skip


def _too_many_rows(limit: int) -> Refused:
    return Refused(
        "too_many_rows", f"The file has more than {limit:,} rows.",
        fix=f"Split it into files of at most {limit:,} rows and import them one after the other.",
    )  # fmt: skip


def _too_long(row: int) -> Refused:
    return Refused(
        "cell_too_long", f"Row {row} holds more text than any member's record does.", row=row,
        fix="Shorten it, or look for a quotation mark in that row that is opened and never closed.",
    )  # fmt: skip


def _unclosed(row: int) -> Refused:
    return Refused(
        "quote_unclosed", f"A quotation mark opened in row {row} is never closed, so that all rows after it "
        "would be one cell.", row=row, fix="Close or remove the quotation mark, or export the file again.",
    )  # fmt: skip
