"""Exchange rates and the equivalents made with them (A-38)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import MAX_MINOR, Money, converted
from paidthru.organizations.rules.rates import Rate, equivalent, plain_rate, read_exchange_rate


def rate(currency: str, worth: str) -> Rate:
    return Rate(currency, date(2026, 11, 20), Decimal(worth), "ECB")


def test_an_amount_keeps_its_decimals_and_is_rounded_once() -> None:
    assert converted(10_000, "EUR", Decimal("1.085"), "USD") == 10_850
    assert converted(1_000, "JPY", Decimal("0.0067"), "USD") == 670
    assert converted(1_234, "KWD", Decimal("3.25"), "USD") == 401  # 1.234 at 3.25 is 4.0105
    assert converted(100, "USD", Decimal("149.5"), "JPY") == 150  # 149.5 yen: half up
    assert converted(-100, "USD", Decimal("149.5"), "JPY") == -150


@example(169_639_284_179_540, Decimal("54370.496088"))
@given(st.integers(-(10**15), 10**15), st.decimals("0.000001", "1000000", places=6))
def test_an_equivalent_is_never_off_by_more_than_half_a_minor_unit(amount: int, worth: Decimal) -> None:
    exact = amount * Fraction(worth)
    if abs(exact) >= MAX_MINOR + Fraction(1, 2):  # no column holds it
        with pytest.raises(Refused) as refused:
            converted(amount, "EUR", worth, "USD")
        assert refused.value.code == "amount_invalid"
    else:
        assert abs(converted(amount, "EUR", worth, "USD") - exact) <= Fraction(1, 2)


def test_sums_are_equivalent_to_each_for_itself_with_the_rates_named() -> None:
    rates = {"EUR": rate("EUR", "1.085"), "JPY": rate("JPY", "0.0067"), "GBP": rate("GBP", "1.3")}
    found = equivalent({"USD": 5_000, "EUR": 10_000, "JPY": 1_000}, rates, "USD")
    assert found.money == Money(5_000 + 10_850 + 670, "USD")
    assert [one.currency for one in found.rates] == ["EUR", "JPY"]


def test_a_rate_that_is_missing_is_not_guessed() -> None:
    found = equivalent({"USD": 5_000, "EUR": 10_000, "CHF": 1}, {"EUR": rate("EUR", "1.085")}, "USD")
    assert (found.money, found.missing) == (None, ("CHF",))


def test_rates_are_read_as_people_write_them() -> None:
    assert read_exchange_rate(" 1,085 ") == Decimal("1.085")
    assert plain_rate(read_exchange_rate("0.0067")) == "0.0067"
    assert plain_rate(Decimal("150.000000000000")) == "150"
    for text in ("", "0", "0.000", "-1", "1e5", "1.0.0", "many", "1" * 11, "1." + "1" * 13):
        with pytest.raises(Refused) as refused:
            read_exchange_rate(text)
        assert (refused.value.code, refused.value.field) == ("rate_invalid", "rate")
