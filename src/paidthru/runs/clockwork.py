"""The clockwork: all that is due by now, what is due next, and a sandbox moved through time."""

import logging
from collections.abc import Callable
from datetime import datetime, time, timedelta

from paidthru.actions.change_price import take_up_prices
from paidthru.actions.mark_missed import mark_missed
from paidthru.actions.post_batch import post_batch
from paidthru.actions.recognize import recognize
from paidthru.actions.take_up_plans import take_up_plans
from paidthru.ledger.queries import next_recognition
from paidthru.membership.queries import unfinished_runs
from paidthru.membership.queries.access import next_access
from paidthru.membership.queries.changing import next_take_up
from paidthru.membership.queries.plans import price_days
from paidthru.organizations.operations import move_clock, set_goal
from paidthru.organizations.queries import has_lost, planned_changes, policies_of
from paidthru.payments.queries import next_look, unsent
from paidthru.payments.queries.refunds import next_refund_look
from paidthru.runs.ahead import next_notices, notify_due
from paidthru.runs.desk import CLOSING_AT, Desk, at
from paidthru.runs.dunning import follow_up_due, follow_up_first, next_follow_up
from paidthru.runs.ending import end_what_is_over, next_end_at, tell_access
from paidthru.runs.giving import ask_no_more, give_due, next_giving_at
from paidthru.runs.homes import bill_homes, next_homes_at
from paidthru.runs.inbox import work_inbox
from paidthru.runs.invoices import make_due, next_made_at
from paidthru.runs.mail import send_mail
from paidthru.runs.pledges import bill_due_pledges, keep_receipts, next_pledge_at
from paidthru.runs.policy_days import change_policies
from paidthru.runs.refunds import send_refunds
from paidthru.runs.renewals import bill_due, next_billing, preview_run, write_run
from paidthru.runs.sending import collect_unsent, look_at_due
from paidthru.runs.sweep_times import sweep_due
from paidthru.runs.throttling import sending_paused
from paidthru.runs.tickets import follow_orders, next_tickets_at
from paidthru.runs.trying import collect_due, next_try_at
from paidthru.runs.turns import take_turn
from paidthru.runs.visits import bill_due_visits, next_visits_at
from paidthru.runs.watching import closed_on, note_worked, postable
from paidthru.timeline.operations import SCHEDULE
from paidthru.timeline.queries import next_event, next_message

log = logging.getLogger(__name__)
PATIENCE = "20s"  # how long the second of two waits for its turn


def work(
    desk: Desk, *, send: Callable[[Desk], object] = collect_unsent, though_stopped: bool = False
) -> None:
    """Does everything that is due by now, unless the organization's worker is switched off (`though_stopped`: a person
    asks for it all the same). Cheap when nothing is due. `send` sees to what waits to be sent. Two at once take turns;
    refused `organization_busy` when the other one's lasts."""
    with take_turn(desk.organization.id, patience=PATIENCE):
        _work(desk, send, though_stopped=though_stopped)


def _work(desk: Desk, send: Callable[[Desk], object], *, though_stopped: bool) -> None:
    organization = desk.organization
    organization.refresh_from_db()
    if organization.worker_stopped and not though_stopped:
        return
    now = desk.clock.now()
    whole = organization.is_sandbox or not has_lost()
    change_policies(desk, send, whole=whole)
    take_up_plans(organization, actor=SCHEDULE, now=now)
    for run in unfinished_runs(organization.id) if whole else []:
        try:
            if run.state == "previewing":
                preview_run(run.id, actor=SCHEDULE, now=now)
            else:
                write_run(run.id, actor=SCHEDULE, now=now)
        except Exception:  # it is noted on the run, and must not hold up the organization's other work
            log.exception("run %s failed", run.id)
    policies = policies_of(organization)
    if whole:
        follow_up_first(desk, send)
    if whole and policies.word("billing.trigger") == "auto":
        bill_due(desk)
    if whole:
        make_due(desk)
        bill_homes(desk)
        bill_due_visits(desk)
        give_due(desk)
        bill_due_pledges(desk)
    take_up_prices(organization, actor=SCHEDULE, now=now)  # terms that began before have the price of then
    if whole:
        collect_due(desk)
    at_start = policies.call("billing.slot").name == "cycle_start"
    mark_missed(organization, today=desk.today, at_start=at_start, actor=SCHEDULE, now=now)
    work_inbox(desk)  # what has an answer already need not be asked about
    send(desk)
    look_at_due(desk)
    follow_orders(desk)
    if whole:
        ask_no_more(desk)
        end_what_is_over(desk)  # after an outage: what was to be billed before is billed
    send_refunds(desk)
    keep_receipts(desk)
    sweep_due(desk)
    if whole:
        follow_up_due(desk)
    tell_access(desk)
    notify_due(desk)
    recognize(organization, month_end_on=closed_on(desk), now=now)
    for batch in postable(organization, policies, dated_by=closed_on(desk)):
        post_batch(batch.id, actor=SCHEDULE, now=now)
    send_mail(desk)
    note_worked(desk)


def next_work(desk: Desk) -> datetime | None:
    """The next instant at which something falls due; an instant that has passed means now."""
    organization = desk.organization
    if organization.worker_stopped:
        return None
    policies = policies_of(organization)
    instants: list[datetime | None] = [next_look(organization.id), next_billing(desk)]
    instants += [next_try_at(desk), next_follow_up(desk), next_end_at(desk), next_made_at(desk)]
    instants += [next_homes_at(desk), next_visits_at(desk), next_giving_at(desk), next_pledge_at(desk)]
    instants += [next_tickets_at(desk)]
    instants += [
        next_message(organization.id),
        next_notices(desk),
        next_refund_look(organization.id),
        next_event(organization.id),
    ]
    if planned := planned_changes(organization.id):
        instants.append(at(desk, planned[0].comes_on, time.min))
    if (on := next_take_up(organization.id)) is not None:
        instants.append(at(desk, on, time.min))
    if prices := price_days(organization.id):
        instants.append(at(desk, prices[0], time.min))
    if (on := next_access(organization.id, policies, desk.today)) is not None:
        instants.append(at(desk, on, time.min))
    if (on := next_recognition(organization.id)) is not None:
        instants.append(at(desk, on, CLOSING_AT))
    instants += [at(desk, batch.dated_on, CLOSING_AT) for batch in postable(organization, policies)[:1]]
    if unsent(organization.id, limit=1):
        paused = sending_paused(desk)
        instants.append(paused.until if paused else desk.clock.now())
    known = [instant for instant in instants if instant is not None]
    return min(known) if known else None


def advance(desk: Desk, to: datetime, *, watch: Callable[[], None] | None = None) -> None:
    """Moves a sandbox's time to an instant, doing on the way all that falls due, each at its own instant. `watch` is
    called before each, and may stop it by raising."""
    organization = desk.organization
    with take_turn(organization.id, patience=PATIENCE):  # nobody moves it meanwhile
        work(desk)
        while (due := next_work(desk)) is not None:
            if watch is not None:
                watch()
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
