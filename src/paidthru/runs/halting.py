"""Halting a pass of sending, from any of its threads."""

from threading import Event, Lock


class Halt:
    """Whether what has not begun may still be sent."""

    def __init__(self) -> None:
        self._halted, self._lock = Event(), Lock()
        self._times = 0

    @property
    def times(self) -> int:
        """How often it was halted so far."""
        return self._times

    def set(self) -> None:
        """From now on what has not begun is not sent."""
        with self._lock:
            self._times += 1
            self._halted.set()

    def wait(self, seconds: float) -> bool:
        """Waits for so long at most; whether it is halted."""
        return self._halted.wait(seconds)

    def go_on(self, times: int) -> bool:
        """Lets what is claimed next be sent, and returns whether it may: not if it was halted again since `times` was
        read, for turns that were given in between were given too early."""
        with self._lock:
            if self._times == times:
                self._halted.clear()
            return self._times == times
