"""Levies, instalments, late fees and transfers: they sum to the whole, whatever the order (A-31 to A-33)."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.assessments.rules.late_fees import Charge, LateFee, next_charge
from paidthru.assessments.rules.splitting import UnitFacts, shares_of
from paidthru.assessments.rules.transferring import parted
from paidthru.kernel.errors import Refused
from paidthru.kernel.instalments import instalments_of
from paidthru.kernel.periods import Interval, Period, Unit

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD"])
AMOUNTS = st.integers(1, 10**15)
MONTHLY = Interval(1, Unit.MONTH)


def units(weights: list[int]) -> list[UnitFacts]:
    return [UnitFacts(UUID(int=n), f"Unit {n}", weight, weight) for n, weight in enumerate(weights)]


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any), CURRENCIES)
def test_shares_sum_to_the_levy_and_are_near_their_part(
    amount: int, weights: list[int], currency: str
) -> None:
    shares = shares_of(amount, units(weights), "share", currency)
    assert sum(one.amount_minor for one in shares) == amount
    assert {one.unit_id for one in shares} == {one.id for one in units(weights) if one.share}
    whole = sum(weights)
    for one in shares:
        assert abs(one.amount_minor * whole - amount * one.weight) < whole


@given(AMOUNTS, st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.randoms())
def test_the_order_of_units_moves_no_more_than_a_minor_unit(
    amount: int, weights: list[int], random: object
) -> None:
    facts = units(weights)
    turned = list(reversed(facts))
    first = {one.unit_id: one.amount_minor for one in shares_of(amount, facts, "share", "USD")}
    other = {one.unit_id: one.amount_minor for one in shares_of(amount, turned, "share", "USD")}
    assert all(abs(first[id_] - other[id_]) <= 1 for id_ in first)
    equal = {one.amount_minor for one in shares_of(amount, facts, "equally", "USD")}
    assert max(equal) - min(equal) <= 1


@given(AMOUNTS, st.integers(1, 120))
def test_instalments_sum_to_the_share_and_the_last_takes_the_remainder(amount: int, count: int) -> None:
    parts = instalments_of(amount, count, date(2026, 1, 31), MONTHLY)
    assert sum(one.amount_minor for one in parts) == amount
    assert all(one.amount_minor == amount // count for one in parts[:-1])
    assert all(one.amount_minor > 0 for one in parts)
    assert [one.due_on for one in parts] == sorted({one.due_on for one in parts})


def test_instalments_keep_the_day_of_the_month() -> None:
    due = [one.due_on for one in instalments_of(300, 3, date(2026, 1, 31), MONTHLY)]
    assert due == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


@pytest.mark.parametrize(
    ("amount", "weights", "method", "code"),
    [
        (0, [1], "share", "amount_invalid"),
        (-5, [1], "share", "amount_invalid"),
        (5, [], "share", "levy_without_units"),
        (5, [0, 0], "share", "shares_sum_to_zero"),
        (5, [0, 0], "area", "shares_sum_to_zero"),
    ],
)
def test_what_can_not_be_levied_says_why(amount: int, weights: list[int], method: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        shares_of(amount, units(weights), method, "USD")  # type: ignore[arg-type]
    assert refused.value.code == code
    assert refused.value.fix


@pytest.mark.parametrize("count", [0, -1, 121])
def test_instalments_that_can_not_be(count: int) -> None:
    with pytest.raises(Refused, match="instalments"):
        instalments_of(100, count, date(2026, 1, 1), MONTHLY)


@given(st.integers(1, 10_000), st.integers(0, 365), st.one_of(st.none(), st.integers(1, 100_000)))
def test_late_fees_never_pass_their_cap_nor_come_twice(amount: int, grace: int, cap: int | None) -> None:
    fee, due = LateFee(amount, grace, cap), date(2026, 1, 31)
    charged: list[Charge] = []
    while (charge := next_charge(fee, due, charged)) is not None and len(charged) < 60:
        charged.append(charge)
    days = [one.on for one in charged]
    assert days[0] == due + timedelta(days=grace + 1)
    assert days == sorted(set(days))
    assert all(one.amount_minor > 0 for one in charged)
    if cap is None:
        assert len(charged) == 1
    else:
        assert sum(one.amount_minor for one in charged) <= cap
        assert len(charged) == 60 or sum(one.amount_minor for one in charged) == cap


def test_a_waived_fee_counts_as_charged() -> None:
    fee, due = LateFee(2500, 10, 6000), date(2026, 1, 1)
    assert next_charge(fee, due, []) == Charge(date(2026, 1, 12), 2500)
    assert next_charge(fee, due, [Charge(date(2026, 1, 12), 2500)]) == Charge(date(2026, 2, 12), 2500)
    two = [Charge(date(2026, 1, 12), 2500), Charge(date(2026, 2, 12), 2500)]
    assert next_charge(fee, due, two) == Charge(date(2026, 3, 12), 1000)


@given(st.integers(0, 60), st.integers(0, 500), st.booleans())
def test_no_period_before_the_policy_has_a_fee(grace: int, later: int, monthly: bool) -> None:
    due = date(2026, 1, 31)
    first = due + timedelta(days=grace + 1)
    fee = LateFee(10_00, grace, 35_00 if monthly else None, due + timedelta(days=later))
    charged: list[Charge] = []
    while (charge := next_charge(fee, due, charged)) is not None:
        charged.append(charge)
    assert all(one.on >= fee.since for one in charged if fee.since)
    if not monthly:
        assert len(charged) == (first >= due + timedelta(days=later))
        return
    assert [one.amount_minor for one in charged] == [10_00, 10_00, 10_00, 5_00], (
        "the cap is of what was charged"
    )
    assert len({(one.on.year, one.on.month) for one in charged}) == 4, "a month apart, none twice"


@given(AMOUNTS, st.integers(1, 400), st.integers(-30, 430))
def test_two_owners_bear_the_whole(amount: int, days: int, into: int) -> None:
    start = date(2026, 1, 1)
    period = Period(start, start + timedelta(days=days))
    both = parted(amount, period, start + timedelta(days=into), "USD")
    assert both.former_minor + both.new_minor == amount
    if into <= 0:
        assert both.former_minor == 0
    if into >= days:
        assert both.new_minor == 0
