"""Periods and the calendar (A-06, C-01, G-17, G-20, G-22)."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.clock import FixedClock, SystemClock, local_date, local_instant
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import (
    Interval,
    Period,
    Unit,
    add_months,
    first_of_month,
    first_of_next_month,
    fixed_period,
    next_fixed_start,
    nth_period,
    nth_start,
    period_containing,
)

MONTHLY = Interval(1, Unit.MONTH)
YEARLY = Interval(1, Unit.YEAR)
FIRST, LAST = date(2024, 1, 1), date(2038, 12, 31)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
INTERVALS = st.builds(Interval, st.integers(1, 30), st.sampled_from(Unit))
DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 31))


def expected_start(anchor: date, interval: Interval, n: int) -> date:
    """The n-th start, worked out another way: by ordinals for days, by counting months for the rest."""
    if interval.unit is Unit.DAY:
        return date.fromordinal(anchor.toordinal() + n * interval.count)
    if interval.unit is Unit.WEEK:
        return date.fromordinal(anchor.toordinal() + 7 * n * interval.count)
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}[interval.unit] * interval.count * n
    year, month = anchor.year, anchor.month + months
    while month > 12:
        year, month = year + 1, month - 12
    return date(year, month, min(anchor.day, monthrange(year, month)[1]))


@pytest.mark.parametrize("unit", list(Unit))
def test_nth_period_for_every_start_date_2024_to_2038(unit: Unit) -> None:
    """Every start date, every unit: computed from the anchor, abutting, never overlapping."""
    interval = Interval(1, unit)
    for anchor in EVERY_DAY:
        end_before = anchor
        for n in range(13):
            period = nth_period(anchor, interval, n)
            assert period.start == end_before
            assert period.start == expected_start(anchor, interval, n)
            assert period.start < period.end
            end_before = period.end


@given(DAYS, INTERVALS, st.integers(-20, 20))
def test_consecutive_periods_abut_for_any_interval(anchor: date, interval: Interval, n: int) -> None:
    period, following = nth_period(anchor, interval, n), nth_period(anchor, interval, n + 1)
    assert period.end == following.start
    assert period.through + timedelta(days=1) == period.end
    assert nth_start(anchor, interval, 0) == anchor


@given(DAYS, INTERVALS, DAYS)
def test_every_day_lies_in_exactly_one_period(anchor: date, interval: Interval, on: date) -> None:
    n, period = period_containing(anchor, interval, on)
    assert on in period
    assert period == nth_period(anchor, interval, n)
    assert on not in nth_period(anchor, interval, n - 1)
    assert on not in nth_period(anchor, interval, n + 1)


@given(DAYS, INTERVALS, st.integers(-20, 20))
def test_a_start_lies_in_its_own_period(anchor: date, interval: Interval, n: int) -> None:
    assert period_containing(anchor, interval, nth_start(anchor, interval, n))[0] == n


def test_31_january_comes_back_after_february() -> None:
    anchor = date(2026, 1, 31)
    starts = [nth_start(anchor, MONTHLY, n) for n in range(5)]
    assert starts == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
    ]


def test_29_february_yearly() -> None:
    starts = [nth_start(date(2024, 2, 29), YEARLY, n) for n in range(5)]
    assert starts == [
        date(2024, 2, 29),
        date(2025, 2, 28),
        date(2026, 2, 28),
        date(2027, 2, 28),
        date(2028, 2, 29),
    ]


@pytest.mark.parametrize(
    ("interval", "second"),
    [
        (Interval(1, Unit.DAY), date(2028, 2, 29)),
        (Interval(1, Unit.WEEK), date(2028, 3, 6)),
        (MONTHLY, date(2028, 3, 28)),
        (Interval(1, Unit.QUARTER), date(2028, 5, 28)),
        (YEARLY, date(2029, 2, 28)),
    ],
)
def test_second_due_dates_over_a_leap_february(interval: Interval, second: date) -> None:
    """A-06, C-01."""
    assert nth_start(date(2028, 2, 28), interval, 1) == second


def test_a_period_says_its_last_day_and_its_length() -> None:
    leap_year = Period(date(2028, 1, 1), date(2029, 1, 1))
    assert (leap_year.through, leap_year.days) == (date(2028, 12, 31), 366)
    assert date(2028, 12, 31) in leap_year
    assert date(2029, 1, 1) not in leap_year


def test_interval_in_months_and_days() -> None:
    assert Interval(2, Unit.QUARTER).months == 6
    assert YEARLY.months == 12
    assert Interval(2, Unit.WEEK).months is None
    assert Interval(2, Unit.WEEK).days == 14
    assert MONTHLY.days is None
    assert str(YEARLY) == "1 year"
    assert str(Interval(3, Unit.MONTH)) == "3 months"


@pytest.mark.parametrize("count", [0, -1])
def test_an_interval_of_nothing_is_refused(count: int) -> None:
    with pytest.raises(Refused) as refused:
        Interval(count, Unit.MONTH)
    assert refused.value.code == "interval_invalid"


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        Period(date(2026, 1, 1), date(2026, 1, 1))
    assert refused.value.code == "period_invalid"


def test_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        add_months(date(9999, 12, 1), 1)
    assert refused.value.code == "date_out_of_range"
    with pytest.raises(Refused) as refused:
        nth_start(date(9999, 1, 1), Interval(1, Unit.WEEK), 99)
    assert refused.value.code == "date_out_of_range"


@given(DAYS, st.integers(-600, 600))
def test_add_months_lands_in_the_right_month(day: date, n: int) -> None:
    moved = add_months(day, n)
    assert (moved.year - day.year) * 12 + moved.month - day.month == n
    assert moved.day == min(day.day, monthrange(moved.year, moved.month)[1])


def test_first_of_month() -> None:
    assert first_of_month(date(2026, 12, 31)) == date(2026, 12, 1)
    assert first_of_next_month(date(2026, 12, 31)) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("on", "first_month", "months", "start", "end"),
    [
        (date(2026, 5, 20), 4, 12, date(2026, 4, 1), date(2027, 4, 1)),  # G-17
        (date(2026, 3, 31), 4, 12, date(2025, 4, 1), date(2026, 4, 1)),
        (date(2026, 4, 1), 4, 12, date(2026, 4, 1), date(2027, 4, 1)),
        (date(2026, 5, 20), 1, 6, date(2026, 1, 1), date(2026, 7, 1)),
        (date(2026, 12, 31), 7, 3, date(2026, 10, 1), date(2027, 1, 1)),
        (date(2027, 5, 20), 1, 24, date(2026, 1, 1), date(2028, 1, 1)),
    ],
)
def test_fixed_periods(on: date, first_month: int, months: int, start: date, end: date) -> None:
    """G-17: the same term for everybody, beginning in any month."""
    assert fixed_period(on, first_month, months) == Period(start, end)


@given(DAYS, st.integers(1, 12), st.integers(1, 36))
def test_fixed_periods_contain_their_day_and_abut(on: date, first_month: int, months: int) -> None:
    period = fixed_period(on, first_month, months)
    assert on in period
    assert fixed_period(period.end, first_month, months).start == period.end


@pytest.mark.parametrize(
    ("on", "first_month", "start"),
    [
        (date(2026, 5, 10), 7, date(2026, 7, 1)),  # G-20
        (date(2026, 7, 1), 7, date(2026, 7, 1)),
        (date(2026, 7, 2), 7, date(2027, 7, 1)),
        (date(2026, 1, 1), 1, date(2026, 1, 1)),
    ],
)
def test_next_fixed_start(on: date, first_month: int, start: date) -> None:
    """G-20, A2-8: the next start on or after the bill date."""
    assert next_fixed_start(on, first_month) == start


@pytest.mark.parametrize("first_month", [0, 13, -1])
def test_a_first_month_that_is_none_is_refused(first_month: int) -> None:
    with pytest.raises(Refused) as refused:
        fixed_period(date(2026, 1, 1), first_month)
    assert refused.value.code == "first_month_invalid"


def test_the_clock_stands_where_it_is_set_and_only_moves_on() -> None:
    clock = FixedClock(datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert clock.now() == datetime(2026, 1, 1, 12, tzinfo=UTC)
    clock.set(datetime(2026, 1, 2, tzinfo=UTC))
    assert clock.now() == datetime(2026, 1, 2, tzinfo=UTC)
    with pytest.raises(Refused) as refused:
        clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    assert refused.value.code == "clock_backwards"
    assert SystemClock().now().tzinfo is UTC


def test_an_instant_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        local_date(datetime(2026, 1, 1), "Europe/Berlin")


def test_business_dates_are_local() -> None:
    """I-62: 23:30 UTC is the next day two hours east."""
    assert local_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), "Europe/Berlin") == date(2026, 7, 2)
    assert local_date(datetime(2026, 7, 1, 3, 30, tzinfo=UTC), "America/New_York") == date(2026, 6, 30)


def test_wall_clock_times_over_summer_time_changes() -> None:
    # Skipped hour: 2026-03-29 02:30 does not exist in Berlin.
    assert local_instant(date(2026, 3, 29), time(2, 30), "Europe/Berlin") == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )
    # Doubled hour: the first of both is meant.
    assert local_instant(date(2026, 10, 25), time(2, 30), "Europe/Berlin") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@given(
    DAYS, st.sampled_from(["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/St_Johns", "Asia/Kathmandu"])
)
def test_noon_of_a_day_is_on_that_day_in_every_zone(day: date, zone: str) -> None:
    if (day, zone) == (date(1994, 12, 31), "Pacific/Kiritimati"):
        return  # the day that these islands left out
    assert local_date(local_instant(day, time(12), zone), zone) == day


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "America"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(Refused) as refused:
        local_date(datetime(2026, 1, 1, tzinfo=UTC), zone)
    assert refused.value.code == "zone_unknown"
