"""Cells of a roster: dates, amounts, words and addresses as people write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval, Unit
from paidthru.kernel.texts import is_email
from paidthru.membership.rules.cell_amounts import AmountEvidence, looks_like_amount, read_amount
from paidthru.membership.rules.cell_dates import DateEvidence, DateOrder, looks_like_date, read_date
from paidthru.membership.rules.cell_places import country_of, language_of
from paidthru.membership.rules.cell_words import interval_of, status_of, yes_or_no

TODAY = date(2026, 11, 22)
DAY, MONTH = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST


@pytest.mark.parametrize(
    "text",
    [
        "2027-11-27", "2027/11/27", "2027.11.27", "20271127", "2027-11-27T00:00:00", "2027-11-27 00:00:00.000",
        "2027-11-27T08:00:00Z", "2027-11-27 08:00:00 +01:00", "2027-11-27 10:30 PM", "27.11.2027", "27/11/2027",
        "27-11-2027", "27. 11. 2027", "27/11/27", "27/11/2027 00:00", "27 Nov 2027", "27-Nov-2027", "27 November 2027",
        "27th November 2027", "Nov 27, 2027", "November 27th, 2027", "Sat, 27 Nov 2027", "27. November 2027",
        "27 novembre 2027", "27 de noviembre de 2027", "2027-Nov-27", "27 nov. 2027", "27-Nov-27", "46718", "46718.5",
        " 2027-11-27 ", "Saturday, November 27, 2027", "27-Nov-2027 10:00",
    ],
)  # fmt: skip
def test_the_many_ways_to_write_one_date(text: str) -> None:
    assert read_date(text, DAY, today=TODAY) == date(2027, 11, 27)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("soon", "is not a date"),
        ("31/02/2027", "February 2027 has 28 days"),
        ("2026-02-30", "February 2026 has 28 days"),
        ("2027-13-01", "there is no month 13"),
        ("03/25/2027", "there is no month 25, and the column is read day first"),
        ("2027-04-00", "April 2027 has 30 days"),
        ("0000-01-01", "there is no year 0"),
        ("0001-01-01", "the year is 1"),
        ("2012", "is not a date"),
        ("27 Foo 2027", "is not a date"),
        ("1e5", "is not a date"),
        ("²7/11/2027", "is not a date"),
        ("x" * 10_000, "…' is not a date"),
    ],
)
def test_impossible_dates_say_why(text: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read_date(text, DAY, today=TODAY)
    assert refused.value.code == "date_invalid"
    assert says in refused.value.message


def test_two_digit_years_lie_around_today() -> None:
    assert read_date("1/2/56", DAY, today=TODAY) == date(2056, 2, 1)
    assert read_date("1/2/57", DAY, today=TODAY) == date(1957, 2, 1)
    assert read_date("1/2/57", MONTH, today=TODAY) == date(1957, 1, 2)


@given(st.dates(date(1850, 1, 1), date(2200, 12, 31)))
def test_dates_come_back_in_either_order(day: date) -> None:
    assert read_date(f"{day:%d/%m/%Y}", DAY, today=TODAY) == day
    assert read_date(f"{day:%m/%d/%Y}", MONTH, today=TODAY) == day
    assert read_date(day.isoformat(), MONTH, today=TODAY) == day
    assert read_date(f"{day:%d %b %Y}", MONTH, today=TODAY) == day
    assert looks_like_date(f"{day:%B} {day.day}, {day.year}")


@given(st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), max_size=30), st.sampled_from([DAY, MONTH]))
def test_evidence_is_never_wrong(days: list[date], order: DateOrder) -> None:
    evidence = DateEvidence()
    for day in days:
        evidence.note(f"{day:%d/%m/%Y}" if order is DAY else f"{day:%m/%d/%Y}")
    assert evidence.order in (None, order)
    assert (evidence.order is None) == all(day.day <= 12 for day in days)


def test_dots_are_a_proof_and_iso_dates_are_none() -> None:
    evidence = DateEvidence()
    evidence.note("2027-11-27")
    assert (evidence.order, evidence.ambiguous) == (None, 0)
    evidence.note("03.04.2027")
    assert evidence.order is DAY


@pytest.mark.parametrize(
    ("text", "currency", "mark", "amount_minor"),
    [
        ("1250", "USD", ".", 125_000),
        ("$1,250.00", "USD", ".", 125_000),
        ("US$ 1,250.00", "USD", ".", 125_000),
        ("$12", "CAD", ".", 1_200),
        ("1.250,00", "EUR", ".", 125_000),
        ("1 250,00 €", "EUR", ",", 125_000),
        ("1\u202f250,00\u00a0€", "EUR", ",", 125_000),
        ("1'250.00 CHF", "CHF", ".", 125_000),
        ("(12.50)", "USD", ".", -1_250),
        ("12.50-", "USD", ".", -1_250),
        ("−12.50", "USD", ".", -1_250),
        ("12.50 CR", "USD", ".", -1_250),
        ("12.50 DR", "USD", ".", 1_250),
        ("1,250", "USD", ".", 125_000),
        ("1,250", "USD", ",", 125),
        ("1.250", "EUR", ",", 125_000),
        ("1,250", "JPY", ".", 1_250),
        ("1.250", "JPY", ".", 1_250),
        ("1,250", "KWD", ",", 1_250),
        ("1,250", "KWD", ".", 1_250_000),
        ("1 250 kr", "SEK", ",", 125_000),
        ("12,50 zł", "PLN", ",", 1_250),
        ("0.00", "USD", ",", 0),
    ],
)
def test_amounts_as_people_write_them(text: str, currency: str, mark: str, amount_minor: int) -> None:
    assert read_amount(text, currency, mark) == amount_minor


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12O.00", "amount_invalid"),
        ("twelve", "amount_invalid"),
        ("12.505", "amount_invalid"),
        ("1,2,3", "amount_invalid"),
        ("$$1", "amount_invalid"),
        ("--1", "amount_invalid"),
        ("1e3", "amount_invalid"),
        ("9" * 70, "amount_invalid"),
        ("9" * 40, "amount_invalid"),
        ("99999999999999.99", "amount_invalid"),
        ("€12.00", "currency_mismatch"),
        ("12.00 EUR", "currency_mismatch"),
        ("CA$12.00", "currency_mismatch"),
    ],
)
def test_amounts_that_are_none(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_amount(text, "USD", ".")
    assert refused.value.code == code
    assert refused.value.fix


def test_a_dollar_sign_is_not_a_euro() -> None:
    with pytest.raises(Refused, match="not an amount in EUR"):
        read_amount("$5", "EUR", ".")


@given(st.integers(-(10**12), 10**12), st.sampled_from(["USD", "JPY", "KWD"]))
def test_plain_amounts_come_back(amount_minor: int, currency: str) -> None:
    assert read_amount(plain(amount_minor, currency), currency, ".") == amount_minor


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1,250", "0", ""], None),
        (["1,250", "0.00"], "."),
        (["1.250", "12,50"], ","),
        (["1.250.000"], ","),
        (["1,250.00"], "."),
        (["12.5"], "."),
    ],
)
def test_a_column_proves_its_decimal_mark(cells: list[str], mark: str | None) -> None:
    evidence = AmountEvidence()
    for cell in cells:
        evidence.note(cell)
    assert evidence.mark == mark


def test_what_looks_like_an_amount() -> None:
    assert all(map(looks_like_amount, ("12", "$1,250.00", "1.250,00 €", "(5)", "-3.50")))
    assert not any(map(looks_like_amount, ("", "2027-11-27", "10:30", "Corporate 1", "n/a")))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Active", "active"), ("Past Due", "overdue"), ("past_due", "overdue"), ("Lapsed", "lapsed"),
        ("Expired", "lapsed"), ("Pending - New", "pending"), ("PENDING RENEWAL", "overdue"),
        ("Cancelled", "canceled"), ("In-Trial", "trial"), ("non_renewing", "ending"), ("Gekündigt", "canceled"),
        ("Résilié", "canceled"), ("Al día", "active"), ("dado de baja", "canceled"), ("paused", "suspended"),
        ("good", "active"), ("blue", None), ("", None), ("active " * 40, None),
    ],
)  # fmt: skip
def test_states_in_several_languages(word: str, status: str | None) -> None:
    assert status_of(word) == status


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("monthly", Interval(1, Unit.MONTH)), ("Per month", Interval(1, Unit.MONTH)),
        ("12 months", Interval(12, Unit.MONTH)), ("every 3 months", Interval(3, Unit.MONTH)),
        ("jährlich", Interval(1, Unit.YEAR)), ("Vierteljährlich", Interval(1, Unit.QUARTER)),
        ("trimestriel", Interval(1, Unit.QUARTER)), ("semi-annual", Interval(6, Unit.MONTH)),
        ("1 year", Interval(1, Unit.YEAR)), ("0 months", None), ("seldom", None),
    ],
)  # fmt: skip
def test_intervals(text: str, interval: Interval | None) -> None:
    assert interval_of(text) == interval


@pytest.mark.parametrize(
    ("text", "answer"),
    [("Yes", True), ("x", True), ("✓", True), ("1", True), ("ja", True), ("TRUE", True), ("Oui", True), ("Sí", True),
     ("no", False), ("0", False), ("off", False), ("Nein", False), ("perhaps", None)],
)  # fmt: skip
def test_yes_and_no(text: str, answer: bool | None) -> None:
    assert yes_or_no(text) is answer


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("ann@example.org", True), ("ann+club@mail.example.co.uk", True), ("o'brien@example.org", True),
        ("jürgen@müller.example", True), ("a@b-c.example", True), ("not an address", False), ("a@b", False),
        ("@example.org", False), ("a@@example.org", False), ("a@example..org", False), ("a@-x.example", False),
        ("a@example.org\n", False), ("a@example.org\r\nBcc: b@example.org", False), ("a b@example.org", False),
        ("a@example.org,b@example.org", False), ("a" * 65 + "@example.org", False), ("a@" + "x." * 150 + "org", False),
    ],
)  # fmt: skip
def test_addresses(text: str, good: bool) -> None:
    assert is_email(text) is good


def test_no_date_is_read_slowly() -> None:
    for text in ("1" * 60, "a" * 60, "1 " * 30, "27 " + "a" * 50, "2027-11-27" + " " * 50):
        with pytest.raises(Refused):
            read_date(text + "!", DAY, today=TODAY)
    assert read_date("2027-11-27", DAY, today=TODAY) - date(2027, 11, 26) == timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "code"),
    [("us", "US"), ("United States", "US"), ("Deutschland", "DE"), ("Allemagne", "DE"), ("España", "ES"),
     ("UK", "GB"), ("Côte d’Ivoire", "CI"), ("Nowhere", None), ("ZZ", None)],
)  # fmt: skip
def test_a_country_is_read_by_its_letters_or_its_name(text: str, code: str | None) -> None:
    assert country_of(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("DE", "de"), ("fr_CA", "fr"), ("German", "de"), ("Français", "fr"), ("español", "es"), ("Deutsch", "de"),
     ("Klingon", None), ("tlh", None)],
)  # fmt: skip
def test_a_language_is_read_by_its_code_or_its_name(text: str, code: str | None) -> None:
    assert language_of(text) == code
