"""What comes off a price, and how the line says so (issue 5, discounts)."""

from datetime import date
from uuid import UUID

import pytest

from paidthru.kernel.periods import Interval, Period, Unit
from paidthru.membership.rules.discounts import Discount
from paidthru.membership.rules.pricing import Fee, PricedLine, Proration, price_term

YEAR, HALF_LEFT = Interval(1, Unit.YEAR), Period(date(2026, 7, 1), date(2027, 1, 1))
WHOLE_YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


def off(
    kind: str,
    *,
    ppm: int = 0,
    amount_minor: int = 0,
    until_on: date | None = None,
    terms: int | None = None,
    used: int = 0,
) -> Discount:
    start = date(2026, 1, 1)
    return Discount(
        UUID(int=9), "Student", kind, ppm, amount_minor, "USD", None, None, start, until_on, terms, used  # type: ignore[arg-type]
    )  # fmt: skip


def priced(
    *discounts: Discount,
    amount_minor: int = 100_00,
    period: Period = WHOLE_YEAR,
    prorate: Proration | None = None,
    currency: str = "USD",
) -> PricedLine:
    fee = Fee(UUID(int=1), "Regular", amount_minor, True, False, False, 0, discounts=discounts)
    return price_term([fee], period, YEAR, YEAR, currency, prorate)[0]


@pytest.mark.parametrize(
    ("discounts", "amount_minor"),
    [
        ([off("percentage", ppm=200_000)], 80_00),
        ([off("amount", amount_minor=30_00)], 70_00),
        ([off("amount", amount_minor=130_00)], 0),  # never below zero
        (
            [off("percentage", ppm=500_000), off("amount", amount_minor=20_00)],
            40_00,
        ),  # amounts come off first
        ([off("complimentary")], 0),
        ([off("percentage", ppm=200_000, terms=2, used=2)], 100_00),
        ([off("percentage", ppm=200_000, terms=2, used=1)], 80_00),
        ([off("complimentary", until_on=date(2026, 1, 1))], 100_00),
    ],
)
def test_what_comes_off(discounts: list[Discount], amount_minor: int) -> None:
    assert priced(*discounts).amount_minor == amount_minor


def test_a_part_of_a_term_costs_that_part_of_the_reduced_price() -> None:
    line = priced(off("amount", amount_minor=10_00), period=HALF_LEFT, prorate=Proration("months", 1))
    assert line.amount_minor == 45_00
    assert line.derivation["text"] == (
        "Regular from 2026-07-01 to 2026-12-31 costs 45.00 USD: 100.00 USD, 10.00 USD off (“Student”);"
        " 6 of 12 months."
    )


def test_it_is_rounded_once_half_up_in_the_smallest_unit() -> None:
    assert priced(off("percentage", ppm=500_000), amount_minor=1_001, currency="JPY").amount_minor == 501


def test_the_line_says_what_came_off() -> None:
    line = priced(off("percentage", ppm=200_000))
    assert line.derivation["rule"] == "discount"
    assert line.derivation["text"] == (
        "Regular from 2026-01-01 to 2026-12-31 costs 80.00 USD: 100.00 USD, 20 % off (“Student”)."
    )
    free = priced(off("complimentary", until_on=date(2026, 6, 1)))
    assert "complimentary until 2026-06-01" in str(free.derivation["text"])
