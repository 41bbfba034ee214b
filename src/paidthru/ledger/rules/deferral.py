"""How income that is billed ahead is spread over its term (field-notes D.5)."""

from datetime import date
from typing import Literal

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import split_evenly
from paidthru.kernel.periods import Period, add_months, first_of_month

DeferPolicy = Literal["future_terms", "all", "none"]


def defers(policy: DeferPolicy, start: date, billed_on: date) -> bool:
    """Whether a line's income is deferred at billing: always, never, or when its term starts after it."""
    return policy == "all" or (policy == "future_terms" and start > billed_on)


def schedule(total_minor: int, start: date, end: date) -> tuple[tuple[date, int], ...]:
    """The parts of `total_minor` by month of the term `[start, end)`, each with the month's first day.

    Full-month convention: the month of the start counts whole, the one that the term ends in doesn't, unless
    it is the only one. Parts sum to the total and differ by at most one minor unit, the first ones larger.
    Raises `Refused`: `period_invalid` for an empty term, `amount_invalid` for a negative total.
    """
    term = Period(start, end)
    if total_minor < 0:
        raise Refused("amount_invalid", "Only an amount of zero or more can be spread.", value=total_minor)
    first = first_of_month(term.start)
    months = max(1, (end.year - start.year) * 12 + end.month - start.month)
    parts = split_evenly(total_minor, months)
    return tuple((add_months(first, n), part) for n, part in enumerate(parts))


def next_part(left_minor: int, months_left: int) -> int:
    """What is recognized of `left_minor` in the first of the `months_left` months that are still to come.

    The rest goes on exactly, whatever was canceled on the way (a refund, a credit note): asked month after month, the
    parts sum to what was left. Of a schedule that nothing was canceled of they are those of `schedule`. Raises
    `Refused('split_invalid')` for no months.
    """
    return split_evenly(left_minor, months_left)[0]


def unearned(amount_minor: int, *, total_minor: int, recognized_minor: int, canceled_minor: int) -> int:
    """How much of an amount that is given back is not yet earned, and comes out of Deferred instead of income: the
    unearned part goes first (field-notes D.4)."""
    return min(amount_minor, total_minor - recognized_minor - canceled_minor)
