"""Notices ahead: when the worker writes them, and when next (A-53)."""

from datetime import date, datetime, timedelta
from functools import partial

from paidthru.actions.notify_ahead import days_of_cards, days_of_notice, notify_ahead
from paidthru.kernel.clock import local_date
from paidthru.membership.queries.upcoming import first_ahead
from paidthru.organizations.operations import set_mark
from paidthru.organizations.queries import mark_of, policies_of
from paidthru.runs.desk import Desk, at
from paidthru.runs.dunning import FOLLOW_UP_AT
from paidthru.timeline.operations import again_on_conflict

NOTIFIED = "notices ahead"  # the mark: when they were last written (business time)
_DAY = timedelta(days=1)


def notify_due(desk: Desk) -> int:
    """Writes the day's notices once the day's hour for steps has come; returns how many. Looked at once a day."""
    now, today = desk.clock.now(), desk.today
    if at(desk, today, FOLLOW_UP_AT) > now or _last(desk) == today or not _days(desk):
        return 0
    written = again_on_conflict(partial(notify_ahead, desk.organization, now=now), repeatable=True)
    set_mark(desk.organization.id, NOTIFIED, now)
    return written


def next_notices(desk: Desk) -> datetime | None:
    """When the calendar next brings a notice: so many days before the first renewal that is that far away."""
    last = _last(desk)
    return _first(desk, max(last + _DAY, desk.today) if last else desk.today)


def notices_since(desk: Desk) -> tuple[int, datetime | None]:
    """Whether notices are to be written by now and are not (1 or 0), and since when."""
    last = _last(desk)
    due = _first(desk, last + _DAY if last else desk.today)
    return (1, due) if due is not None and due <= desk.clock.now() else (0, None)


def _first(desk: Desk, begin: date) -> datetime | None:
    """When the first notice is due that falls on the local date `begin` or later."""
    found: list[date] = []
    for days in _days(desk):
        on = first_ahead(desk.organization.id, begin + timedelta(days=days))
        if on is not None:
            found.append(on - timedelta(days=days))
    return at(desk, min(found), FOLLOW_UP_AT) if found else None


def _last(desk: Desk) -> date | None:
    marked = mark_of(desk.organization.id, NOTIFIED)
    return local_date(marked, desk.organization.zone) if marked else None


def _days(desk: Desk) -> frozenset[int]:
    policies = policies_of(desk.organization)
    return days_of_notice(policies) | days_of_cards(policies)
