"""Following up what is unpaid: when the worker does it, and when next."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial

from paidthru.actions.follow_up import follow_up, next_missed
from paidthru.dunning.queries import next_look
from paidthru.runs.desk import Desk, at
from paidthru.runs.trying import collect_due
from paidthru.timeline.operations import SCHEDULE, again_on_conflict

FOLLOW_UP_AT = time(9, 0)  # local; from then on the day's steps are done, so that no mail leaves at night


def follow_up_due(desk: Desk, *, before: date | None = None) -> int:
    """Does what is due about everything unpaid, or only what belongs to days before a local date; returns how many
    cases were looked at. Twice is once."""
    now, today = desk.clock.now(), desk.today
    by = today if at(desk, today, FOLLOW_UP_AT) <= now else today - timedelta(days=1)
    return again_on_conflict(
        partial(follow_up, desk.organization, by=by, before=before, actor=SCHEDULE, now=now)
    )


def follow_up_first(desk: Desk, send: Callable[[Desk], object]) -> None:
    """After days without a worker: what fell due about open cases comes before the next terms are billed, as it would
    have, so that nobody is billed for a term that they had lost by then (A-51). What was to be tried is tried first."""
    look = next_look(desk.organization.id)
    if look is not None and look < desk.today:
        collect_due(desk)
        send(desk)
        follow_up_due(desk)


def next_follow_up(desk: Desk) -> datetime | None:
    """When the calendar next brings a step, or makes something that is due a missed payment."""
    look, missed = next_look(desk.organization.id), next_missed(desk.organization.id, today=desk.today)
    instants = [at(desk, look, FOLLOW_UP_AT)] if look else []
    if missed:
        instants.append(at(desk, missed, time.min))
    return min(instants, default=None)
