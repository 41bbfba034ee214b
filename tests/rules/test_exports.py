"""CSV that leaves the product: harmless in a spreadsheet, typed, streamed (field-notes E.6, 71)."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.exports import FORMULA_STARTS, MARK, Cell, safe_cell, write_csv
from paidthru.kernel.money import Money


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_texts_that_begin_like_formulas_are_guarded(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


def test_zeros_are_guarded_and_left_out() -> None:
    assert safe_cell("\0=1+1") == "'=1+1"
    assert safe_cell("a\0b") == "ab"


@pytest.mark.parametrize("text", ["", "Ann", "a=b", "O'Brien", "'t Hooft", "12-34", " =1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text())
def test_no_text_leaves_as_a_formula(text: str) -> None:
    assert safe_cell(text)[:1] not in FORMULA_STARTS or not safe_cell(text)


def test_cells_are_typed() -> None:
    row: list[Cell] = [
        "=1+1", -5, Decimal("-3.50"), Money(-350, "USD"), Money(-1000, "JPY"), date(2027, 2, 28),
        datetime(2027, 2, 28, 9, 30, tzinfo=UTC), True, False, None, 'a "b"\nc, d',
    ]  # fmt: skip
    text = "".join(write_csv([row], [f"h{at}" for at in range(11)]))
    assert text.startswith(MARK)
    _, cells = csv.reader(io.StringIO(text.removeprefix(MARK), newline=""))
    assert cells == [
        "'=1+1", "-5", "-3.50", "-3.50", "-1000", "2027-02-28", "2027-02-28T09:30:00+00:00", "yes", "no", "",
        'a "b"\nc, d',
    ]  # fmt: skip


def test_headings_are_guarded_too_and_alone_are_a_file() -> None:
    assert "".join(write_csv([], ["id", "=x"], mark=False)) == "id,'=x\r\n"


def test_exports_stream() -> None:
    taken = 0

    def endless() -> Iterator[list[Cell]]:
        nonlocal taken
        while True:
            taken += 1
            yield [taken, "Ann"]

    chunks = write_csv(endless(), ["id", "name"])
    first, second = next(chunks), next(chunks)
    assert taken == 1000
    assert first.count("\r\n") == 501
    assert second.startswith("501,Ann\r\n")
