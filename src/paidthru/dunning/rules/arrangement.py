"""An arrangement: what a member promised to pay, and by when. Pure. Amounts are minor units, dates local."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from paidthru.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Part:
    """An amount that is promised by a date, inclusive."""

    due_on: date
    amount_minor: int


def checked_parts(parts: Sequence[Part], *, owed_minor: int, on: date, most_days: int) -> tuple[Part, ...]:
    """The parts in the order of their dates. One part is a deferral.

    Refused: `arrangement_invalid` (a date that isn't ahead, two on one date, a sum that isn't what is owed),
    `arrangement_too_long` (the last part later than `dunning.arrangement_days` from now).
    """
    ordered = tuple(sorted(parts, key=lambda part: part.due_on))
    dates = [part.due_on for part in ordered]
    if not ordered or dates[0] <= on or len(set(dates)) < len(dates):
        raise Refused(
            "arrangement_invalid",
            "Each part needs a date of its own that lies ahead.",
            field="parts",
            fix="Give a date after today for each part.",
        )
    if any(part.amount_minor <= 0 for part in ordered) or sum(p.amount_minor for p in ordered) != owed_minor:
        raise Refused(
            "arrangement_invalid",
            "The parts have to add up to what is owed.",
            field="parts",
            fix="Change an amount so that the sum is what is owed.",
        )
    last = on + timedelta(days=most_days)
    if dates[-1] > last:
        raise Refused(
            "arrangement_too_long",
            f"The last part is due on {dates[-1]}, and arrangements may run until {last}.",
            field="parts",
            value=dates[-1].isoformat(),
            fix="Choose earlier dates, or allow longer arrangements (dunning.arrangement_days).",
        )
    return ordered


def is_broken(parts: Sequence[Part], *, paid_minor: int, on: date) -> bool:
    """Whether less was paid than promised by the day before; `paid_minor` is what came since it was made."""
    return paid_minor < sum(part.amount_minor for part in parts if part.due_on < on)


def next_due(parts: Sequence[Part], *, on: date) -> date | None:
    """The date of the part that is due next, today included."""
    return min((part.due_on for part in parts if part.due_on >= on), default=None)
