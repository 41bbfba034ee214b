"""What a roster says that its plans cost: offered, and compared."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from tests.rules.test_roster import only_row

from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.rules.pricing import Fee
from paidthru.membership.rules.roster import Known, RosterRow
from paidthru.membership.rules.roster_prices import costs_of, level_prices, other_price

MONTH = Interval(1, Unit.MONTH)
TODAY = date(2026, 11, 22)
DUES = Fee(UUID(int=1), "Dues", 10_000, True, False, False, 0, later=((date(2026, 1, 1), 12_000),))
MAGAZINE = Fee(UUID(int=2), "Magazine", 1_500, False, False, False, 1)
FUND = Fee(UUID(int=3), "Fund", 900, False, True, False, 2)


def a_row(price: str = "45.00", status: str = "Active", every: str = "") -> RosterRow:
    row = only_row(
        f"id,Name,Plan,Price,Status,Frequency\n1,Ann,Gold,{price},{status},{every}\n",
        Known("USD", TODAY, ("Gold",)),
    )
    assert isinstance(row, RosterRow)
    return row


def test_the_price_that_more_than_half_of_the_rows_name_is_a_levels_price() -> None:
    found = {
        ("Gold", "$100"): 3, ("Gold", "100.00"): 2, ("Gold", "80"): 4, ("Gold", "lots"): 50,
        ("Silver", "50"): 2, ("Silver", "60"): 2, ("Bronze", "-5"): 9, ("Tin", "none"): 1, ("Guest", "0"): 1,
    }  # fmt: skip
    assert level_prices(found, "USD", ".") == {"Gold": 10_000, "Guest": 0}
    assert level_prices({("Gold", "1.250"): 1}, "EUR", ",") == {"Gold": 125_000}


def test_a_plan_costs_its_first_item_of_today_or_all_that_is_owed() -> None:
    assert costs_of((DUES, MAGAZINE, FUND), TODAY) == {12_000, 13_500}
    assert costs_of((DUES, replace(MAGAZINE, complimentary=True)), date(2025, 1, 1)) == {10_000}
    assert costs_of((FUND,), TODAY) == costs_of((), TODAY) == frozenset()


def test_a_row_with_another_price_than_its_plan_is_told_both() -> None:
    fault = other_price(a_row("30.00"), "Fee", {12_000, 13_500}, MONTH, "USD")
    assert fault is not None
    assert (fault.row, fault.field, fault.value, fault.severity) == (2, "Fee", "30.00", "warning")
    assert fault.problem == "The row says 30.00, and Gold costs 120.00 USD."


@pytest.mark.parametrize(
    ("row", "costs"),
    [
        (a_row("45.00"), {4_500}),
        (a_row("45.00"), {4_000, 4_500}),
        (a_row(""), {9_900}),
        (a_row("45.00"), set()),
        (a_row("45.00", "Canceled"), {9_900}),
        (a_row("45.00", every="yearly"), {9_900}),
    ],
)
def test_a_row_that_costs_the_same_or_is_not_comparable_is_not_warned_of(
    row: RosterRow, costs: set[int]
) -> None:
    assert other_price(row, "Fee", costs, MONTH, "USD") is None
    assert other_price(replace(row, price_minor=1, status="active", interval=MONTH), "Fee", {5}, MONTH, "USD")
