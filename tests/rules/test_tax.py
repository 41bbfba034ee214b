"""Tax on lines, and how it goes along with what it is the tax of (A-14)."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.invoicing.rules.tax import Rate, Share, rate_on, read_rate, take_in_turn, tax_of, taxes_of
from paidthru.kernel.errors import Refused

ONE = UUID(int=1)


def rate(ppm: int, *, inclusive: bool = False, from_on: date = date(2020, 1, 1)) -> Rate:
    return Rate(ONE, "VAT", inclusive, from_on, ppm)


def test_half_up_on_top_and_inside_a14() -> None:
    assert tax_of(25_00, rate(200_000)) == 5_00
    assert tax_of(10_02, rate(75_000)) == 75  # 75.15
    assert tax_of(10, rate(50_000)) == 1  # 0.5
    assert tax_of(119_00, rate(190_000, inclusive=True)) == 19_00
    assert tax_of(1000, rate(100_000, inclusive=True)) == 91  # JPY: 90.9
    assert tax_of(1, rate(0)) == 0


def test_rounded_once_an_invoice_and_shared_out() -> None:
    lines = [10, 10, 10]  # 0.5 each: 3 line by line, 1.5 for the sum
    of_all = [rate(50_000)] * 3
    assert taxes_of(lines, of_all, "per_line") == (1, 1, 1)
    assert taxes_of(lines, of_all, "per_invoice") == (1, 1, 0)
    assert taxes_of([10, 99, 10], [rate(50_000), None, rate(0)], "per_invoice") == (1, 0, 0)


def test_the_rate_of_the_day() -> None:
    rates = [rate(190_000), rate(160_000, from_on=date(2020, 7, 1)), rate(190_000, from_on=date(2021, 1, 1))]
    found = [
        rate_on(rates, day)
        for day in (date(2019, 12, 31), date(2020, 6, 30), date(2020, 7, 1), date(2026, 1, 1))
    ]
    assert [one.rate_ppm if one else None for one in found] == [None, 190_000, 160_000, 190_000]


@pytest.mark.parametrize(
    ("text", "ppm"),
    [("20", 200_000), ("20%", 200_000), (" 8.875 % ", 88_750), ("5,5", 55_000), ("0", 0), ("100", 1_000_000)],
)
def test_rates_as_people_write_them(text: str, ppm: int) -> None:
    assert read_rate(text) == ppm


@pytest.mark.parametrize("text", ["", "-1", "1000", "1000 %", "100.1", "8.87501", "a lot", "1e2", "٢٠"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read_rate(text)
    assert (caught.value.code, caught.value.field) == ("tax_rate_invalid", "rate")


def test_the_rate_as_it_is_read() -> None:
    assert [rate(ppm).percent for ppm in (200_000, 88_750, 0, 1_000_000)] == [
        "20 %",
        "8.875 %",
        "0 %",
        "100 %",
    ]


amounts = st.integers(min_value=0, max_value=10**12)


@given(
    owed=st.lists(st.tuples(amounts, st.integers(0, 1_000_000)), min_size=1, max_size=5),
    parts=st.lists(st.integers(0, 10**12), max_size=6),
)
def test_parts_sum_to_the_whole_in_whatever_sizes(owed: list[tuple[int, int]], parts: list[int]) -> None:
    """However a taxed debt is paid off, everything taken sums to what was given, no share is overdrawn, and a line and
    its tax end together."""
    left: dict[UUID, int] = {}
    tax_for: dict[UUID, UUID] = {}
    for place, (net, ppm) in enumerate(owed):
        line, tax = UUID(int=2 * place), UUID(int=2 * place + 1)
        left |= {line: net, tax: tax_of(net, rate(ppm))}
        tax_for[tax] = line
    whole = sum(left.values())
    for part in [*parts, whole]:
        before = sum(left.values())
        taken, over = take_in_turn(part, [Share(id_, id_, left[id_], tax_for.get(id_)) for id_ in left])
        for id_, amount in taken:
            left[id_] -= amount
        assert sum(amount for _, amount in taken) + over == part
        assert min(left.values()) >= 0
        assert sum(left.values()) == max(0, before - part)
        for tax, line in tax_for.items():
            assert left[line] > 0 or left[tax] == 0


@given(net=st.integers(1, 10**9), ppm=st.integers(0, 1_000_000), half=st.integers(0, 2 * 10**9))
def test_a_part_takes_its_part_of_the_tax(net: int, ppm: int, half: int) -> None:
    tax = tax_of(net, rate(ppm))
    part = min(half, net + tax)
    taken = dict(take_in_turn(part, [Share(ONE, ONE, net), Share(UUID(int=2), UUID(int=2), tax, ONE)])[0])
    assert abs(taken.get(UUID(int=2), 0) * (net + tax) - tax * part) <= net + tax
