"""The clockwork: all that is due by now, what is due next, and a sandbox moved through time."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from paidthru.actions.mark_missed import mark_missed
from paidthru.actions.post_batch import post_batch
from paidthru.actions.recognize import recognize
from paidthru.actions.submit import (
    next_collection,
)
from paidthru.ledger.models import Batch
from paidthru.ledger.queries import next_recognition, unposted
from paidthru.membership.models import BillingRun
from paidthru.membership.queries import next_due, unfinished_runs
from paidthru.organizations.operations import move_clock, set_goal
from paidthru.organizations.queries import has_lost, policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.queries import next_look, unsent
from paidthru.payments.queries.refunds import next_refund_look
from paidthru.runs.desk import BILLING_AT, CLOSING_AT, Desk, at
from paidthru.runs.inbox import work_inbox
from paidthru.runs.mail import send_mail
from paidthru.runs.refunds import send_refunds
from paidthru.runs.renewals import bill_due, preview_run, write_run
from paidthru.runs.sending import collect_unsent, look_at_due
from paidthru.runs.sweep_times import sweep_due
from paidthru.runs.throttling import sending_paused
from paidthru.runs.trying import collect_due, next_try_at
from paidthru.timeline.operations import SCHEDULE
from paidthru.timeline.queries import next_event, next_message

log = logging.getLogger(__name__)


def work(desk: Desk, *, send: Callable[[Desk], object] = collect_unsent) -> None:
    """Does everything that is due by now. Cheap when nothing is. `send` sees to what waits to be sent."""
    organization = desk.organization
    organization.refresh_from_db()
    if organization.worker_stopped:
        return
    now = desk.clock.now()
    whole = organization.is_sandbox or not has_lost()
    for run in unfinished_runs(organization.id) if whole else []:
        try:
            if run.state == "previewing":
                preview_run(run.id, actor=SCHEDULE, now=now)
            else:
                write_run(run.id, actor=SCHEDULE, now=now)
        except Exception:  # it is noted on the run, and must not hold up the organization's other work
            log.exception("run %s failed", run.id)
    policies = policies_of(organization)
    if whole and policies.word("billing.trigger") == "auto":
        bill_due(desk)
    if whole:
        collect_due(desk)
    mark_missed(organization, before=desk.today, actor=SCHEDULE, now=now)
    work_inbox(desk)  # what has an answer already need not be asked about
    send(desk)
    look_at_due(desk)
    send_refunds(desk)
    sweep_due(desk)
    closed_on = desk.today if at(desk, desk.today, CLOSING_AT) <= now else desk.today - timedelta(days=1)
    recognize(organization, month_end_on=closed_on, now=now)
    if policies.word("batch.post") == "auto":
        for batch in _postable(organization.id, dated_by=closed_on):
            post_batch(batch.id, actor=SCHEDULE, now=now)
    send_mail(desk)


def next_work(desk: Desk) -> datetime | None:
    """The next instant at which something falls due; an instant that has passed means now."""
    organization = desk.organization
    if organization.worker_stopped:
        return None
    policies = policies_of(organization)
    instants: list[datetime | None] = [next_look(organization.id), _next_billing(desk, policies)]
    instants.append(next_try_at(desk))
    instants += [
        next_message(organization.id),
        next_refund_look(organization.id),
        next_event(organization.id),
    ]
    if (on := next_recognition(organization.id)) is not None:
        instants.append(at(desk, on, CLOSING_AT))
    if policies.word("batch.post") == "auto":
        instants += [at(desk, batch.dated_on, CLOSING_AT) for batch in _postable(organization.id)[:1]]
    if unsent(organization.id, limit=1):
        paused = sending_paused(desk)
        instants.append(paused.until if paused else desk.clock.now())
    known = [instant for instant in instants if instant is not None]
    return min(known) if known else None


def _postable(organization_id: UUID, *, dated_by: date | None = None) -> list[Batch]:
    """The batches that can be posted, oldest first: not one that a run is still, or was never, done with."""
    batches = unposted(organization_id, dated_by=dated_by)
    in_use = set(
        BillingRun.objects.filter(batch__in=batches).exclude(state="done").values_list("batch_id", flat=True)
    )
    return [batch for batch in batches if batch.id not in in_use]


def _next_billing(desk: Desk, policies: Policies) -> datetime | None:
    """When the calendar bills or collects next: invoices that were billed ahead are collected on their due date."""
    today = desk.today
    began = at(desk, today, BILLING_AT) <= desk.clock.now()
    days: list[date | None] = []
    if policies.word("billing.trigger") == "auto":
        days.append(next_due(desk.organization.id))
    if policies.word("collect.submit") == "daily":
        days.append(
            next_collection(desk.organization.id, since=today + timedelta(days=1) if began else today)
        )
    known = [on for on in days if on is not None]
    return at(desk, min(known), BILLING_AT) if known else None


def advance(desk: Desk, to: datetime) -> None:
    """Moves a sandbox's time to an instant, doing on the way all that falls due, each at its own instant."""
    organization = desk.organization
    work(desk)
    while (due := next_work(desk)) is not None:
        step = max(due, desk.clock.now() + timedelta(minutes=1))
        if step > to:
            break
        move_clock(organization, step)
        work(desk)
    if to > desk.clock.now():
        move_clock(organization, to)
        work(desk)


def reach_goal(desk: Desk) -> None:
    """Moves a sandbox to where it was sent (the time bar, when that takes longer than a page may)."""
    organization = desk.organization
    organization.refresh_from_db()
    if organization.sandbox_goal is not None:
        if organization.sandbox_goal > desk.clock.now():
            advance(desk, organization.sandbox_goal)
        set_goal(organization, None)
