"""What a tax receipt says, by country (A-25), and how a pledge's instalments come out (A-26)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.giving.rules.receipts import Gift, needs_acknowledgment, statement
from paidthru.kernel.instalments import instalments_of
from paidthru.kernel.periods import Interval, Unit

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("country", "amount", "currency", "needs"),
    [
        ("US", 249_99, "USD", False),
        ("US", 250_00, "USD", True),
        ("US", 250_00, "EUR", False),
        ("GB", 250_00, "USD", False),
        ("", 250_00, "USD", False),
    ],
)
def test_an_acknowledgment_is_needed_from_a_limit_on(
    country: str, amount: int, currency: str, needs: bool
) -> None:
    assert needs_acknowledgment(country, Gift(amount, 0, currency, DAY)) is needs


def test_the_limit_is_that_of_the_day() -> None:
    assert not needs_acknowledgment("US", Gift(250_00, 0, "USD", date(1993, 12, 31)))


def test_a_statement_says_what_was_given_in_return() -> None:
    amounts = ("300.00 USD", "40.00 USD", "260.00 USD")
    plain, dinner = Gift(300_00, 0, "USD", DAY), Gift(300_00, 40_00, "USD", DAY)
    assert dinner.eligible_minor == 260_00
    assert "No goods or services" in statement("US", plain, amounts)
    assert "worth 40.00 USD" in statement("US", dinner, amounts)
    assert "only with it" in statement("US", dinner, amounts)
    assert "eligible amount 260.00 USD" in statement("CA", dinner, amounts)
    assert "Gift Aid declaration" in statement("GB", plain, amounts)
    assert statement("DE", plain, amounts) == ""


@given(st.integers(1, 10**12), st.integers(1, 120), st.sampled_from(list(Unit)))
def test_the_parts_of_a_pledge_sum_to_it(amount: int, count: int, unit: Unit) -> None:
    parts = instalments_of(amount, count, DAY, Interval(1, unit))
    assert sum(part.amount_minor for part in parts) == amount
    assert len({part.due_on for part in parts}) == len(parts)


def test_a_thousand_in_three() -> None:
    parts = instalments_of(1000_00, 3, DAY, Interval(1, Unit.MONTH))
    assert [part.amount_minor for part in parts] == [333_33, 333_33, 333_34]
