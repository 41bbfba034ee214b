"""An amount in instalments: equal ones, of which the last takes the whole remainder (A-26, A-31)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import split_last
from paidthru.kernel.periods import Interval, Unit, nth_start

MOST_INSTALMENTS = 120


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of an amount (minor units) and the local date on which it is due, counted from 1."""

    n: int
    due_on: date
    amount_minor: int


def instalments_of(amount_minor: int, count: int, first_on: date, every: Interval) -> tuple[Instalment, ...]:
    """An amount in equal instalments, the last of which takes the whole remainder; those that would be nothing are
    left out. Due on the day of the month of the first, and counted from it.

    Refused `instalments_invalid`, `date_out_of_range`.
    """
    if not 1 <= count <= MOST_INSTALMENTS:
        raise Refused(
            "instalments_invalid",
            f"An amount can be paid in 1 to {MOST_INSTALMENTS} instalments, not in {count}.",
            field="instalments",
            value=count,
            fix=f"Choose a number from 1 to {MOST_INSTALMENTS}.",
        )
    parts = split_last(amount_minor, count)
    return tuple(
        Instalment(n, nth_start(first_on, every, n - 1), part)
        for n, part in enumerate(parts, start=1)
        if part
    )


def spacing_of(days: Sequence[date]) -> Unit:
    """How far instalments on these local dates, in order, lie apart: months where there are none to be told from. The
    last two say it, for earlier ones may have been dated anew."""
    apart = (days[-1] - days[-2]).days if len(days) > 1 else 0
    return Unit.YEAR if apart > 200 else Unit.QUARTER if apart > 60 else Unit.MONTH
