"""Encodings, line ends, separators and quotes of delimited files."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.membership.rules.csv_reading import (
    DELIMITERS,
    FileFormat,
    Limits,
    members_after_header,
    recognize,
    records,
)

LIMITS = Limits()


def form_of(content: bytes) -> FileFormat:
    return recognize(io.BytesIO(content), LIMITS)


def rows_of(content: bytes, form: FileFormat | None = None) -> list[tuple[int, list[str] | None]]:
    return list(records(io.BytesIO(content), form or form_of(content), LIMITS))


TEXT = "id,name\r\n1,Renée Çelik\r\n2,Øya €\r\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"), ("utf-32", "utf-32"), ("cp1252", "cp1252"),
    ],
)  # fmt: skip
def test_every_encoding_reads_the_same(encoding: str, found: str) -> None:
    content = TEXT.encode(encoding)
    assert form_of(content).encoding == found
    assert [cells for _, cells in rows_of(content)] == [["id", "name"], ["1", "Renée Çelik"], ["2", "Øya €"]]


@pytest.mark.parametrize(("last", "encoding"), [("é".encode(), "utf-8-sig"), (b"\xe9", "cp1252")])
def test_the_first_accent_may_come_late(last: bytes, encoding: str) -> None:
    content = b"id,name\n" + b"1,Ann\n" * 300_000 + b"2,Ren" + last + b"e\n"
    form = form_of(content)
    assert form.encoding == encoding
    *_, final = records(io.BytesIO(content), form, LIMITS)
    assert final == (300_002, ["2", "Renée"])


def test_a_letter_across_two_pieces_of_the_file_is_one_letter() -> None:
    for shift in range(3):
        content = b"id,name\n1," + b"x" * ((1 << 18) - 11 - shift) + "é\n".encode()
        assert form_of(content).encoding == "utf-8-sig"
    assert form_of(b"id,name\n1,Ren\xc3").encoding == "cp1252"


def test_a_few_bad_bytes_do_not_turn_utf8_into_something_else() -> None:
    content = b"id,name\n" + "1,Renée\n".encode() * 20 + b"2,Ren\xe9e\n"
    assert form_of(content).encoding == "utf-8-sig"
    assert rows_of(content)[-1] == (22, ["2", "Ren\udce9e"])


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends(end: str) -> None:
    content = end.join(("id,name", '1,"two\r\nlines"', "", "3,Ann")).encode()
    assert rows_of(content) == [(1, ["id", "name"]), (2, ["1", "two\r\nlines"]), (4, ["3", "Ann"])]


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_separators(delimiter: str) -> None:
    lines = [delimiter.join(cells) for cells in (("id", "name", "paid"), ("1", '"Lee, A; B|C"', '"12,50"'))]
    content = "\n".join(lines * 3).encode()
    assert form_of(content) == FileFormat("utf-8-sig", delimiter)


def test_decimal_commas_do_not_separate() -> None:
    assert form_of(b"name;price\nAnn;12,50\nBo;1,00\n").delimiter == ";"
    assert form_of(b"name,notes\nAnn,a;b;c\nBo,d;e;f\n").delimiter == ","


def test_a_separator_line_is_obeyed_and_is_no_row() -> None:
    content = b"sep=;\r\nid;name\r\n1;a,b\r\n"
    assert form_of(content) == FileFormat("utf-8-sig", ";", has_separator_line=True)
    assert rows_of(content) == [(1, ["id", "name"]), (2, ["1", "a,b"])]


def test_what_a_person_says_is_not_guessed() -> None:
    stream = io.BytesIO(b"id,name\n1,Ren\x8e\n")
    form = recognize(stream, LIMITS, encoding="macroman", delimiter=",")
    assert [cells for _, cells in records(stream, form, LIMITS)][1] == ["1", "René"]
    with pytest.raises(Refused) as refused:
        recognize(stream, LIMITS, encoding="rot13")
    assert refused.value.code == "encoding_unknown"
    with pytest.raises(Refused) as refused:
        recognize(stream, LIMITS, delimiter="x")
    assert refused.value.code == "delimiter_unknown"


def test_the_stream_stays_open_and_can_be_read_again() -> None:
    stream = io.BytesIO(b"id,name\n1,Ann\n2,Bo\n")
    for _ in range(2):
        header_row, headers, rows = members_after_header(stream, recognize(stream, LIMITS), LIMITS)
        assert (header_row, headers) == (1, ["id", "name"])
        next(rows)  # and given up half-way
        del rows
    assert not stream.closed


def test_blank_rows_do_not_count_towards_the_limit() -> None:
    content = b"id,name\n" + b",\n\n" * 9 + b"1,Ann\n"
    _, _, rows = members_after_header(io.BytesIO(content), form_of(content), Limits(rows=2))
    assert list(rows) == [(20, ["1", "Ann"])]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n\ufeff"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(DELIMITERS))
def test_quoted_cells_come_back_as_they_were(table: list[list[str]], delimiter: str) -> None:
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in ("x", *cells)] for cells in table]
    content = "\r\n".join(delimiter.join(cells) for cells in quoted).encode()
    read = rows_of(content, FileFormat("utf-8-sig", delimiter))
    assert read == [(row, ["x", *cells]) for row, cells in enumerate(table, start=1)]
