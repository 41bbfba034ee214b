"""A list of homes is read as real files have it: headings, decimals, percentages, faults by row (A-29)."""

from datetime import date
from decimal import Decimal

import pytest

from paidthru.assessments.rules.unit_roster import UnitRow, read_units
from paidthru.kernel.errors import Refused


def test_columns_and_decimals_are_read() -> None:
    found = read_units(
        ["Lot Number", "Ownership %", "Sq. Ft.", "Owner Name", "E-mail", "Since", "Balance"],
        [
            (2, ["1A", "1.25 %", "1,250.5", "Ann Lee", "ann@example.org", "2024-05-01", "12.00"]),
            (3, ["1B", "2,5", "", "", "", "", ""]),
        ],
    )
    assert found.rows == (
        UnitRow(2, "1A", 125, 12505, "", "Ann Lee", "ann@example.org", date(2024, 5, 1)),
        UnitRow(3, "1B", 250, None),
    )
    assert found.scales == {"share": 100, "area": 10}
    assert [(one.code, one.is_error) for one in found.faults] == [("balance_not_booked", False)]


def test_each_fault_is_named_with_its_row() -> None:
    found = read_units(
        ["Unit", "Share", "Since", "Address"],
        [
            (2, ["", "1", "", ""]),
            (3, ["1A", "half", "", ""]),
            (4, ["1A", "1", "", "Elm Street 1\nSpringfield"]),
            (5, ["1a", "1", "", ""]),
            (6, ["1B", "-1", "5/1/24", ""]),
            (7, None),
            (8, ["\udce9", "1", "", ""]),
            (9, ["1C", "9999999999", "", ""]),
        ],
    )
    assert [one.name for one in found.rows] == ["1A"]
    assert found.read == 8
    assert sorted((one.row, one.code) for one in found.faults) == [
        (2, "name_missing"), (3, "share_invalid"), (5, "unit_twice"), (6, "date_invalid"), (6, "share_invalid"),
        (7, "row_unreadable"), (8, "text_invalid"), (9, "share_invalid"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "code"),
    [(["Owner", "Share"], "columns_unknown"), (["Unit", "Lot", "Share"], "headers_repeated")],
)
def test_a_file_that_is_no_list_of_homes_is_refused(headers: list[str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_units(headers, [])
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("areas", "mark", "read"),
    [
        (["820", "1,040"], ".", [820, 1040]),  # as US files have it
        (["820", "1.040"], ",", [820, 1040]),  # as German ones
        (["820.5", "1,040"], ",", [8205, 10400]),  # the column shows it
        (["820,5", "1.040"], ".", [8205, 10400]),
        (["1,250,000", "1,040"], ",", [1250000, 1040]),
        (["0.125", "1,040"], ",", [125, 1040000]),
        (["1’040", "820"], ".", [1040, 820]),
    ],
)
def test_a_sign_between_thousands_is_no_decimal_mark(areas: list[str], mark: str, read: list[int]) -> None:
    lines = [(n, [f"{n}A", area]) for n, area in enumerate(areas, start=2)]
    found = read_units(["Unit", "Area"], lines, decimal_mark=mark)
    assert [row.area for row in found.rows] == read and found.faults == ()


def test_what_a_column_of_both_ways_says_is_asked_and_not_guessed() -> None:
    lines = [(2, ["1A", "820.5"]), (3, ["1B", "930,25"]), (4, ["1C", "1,040"])]
    found = read_units(["Unit", "Area"], lines)
    assert [(fault.row, fault.code, fault.value) for fault in found.faults] == [
        (4, "number_unclear", "1,040")
    ]
    assert found.faults[0].problem.startswith("It can be 1.040 or 1040") or "1040" in found.faults[0].problem
    assert [row.name for row in found.rows] == ["1A", "1B"]


def test_the_smallest_and_the_largest_are_told_as_read() -> None:
    found = read_units(["Unit", "Area"], [(2, ["1A", "820"]), (3, ["1B", "1,040.5"])])
    assert found.spans == {"area": (Decimal("820"), Decimal("1040.5"))}


@pytest.mark.parametrize(
    ("areas", "mark", "asked"),
    [
        (["820", "900", "1.040"], ".", ["1.040"]),  # 1.04 beside hundreds
        (["2", "3", "1,040"], ".", ["1,040"]),  # a thousand beside a few
        (["820", "1,040"], ".", []),
        (["33.333", "33.333", "33"], ".", []),
        (["33.333", "33.334"], ".", []),  # nothing to compare with: as the region writes
        (["12", "1,040", "0"], ".", []),
    ],
)
def test_a_number_of_two_readings_that_would_be_of_another_size_is_asked(
    areas: list[str], mark: str, asked: list[str]
) -> None:
    lines = [(n, [f"{n}A", area]) for n, area in enumerate(areas, start=2)]
    found = read_units(["Unit", "Area"], lines, decimal_mark=mark)
    assert [fault.value for fault in found.faults] == asked
    assert all(fault.code == "number_unclear" and fault.fix for fault in found.faults)
    assert len(found.rows) == len(areas) - len(asked)


def test_the_question_says_both_readings() -> None:
    found = read_units(["Unit", "Area"], [(2, ["1A", "820"]), (3, ["1B", "1.040"])])
    assert (
        found.faults[0].problem
        == "It can be 1.040 or 1040: read as 1.040 it is far from the others of its column."
    )


def test_columns_that_nobody_reads_are_named() -> None:
    said = read_units(["Unit", "Share", "Amount", ""], [(2, ["1A", "10", "250.00", "x"])])
    (note,) = said.faults
    assert (note.code, note.field, note.is_error) == ("column_not_read", "Amount", False)
    assert "Unit, Share, Area" in note.fix and said.rows[0].share == 10
