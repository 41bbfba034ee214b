"""At which time of a day what falls due is billed and charged (`billing.slot`).

Pure. The terms of a date are billed when the day's window opens, in one run; each member is charged at a time of their
own in the window, the first time and at every later try. The time comes from the member's number (A2-14): it is the
same from month to month, whatever plan they are on (P-02), and neighbours are as far apart as all together allow
(P-03). A small club's members follow each other in the order of their numbers.

Times are wall-clock times of the organization's zone. A time that a day skips is reached when the clock jumps over it,
one that a day has twice when it comes first: none is left out, none comes twice.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from paidthru.kernel.clock import local_instant, time_zone
from paidthru.organizations.rules.policies import Call, Policies, called

PLACES = 2**32
"""A member's place in the window is one of so many, and a number apart from the place of the next member."""
# 2³² / 97.618…: so many members from one end of the window to the other. By the golden ratio's fraction the members of
# each further round come between those of the rounds before.
APART = 43_997_683
_OF_SUBMISSION = 6 * 60  # where staff submit, what the calendar does is done in the morning
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A window of the day in a zone: `opens` and `closes` are minutes after midnight, both inclusive; where they are
    the same, everybody has the same time."""

    opens: int
    closes: int
    zone: str

    def minute(self, member: int) -> int:
        """The minute after midnight at which the member of that number is charged."""
        return self.opens + (member * APART % PLACES) * self._minutes // PLACES

    @property
    def _minutes(self) -> int:
        return self.closes - self.opens + 1

    def passed(self, on: date, now: datetime) -> int:
        """The place before which all members have had their time on a local date, by an instant; a member's is
        `number * APART mod PLACES`."""
        come = bisect_right(range(self._minutes), now, key=lambda minute: self._at(on, self.opens + minute))
        return -(-come * PLACES // self._minutes)

    def _at(self, on: date, minute: int) -> datetime:
        return reached_at(on, _clock(minute), self.zone)

    def time_of(self, member: int) -> time:
        """The wall-clock time at which the member of that number is charged."""
        return _clock(self.minute(member))

    def of(self, on: date, member: int) -> datetime:
        """The instant (UTC) at which the member of that number is charged on a local date."""
        return reached_at(on, self.time_of(member), self.zone)

    def opening(self, on: date) -> datetime:
        """The instant (UTC) at which the terms of a local date are billed."""
        return self._at(on, self.opens)

    def closing(self, on: date) -> datetime:
        """The instant (UTC) by which everybody had their time on a local date."""
        return self._at(on, self.closes)


def slot_of(policies: Policies, zone: str) -> Slot:
    """The window that the policies name, for the plan that they were asked for."""
    return _slot(policies.call("billing.slot"), zone)


def slots_of(policies: Policies, zone: str) -> list[Slot]:
    """The organization's window, and those of plans that have their own."""
    values = [policies.effective("billing.slot").value, *policies.differing("billing.slot", "plan").values()]
    return [_slot(called(value), zone) for value in values]


def first_opening(policies: Policies, zone: str, on: date) -> datetime:
    """When the terms of a local date are billed: as the first of the windows opens."""
    return min(slot.opening(on) for slot in slots_of(policies, zone))


def reached_at(on: date, at: time, zone: str) -> datetime:
    """The first instant (UTC) of a local date at which its clocks show a time, or have jumped over it."""
    instant = local_instant(on, at, zone)
    shows = instant.astimezone(time_zone(zone))
    if (shows.date(), shows.time()) == (on, at):
        return instant
    minute = at.hour * 60 + at.minute  # the day skips it: what comes next on the clock is when it jumped
    while (minute := minute + 1) < 24 * 60:
        instant = local_instant(on, _clock(minute), zone)
        shows = instant.astimezone(time_zone(zone))
        if (shows.date(), shows.time()) == (on, _clock(minute)):
            return instant
    return local_instant(on + timedelta(days=1), time.min, zone)


def next_hour(at: datetime, zone: str) -> datetime:
    """The next top of the hour after an instant, on the clocks of a zone (P-13, P-30, A2-15)."""
    shows = at.astimezone(time_zone(zone))
    past = timedelta(minutes=shows.minute, seconds=shows.second, microseconds=shows.microsecond)
    return at - past + _HOUR


def _slot(value: Call, zone: str) -> Slot:
    match value.name:
        case "spread":
            opens, closes = (_minute(str(text)) for text in value.args)
        case "fixed_time":
            opens = closes = _minute(str(value.args[0]))
        case "cycle_start":
            opens = closes = 0
        case _:
            opens = closes = _OF_SUBMISSION
    return Slot(opens, closes, zone)


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
