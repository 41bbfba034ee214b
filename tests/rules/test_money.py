"""Money: parsing, printing, rounding and splitting (A-14, A-26, A-31, A-37)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import (
    EXPONENTS,
    MAX_MINOR,
    Money,
    exponent,
    parse_amount,
    plain,
    round_half_up,
    split_by_weights,
    split_evenly,
)

AMOUNTS = st.integers(min_value=-MAX_MINOR, max_value=MAX_MINOR)
CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("USD", 2),
        ("EUR", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("ISK", 0),
        ("IQD", 3),
    ],
)
def test_exponents_are_those_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


def test_the_table_of_currencies_holds_no_code_twice_and_only_codes() -> None:
    assert len(EXPONENTS) > 160
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)


@pytest.mark.parametrize("currency", ["", "usd", "XXX", "DOLLAR", "DEM"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(Refused) as refused:
        exponent(currency)
    assert refused.value.code == "currency_unknown"


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1250", "USD", 125000),
        ("1250.00", "USD", 125000),
        ("1250.5", "USD", 125050),
        ("$1,250.00", "USD", 125000),
        ("1.250,00", "EUR", 125000),
        ("€ 1.250,00", "EUR", 125000),
        ("1 250,00 EUR", "EUR", 125000),
        ("1\N{NO-BREAK SPACE}250,00", "EUR", 125000),
        ("1'250.50", "CHF", 125050),
        ("1,250", "USD", 125000),
        ("1,250,000", "USD", 125000000),
        ("1.250.000", "EUR", 125000000),
        ("12,5", "EUR", 1250),
        ("0.125", "KWD", 125),
        ("1.234", "KWD", 1234),
        ("0,125", "KWD", 125),
        ("1000", "JPY", 1000),
        ("¥1,000", "JPY", 1000),
        ("1000.00", "JPY", 1000),
        ("-3.50", "USD", -350),
        ("\N{MINUS SIGN}3.50", "USD", -350),
        ("-$3.50", "USD", -350),
        ("3.50-", "USD", -350),
        ("(3.51)", "USD", -351),
        ("3.51-", "USD", -351),
        ("$123,456.00", "USD", 12345600),
        (" 0 ", "USD", 0),
        ("12.50 USD", "USD", 1250),
        ("USD 12.50", "USD", 1250),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


def test_a_said_decimal_mark_decides_where_two_readings_are_possible() -> None:
    assert parse_amount("1.250", "EUR", decimal_mark=",") == 125000
    assert parse_amount("1,250", "KWD", decimal_mark=",") == 1250
    assert parse_amount("1,250", "KWD", decimal_mark=".") == 1250000


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "USD"),
        ("   ", "USD"),
        ("abc", "USD"),
        ("1,25O.00", "USD"),  # a letter O
        ("1.250", "USD"),  # thousands or decimals?
        ("1,250", "KWD"),
        ("12.345", "USD"),
        ("1.2345", "USD"),
        ("10.50", "JPY"),
        ("1,2,3", "USD"),
        ("12,34.00", "USD"),
        ("1234,567.00", "USD"),
        ("1.2.3,4", "EUR"),
        ("5.", "USD"),
        ("--5", "USD"),
        ("(-5)", "USD"),
        ("(5", "USD"),
        ("5)", "USD"),
        ("$$5", "USD"),
        ("1e5", "USD"),
        ("NaN", "USD"),
        ("٣", "USD"),  # digits of another script would be read, but not seen
        ("12.50 EUR", "USD"),
        ("9" * 30, "USD"),
        ("9" * 5000, "USD"),
    ],
)
def test_what_is_not_an_amount_is_refused_with_a_way_out(text: str, currency: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_amount(text, currency)
    assert refused.value.code == "amount_invalid"
    assert refused.value.fix
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (125000, "USD", "1250.00"),
        (-350, "USD", "-3.50"),
        (-5, "USD", "-0.05"),
        (0, "USD", "0.00"),
        (1000, "JPY", "1000"),
        (1234, "KWD", "1.234"),
    ],
)
def test_plain_amounts(minor: int, currency: str, text: str) -> None:
    assert plain(minor, currency) == text


@given(AMOUNTS, CURRENCIES)
def test_what_is_printed_is_read_back(minor: int, currency: str) -> None:
    text = plain(minor, currency)
    assert parse_amount(text, currency, decimal_mark=".") == minor


@given(AMOUNTS, st.sampled_from(["USD", "JPY", "KWD"]))
def test_what_is_printed_is_read_back_without_a_hint(minor: int, currency: str) -> None:
    assert parse_amount(plain(minor, currency), currency) == minor


@given(st.text(max_size=80), CURRENCIES)
def test_any_text_is_an_amount_or_refused(text: str, currency: str) -> None:
    code = None
    try:
        parse_amount(text, currency)
    except Refused as refused:
        code = refused.code
    assert code in (None, "amount_invalid")


@pytest.mark.parametrize(
    ("numerator", "denominator", "result"),
    [
        (5, 10, 1),
        (4, 10, 0),
        (15, 10, 2),
        (-5, 10, -1),
        (-4, 10, 0),
        (20000, 12, 1667),
        (5, -10, -1),
        (0, 7, 0),
    ],
)
def test_round_half_up(numerator: int, denominator: int, result: int) -> None:
    assert round_half_up(numerator, denominator) == result


@given(st.integers(-(10**18), 10**18), st.integers(1, 10**9))
def test_rounding_is_never_off_by_more_than_a_half_and_mirrors(numerator: int, denominator: int) -> None:
    result = round_half_up(numerator, denominator)
    assert 2 * abs(result * denominator - numerator) <= denominator
    assert round_half_up(-numerator, denominator) == -result


@given(AMOUNTS, st.integers(1, 500))
def test_even_splits_sum_and_differ_by_at_most_one(total: int, parts: int) -> None:
    shares = split_evenly(total, parts)
    assert len(shares) == parts
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1
    assert [abs(each) for each in shares] == sorted((abs(each) for each in shares), reverse=True)


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=60).filter(any))
def test_weighted_splits_sum_and_stay_within_one_of_their_share(total: int, weights: list[int]) -> None:
    shares = split_by_weights(total, weights)
    whole = sum(weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * whole - total * weight) < whole
        assert weight or not share


def test_a_levy_of_10000_over_seven_unequal_shares_sums_exactly() -> None:
    """A-31."""
    shares = split_by_weights(10_000_00, [3, 3, 1, 1, 1, 2, 3])
    assert sum(shares) == 10_000_00
    assert shares == [214286, 214286, 71429, 71428, 71428, 142857, 214286]


def test_a_share_of_nothing_gets_nothing() -> None:
    assert split_by_weights(5, [0, 1]) == [0, 5]
    assert split_by_weights(0, [1]) == [0]


def test_ties_of_remainders_go_to_the_first() -> None:
    assert split_by_weights(100, [1, 1, 1]) == [34, 33, 33]
    assert split_by_weights(1, [1, 1]) == [1, 0]
    assert split_by_weights(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_that_mean_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(Refused) as refused:
        split_by_weights(100, weights)
    assert refused.value.code == "split_invalid"


def test_no_parts_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        split_evenly(100, 0)
    assert refused.value.code == "split_invalid"


def test_money_adds_within_a_currency_only() -> None:
    assert Money(150, "USD") + Money(50, "USD") == Money(200, "USD")
    assert Money(150, "USD") - Money(50, "USD") == Money(100, "USD")
    assert -Money(150, "KWD") == Money(-150, "KWD")
    assert str(Money(1234, "KWD")) == "1.234 KWD"
    with pytest.raises(Refused) as refused:
        Money(1, "USD") + Money(1, "EUR")
    assert refused.value.code == "currency_mismatch"


def test_money_beyond_a_bigint_is_refused() -> None:
    assert MAX_MINOR == 9_223_372_036_854_775_807
    assert parse_amount("92233720368547758.07", "USD") == MAX_MINOR
    with pytest.raises(Refused) as refused:
        Money(MAX_MINOR, "USD") + Money(1, "USD")
    assert refused.value.code == "amount_invalid"
