"""Reading rosters as real exports are (issue: import; field-notes 70 and 71, C-50, C-51)."""

import dataclasses
import io
import json
from collections import Counter
from datetime import date

import pytest
from tests.rosters import (
    GIVEN_COUNTS,
    GIVEN_ROSTER,
    PLANS,
    TODAY,
    planted_roster,
)

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.rules.roster import (
    Corrections,
    Fault,
    Known,
    RosterRow,
    RowFaults,
    Survey,
    Tally,
    read_rows,
    survey,
)

USD = Known("USD", TODAY, ("Regular", "Student", "Family", "Retired", "Corporate", "Life"))


def look(content: bytes, corrections: Corrections | None = None, currency: str = "USD") -> Survey:
    return survey(io.BytesIO(content), currency=currency, today=TODAY, corrections=corrections)


def read(
    content: bytes, corrections: Corrections | None = None, known: Known = USD
) -> list[RosterRow | RowFaults]:
    layout = look(content, corrections, known.currency).layout
    return list(read_rows(io.BytesIO(content), layout, known))


def faults_of(items: list[RosterRow | RowFaults]) -> list[Fault]:
    tally = Tally()
    return [fault for item in items for fault in tally.note(item)]


def only_row(text: str, known: Known = USD, corrections: Corrections | None = None) -> RosterRow:
    items = read(text.encode(), corrections, known)
    assert len(items) == 1
    assert isinstance(items[0], RosterRow), faults_of(items)
    return items[0]


def only_fault(text: str, known: Known = USD, corrections: Corrections | None = None) -> Fault:
    faults = faults_of(read(text.encode(), corrections, known))
    assert len(faults) == 1, faults
    return faults[0]


# ------------------------------------------------------------ the given roster


@pytest.fixture(scope="module")
def given_items() -> list[RosterRow | RowFaults]:
    return read(GIVEN_ROSTER.read_bytes())


CODES = {
    "exact duplicate row": "row_repeated",
    "same id, different level": "id_repeated",
    "no e-mail": "email_missing",
    "bad e-mail": "email_invalid",
    "no level": "plan_missing",
    "unknown level": "plan_unknown",
    "impossible renewal date": "date_invalid",
    "joined in the future": "joined_in_future",
    "formula in a name": "formula_text",
    "quoted line break": "line_break",
    "amount with sign and thousands separator": "amount_read",
    "amount with a letter in it": "amount_invalid",
    "organization without a person": "organization_without_person",
    "name of 4,000 characters": "text_too_long",
}


def test_every_planted_fault_is_found_and_nothing_else(given_items: list[RosterRow | RowFaults]) -> None:
    planted = json.loads(GIVEN_COUNTS.read_text())
    found = Counter(fault.code for fault in faults_of(given_items))
    assert found == {code: planted[kind] for kind, code in CODES.items()}
    assert len(given_items) == planted["data rows"]


def test_rows_are_taken_unless_something_is_wrong(given_items: list[RosterRow | RowFaults]) -> None:
    planted = json.loads(GIVEN_COUNTS.read_text())
    wrong = sum(
        planted[kind]
        for kind in (
            "exact duplicate row", "same id, different level", "bad e-mail", "no level", "unknown level",
            "impossible renewal date", "joined in the future", "amount with a letter in it",
            "name of 4,000 characters",
        )
    )  # fmt: skip
    taken = [item for item in given_items if isinstance(item, RosterRow)]
    assert len(taken) == planted["data rows"] - wrong
    assert len({row.external_id for row in taken}) == len(taken)
    for row in taken:
        assert row.name
        assert row.plan is not None
        assert row.status is not None
        assert row.joined_on is not None
        assert (row.next_renewal_on is None) == (row.plan == "Life" or row.row == 635)


def test_leap_days_and_31sts_are_fine_rows(given_items: list[RosterRow | RowFaults]) -> None:
    planted = json.loads(GIVEN_COUNTS.read_text())
    joined = [item.joined_on for item in given_items if isinstance(item, RosterRow) and item.joined_on]
    assert sum(1 for day in joined if (day.month, day.day) == (2, 29)) >= planted["joined on 29 February"]
    assert sum(1 for day in joined if day.day == 31) >= planted["joined on the 31st"]


def test_faults_say_where_what_and_how_to_go_on(given_items: list[RosterRow | RowFaults]) -> None:
    by_code = {fault.code: fault for fault in reversed(faults_of(given_items))}
    bad = by_code["date_invalid"]
    assert (bad.row, bad.field, bad.value) == (158, "Renewal due", "31/02/2027")
    assert bad.problem == "'31/02/2027' is not a date: February 2027 has 28 days."
    assert "row 874, with another Membership level" in by_code["id_repeated"].problem
    assert by_code["row_repeated"].severity == "warning"
    assert by_code["text_too_long"].value == "x" * 80 + "…"
    assert "4,000" in by_code["text_too_long"].problem
    assert by_code["plan_unknown"].as_dict()["value"] == "Platinum Plus"
    assert all(fault.problem and fault.fix for fault in by_code.values())


def test_amounts_organizations_and_notes_of_the_given_roster(
    given_items: list[RosterRow | RowFaults],
) -> None:
    rows = {item.row: item for item in given_items if isinstance(item, RosterRow)}
    assert rows[342].balance_minor == 125_000  # $1,250.00
    assert rows[86].balance_minor == -5_100
    assert rows[193].notes == 'Pays by check,\nasks for "paper" receipts'
    assert (rows[178].kind, rows[178].name) == ("organization", "Harbour & Sons Ltd")
    assert rows[1788].given_name == '=HYPERLINK("http://x.example","x")'
    assert rows[3].name == "Björn D'Souza"
    assert rows[3].through == date(2027, 8, 21)


def test_the_survey_of_the_given_roster() -> None:
    seen = look(GIVEN_ROSTER.read_bytes())
    assert list(seen.layout.columns) == [
        "external_id", "given_name", "family_name", "organization_name", "email", "phone", "plan", "status",
        "joined_on", "next_renewal_on", "balance", "notes",
    ]  # fmt: skip
    assert seen.rows == 5020
    assert seen.plans["Platinum Plus"] == 5
    assert seen.statuses == {"Active": 4264, "Overdue": 382, "Lapsed": 374}
    assert [each.code for each in seen.assumptions] == ["balance_sign"]
    assert seen.sample[1][2] == "D'Souza"


def test_unknown_plans_are_one_question_and_can_be_answered() -> None:
    content = GIVEN_ROSTER.read_bytes()
    tally = Tally()
    for item in read(content):
        tally.note(item)
    assert tally.plans_unknown == {"Platinum Plus": 5}
    answered = dataclasses.replace(USD, plan_words={"platinum plus": "Corporate"})
    mapped = [item for item in read(content, None, answered) if isinstance(item, RosterRow)]
    assert len(mapped) == tally.taken + 5


@pytest.mark.parametrize("seed", range(5))
def test_planted_faults_are_found_in_other_rosters(seed: int) -> None:
    content, counts = planted_roster(seed)
    known = Known("USD", TODAY, PLANS)
    assert Counter(fault.code for fault in faults_of(read(content, None, known))) == counts


# ------------------------------------------------------------ rows


def test_a_repeated_id_names_the_first_row_whether_or_not_that_was_good() -> None:
    text = "id,name,email\n1,Ann,oops\n1,Ann,ann@example.org\n2,Bo,b@example.org\n2,Bo,b@example.org\n"
    items = read(text.encode())
    assert [type(item).__name__ for item in items] == ["RowFaults", "RowFaults", "RosterRow", "RowFaults"]
    assert [(f.row, f.code) for f in faults_of(items)] == [
        (2, "email_invalid"), (3, "id_repeated"), (5, "row_repeated"),
    ]  # fmt: skip


def test_rows_without_an_id_column_repeat_only_as_a_whole() -> None:
    seen = look(b"name,phone\nAnn,1\nAnn,1\nAnn,2\n")
    assert "no_id" in {each.code for each in seen.assumptions}
    items = list(read_rows(io.BytesIO(b"name,phone\nAnn,1\nAnn,1\nAnn,2\n"), seen.layout, USD))
    assert [isinstance(item, RosterRow) for item in items] == [True, False, True]


def test_row_numbers_are_those_of_a_spreadsheet() -> None:
    text = 'id,name,notes\r\n1,Ann,"two\r\nlines"\r\n\r\n,,\r\n2,,x\r\n'
    assert [(fault.row, fault.code) for fault in faults_of(read(text.encode()))] == [
        (2, "line_break"), (5, "name_missing"),
    ]  # fmt: skip


def test_a_title_above_the_headings_counts_as_a_row_and_does_no_harm() -> None:
    row = only_row("Members of the club\n\nid,name\n7,Ann\n")
    assert (row.row, row.external_id, row.name) == (4, "7", "Ann")


def test_ragged_rows_are_faults() -> None:
    items = read(b"id,name,plan\n1,Ann\n2,Bo,Regular,,\n3,Cy,Regular,extra\n4,Di,Regular\n" * 1)
    assert [(fault.row, fault.code) for fault in faults_of(items)] == [(4, "row_ragged")]
    many = b"id,name,plan\n" + b"".join(b"%d,Ann,Regular\n" % n for n in range(50)) + b"99,Ann\n"
    assert [(fault.row, fault.code) for fault in faults_of(read(many))] == [(52, "row_ragged")]


def test_unpaired_quotes_are_a_fault_of_their_row() -> None:
    items = read(b'id,name\n1,"Ann "Nan" Lee"\n2,Bo\n')
    assert [(fault.row, fault.code) for fault in faults_of(items)] == [(2, "quotes_unpaired")]
    assert isinstance(items[1], RosterRow)


def test_a_quote_that_is_never_closed_refuses_the_file() -> None:
    with pytest.raises(Refused) as refused:
        look(b'id,name\n1,Ann\n2,"Bo\n3,Cy\n')
    assert (refused.value.code, refused.value.row) == ("quote_unclosed", 3)


def test_names_organizations_and_emails_stand_in_for_each_other() -> None:
    headers = "id,name,company,email,contact type\n"
    assert only_row(headers + "1,Ann Lee,,a@example.org,Individual").kind == "person"
    firm = only_row(headers + "1,Ann Lee,Harbour Ltd,a@example.org,Company")
    assert (firm.kind, firm.name) == ("organization", "Harbour Ltd")
    person = only_row(headers + "1,Ann Lee,Harbour Ltd,a@example.org,")
    assert (person.kind, person.organization_name) == ("person", "Harbour Ltd")
    assert only_row(headers + "1,,,a@example.org,").warnings[0].code == "name_missing"
    assert only_fault("id,name,plan\n1,,Regular").code == "name_missing"


def test_a_row_without_a_membership_is_a_contact() -> None:
    row = only_row("id,name,plan,status\n1,Ann,,\n")
    assert (row.plan, row.warnings) == (None, ())
    assert only_fault("id,name,plan,status\n1,Ann,,active\n").code == "plan_missing"


def test_every_kind_of_cell_is_read() -> None:
    row = only_row(
        "Member No;Name;Membership type;Status;Joined;Paid thru;Autopay;Price;Credit;Currency;Frequency;Contact type\n"
        "A-7;Lee, Ann;regular;Past Due;3 Jan 2020;31.12.2026;ja;1.250,00 €;(5,00);EUR;jährlich;Individual\n",
        Known("EUR", TODAY, ("Regular",)),
    )
    assert (row.external_id, row.name, row.plan, row.status) == ("A-7", "Lee, Ann", "Regular", "overdue")
    assert (row.joined_on, row.paid_through) == (date(2020, 1, 3), date(2026, 12, 31))
    assert row.through == date(2026, 12, 31)
    assert (row.autopay, row.price_minor, row.balance_minor) == (True, 125_000, 500)
    assert (row.interval, row.customer_type) == (Interval(1, Unit.YEAR), "Individual")
    assert [each.code for each in row.warnings] == ["amount_read", "amount_read"]


@pytest.mark.parametrize(
    ("headers", "cells", "code"),
    [
        ("autopay", "perhaps", "autopay_unknown"),
        ("frequency", "seldom", "interval_unknown"),
        ("currency", "EUR", "currency_mismatch"),
        ("price", "€12.00", "currency_mismatch"),
        ("price", "1.005", "amount_invalid"),
        ("price", "9" * 30, "amount_invalid"),
        ("balance", "12O.00", "amount_invalid"),
        ("joined", "2027-01-01", "joined_in_future"),
        ("joined", "0001-01-01", "date_invalid"),
        ("expires", "x" * 5000, "date_invalid"),
        ("phone", "1" * 61, "text_too_long"),
        ("email", "a@example.org; b@example.org", "email_invalid"),
        ("email", '"a@example.org\nBcc: b@example.org"', "email_invalid"),
        ("status", "blue", "status_unknown"),
        ("notes", "a\x07b", "control_character"),
        ("notes", "a\x00b", "control_character"),
    ],
)
def test_cells_that_cannot_be_read_are_faults_of_their_column(headers: str, cells: str, code: str) -> None:
    fault = only_fault(f"id,name,{headers}\n1,Ann,{cells}\n")
    assert (fault.row, fault.field, fault.code, fault.severity) == (2, headers, code, "error")
    assert len(fault.value) <= 81
    assert len(fault.problem) < 200


@pytest.mark.parametrize("nothing", ["", "-", "n/a", "NULL", "0000-00-00", "never", "Lifetime", "9999-12-31"])
def test_an_end_may_be_absent(nothing: str) -> None:
    assert only_row(f"id,name,expires\n1,Ann,{nothing}\n").paid_through is None


def test_a_surname_may_be_null() -> None:
    assert only_row("id,first name,last name\n1,Ann,Null\n").family_name == "Null"


def test_what_our_exports_guard_comes_back_bare() -> None:
    row = only_row("id,name,phone\n1,'=1+1,'+1 555\n")
    assert (row.name, row.phone) == ("=1+1", "+1 555")
    assert [each.code for each in row.warnings] == ["formula_text"]
    assert only_row("id,name\n1,'t Hooft\n").name == "'t Hooft"


def test_reading_direction_and_lost_letters_are_warned_of() -> None:
    row = only_row("id,name\n1,Ann\u202etxt\n")
    assert [each.code for each in row.warnings] == ["reversed_text"]
    assert only_row("id,name\n1,Ren\ufffd\n").warnings[0].code == "letters_lost"


# ------------------------------------------------------------ dates and amounts of a column


def orders(text: str, corrections: Corrections | None = None, currency: str = "USD") -> Survey:
    return look(text.encode(), corrections, currency)


def test_one_late_row_settles_the_order_of_a_column() -> None:
    rows = "".join(f"{n},Ann,03/04/2025\n" for n in range(400))
    seen = orders(f"id,name,joined\n{rows}401,Bo,25/12/2024\n")
    assert seen.layout.date_orders["joined_on"] == "day_first"
    told = [each.reason for each in seen.assumptions if each.code.startswith("date")]
    assert told == ["1 of its dates can only be read so"], "so much hangs on it that a person reads it"
    seen = orders(f"id,name,joined\n{rows}401,Bo,12/25/2024\n", currency="EUR")
    assert seen.layout.date_orders["joined_on"] == "month_first"


def test_a_column_without_proof_is_an_assumption_that_a_person_can_correct() -> None:
    text = "id,name,joined\n1,Ann,03/04/2025\n"
    assumed = orders(text).assumptions[0]
    assert (assumed.code, assumed.column, assumed.read_as, assumed.example) == (
        "date_order", "joined", "month_first", "03/04/2025",
    )  # fmt: skip
    assert assumed.choices == ("day_first", "month_first")
    assert orders(text, currency="EUR").layout.date_orders["joined_on"] == "day_first"
    corrected = Corrections(date_orders={"joined_on": "day_first"})
    assert "date_order" not in {each.code for each in orders(text, corrected).assumptions}
    assert only_row(text, corrections=corrected).joined_on == date(2025, 4, 3)


def test_the_other_columns_are_proof_of_a_kind() -> None:
    text = "id,name,joined,expires\n1,Ann,03/04/2025,25/12/2026\n"
    seen = orders(text)
    assert seen.layout.date_orders["joined_on"] == "day_first"
    assert seen.assumptions[0].reason == "the other date columns are written so"
    assert only_row(text).joined_on == date(2025, 4, 3)


def test_the_decimal_mark_is_a_columns_too() -> None:
    text = "id;name;price\n1;Ann;1.250\n2;Bo;12,50\n"
    rows = read(text.encode(), None, Known("EUR", TODAY))
    assert [row.price_minor for row in rows if isinstance(row, RosterRow)] == [125_000, 1_250]
    seen = orders('id,name,price\n1,Ann,"1,250"\n')
    assert seen.assumptions[0].code == "decimal_mark"
    assert only_row('id,name,price\n1,Ann,"1,250"\n').price_minor == 125_000
    comma = Corrections(decimal_marks={"price": ","})
    assert only_row('id,name,price\n1,Ann,"1,250"\n', corrections=comma).price_minor == 125
    yen = orders('id,name,price\n1,Ann,"1,250"\n', currency="JPY")
    assert "decimal_mark" not in {each.code for each in yen.assumptions}
    assert only_row('id,name,price\n1,Ann,"1,250"\n', Known("JPY", TODAY)).price_minor == 1250


def test_a_billing_cycle_that_starts_in_the_future_is_a_question() -> None:
    text = "id,name,Billing Cycle Started\n1,Ann,2027-03-01\n2,Bo,2027-05-01\n"
    seen = orders(text)
    assert seen.layout.columns["next_renewal_on"] == 2
    question = next(each for each in seen.assumptions if each.code == "cycle_start_ahead")
    assert question.choices == ("cycle_started_on", "next_renewal_on")
    as_said = orders(text, Corrections(columns={"cycle_started_on": "Billing Cycle Started"}))
    assert as_said.layout.columns["cycle_started_on"] == 2
    assert "cycle_start_ahead" not in {each.code for each in as_said.assumptions}
    past = orders("id,name,Billing Cycle Started\n1,Ann,2026-03-01\n")
    assert past.layout.columns["cycle_started_on"] == 2
    asked = next(each for each in past.assumptions if each.code == "cycle_taken_as_paid")  # A2-10
    assert (asked.column, asked.example) == ("Billing Cycle Started", "2026-03-01")
    told = orders("id,name,Billing Cycle Started,Paid through\n1,Ann,2026-03-01,2027-02-28\n")
    assert "cycle_taken_as_paid" not in {each.code for each in told.assumptions}


def test_a_balance_may_be_the_members_credit() -> None:
    said = Corrections(columns={"credit": "Balance", "balance": None})
    assert only_row("id,name,Balance\n1,Ann,5.00\n", corrections=said).balance_minor == -500


def test_a_slip_in_one_column_does_not_turn_its_dates_around() -> None:
    """One cell that can only be day first, in a file whose other column proves month first, is a fault of its own."""
    rows = "".join(f"{n},Ann,0{n}/15/2015,0{n}/01/2027\n" for n in range(1, 8))
    seen = orders("id,name,joined,renewal due\n" + rows + "8,Bo,03/16/2015,13/01/2027\n")
    assert set(seen.layout.date_orders.values()) == {"month_first"}
    told = next(one for one in seen.assumptions if one.code == "date_order_mixed")
    assert (told.column, told.read_as) == ("renewal due", "month_first")
    assert told.reason == "the other date columns are written so; 1 of its dates can’t be"


def test_an_order_that_rests_on_a_single_date_is_said() -> None:
    rows = "".join(f"{n},Ann,0{n}/01/2015\n" for n in range(2, 9))
    seen = orders("id,name,joined\n" + rows + "9,Bo,13/01/2015\n")
    assert seen.layout.date_orders["joined_on"] == "day_first"
    told = next(one for one in seen.assumptions if one.code == "date_order")
    assert told.reason == "1 of its dates can only be read so"


def test_a_single_slip_in_a_short_file_is_a_fault_of_its_own() -> None:
    """One cell of four is not thin any more, and still no other way of writing than the rest of the file has."""
    text = (
        "id,name,joined,renewal due\n1,Ann,03/15/2015,02/01/2027\n2,Bo,04/16/2016,03/01/2027\n"
        "3,Cy,05/17/2017,13/01/2027\n4,Di,06/18/2018,04/01/2027\n"
    )
    seen = orders(text)
    assert set(seen.layout.date_orders.values()) == {"month_first"}
    assert seen.date_orders == {"joined": "month_first", "renewal due": "month_first"}
    items = read(text.encode())
    assert [item.next_renewal_on for item in items if isinstance(item, RosterRow)] == [
        date(2027, 2, 1), date(2027, 3, 1), date(2027, 4, 1),
    ]  # fmt: skip
    wrong = next(item for item in items if isinstance(item, RowFaults)).faults[0]
    assert (wrong.row, wrong.field, wrong.value) == (4, "renewal due", "13/01/2027")
    assert "there is no month 13, and the column is read month first" in wrong.problem
    assert wrong.fix == "Write the date as year-month-day, such as 2027-11-27."


def test_columns_that_are_really_written_in_two_ways_are_read_in_two() -> None:
    rows = "".join(f"{n},Ann,0{n}/15/2015,1{n}/01/2027\n" for n in range(3, 7))
    seen = orders("id,name,joined,renewal due\n" + rows)
    assert seen.date_orders == {"joined": "month_first", "renewal due": "day_first"}


def test_slips_on_both_sides_turn_nothing_around() -> None:
    seen = orders("id,name,joined,renewal due\n1,Ann,03/15/2015,13/01/2027\n2,Bo,04/05/2016,02/01/2027\n")
    assert seen.date_orders == {"joined": "month_first", "renewal due": "day_first"}, "each by its own proof"
