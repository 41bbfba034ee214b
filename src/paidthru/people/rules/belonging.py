"""Who of a household or company is covered on a day: stays (local days, half-open) and the seats that there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

GROUPS = ("household", "organization")


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody's time in a group: the days in [from_on, until_on), until_on None for as long as it lasts."""

    id: UUID
    party_id: UUID
    from_on: date
    until_on: date | None = None

    def holds_on(self, on: date) -> bool:
        """Whether a day is within it."""
        return self.from_on <= on and (self.until_on is None or on < self.until_on)

    def reaches(self, from_on: date) -> bool:
        """Whether it has a day on or after another; a stay of no day has none."""
        if self.until_on is None:
            return True
        return self.until_on > max(from_on, self.from_on)


def most_at_once(stays: Sequence[Stay], from_on: date) -> int:
    """How many belong at the same time at most, on a day from `from_on` on."""
    days = {from_on} | {stay.from_on for stay in stays if stay.from_on > from_on}
    return max(sum(stay.holds_on(day) for stay in stays) for day in days)


def seated(stays: Sequence[Stay], seats: int | None, on: date) -> tuple[UUID, ...]:
    """The parties who have a seat on a day, whoever came first before the others; without a number everybody has."""
    here = sorted((stay for stay in stays if stay.holds_on(on)), key=lambda one: (one.from_on, one.id))
    return tuple(stay.party_id for stay in (here if seats is None else here[:seats]))
