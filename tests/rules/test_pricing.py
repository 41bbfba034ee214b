"""What a term costs and why (G-18, G-34 to G-38, C-04, C-11)."""

import json
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import MAX_MINOR
from paidthru.kernel.periods import Interval, Period, Unit, fixed_period
from paidthru.membership.rules.pricing import (
    Fee,
    PricedLine,
    Proration,
    ProrationKind,
    price_term,
    prorate_table,
    proration,
)
from paidthru.membership.rules.terms import TermRules, first_term

YEAR = Interval(1, Unit.YEAR)
MONTH = Interval(1, Unit.MONTH)
HALF = Interval(6, Unit.MONTH)
CALENDAR_YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
MONTHS = Proration("months", 1)
TABLE = [
    "1.00", "0.92", "0.83", "0.75", "0.67", "0.58", "0.50", "0.42", "0.33", "0.25", "0.17", "0.08"
]  # fmt: skip


def fee(
    amount_minor: int = 200_00,
    *,
    name: str = "Regular",
    primary: bool = True,
    voluntary: bool = False,
    complimentary: bool = False,
    position: int = 0,
) -> Fee:
    return Fee(UUID(int=position + 1), name, amount_minor, primary, voluntary, complimentary, position)


def priced(
    period: Period,
    prorate: Proration | None = None,
    *,
    amount_minor: int = 200_00,
    plan_interval: Interval = YEAR,
    interval: Interval = YEAR,
    currency: str = "USD",
) -> PricedLine:
    (line,) = price_term([fee(amount_minor)], period, plan_interval, interval, currency, prorate)
    return line


def annual(first_month: int = 1) -> TermRules:
    return TermRules("annual", first_month, "first_of_month", None, YEAR)


def joined_in(month: int, interval: Interval = YEAR) -> Period:
    return first_term(annual(), date(2026, month, 15), interval)


def test_a_full_term_costs_the_plans_price() -> None:
    line = priced(CALENDAR_YEAR)
    assert line.amount_minor == 200_00
    assert line.unit_amount_minor == 200_00
    assert line.quantity == 1
    assert line.description == "Regular, 2026-01-01 to 2026-12-31"
    assert line.derivation["rule"] == "full_price"
    assert line.derivation["text"] == "Regular from 2026-01-01 to 2026-12-31 costs 200.00 USD."


@pytest.mark.parametrize("month", [1, 12])
def test_without_proration_the_month_makes_no_difference_g36(month: int) -> None:
    assert priced(joined_in(month)).amount_minor == 200_00


@pytest.mark.parametrize(
    ("month", "amount_minor"), [(1, 200_00), (2, 183_33), (6, 116_67), (7, 100_00), (11, 33_33), (12, 16_67)]
)
def test_prorating_by_months_g37(month: int, amount_minor: int) -> None:
    """G-18, G-37: month 7 of a $200 year costs 100.00, month 1 all, month 12 a twelfth."""
    line = priced(joined_in(month), MONTHS)
    assert line.amount_minor == amount_minor
    assert line.derivation["rule"] == "prorate_months"


def test_the_fiscal_years_first_month_is_month_1() -> None:
    term = first_term(annual(7), date(2026, 7, 20), YEAR)
    assert priced(term, Proration("months", 7)).amount_minor == 200_00
    term = first_term(annual(7), date(2027, 1, 20), YEAR)
    assert priced(term, Proration("months", 7)).amount_minor == 100_00


@pytest.mark.parametrize(
    ("month", "amount_minor"), [(1, 60_00), (3, 40_00), (6, 10_00), (7, 60_00), (12, 10_00)]
)
def test_other_intervals_scale_g37(month: int, amount_minor: int) -> None:
    """Half-years of 60.00: the month is counted within the half-year."""
    line = priced(joined_in(month, HALF), MONTHS, amount_minor=60_00, plan_interval=HALF, interval=HALF)
    assert line.amount_minor == amount_minor


def test_prorating_by_days() -> None:
    """Of 365 days, 184 are left on 1 July."""
    line = priced(Period(date(2026, 7, 1), date(2027, 1, 1)), Proration("days", 1))
    assert line.amount_minor == 100_82  # 200.00 × 184/365 = 100.8219
    assert line.derivation["rule"] == "prorate_days"
    last = priced(Period(date(2026, 12, 31), date(2027, 1, 1)), Proration("days", 1))
    assert last.amount_minor == 55  # 0.5479
    leap = priced(Period(date(2028, 2, 29), date(2029, 1, 1)), Proration("days", 1), amount_minor=366_00)
    assert leap.amount_minor == 307_00


@pytest.mark.parametrize(("month", "amount_minor"), [(1, 200_00), (2, 184_00), (7, 100_00), (12, 16_00)])
def test_prorating_by_a_table_g38(month: int, amount_minor: int) -> None:
    prorate = proration(annual(), "table", TABLE)
    line = priced(joined_in(month), prorate)
    assert line.amount_minor == amount_minor
    assert line.derivation["rule"] == "prorate_table"


def test_a_plan_without_a_table_is_charged_in_full_g38() -> None:
    assert proration(annual(), "table", None) is None
    assert priced(joined_in(12), Proration("table", 1)).amount_minor == 200_00


@pytest.mark.parametrize(
    "factors",
    [
        TABLE[:11],
        [*TABLE, "0.01"],
        [],
        ["x", *TABLE[1:]],
        ["-1", *TABLE[1:]],
        ["1e9", *TABLE[1:]],
        ["1/0", *TABLE[1:]],
    ],
)
def test_a_table_of_another_length_or_without_numbers_is_refused_g38(factors: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        prorate_table(factors)
    assert refused.value.code == "prorate_table_invalid"
    assert refused.value.row == (1 if len(factors) == 12 else None)


def test_a_table_takes_exact_fractions() -> None:
    table = prorate_table([f"{left}/12" for left in range(12, 0, -1)])
    assert table[6] == Fraction(1, 2)
    for month in range(1, 13):
        by_table = priced(joined_in(month), Proration("table", 1, table))
        by_months = priced(joined_in(month), MONTHS)
        assert by_table.amount_minor == by_months.amount_minor


@pytest.mark.parametrize(
    ("basis", "first_month", "kind"),
    [
        ("anniversary", 1, "months"),
        ("anniversary", 1, "days"),
        ("annual", 0, "months"),
        ("annual", 1, "none"),
    ],
)
def test_only_fixed_terms_are_prorated_g34(basis: str, first_month: int, kind: str) -> None:
    """G-34, G-35: with anniversary terms everybody has a full term, so the price is full."""
    rules = TermRules(basis, first_month, "join_date", None, YEAR)  # type: ignore[arg-type]
    assert proration(rules, kind, None) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["months", "days"])
def test_a_whole_term_off_the_fiscal_year_is_charged_in_full(kind: str) -> None:
    own_year = Period(date(2026, 7, 1), date(2027, 7, 1))
    assert priced(own_year, Proration(kind, 1)).amount_minor == 200_00  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("plan_interval", "interval", "amount_minor"),
    [
        (YEAR, HALF, 100_00),
        (YEAR, MONTH, 16_67),
        (YEAR, Interval(12, Unit.MONTH), 200_00),
        (MONTH, Interval(1, Unit.QUARTER), 600_00),
        (YEAR, Interval(2, Unit.YEAR), 400_00),
        (Interval(1, Unit.WEEK), Interval(4, Unit.WEEK), 800_00),
        (Interval(7, Unit.DAY), Interval(1, Unit.WEEK), 200_00),
        (MONTH, Interval(1, Unit.WEEK), 200_00),  # not comparable: the price is kept
    ],
)
def test_another_interval_scales_the_price(
    plan_interval: Interval, interval: Interval, amount_minor: int
) -> None:
    """G-06 to G-09."""
    line = priced(CALENDAR_YEAR, plan_interval=plan_interval, interval=interval)
    assert line.amount_minor == amount_minor


def test_scaling_and_prorating_round_once() -> None:
    """100.01 a year, half-yearly, joined in month 4 of 6: 100.01 × 6/12 × 3/6, not 50.01 × 3/6 = 25.01."""
    line = priced(joined_in(4, HALF), MONTHS, amount_minor=100_01, interval=HALF)
    assert line.amount_minor == 25_00
    assert line.derivation["inputs"]["factor"] == "1/4"  # type: ignore[index]


def test_further_fees_follow_the_primary_and_voluntary_ones_come_last_and_whole() -> None:
    lines = price_term(
        [
            fee(50_00, name="Gift", primary=False, voluntary=True, position=1),
            fee(24_00, name="Journal", primary=False, position=2),
            fee(200_00, position=3),
            fee(99_00, name="Badge", primary=False, complimentary=True, position=4),
        ],
        joined_in(7),
        YEAR,
        YEAR,
        "USD",
        MONTHS,
    )
    assert [(line.description.split(",")[0], line.amount_minor) for line in lines] == [
        ("Regular", 100_00),
        ("Journal", 12_00),
        ("Badge", 0),
        ("Gift", 50_00),
    ]
    assert (
        lines[2].derivation["text"]
        == "Badge from 2026-07-01 to 2026-12-31 is complimentary: nothing is charged."
    )
    assert "voluntary contribution of 50.00 USD" in str(lines[3].derivation["text"])
    assert "It is voluntary and therefore not prorated." in lines[3].derivation["steps"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("currency", "amount_minor", "expected"),
    [("JPY", 1000, 83), ("KWD", 200_000, 16_667), ("USD", 200_00, 16_67)],
)
def test_every_currency_rounds_to_its_own_minor_unit(currency: str, amount_minor: int, expected: int) -> None:
    """A-37."""
    assert (
        priced(joined_in(12), MONTHS, amount_minor=amount_minor, currency=currency).amount_minor == expected
    )


def test_the_derivation_says_it_all_in_json() -> None:
    line = priced(joined_in(7), MONTHS)
    assert json.loads(json.dumps(line.derivation)) == line.derivation
    assert line.derivation["text"] == (
        "Regular from 2026-07-01 to 2026-12-31 costs 100.00 USD: 6 of 12 months of the full 200.00 USD."
    )
    assert line.derivation["steps"] == [
        "Regular costs 200.00 USD for 1 year.",
        "It starts in month 7 of 12: 6 of 12 months are charged.",
        "200.00 × 1/2 = 100.00 USD.",
    ]
    inputs = line.derivation["inputs"]
    assert isinstance(inputs, dict)
    assert (inputs["month"], inputs["months_left"], inputs["price_minor"]) == (7, 6, 200_00)


def test_the_derivation_says_where_it_rounded() -> None:
    steps = priced(joined_in(12), MONTHS).derivation["steps"]
    assert isinstance(steps, list)
    assert steps[-1] == "200.00 × 1/12 = 16.67 USD, rounded half up."


def test_a_price_beyond_a_bigint_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        priced(CALENDAR_YEAR, amount_minor=MAX_MINOR, interval=Interval(2, Unit.YEAR))
    assert refused.value.code == "amount_invalid"


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(1, 12), st.integers(0, 10**9))
def test_prorated_prices_stay_between_nothing_and_the_price_and_fall_over_the_year(
    joined: date, first_month: int, amount_minor: int
) -> None:
    full = fixed_period(joined, first_month)
    kinds: tuple[ProrationKind, ...] = ("months", "days")
    for kind in kinds:
        prorate = Proration(kind, first_month)
        starts = (full.start, joined, full.through)
        prices = [
            priced(Period(start, full.end), prorate, amount_minor=amount_minor).amount_minor
            for start in starts
        ]
        assert prices[0] == amount_minor
        assert prices == sorted(prices, reverse=True)
        assert prices[-1] >= 0
