"""Closed periods: where what comes too late is booked, and what may not be dated there at all."""

from datetime import date, timedelta

from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import first_of_next_month


def booked_on(on: date, closed_through: date | None) -> date:
    """The day that a journal is effective on: its own, or the first open one where its own is closed. For what happens
    by itself (a settlement, a return, a month's recognition): it can't be refused, and closed books don't change."""
    if closed_through is None or on > closed_through:
        return on
    return closed_through + timedelta(days=1)


def refuse_closed(on: date, closed_through: date | None, *, field: str) -> None:
    """Refuses a date that a person chose in a closed period: `period_locked`."""
    if closed_through is not None and on <= closed_through:
        raise Refused(
            "period_locked",
            f"The books are closed through {closed_through.isoformat()}.",
            field=field,
            value=on.isoformat(),
            fix=f"Choose {booked_on(on, closed_through).isoformat()} or later, or have the period opened again.",
        )


def is_month_end(day: date) -> bool:
    """Whether a month ends on this day: only whole months are closed."""
    return (day + timedelta(days=1)).day == 1


def months_to_close(closed_through: date | None, begun_on: date, today: date) -> list[date]:
    """The last days of the months that are over on a local date and not closed, the first one first; where nothing was
    ever closed, from the month in which the books begin."""
    first = closed_through + timedelta(days=1) if closed_through else begun_on
    ends = []
    while (end := first_of_next_month(first) - timedelta(days=1)) < today:
        ends.append(end)
        first = end + timedelta(days=1)
    return ends
