"""Keeping apart what a process sends: in the order and at the distance of the turns it was given."""

from datetime import datetime, timedelta
from threading import Lock

from paidthru.kernel.clock import seconds_running
from paidthru.runs.throttling import wait

EVENLY = 0.995  # of the gateway's limit, in any short while
MOST_LEAD = 1.0  # seconds
SURE_WITHIN = 0.5  # seconds; further off, a clock was set
DRIFT = 0.0002  # seconds by which two clocks may part between two questions


class Room:
    """How many sends this process may still have on their way to a gateway, whatever number of passes it makes."""

    def __init__(self, width: int) -> None:
        self._free, self._lock = width, Lock()

    def take(self, wanted: int) -> int:
        """Takes up to so many places."""
        with self._lock:
            taken = min(self._free, wanted)
            self._free -= taken
            return taken

    def give(self, places: int) -> None:
        """Gives places back."""
        with self._lock:
            self._free += places


class Pace:
    """Keeps the calls of a kind apart, so that a hiccup which held several up doesn't end in a burst."""

    def __init__(self, per_second: int) -> None:
        self._apart = 1 / (per_second * EVENLY) if per_second else 0.0
        self._next, self._lock = 0.0, Lock()

    def wait(self) -> None:
        """Waits until the next call may begin."""
        if not self._apart:
            return
        with self._lock:
            now = seconds_running()
            begins = max(now, self._next)
            self._next = begins + self._apart
        wait(timedelta(seconds=begins - now))


class Reckoning:
    """The database's clock in this process's seconds, to a fraction of the time that asking it takes: so that the turns
    of all processes are as far apart as they were given."""

    def __init__(self) -> None:
        self._offset: float | None = None

    def second(self, at: datetime | None) -> float:
        """The second of an instant that the database just named; without one, now."""
        now = seconds_running()
        if at is None:
            return now
        offset = now - at.timestamp()  # too much by what the answer took, so the least of many is the best
        before = self._offset
        known = before is not None and abs(offset - before) < SURE_WITHIN
        self._offset = min(offset, before + DRIFT) if before is not None and known else offset
        return at.timestamp() + self._offset


class Lead:
    """How long after its turn a payment is usually ready for its second call. What is ready sooner waits so long: then
    the second calls, of all processes together, are as evenly spaced as the turns are."""

    def __init__(self) -> None:
        self._lead, self._lock = 0.0, Lock()

    def wait(self, due: float) -> None:
        """Waits until the lead after `due` is over."""
        with self._lock:
            took = min(seconds_running() - due, MOST_LEAD)
            self._lead += (took - self._lead) / (2 if took > self._lead else 100)
            left = self._lead - took
        wait(timedelta(seconds=left))
