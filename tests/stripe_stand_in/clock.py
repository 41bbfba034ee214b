"""The stand-in's own time, in Unix seconds, and the agenda of what is due when."""

import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime

HOUR = 3600
DAY = 24 * HOUR


def seconds(instant: datetime | int | float | str) -> int:
    """Unix seconds of an aware datetime, of ISO 8601 with an offset, or of seconds."""
    if isinstance(instant, str):
        instant = datetime.fromisoformat(instant)
    if isinstance(instant, datetime):
        if instant.tzinfo is None:
            raise ValueError("an instant has a zone")
        return int(instant.timestamp())
    return int(instant)


class Clock:
    """Stands still until it is moved, or runs with the machine's. What falls due is done by `move_to` and `tick`,
    in the order of its instants, each with the clock at its own. Not locked: its owner is."""

    def __init__(self, start: int, *, running: bool = False) -> None:
        self._reading = start
        self._started = time.monotonic() if running else None
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> int:
        if self._started is None:
            return self._reading
        return self._reading + int(time.monotonic() - self._started)

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def at(self, when: int, act: Callable[[], None]) -> None:
        """`act` as soon as the clock has reached `when`; what is due already waits for the next `tick` too."""
        heapq.heappush(self._agenda, (when, next(self._order), act))

    def move_to(self, when: int) -> None:
        """Forward; what falls due on the way is done. Backward: nothing is undone."""
        while self._agenda and self._agenda[0][0] <= when:
            due, _, act = heapq.heappop(self._agenda)
            self._set(max(due, self.now()) if when >= self.now() else self.now())
            act()
        self._set(when)

    def tick(self) -> None:
        """Does what is due now."""
        while self._agenda and self._agenda[0][0] <= self.now():
            heapq.heappop(self._agenda)[2]()

    def _set(self, when: int) -> None:
        self._reading = when
        if self._started is not None:
            self._started = time.monotonic()
