"""The clock, as something that is handed in. The only file of the product that reads the time.

Instants are UTC and aware; business dates are the local dates of an organization's zone.
"""

import time as _time
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from paidthru.kernel.errors import Refused


class Clock(Protocol):
    """Whoever knows what time it is. Only doors hold one; rules and actions get an instant or a date."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands where it was set: for stories, the sandbox and tests. It may not run backwards."""

    def __init__(self, instant: datetime) -> None:
        self._instant = _utc(instant)

    def now(self) -> datetime:
        """The instant it was last set to, in UTC."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Move on to `instant`. Raises `Refused('clock_backwards')` for an earlier one."""
        moved = _utc(instant)
        if moved < self._instant:
            raise Refused(
                "clock_backwards",
                f"Time does not run back from {self._instant:%Y-%m-%d %H:%M} to {moved:%Y-%m-%d %H:%M}.",
                value=moved,
                fix="Choose a later moment.",
            )
        self._instant = moved


def local_date(instant: datetime, zone: str) -> date:
    """The business date of an aware instant in a zone. Raises `Refused('zone_unknown')`."""
    return _utc(instant).astimezone(time_zone(zone)).date()


def local_instant(day: date, at: time, zone: str) -> datetime:
    """The UTC instant of a wall-clock time in a zone. An hour that occurs twice means its first occurrence,
    one that is skipped means as long after the jump. Raises `Refused('zone_unknown')`."""
    return datetime.combine(day, at, tzinfo=time_zone(zone)).astimezone(UTC)


@lru_cache(maxsize=256)
def time_zone(zone: str) -> ZoneInfo:
    """The IANA zone of that name. Raises `Refused('zone_unknown')`."""
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # not found, malformed, or a folder of zones such as "America"
        raise Refused(
            "zone_unknown",
            f"{zone!r} is not a time zone that we know.",
            field="zone",
            value=zone,
            fix="Use a name such as Europe/Berlin or America/New_York.",
        ) from None


def seconds_running() -> float:
    """A count of seconds that only runs forward: for waits, never for dates."""
    return _time.monotonic()


def epoch_milliseconds() -> int:
    """Milliseconds since 1970, for the time part of ids and nothing else."""
    return _time.time_ns() // 1_000_000


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(UTC)
