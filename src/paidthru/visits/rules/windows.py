"""When a visit price holds: windows of weekdays and hours, local (C-26). Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from paidthru.kernel.errors import Refused

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
A_DAY = 24 * 60
_LINE = re.compile(r"([A-Za-z ,-]+?)\s+(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Window:
    """Weekdays (0 is Monday), each from a minute of the day up to, not including, another (1440: midnight)."""

    days: tuple[int, ...]
    from_minute: int
    to_minute: int

    def holds(self, at: datetime) -> bool:
        """Whether a local instant is in it."""
        return at.weekday() in self.days and self.from_minute <= at.hour * 60 + at.minute < self.to_minute

    def __str__(self) -> str:
        listed = ", ".join(DAYS[day] for day in self.days)
        return f"{listed} {_shown(self.from_minute)}-{_shown(self.to_minute)}"

    def stored(self) -> list[object]:
        """As JSON."""
        return [list(self.days), self.from_minute, self.to_minute]


def window_from(stored: Sequence[object]) -> Window:
    """A window as `stored` wrote it."""
    days, start, end = stored
    assert isinstance(days, list) and isinstance(start, int) and isinstance(end, int)
    return Window(tuple(days), start, end)


def checked_windows(windows: Sequence[Window]) -> tuple[Window, ...]:
    """The windows of one price. Refused `window_invalid` (with the row), `windows_overlap`."""
    for row, one in enumerate(windows, start=1):
        if (
            not one.days
            or not 0 <= one.from_minute < one.to_minute <= A_DAY
            or not set(one.days) <= set(range(7))
        ):
            raise Refused(
                "window_invalid",
                f"{one} is no time at which a price can hold.",
                field="windows",
                row=row,
                value=str(one),
                fix="Name the weekdays, and hours that end after they begin. A night is two windows.",
            )
        for other in windows[: row - 1]:
            if (
                set(one.days) & set(other.days)
                and one.from_minute < other.to_minute
                and other.from_minute < one.to_minute
            ):
                raise Refused(
                    "windows_overlap",
                    f"{one} and {other} overlap.",
                    field="windows",
                    row=row,
                    value=str(one),
                    fix="Let one end where the other begins.",
                )
    return tuple(windows)


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """A visit price as the rules see it; without windows it holds at all times."""

    name: str
    windows: tuple[Window, ...] = ()

    def holds(self, at: datetime) -> bool:
        """Whether it holds at a local instant."""
        return not self.windows or any(window.holds(at) for window in self.windows)


def price_at(prices: Sequence[PriceFacts], at: datetime, place: str = "") -> int:
    """The place, among prices, of the one that holds at a local instant: that of the `place` named, else the only one
    that holds, windows before those that hold at all times.

    Refused `place_unknown`, `no_visit_price`, `which_place`.
    """
    if place:
        named = [n for n, one in enumerate(prices) if one.name == place]
        if not named:
            raise Refused(
                "place_unknown",
                f"There is no visit price called “{place}”.",
                field="place",
                value=place,
                fix="Choose one of the visit prices.",
            )
        prices_at = [n for n in named if prices[n].holds(at)]
    else:
        holding = [n for n, one in enumerate(prices) if one.holds(at)]
        prices_at = [n for n in holding if prices[n].windows] or holding
    if not prices_at:
        raise Refused(
            "no_visit_price",
            f"No visit price holds on {at:%A} at {at:%H:%M}.",
            field="place",
            value=place,
            fix="Come within the hours, or let staff add a price for this time.",
        )
    if len(prices_at) > 1:
        raise Refused(
            "which_place",
            f"Several visit prices hold now: {', '.join(prices[n].name for n in prices_at)}.",
            field="place",
            fix="Say which place it is.",
        )
    return prices_at[0]


def _shown(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def read_windows(text: str) -> tuple[Window, ...]:
    """Windows as people write them, one a line: `Mon-Fri 06:00-22:00`, `Sat, Sun 00:00-24:00`. None in an empty text.
    Refused `window_invalid` (with the row), `windows_overlap`."""
    found = []
    for row, line in enumerate([line for line in text.splitlines() if line.strip()], start=1):
        match = _LINE.fullmatch(line.strip())
        days = _days(match[1]) if match else ()
        if match is None or not days:
            raise Refused(
                "window_invalid",
                f"“{line.strip()}” can't be read as days and hours.",
                field="windows",
                row=row,
                value=line.strip(),
                fix="Write it as Mon-Fri 06:00-22:00, or Sat, Sun 00:00-24:00.",
            )
        start, end = (int(match[n]) * 60 + int(match[n + 1]) for n in (2, 4))
        found.append(Window(days, start, end))
    return checked_windows(found)


def _days(text: str) -> tuple[int, ...]:
    """Weekdays as they are listed; a span goes on over Sunday. () where a word is no day."""
    found: list[int] = []
    for part in text.split(","):
        ends = [part.strip()[:3].capitalize() for part in part.split("-")]
        if len(ends) > 2 or not set(ends) <= set(DAYS):
            return ()
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        found += [day % 7 for day in range(first, last + 1 + (7 if last < first else 0))]
    return tuple(sorted(set(found)))
