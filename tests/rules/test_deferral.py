"""How income is spread over its term (field-notes D.4, D.5)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.ledger.rules.deferral import DeferPolicy, defers, schedule

STARTS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def test_a_calendar_year_has_twelve_equal_months() -> None:
    parts = schedule(120_00, date(2026, 1, 1), date(2027, 1, 1))
    assert [month for month, _ in parts] == [date(2026, month, 1) for month in range(1, 13)]
    assert {amount for _, amount in parts} == {10_00}


def test_the_remainder_goes_to_the_first_months() -> None:
    parts = schedule(100_00, date(2026, 1, 1), date(2027, 1, 1))
    assert [amount for _, amount in parts] == [8_34] * 4 + [8_33] * 8


def test_the_month_of_the_start_counts_whole() -> None:
    parts = schedule(120_00, date(2026, 1, 15), date(2027, 1, 15))
    assert len(parts) == 12
    assert parts[0] == (date(2026, 1, 1), 10_00)
    assert parts[-1] == (date(2026, 12, 1), 10_00)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 5), date(2026, 1, 12), [date(2026, 1, 1)]),
        (date(2026, 1, 31), date(2026, 2, 28), [date(2026, 1, 1)]),
        (date(2026, 12, 28), date(2027, 1, 4), [date(2026, 12, 1)]),
        (date(2026, 11, 10), date(2027, 2, 10), [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]),
    ],
)
def test_short_terms_and_year_ends(start: date, end: date, months: list[date]) -> None:
    assert [month for month, _ in schedule(1_00, start, end)] == months


@given(st.integers(0, 10**15), STARTS, st.integers(1, 2000))
def test_parts_always_sum_and_differ_by_at_most_one(total_minor: int, start: date, days: int) -> None:
    parts = schedule(total_minor, start, start + timedelta(days=days))
    amounts = [amount for _, amount in parts]
    assert sum(amounts) == total_minor
    assert max(amounts) - min(amounts) <= 1
    months = [month for month, _ in parts]
    assert months == sorted(set(months))
    assert months[0] == start.replace(day=1)


def test_an_empty_term_or_a_negative_total_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        schedule(1, date(2026, 1, 1), date(2026, 1, 1))
    assert refused.value.code == "period_invalid"
    with pytest.raises(Refused) as refused:
        schedule(-1, date(2026, 1, 1), date(2026, 2, 1))
    assert refused.value.code == "amount_invalid"


@pytest.mark.parametrize(
    ("policy", "start", "deferred"),
    [
        ("future_terms", date(2026, 1, 2), True),
        ("future_terms", date(2026, 1, 1), False),
        ("future_terms", date(2025, 12, 31), False),
        ("all", date(2025, 1, 1), True),
        ("none", date(2027, 1, 1), False),
    ],
)
def test_what_is_deferred(policy: DeferPolicy, start: date, deferred: bool) -> None:
    assert defers(policy, start, date(2026, 1, 1)) is deferred
