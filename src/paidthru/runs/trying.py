"""What is tried by itself: first tries on the due date, retries by their offsets, and a new payment method's."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import groupby

from paidthru.actions.charge import open_attempts
from paidthru.actions.hold_back import hold_back
from paidthru.actions.submit import Row, Selection, planned_tries
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.queries.retrying import retry_schedule
from paidthru.payments.rules.retry_schedule import Planned, RetrySchedule
from paidthru.runs.desk import BILLING_AT, Desk
from paidthru.timeline.operations import SCHEDULE, again_on_conflict

_Page = list[tuple[Row, Planned | None]]


def collect_due(desk: Desk) -> int:
    """Opens an attempt at every invoice whose next try is due, through the same door as everybody (one open intent);
    returns how many. What can't be tried for want of a method is held back, with the reason."""
    policies, now = policies_of(desk.organization), desk.clock.now()
    schedule = retry_schedule(policies, desk.organization.zone, BILLING_AT)
    opened = 0
    for page in _pages(desk, policies, schedule):
        due = [(row.one.invoice_id, plan.initiator) for row, plan in page if plan and plan.at <= now]
        for initiator, of in groupby(due, key=lambda one: one[1]):
            tried = again_on_conflict(
                partial(
                    open_attempts,
                    desk.organization,
                    [id_ for id_, _ in of],
                    max_attempts=policies.number("collect.max_attempts"),
                    initiator=initiator,
                    actor=SCHEDULE,
                    now=now,
                )
            )
            opened += len(tried.written)
        hold_back(
            desk.organization,
            [row.one for row, _ in page if _held(row, schedule, now)],
            actor=SCHEDULE,
            now=now,
        )
    return opened


def _held(row: Row, schedule: RetrySchedule, now: datetime) -> bool:
    """Whether it would have been tried by now, and was not for want of a method that can be charged."""
    return (
        schedule.first_by_schedule
        and not row.one.tried
        and row.one.refused in ("no_payment_method", "card_expired")
        and schedule.slot(row.one.due_on) <= now
    )


def next_try_at(desk: Desk) -> datetime | None:
    """When something that has fallen due is tried next by itself; an instant that has passed means now."""
    policies = policies_of(desk.organization)
    schedule = retry_schedule(policies, desk.organization.zone, BILLING_AT)
    planned = (plan.at for page in _pages(desk, policies, schedule) for _, plan in page if plan is not None)
    return min(planned, default=None)


def _pages(desk: Desk, policies: Policies, schedule: RetrySchedule) -> Iterator[_Page]:
    """The invoices that have fallen due and that the method on file has not failed as often as there are tries. Where
    nothing is ever tried by itself, none."""
    if not schedule.tries_anything:
        return
    selection = Selection(
        desk.today,
        reviewed=policies.word("invoice.review") == "must_approve",
        tries=len(schedule.offsets),
    )
    after = None
    while True:
        page, after = planned_tries(desk.organization, selection, schedule, now=desk.clock.now(), after=after)
        yield page
        if after is None:
            return
