"""A membership that existed before Paidthru: where it stands, from what a roster or a person says of it.

An importer knows a few dates; what follows from them (the anchor, the paid term, the next billing) is decided here,
once for rosters, stories and the console.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from paidthru.kernel.periods import Interval, Period, nth_period, period_containing

_DAY = timedelta(days=1)
_NOT_BY_ITSELF = frozenset({"lapsed", "suspended", "pending", "ending", "canceled"})


@dataclass(frozen=True, slots=True)
class Existing:
    """What is known. `through` is the last paid day (a renewal due on the 1st is paid through the day before),
    `cycle_started_on` the first day of the paid cycle, or a day to come on which the first cycle bills (C-10);
    `status` one of `cell_words.STATUSES`, or None."""

    joined_on: date | None = None
    through: date | None = None
    cycle_started_on: date | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the membership stands: its lifecycle state, anchor, paid term [start, end), and the dates of the model.

    Paid-through and renewed-through are the term's last day, none without a term.
    """

    state: str
    anchor_on: date
    term: Period | None
    next_bill_on: date | None
    cancel_on: date | None
    unpaid_since: date | None

    @property
    def through(self) -> date | None:
        """The last paid day, inclusive."""
        return self.term.through if self.term else None


def standing(known: Existing, interval: Interval, plan_kind: str, *, today: date) -> Standing:
    """Decides where an existing membership stands on the local date `today`. Nothing is ever charged for it.

    The anchor is the date of joining as long as the next term starts on its grid (31 Jan, 28 Feb, 31 Mar), else the
    next term's start. Without any date nothing is paid and nothing bills by itself: a member for life, or one whose
    dates are still to be entered. A lapsed or suspended member stays active with a date in the past, but is not billed
    by itself: only a run that staff read does that. A canceled one ends, at the end of what is paid (C-50, C-51).
    """
    term = _paid_term(known, interval, today)
    if term is None:
        anchor = known.cycle_started_on or known.joined_on or today
    else:
        anchor = _anchor((known.cycle_started_on, known.joined_on), term.end, interval)
    by_itself = term is not None and plan_kind == "subscription" and known.status not in _NOT_BY_ITSELF
    waits = term is None and plan_kind == "subscription" and known.status not in _NOT_BY_ITSELF
    first = known.cycle_started_on if waits else None  # it belongs when the first cycle is paid
    state, cancel_on = ("pending", None) if first else _lifecycle(known.status, term, today)
    overdue = known.status == "overdue" and term is not None and term.end <= today
    return Standing(
        state, anchor, term,
        term.end if term and by_itself else first,
        cancel_on,
        term.end if term and overdue else None,
    )  # fmt: skip


def _paid_term(known: Existing, interval: Interval, today: date) -> Period | None:
    """The term that is paid: it ends with the last paid day and starts one interval earlier, never before joining.
    With a cycle's start alone it is the cycle that today lies in; one that starts later is not paid yet."""
    through, cycle = known.through, known.cycle_started_on
    if through is None:
        return period_containing(cycle, interval, today)[1] if cycle and cycle <= today else None
    end = through + _DAY
    if cycle and cycle < end:
        return Period(cycle, end)
    start = _one_earlier(known.joined_on, end, interval)
    if known.joined_on and start < known.joined_on < end:
        start = known.joined_on
    return Period(start, end)


def _one_earlier(joined_on: date | None, end: date, interval: Interval) -> date:
    """Where the interval before `end` began, on the grid of joining where `end` lies on it."""
    if joined_on and joined_on < end:
        n, period = period_containing(joined_on, interval, end)
        if period.start == end and n > 0:
            return nth_period(joined_on, interval, n - 1).start
    return nth_period(end, interval, -1).start


def _anchor(known: tuple[date | None, ...], next_start: date, interval: Interval) -> date:
    for day in known:
        if day and day <= next_start and period_containing(day, interval, next_start)[1].start == next_start:
            return day
    return next_start


def _lifecycle(status: str | None, term: Period | None, today: date) -> tuple[str, date | None]:
    if status in ("canceled", "ending"):
        if term and term.end > today:
            return "ending", term.end
        return "ended", term.end if term else today
    if status == "pending" and term is None:
        return "pending", None
    return "active", None
