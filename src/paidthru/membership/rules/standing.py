"""Where a membership stands that existed before Paidthru, told by the dates that a roster has of it.

Importing bills nothing and charges nothing: what was paid elsewhere is taken as paid, and the next term follows from
it (C-10, C-16, C-50, C-51).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Period, fixed_period, period_containing
from paidthru.membership.rules.terms import TermRules

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KnownDates:
    """What is known of a membership. `cycle_started_on` is the start of the current cycle, which counts as paid, or
    a date to come, on which the first cycle bills; `next_renewal_on` the first day that is not paid any more;
    `paid_through` the last day that is (C-51)."""

    joined_on: date | None = None
    cycle_started_on: date | None = None
    next_renewal_on: date | None = None
    paid_through: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the membership stands: its lifecycle, the anchor that periods are counted from, the term that counts as
    paid (None when nothing ever was), and the date on which the next one bills by itself."""

    lifecycle: str
    anchor_on: date
    term: Period | None
    next_bill_on: date | None

    @property
    def through(self) -> date | None:
        """The last day that is billed and paid."""
        return self.term.through if self.term else None


def standing(rules: TermRules, plan_kind: str, interval: Interval, known: KnownDates, on: date) -> Standing:
    """The standing on the local date `on`. With no date that says what was paid, the member never paid (A2-5).

    The anchor is the date given, if the next term starts on its grid: so a member who joined on a 31st stays on the
    31st. Raises `Refused('dates_contradict')` when paid through and next renewal don't abut.
    """
    through = _paid_through(known)
    cycle = known.cycle_started_on
    earliest = cycle or known.joined_on or on
    if plan_kind in ("free", "pay_as_you_go"):
        return Standing("active", earliest, None, None)
    by_itself = plan_kind == "subscription"
    if through is None and cycle is not None and cycle <= on:
        current = _period(rules, cycle, interval, on)
        start = cycle if cycle in current else current.start
        return Standing("active", cycle, Period(start, current.end), current.end if by_itself else None)
    if through is None:
        lifecycle = "active" if plan_kind == "non_recurring" else "pending"
        return Standing(lifecycle, earliest, None, cycle if by_itself else None)
    renews_on = through + _DAY
    anchor = next((day for day in (cycle, known.joined_on) if day and _on_grid(day, interval, renews_on)), renews_on)
    start = _period(rules, anchor, interval, through).start
    if known.joined_on and start < known.joined_on <= through:
        start = known.joined_on
    return Standing("active", anchor, Period(start, renews_on), renews_on if by_itself else None)


def _paid_through(known: KnownDates) -> date | None:
    renewal, through = known.next_renewal_on, known.paid_through
    if renewal is None:
        return through
    if through is not None and through + _DAY != renewal:
        raise Refused(
            "dates_contradict", f"Paid through {through} and next renewal {renewal} can't both be so: the next renewal"
            " is the day after paid through.", field="next_renewal", value=renewal.isoformat(), fix="Give one of them.")
    return renewal - _DAY


def _period(rules: TermRules, anchor: date, interval: Interval, day: date) -> Period:
    """The period that the day lies in: the fixed one of annual terms, else the anchor's."""
    if rules.basis == "annual" and rules.first_month and interval.months is not None:
        return fixed_period(day, rules.first_month, interval.months)
    return period_containing(anchor, interval, day)[1]


def _on_grid(anchor: date, interval: Interval, start: date) -> bool:
    return anchor <= start and period_containing(anchor, interval, start)[1].start == start
