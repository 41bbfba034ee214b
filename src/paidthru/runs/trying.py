"""What is tried by itself: first tries on the due date, retries by their offsets, and a new payment method's."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from itertools import groupby

from paidthru.actions.charge import open_attempts
from paidthru.actions.hold_back import hold_back
from paidthru.actions.submit import Row, Selection, next_collection, planned_tries
from paidthru.dunning.queries import standing_still
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.slots import first_opening, slots_of
from paidthru.payments.queries.retrying import Schedules
from paidthru.payments.rules.retry_schedule import Planned
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import SCHEDULE, again_on_conflict

_Page = list[tuple[Row, Planned | None]]


def collect_due(desk: Desk, *, before: datetime | None = None) -> int:
    """Opens an attempt at every invoice whose next try is due, through the same door as everybody (one open intent);
    returns how many. With `before`, only what was due before that instant. What can't be tried for want of a method is
    held back, with the reason."""
    policies, now = policies_of(desk.organization), desk.clock.now()
    schedules = Schedules(policies, desk.organization.zone)
    opened = 0
    for page in tries_by_now(desk, policies, schedules):
        due = [
            (row.one.invoice_id, plan.initiator)
            for row, plan in page
            if plan and plan.at <= now and (before is None or plan.at < before)
        ]
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
            [row.one for row, _ in page if _held(row, schedules, min(now, before or now))],
            actor=SCHEDULE,
            now=now,
        )
    return opened


def _held(row: Row, schedules: Schedules, now: datetime) -> bool:
    """Whether it would have been tried by now, and was not for want of a method that can be charged."""
    if row.one.tried or row.one.refused not in ("no_payment_method", "card_expired"):
        return False
    schedule = schedules.of(row.plan_id, row.member)
    return schedule.first_by_schedule and schedule.slot(row.one.due_on) <= now


def next_try_at(desk: Desk) -> datetime | None:
    """When something that has fallen due is tried next by itself; an instant that has passed means now."""
    policies = policies_of(desk.organization)
    schedules = Schedules(policies, desk.organization.zone)
    pages = tries_by_now(desk, policies, schedules)
    planned = [plan.at for page in pages for _, plan in page if plan is not None]
    if (later := _first_later(desk, schedules)) is not None:
        planned.append(later)
    return min(planned, default=None)


def _first_later(desk: Desk, schedules: Schedules) -> datetime | None:
    """When the next invoice is due whose date or time of day has not come: it may have been billed long ahead."""
    if not any(kind.first_by_schedule for kind in schedules.kinds()):
        return None
    today, slot = desk.today, schedules.one_slot
    place = slot.passed(today, desk.clock.now()) if slot else None
    found = next_collection(desk.organization.id, schedules.policies, since=today, place=place)
    if found is None:
        return None
    on, member = found
    return slot.of(on, member) if slot else first_opening(schedules.policies, schedules.zone, on)


def day_is_done(desk: Desk, on: date) -> datetime:
    """The instant by which everybody was billed and charged on a local date."""
    policies = policies_of(desk.organization)
    return max(slot.closing(on) for slot in slots_of(policies, desk.organization.zone))


def tries_by_now(desk: Desk, policies: Policies, schedules: Schedules) -> Iterator[_Page]:
    """The invoices that have fallen due and that the method on file has not failed as often as there are tries, each
    with its next try. Where nothing is ever tried by itself, none."""
    kinds = schedules.kinds()
    if not any(kind.tries_anything for kind in kinds):
        return
    slot = schedules.one_slot
    selection = Selection(
        desk.today,
        reviewed=policies.word("invoice.review") == "must_approve",
        tries=max(len(kind.offsets) for kind in kinds),
        before_place=slot.passed(desk.today, desk.clock.now()) if slot else None,
    )
    still = standing_still(desk.organization.id, desk.today)  # a case is paused, or an arrangement kept
    after = None
    while True:
        page, after = planned_tries(
            desk.organization, selection, schedules, now=desk.clock.now(), after=after
        )
        yield [(row, plan) for row, plan in page if row.one.invoice_id not in still]
        if after is None:
            return
