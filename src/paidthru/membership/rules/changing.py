"""What a change to a running membership means: another renewal date, another plan. Pure.

A renewal date that staff set becomes the anchor. What the last terms are then is decided here: a paid one that is not
over goes on until the new date, one that reaches beyond it is cut there, and a cycle of which nothing is paid that the
date falls into is billed from that date instead, so that nobody owes for the same days twice (P-11, P-16).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain, round_half_up
from paidthru.kernel.periods import Interval, Period, period_containing

Become = Literal["longer", "shorter", "given_up", "replaced"]
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cover:
    """A term [start, end) that isn't canceled: whether it counts as paid, and whether nothing of what was billed for it
    has been paid (`unpaid`)."""

    term_id: UUID
    start: date
    end: date
    paid: bool
    unpaid: bool


@dataclass(frozen=True, slots=True)
class TermChange:
    """What becomes of a term: longer or shorter (until `end`), given up although it is paid, or replaced: its cycle is
    taken back and billed from the new date instead."""

    cover: Cover
    become: Become
    end: date


@dataclass(frozen=True, slots=True)
class Move:
    """A renewal date, decided and not written: the day on which the next term bills, and what becomes of terms."""

    anchor_on: date
    next_bill_on: date
    changes: tuple[TermChange, ...]


def move_renewal(covers: Sequence[Cover], to: date, today: date) -> Move:
    """The next term begins on `to`. `covers` are the membership's terms in order.

    Refused `already_billed` when a paid term begins on that very day: it can't be billed twice.
    """
    changes: list[TermChange] = []
    for cover in covers:
        if cover.end <= to:
            continue
        if cover.unpaid:
            changes.append(TermChange(cover, "replaced", cover.end))
        elif cover.start < to:
            changes.append(TermChange(cover, "shorter", to))
        elif cover.start == to:
            raise Refused(
                "already_billed",
                f"The term from {to} is paid for: it is not billed a second time.",
                field="renewal_date",
                value=to.isoformat(),
                fix="Choose another day, or charge an amount by itself.",
            )
        else:
            changes.append(TermChange(cover, "given_up", cover.end))
    last = covers[-1] if covers else None
    if last is not None and not changes and last.paid and today <= last.end < to:
        changes.append(TermChange(last, "longer", to))
    return Move(to, to, tuple(changes))


def keep_grid(covers: Sequence[Cover], anchor: date, today: date, interval: Interval) -> Move:
    """A renewal date in the past that is only the anchor from now on: nothing is charged for the past, the next term
    begins on the first day of the anchor's grid after today and after what is covered (X11, `ignore`)."""
    after = max([today + _DAY, *(cover.end for cover in covers)])
    n_period = period_containing(anchor, interval, after)[1]
    return Move(anchor, after if n_period.start == after else n_period.end, ())


def unused_share(amount_minor: int, term: Period, on: date) -> int:
    """The part of a term's amount (minor units) for the days from `on` to its end, exact by days, rounded half up."""
    first = max(on, term.start)
    if first >= term.end:
        return 0
    return round_half_up(amount_minor * (term.end - first).days, term.days)


def said_unused(amount_minor: int, unused_minor: int, term: Period, on: date, currency: str) -> str:
    """How the unused part was counted, in a sentence."""
    first = max(on, term.start)
    left = (term.end - first).days
    return (
        f"{left} of {term.days} days of the term {term.start} to {term.through} are not used:"
        f" {plain(amount_minor, currency)} × {left}/{term.days} = {plain(unused_minor, currency)} {currency}."
    )
