"""The ladder: what is done about something unpaid, and on which day. Pure.

Days are counted from the case's first day, the local date of the first failure (for a bank debit, of the bank's
notice: P-18) or, where nothing was tried, the due date. A ladder never skips a step, never repeats one, and never
outlives its payment: that is the caller's to say by closing the case. The days of a pause don't count (A-46 to A-51).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, cast

End = Literal["lapse", "downgrade", "cancel", "stay_past_due", "staff_queue", "keep_invoicing"]
CatchUp = Literal["latest", "all"]

_DAY = timedelta(days=1)
#: The mails by their place among the mail days; what is left says that it is past due.
_MAILS = ("reminder", "second_reminder", "final_notice")
FURTHER = "past_due"
#: What ends a membership, and the mail that says so.
END_MAILS: Mapping[str, str] = MappingProxyType(
    {"lapse": "lapsed", "downgrade": "downgraded", "cancel": "canceled"}
)
#: These come when nothing more is tried, and not on a day of their own.
_AFTER_TRIES = frozenset({"downgrade", "cancel", "staff_queue"})
#: What hangs on whether something is still tried: those, and when staff are asked about what stays past due.
HANGS_ON_TRIES = _AFTER_TRIES | {"stay_past_due"}
STATUS, END = "status", "end"  # keys of steps; the others are "mail 1", "mail 2" …

SUPERSEDED = "superseded"  # a later mail of the same case left at once
TOLD_TODAY = "told_today"  # the member was told of the failure itself on that day


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a case goes through. `mail_days` are days of the case, rising; `past_due_day` is the day on which the
    membership is called past due (None: never). `end_after` is the day of a lapse, or after how many further unpaid
    terms staff are asked. `tries_days`: how many days all tries take; where nothing can be tried, the end that follows
    the tries comes then."""

    mail_days: tuple[int, ...]
    past_due_day: int | None
    end: End
    end_after: int = 0
    tries_days: int = 0

    def stored(self) -> dict[str, object]:
        """As JSON, kept with the case: a ladder that is changed later leaves open cases alone (A-52)."""
        return {
            "mail_days": list(self.mail_days),
            "past_due_day": self.past_due_day,
            "end": self.end,
            "end_after": self.end_after,
            "tries_days": self.tries_days,
        }


def ladder_from(stored: Mapping[str, object]) -> Ladder:
    """A ladder as `stored` wrote it."""
    days = cast("Sequence[int]", stored["mail_days"])
    return Ladder(
        tuple(days),
        cast("int | None", stored["past_due_day"]),
        cast("End", stored["end"]),
        cast("int", stored["end_after"]),
        cast("int", stored["tries_days"]),
    )


@dataclass(frozen=True, slots=True)
class Rung:
    """A step: its key, its day (None: when nothing more is tried, or by other facts), the mail it writes ("" for none)
    and what it does besides."""

    key: str
    day: int | None
    mail: str
    does: Literal["", "past_due", "lapse", "downgrade", "cancel", "leave_to_staff"] = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Days [from_on, until_on) on which a case stands still."""

    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """A case as it stands. `done` are keys of steps that were done, withheld or skipped. `tries_over_on` is the local
    date since which nothing more is tried by itself (None: something still is). `later_unpaid`: how many later terms
    of the membership are unpaid too. `waiting`: an attempt is under way, so nobody knows whether it is unpaid.
    `told_on`: when the member was last told of a failed payment."""

    opened_on: date
    done: frozenset[str] = frozenset()
    pauses: tuple[Pause, ...] = ()
    tries_over_on: date | None = None
    later_unpaid: int = 0
    waiting: bool = False
    told_on: date | None = None

    def paused(self, on: date) -> bool:
        """Whether it stands still on a date."""
        return any(pause.from_on <= on < pause.until_on for pause in self.pauses)


@dataclass(frozen=True, slots=True)
class Due:
    """A step with the date on which it falls due."""

    rung: Rung
    on: date


@dataclass(frozen=True, slots=True)
class Act:
    """A step to be done now; with `withheld`, its mail is left out for that reason."""

    rung: Rung
    due_on: date
    withheld: str = ""


def rungs(ladder: Ladder) -> tuple[Rung, ...]:
    """The steps in their order: on one day the status goes first, the end last. A mail day that is the day of the
    lapse is the lapse's own mail; later ones never come."""
    found: list[Rung] = []
    if ladder.past_due_day is not None:
        found.append(Rung(STATUS, ladder.past_due_day, "", "past_due"))
    for place, day in enumerate(ladder.mail_days):
        if ladder.end != "lapse" or day < ladder.end_after:
            mail = _MAILS[place] if place < len(_MAILS) else FURTHER
            found.append(Rung(f"mail {place + 1}", day, mail))
    if ladder.end == "lapse":
        found.append(Rung(END, ladder.end_after, "lapsed", "lapse"))
        if ladder.past_due_day is not None and ladder.past_due_day > ladder.end_after:
            del found[0]
    found.sort(key=lambda rung: (rung.day or 0, rung.key != STATUS, rung.key == END))
    if ladder.end == "downgrade" or ladder.end == "cancel":
        found.append(Rung(END, None, END_MAILS[ladder.end], ladder.end))
    elif ladder.end in ("staff_queue", "keep_invoicing"):
        found.append(Rung(END, None, "", "leave_to_staff"))
    return tuple(found)


def day_of(facts: Facts, day: int) -> date:
    """The date of a case's day, the first being day 0. The days of a pause don't count."""
    on = facts.opened_on + timedelta(days=day)
    for pause in sorted(facts.pauses, key=lambda pause: pause.from_on):
        if pause.from_on <= on and pause.until_on > pause.from_on:
            on += pause.until_on - max(pause.from_on, facts.opened_on)
    return on


def falls_due(ladder: Ladder, facts: Facts, rung: Rung) -> date | None:
    """When a step falls due; None while that hangs on facts that are not there yet. Past due is a matter of the
    calendar: a pause doesn't move it."""
    if rung.key == STATUS and rung.day is not None:
        return facts.opened_on + timedelta(days=rung.day)
    if rung.day is not None:
        return day_of(facts, rung.day)
    if ladder.end == "keep_invoicing":
        return facts.opened_on if facts.later_unpaid >= ladder.end_after else None
    return max(facts.tries_over_on, facts.opened_on) if facts.tries_over_on is not None else None


def to_come(ladder: Ladder, facts: Facts) -> tuple[Due, ...]:
    """The steps that are not done and have their date, by date and then in their order."""
    known = ((rung, falls_due(ladder, facts, rung)) for rung in rungs(ladder) if rung.key not in facts.done)
    found = [Due(rung, on) for rung, on in known if on is not None]
    found.sort(key=lambda due: due.on)  # stable: steps of one date stay in their order
    return tuple(found)


def next_step(ladder: Ladder, facts: Facts) -> tuple[Rung, date | None] | None:
    """The next step that does something, with its date; without one it comes when nothing more is tried. That a
    membership is called past due is none: it only says how it stands."""
    coming = [rung for rung in rungs(ladder) if rung.key not in facts.done and rung.key != STATUS]
    return (coming[0], falls_due(ladder, facts, coming[0])) if coming else None


def decide(
    ladder: Ladder, facts: Facts, on: date, catch_up: CatchUp, *, today: date | None = None
) -> tuple[Act, ...]:
    """What is to be done on a date, in order, as nothing was done since longer maybe. Nothing while the outcome of an
    attempt is open; on a pause only what the calendar says. `today` is the present date where that is later than `on`
    (the day's hour for steps has not come): what follows from events is done at once.

    Of several mails that are due at once only the latest leaves, unless `catch_up` is all; and none that is late on the
    day on which a failed payment is told anyway, save that it is over (A-51).
    """
    if facts.waiting or (ladder.end in END_MAILS and END in facts.done):
        return ()
    today = today or on
    still = facts.paused(today)
    due = [
        one
        for one in to_come(ladder, facts)
        if one.on <= (today if one.rung.day is None or one.rung.key == STATUS else on)
        and (one.rung.key == STATUS or not still)
    ]
    ending = next((place for place, one in enumerate(due) if one.rung.key == END and one.rung.mail), None)
    if ending is not None:
        due = due[: ending + 1]  # nothing comes after the end
    mails = [one for one in due if one.rung.mail]
    acts = []
    for one in due:
        withheld = ""
        if one.rung.mail and catch_up == "latest":
            if one is not mails[-1]:
                withheld = SUPERSEDED
            elif one.on < today and facts.told_on == today and one.rung.key != END:
                withheld = TOLD_TODAY
        acts.append(Act(one.rung, one.on, withheld))
    return tuple(acts)


def look_again_on(ladder: Ladder, facts: Facts, on: date, *, planned_on: date | None = None) -> date | None:
    """The next date after `on` at which a case has to be looked at because of the calendar: its next step, the end of
    a pause, or the day after a try that is planned. None: only what happens brings something about."""
    days = [max(one.on, on + _DAY) for one in to_come(ladder, facts)]
    days += [pause.until_on for pause in facts.pauses if pause.until_on > on]
    if ladder.end in HANGS_ON_TRIES and END not in facts.done:
        over = day_of(facts, ladder.tries_days)
        if facts.tries_over_on is None:
            days.append(max(planned_on + _DAY if planned_on else over, on + _DAY))
        elif ladder.end == "stay_past_due" and facts.tries_over_on > on:
            days.append(facts.tries_over_on)
    return min(days, default=None)


def is_left(ladder: Ladder, facts: Facts, on: date) -> bool:
    """Whether what stays past due is a person's to decide on a date: every step was done, nothing more is tried, and
    nothing stands still."""
    return (
        ladder.end == "stay_past_due"
        and not facts.waiting
        and not facts.paused(on)
        and all(rung.key in facts.done for rung in rungs(ladder) if rung.key != STATUS)
        and facts.tries_over_on is not None
        and facts.tries_over_on <= on
    )


def differs(kept: Ladder, present: Ladder) -> bool:
    """Whether a case would go on in another way by the present policies (A-52)."""
    return rungs(kept) != rungs(present) or kept.end != present.end
