"""When a recurring invoice comes (A-11)."""

from collections.abc import Iterator
from datetime import date

from paidthru.kernel.periods import Interval, nth_start


def next_after(starts_on: date, every: Interval, n: int, ends_on: date | None) -> date | None:
    """The day of the one after the n-th (from 0); None where that would be after `ends_on`. Counted from the first day,
    so that the 31st comes back after a shorter month."""
    following = nth_start(starts_on, every, n + 1)
    return None if ends_on is not None and following > ends_on else following


def after_pause(starts_on: date, every: Interval, made: int, ends_on: date | None, on: date) -> int:
    """How many count as made when a pause ends on a day: what fell before that day is left out."""
    n = made
    while nth_start(starts_on, every, n) < on and (
        ends_on is None or nth_start(starts_on, every, n) <= ends_on
    ):
        n += 1
    return n


def upcoming(starts_on: date, every: Interval, made: int, ends_on: date | None) -> Iterator[date]:
    """The days on which further ones come, without an end where there is none."""
    n = made
    while ends_on is None or nth_start(starts_on, every, n) <= ends_on:
        yield nth_start(starts_on, every, n)
        n += 1
