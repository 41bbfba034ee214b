"""Renewal runs: previewed, released, written; by staff or by the calendar."""

from datetime import date, datetime
from functools import partial
from itertools import count
from typing import NotRequired, TypedDict, Unpack
from uuid import UUID

from paidthru.actions.commit_run import commit_run
from paidthru.actions.preview_run import discard_run, fail_preview, preview, preview_again, start_run
from paidthru.actions.renew import fail_run, finish_run, renew_next
from paidthru.actions.stop_billing import settle_skipped
from paidthru.kernel.errors import Refused
from paidthru.membership.models import BillingRun
from paidthru.membership.queries import next_bill_from, next_due, run_named
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.slots import first_opening
from paidthru.runs.desk import Desk, Progress
from paidthru.timeline.operations import SCHEDULE, Actor, again_on_conflict


def preview_run(run_id: UUID, *, actor: Actor, now: datetime) -> BillingRun:
    """Makes or goes on with a preview; what stops it is noted on the run, which then holds nothing else up."""
    try:
        return preview(run_id)
    except Exception as error:
        fail_preview(run_id, f"{type(error).__name__}: {error}", actor=actor, now=now)
        raise


def write_run(run_id: UUID, *, actor: Actor, now: datetime, progress: Progress | None = None) -> BillingRun:
    """Writes a committed run to its end, sharing its slices with whoever else does the same."""
    try:
        while again_on_conflict(partial(renew_next, run_id, actor=actor, now=now)) is not None:
            if progress is not None:
                run = BillingRun.objects.get(id=run_id)
                progress(run.done, run.candidates)
    except Exception as error:
        fail_run(run_id, f"{type(error).__name__}: {error}", actor=actor, now=now)
        raise
    finish_run(run_id, actor=actor, now=now)
    return BillingRun.objects.select_related("batch", "organization").get(id=run_id)


class Asked(TypedDict):
    """What staff ask of a renewal run (see `start_run`)."""

    name: str
    effective_on: date
    bill_on: NotRequired[date | None]
    autopay_only: NotRequired[bool]
    billing_cycle: NotRequired[str]


def generate(desk: Desk, *, actor: Actor, **asked: Unpack[Asked]) -> BillingRun:
    """Releases a run as `release` does, and writes it."""
    run = release(desk, actor=actor, **asked)
    return write_run(run.id, actor=actor, now=desk.clock.now())


def release(desk: Desk, *, actor: Actor, **asked: Unpack[Asked]) -> BillingRun:
    """Commits the run that was previewed under that name, or previews and commits a new one. The worker, or whoever
    calls `write_run`, writes it."""
    now = desk.clock.now()
    known = _previewed(desk, asked)
    run = known or start_run(desk.organization, actor=actor, now=now, **asked)
    try:
        return commit_run(preview_run(run.id, actor=actor, now=now).id, actor=actor, now=now)
    except Refused:
        if known is None:  # nobody has read it: its name is free again
            discard_run(run.id, actor=actor, now=now)
        raise


def propose(desk: Desk, *, actor: Actor, **asked: Unpack[Asked]) -> BillingRun:
    """Previews a run, from the start if it was previewed before; `release` commits what was read."""
    run = _previewed(desk, asked)
    if run is None:
        run = start_run(desk.organization, actor=actor, now=desk.clock.now(), **asked)
    else:
        preview_again(run)
    return preview_run(run.id, actor=actor, now=desk.clock.now())


def _previewed(desk: Desk, asked: Asked) -> BillingRun | None:
    """The run of that name, if it waits to be committed and was asked for in the same way. Another one keeps the
    name: a new run is refused then (I-05)."""
    run = run_named(desk.organization.id, asked["name"].strip())
    if run is None or run.state not in ("previewing", "previewed"):
        return None
    cycle = run.billing_cycle.name if run.billing_cycle else ""
    same = (
        asked["effective_on"] == run.effective_on
        and (asked.get("bill_on") or run.bill_on) == run.bill_on
        and asked.get("autopay_only", False) == run.autopay_only
        and asked.get("billing_cycle", "") == cycle
    )
    return run if same else None


def bill_due(desk: Desk, *, before: date | None = None) -> None:
    """Bills the memberships whose next term has begun, a run for each date, in order (P-01, C-17): from the opening of
    the date's window on, or what `bill_from` says. With `before`, only terms that begin before that local date."""
    now, policies = desk.clock.now(), policies_of(desk.organization)
    zone = desk.organization.zone
    while (on := next_due(desk.organization.id, at=now)) is not None and first_opening(
        policies, zone, on
    ) <= now:
        if before is not None and on >= before:
            return
        run = preview(_automatic_run(desk, on, now).id)
        if run.billed:
            commit_run(run.id, actor=SCHEDULE, now=now)
            write_run(run.id, actor=SCHEDULE, now=now)
        settle_skipped(run.id, on=desk.today, actor=SCHEDULE, now=now)


def next_billing(desk: Desk) -> datetime | None:
    """When the calendar bills next; an instant that has passed means now."""
    policies = policies_of(desk.organization)
    if policies.word("billing.trigger") != "auto":
        return None
    on = next_due(desk.organization.id, at=desk.clock.now())
    waits = next_bill_from(desk.organization.id, after=desk.clock.now())
    instants = [waits] if waits else []
    if on is not None:
        instants.append(first_opening(policies, desk.organization.zone, on))
    return min(instants, default=None)


def _automatic_run(desk: Desk, on: date, now: datetime) -> BillingRun:
    """The run that bills a date by itself: a new one, or the one that was cut off before it was committed."""
    for n in count(1):
        name = f"Automatic {on.isoformat()}" + (f" ({n})" if n > 1 else "")
        run = run_named(desk.organization.id, name)
        if run is None:
            return start_run(
                desk.organization, name=name, effective_on=on, actor=SCHEDULE, now=now, kind="automatic"
            )
        if run.kind == "automatic" and run.state in ("previewing", "previewed"):
            preview_again(run)
            return run
    raise AssertionError("count never ends")
