"""A case in the reader's words: its next step, what was done, how it stands."""

from collections.abc import Sequence
from datetime import date, timedelta

from paidthru.dunning.models import CLOSED, UNTRIED, WHY, Case, Pause
from paidthru.dunning.models import Step as CaseStep
from paidthru.dunning.queries import needs_a_person
from paidthru.dunning.rules import ladder as rules
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.parts import Badge, Text, Value
from paidthru.runs.coming_steps import Coming
from paidthru.timeline.operations import SCHEDULE

MAILS = {
    "reminder": "Reminder",
    "second_reminder": "Second reminder",
    "final_notice": "Final notice",
    "past_due": "Past-due notice",
    "lapsed": "Membership lapses",
    "downgraded": "Moves to the default plan",
    "canceled": "Membership ends",
}
_DOES = {"past_due": "Is called past due", "leave_to_staff": "Is left to staff"}
WITHHELD = {
    rules.SUPERSEDED: "a later mail was sent instead",
    rules.TOLD_TODAY: "the member was told of the failed payment on that day",
    "nothing_owed": "nothing was owed any more",
    "declined": "the member doesn’t want such mails",
}


def rung_text(rung: rules.Rung) -> str:
    """A step in words."""
    return MAILS.get(rung.mail) or _DOES.get(rung.does, rung.key)


def next_text(
    case: Case, coming: Coming, pause: Pause | None, today: date, tries: int
) -> tuple[str, date | None]:
    """What comes next and its date, a try or a step, whichever is first; without a date the words say what it waits
    for. `tries`: how many there were."""
    if case.state == "closed":
        return CLOSED[case.closed_because], case.closed_on
    if coming.waiting:
        return "A payment is under way", None
    if coming.try_first:
        return "Tried again" if tries else "Tried", coming.tried_on
    step = step_text(case, coming)
    if step is None:
        return "Somebody has to decide" if needs_a_person(case) else "Nothing more comes by itself", None
    if coming.on is not None and coming.on <= today and pause is None:
        return step, today
    return step, coming.on


def step_text(case: Case, coming: Coming) -> str | None:
    """The next step in words, with what it waits for where it has no date; None where there is none."""
    if coming.rung is None or case.for_staff:
        return None
    if coming.on is not None:
        return rung_text(coming.rung)
    ladder = rules.ladder_from(case.ladder)
    if ladder.end == "keep_invoicing":
        return f"{rung_text(coming.rung)}, when {ladder.end_after} later terms are unpaid too"
    return f"{rung_text(coming.rung)}, when nothing more is tried"


def case_badge(case: Case, pause: Pause | None) -> Badge:
    """How a case stands."""
    if case.state == "closed":
        return Badge(CLOSED[case.closed_because], "good" if case.closed_because == "paid" else "neutral")
    if pause is not None:
        return Badge("Arrangement" if pause.kind == "arrangement" else "Paused", "info")
    if needs_a_person(case):
        return Badge("Needs a person", "bad")
    return Badge("Not paid" if case.for_staff else "Open", "warn")


def why_text(case: Case) -> str:
    """Why it is here: what was missed first and failed when it was tried has failed."""
    why = "declined" if case.why == "missed" and case.tries_seen not in UNTRIED else case.why
    return WHY.get(why, why)


def pause_text(pause: Pause | None, locale: str) -> str | None:
    """Until when it stands still, and why."""
    if pause is None:
        return None
    last = day_text(pause.until_on - timedelta(days=1), locale)
    said = f"through {last}" + (f": {pause.why}" if pause.why else "")
    return f"An arrangement {said}" if pause.kind == "arrangement" else f"Paused {said}"


def step_cells(steps: Sequence[CaseStep]) -> list[tuple[Value, ...]]:
    """What was done: the step, when it was due, when it was done, and what became of it."""
    return [
        (
            MAILS.get(one.mail) or ("Called past due" if one.key == rules.STATUS else "Left to staff"),
            one.due_on,
            one.done_at,
            Text(
                {"done": "Done", "withheld": "Withheld", "skipped": "Skipped"}[one.state],
                WITHHELD.get(one.reason, one.reason),
            ),
            "Paidthru" if one.done_by == SCHEDULE.name else one.done_by,
        )
        for one in steps
    ]
