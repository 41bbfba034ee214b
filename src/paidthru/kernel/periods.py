"""Business dates and the periods between them.

Dates are local dates of the organization. A period is half-open, `[start, end)`: its `end` is the first day
that no longer belongs to it, and `through` is the last one that does. The n-th period is always computed from
the stored anchor, never from the previous start, so that a day once clamped comes back: 31 Jan, 28 Feb,
31 Mar.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum

from paidthru.kernel.errors import Refused

_FIXED_EPOCH_YEAR = 2000  # where fixed terms that do not divide a year (24 months, say) are counted from
_DAY = timedelta(days=1)


class Unit(StrEnum):
    """What an interval is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7}


_TEN_YEARS = 3_653  # days


@dataclass(frozen=True, slots=True)
class Interval:
    """How often something recurs: `count` units. Raises `Refused('interval_invalid')` below one."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count < 1:
            raise Refused(
                "interval_invalid",
                "An interval has to be at least one day, week, month, quarter or year.",
                field="interval",
                value=self.count,
                fix="Use a count of one or more.",
            )

    @property
    def months(self) -> int | None:
        """The interval in calendar months, or None when it is counted in days or weeks."""
        each = _MONTHS.get(self.unit)
        return None if each is None else self.count * each

    @property
    def days(self) -> int | None:
        """The interval in days, or None when it is counted in calendar months."""
        each = _DAYS.get(self.unit)
        return None if each is None else self.count * each

    @property
    def each(self) -> str:
        """As it is read after “every”: `month`, `3 months`."""
        return self.unit.value if self.count == 1 else str(self)

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to, not including, `end`. Raises `Refused('period_invalid')` if empty."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise Refused(
                "period_invalid",
                f"A period from {self.start} has to end after it starts, not on {self.end}.",
                value=self.end,
                fix="Choose a later end.",
            )

    @property
    def through(self) -> date:
        """The last day of the period, as it is printed."""
        return self.end - _DAY

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


def add_months(day: date, n: int) -> date:
    """The same day `n` months on, or that month's last day when it has no such day. `n` may be negative.
    Raises `Refused('date_out_of_range')` beyond the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise _out_of_range(day)
    if day.day <= 28:  # every month has it
        return date(year, month + 1, day.day)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def nth_start(anchor: date, interval: Interval, n: int) -> date:
    """The start of the n-th period, 0 being the one that starts on the anchor; `n` may be negative.
    Raises `Refused('date_out_of_range')` beyond the calendar."""
    months = interval.months
    if months is not None:
        return add_months(anchor, n * months)
    try:
        return anchor + timedelta(days=n * (interval.days or 0))
    except OverflowError:
        raise _out_of_range(anchor) from None


def nth_period(anchor: date, interval: Interval, n: int) -> Period:
    """The n-th period from the anchor. Consecutive ones abut."""
    return Period(nth_start(anchor, interval, n), nth_start(anchor, interval, n + 1))


def period_containing(anchor: date, interval: Interval, on: date) -> tuple[int, Period]:
    """Which period of the anchor's grid the day `on` lies in: its number and itself."""
    months = interval.months
    if months is None:
        n = (on - anchor).days // (interval.days or 1)
    else:
        n = ((on.year - anchor.year) * 12 + on.month - anchor.month) // months
        if nth_start(anchor, interval, n) > on:  # same month, but before the anchor's day
            n -= 1
    return n, nth_period(anchor, interval, n)


def first_of_month(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def first_of_next_month(day: date) -> date:
    """The first day of the month after the day's."""
    return add_months(day.replace(day=1), 1)


def fixed_period(on: date, first_month: int, months: int = 12) -> Period:
    """The fixed term that the day `on` lies in: `months` long, counted from the first of `first_month`,
    the same for everybody (G-17). Terms that do not divide a year are counted from the year 2000.
    Raises `Refused('first_month_invalid')` or `Refused('interval_invalid')`."""
    return period_containing(
        date(_FIXED_EPOCH_YEAR, _checked(first_month), 1), Interval(months, Unit.MONTH), on
    )[1]


def next_fixed_start(on: date, first_month: int) -> date:
    """The first start of a fixed year on or after `on` (G-20). Raises `Refused('first_month_invalid')`."""
    year = fixed_period(on, first_month)
    return on if year.start == on else year.end


def _checked(first_month: int) -> int:
    if not 1 <= first_month <= 12:
        raise Refused(
            "first_month_invalid",
            "The first month of the fiscal year is a number from 1 to 12.",
            field="first_month",
            value=first_month,
            fix="Use 1 for January, 7 for July, 12 for December.",
        )
    return first_month


def refuse_far(day: date, today: date, *, field: str) -> None:
    """Refuses `date_out_of_range` for a day more than ten years from today: a slip of the keyboard."""
    if abs((day - today).days) > _TEN_YEARS:
        raise Refused(
            "date_out_of_range",
            f"{day} is more than ten years from today.",
            field=field,
            value=day.isoformat(),
            fix="Check the year.",
        )


def _out_of_range(day: date) -> Refused:
    return Refused(
        "date_out_of_range",
        f"A term counted from {day} would leave the calendar.",
        value=day,
        fix="Use an interval and a date between the years 1 and 9999.",
    )
