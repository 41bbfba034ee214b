"""Whole rosters: refused ones, large ones and odd ones (field-notes 70)."""

import io
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rosters import GIVEN_ROSTER, HEADERS, TODAY, RosterStream

from paidthru.kernel.errors import Refused
from paidthru.membership.rules.roster import (
    Corrections,
    Known,
    Limits,
    RosterRow,
    Survey,
    Tally,
    layout_from,
    read_rows,
    survey,
)

USD = Known("USD", TODAY, ("Regular",))


def look(content: bytes, corrections: Corrections | None = None) -> Survey:
    return survey(io.BytesIO(content), currency="USD", today=TODAY, corrections=corrections)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "file_empty"),
        (b"id,name\r\n", "no_rows"),
        (b"id,name\r\n,\r\n\r\n", "no_rows"),
        (b"name\r\nAnn\r\nBo\r\n", "one_column"),
        (b"colour,size\nred,4\n", "columns_unknown"),
        (b"1,ann@example.org,2020-01-01\n2,bo@example.org,2020-01-02\n", "columns_unknown"),
        (b"id,name,name\n1,Ann,Bo\n", "headers_repeated"),
        (b"PK\x03\x04\x14\0\x06\0[Content_Types].xml" + bytes(200), "not_csv"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "not_csv"),
        (b"%PDF-1.7\n1,2\n", "not_csv"),
        (b"<!DOCTYPE html><table><tr><td>id</td></tr></table>", "not_csv"),
        (b'<?xml version="1.0"?><Workbook>', "not_csv"),
        (b'[{"id": 1, "name": "Ann"}]', "not_csv"),
        (bytes(range(256)) * 40, "not_csv"),
        (b"id,name\n1," + b"x" * 400_000 + b"\n", "cell_too_long"),
        (b'id,name\n1,"' + b"x\n" * 400_000 + b'"\n', "cell_too_long"),
        (b",".join(b"c%d" % n for n in range(1500)) + b"\n1,2\n", "too_many_columns"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_are_refused_with_a_way_out(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        look(content)
    assert refused.value.code == code
    assert refused.value.fix


def test_an_excel_workbook_is_called_one() -> None:
    with pytest.raises(Refused, match="an Excel workbook"):
        look(b"PK\x03\x04\x14\0\x06\0[Content_Types].xml" + bytes(200))


def test_limits_are_told_before_anything_is_read() -> None:
    stream = io.BytesIO(b"id,name\n" + b"".join(b"%d,Ann\n" % n for n in range(21)))
    assert survey(stream, currency="USD", today=TODAY, limits=Limits(rows=21)).rows == 21
    with pytest.raises(Refused, match="more than 20 rows") as refused:
        survey(stream, currency="USD", today=TODAY, limits=Limits(rows=20))
    assert refused.value.code == "too_many_rows"
    with pytest.raises(Refused) as refused:
        survey(stream, currency="USD", today=TODAY, limits=Limits(size=20))
    assert refused.value.code == "file_too_large"


def test_a_million_rows_get_a_clear_answer() -> None:
    class Endless(io.RawIOBase):
        """A million rows, one after the other."""

        left = 1_000_000

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            self.left = 1_000_000
            return 0

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            count = min(self.left, len(buffer) // 8)
            made = (
                b"id,name\n" + b"12,Anna\n" * (count - 1) if self.left == 1_000_000 else b"12,Anna\n" * count
            )
            self.left -= count
            buffer[: len(made)] = made
            return len(made)

    with pytest.raises(Refused, match="more than 500,000 rows") as refused:
        survey(io.BufferedReader(Endless()), currency="USD", today=TODAY)
    assert "Split" in (refused.value.fix or "")


def test_the_layout_survives_json_and_belongs_to_its_file() -> None:
    seen = look(GIVEN_ROSTER.read_bytes())
    again = layout_from(json.loads(json.dumps(seen.layout.as_dict())))
    assert again == seen.layout
    with pytest.raises(Refused) as refused:
        list(read_rows(io.BytesIO(b"id,name\n1,Ann\n"), again, USD))
    assert refused.value.code == "file_changed"
    with pytest.raises(Refused):
        layout_from({"encoding": "utf-8"})


# ------------------------------------------------------------ size and odd bytes


def test_memory_is_flat_but_for_the_ids() -> None:
    members, last = 100_000, 5_000
    stream = io.BufferedReader(RosterStream(members))
    seen = survey(stream, currency="USD", today=TODAY)
    assert seen.rows == members
    rows = read_rows(stream, seen.layout, USD)
    assert sum(isinstance(next(rows), RosterRow) for _ in range(members - last)) == members - last
    tracemalloc.start()  # only now: tracing makes everything ten times slower
    try:
        assert sum(isinstance(item, RosterRow) for item in rows) == last
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < last * 200 + 500_000  # bytes an id, and what a few rows take


def test_the_survey_keeps_nothing() -> None:
    stream = io.BufferedReader(RosterStream(20_000))
    tracemalloc.start()
    try:
        survey(stream, currency="USD", today=TODAY)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_a_huge_cell_is_refused_without_being_held() -> None:
    class Huge(io.RawIOBase):
        """100 MB of one letter in a cell."""

        left = 100_000_000
        head = b"id,name\n1,"

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            self.left, self.head = 100_000_000, b"id,name\n1,"
            return 0

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            made = self.head or b"x" * min(len(buffer), self.left)
            self.left -= 0 if self.head else len(made)
            self.head = b""
            buffer[: len(made)] = made
            return len(made)

    tracemalloc.start()
    try:
        with pytest.raises(Refused) as refused:
            survey(io.BufferedReader(Huge()), currency="USD", today=TODAY)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (refused.value.code, refused.value.row) == ("cell_too_long", 2)
    assert peak < 10 * 1024 * 1024


PIECES = st.one_of(
    st.sampled_from(
        [b"\r\n", b"\n", b"\r", b",", b";", b"\t", b'"', b'""', b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"=1+1", b"-",
         b"03/04/2027", b"2027-02-30", b"45000", b"1.250,00", b"$1,250.00", b"ann@example.org", b"1", b"Ann", b"\xe9",
         b"\xc3\xa9", b"\xed\xa0\x80", b"Regular", b"never", b"sep=;\n", b"9" * 30, b"12/31/99 99:99", "١٢٣".encode(),
         "²".encode(), b"1e5", b"nan"]
    ),
    st.binary(max_size=12),
)  # fmt: skip
HEADINGS = st.permutations([*HEADERS, "Expires", "Price", "Credit", "Autopay", "Interval", "Currency"])


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=60), st.one_of(st.none(), HEADINGS))
def test_odd_bytes_are_read_or_refused_and_nothing_else(
    pieces: list[bytes], headings: list[str] | None
) -> None:
    head = b"" if headings is None else (",".join(headings) + "\r\n").encode()
    content = head + b"".join(pieces)
    try:
        layout = look(content).layout
        items = list(read_rows(io.BytesIO(content), layout, USD))
    except Refused:
        return  # and no other error
    else:
        tally = Tally()
        for fault in (fault for item in items for fault in tally.note(item)):
            json.dumps(fault.as_dict()).encode()
            assert "\0" not in fault.value


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffd\ufeff"), max_size=20
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(TEXTS, min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\r\n", "\n", "\r"]),
)
def test_texts_come_back_as_they_were(names: list[str], delimiter: str, encoding: str, end: str) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    lines = [delimiter.join(("id", "name", "notes"))]
    lines += [delimiter.join((str(at), cell(f"N {name}"), cell("x"))) for at, name in enumerate(names)]
    content = end.join(lines).encode(encoding)
    layout = look(content, Corrections(delimiter=delimiter)).layout
    items = list(read_rows(io.BytesIO(content), layout, USD))
    assert [item.name if isinstance(item, RosterRow) else item for item in items] == [
        f"N {name}".strip() for name in names
    ]
