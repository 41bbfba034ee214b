"""When a gateway is swept: what is new every hour, the last 35 days every night (field-notes C.3 10)."""

from datetime import datetime, time, timedelta

from paidthru.actions.note_sweep import note_sweep
from paidthru.kernel.clock import local_date
from paidthru.organizations.queries import frozen_why, mark_of
from paidthru.payments.queries.sweeping import account_of
from paidthru.runs.desk import Desk, at
from paidthru.runs.paying import forget_unused
from paidthru.runs.sweep import KINDS, SweepReport, sweep
from paidthru.timeline.operations import SCHEDULE

EVERY = timedelta(hours=1)
OVERLAP = timedelta(hours=2)  # what a gateway may show late
FULL = timedelta(days=35)
AT_NIGHT = time(3, 0)  # local

TRIED, THROUGH = "sweep tried", "sweep through"  # marks: the last sweep, and the last one of all 35 days


def sweep_due(desk: Desk) -> SweepReport | None:
    """Sweeps the gateway if it is time to; None when it isn't. Cheap then.

    A sandbox, whose processor tells everything at once, is swept once a day of its clock, when there is other work;
    a copy, where nothing is ever lost between the two, never.
    Where live charging is frozen nothing is swept: a replay comes first.
    """
    organization, now = desk.organization, desk.clock.now()
    if not desk.gateway.capabilities.online or organization.forked_from is not None:
        return None
    tried = mark_of(organization.id, TRIED)
    if organization.is_sandbox:
        if tried is not None and local_date(tried, organization.zone) < desk.today:
            return _thorough(desk, now)
        if tried is None:
            note_sweep(organization, marks={TRIED: now}, facts=None, actor=SCHEDULE, now=now)
        return None
    if (tried is not None and now < tried + EVERY) or frozen_why() is not None:
        return None
    through = mark_of(organization.id, THROUGH)
    if through is None or through < _last_night(desk, now):
        return _thorough(desk, now)
    return _delta(desk, now)


def _last_night(desk: Desk, now: datetime) -> datetime:
    """The last instant at which everything was to be swept: one that a worker missed is made up for."""
    tonight = at(desk, desk.today, AT_NIGHT)
    return tonight if tonight <= now else at(desk, desk.today - timedelta(days=1), AT_NIGHT)


def _delta(desk: Desk, now: datetime) -> SweepReport:
    """What is new since the last time, each kind from where it was read to."""
    id_ = desk.organization.id
    known = {kind: mark_of(id_, f"sweep {kind}") for kind in KINDS}
    since = {kind: (known_at or now - FULL) - OVERLAP for kind, known_at in known.items()}
    report = sweep(desk, since=since, thorough=False)
    marks = {f"sweep {kind}": reached for kind, reached in report.reached.items()}
    put_right = report.settled or report.rebuilt or report.strays
    note_sweep(
        desk.organization,
        marks={TRIED: now, **marks},
        facts=report.facts() if put_right else None,  # what differs is told once a night
        actor=SCHEDULE,
        now=now,
    )
    return report


def _thorough(desk: Desk, now: datetime) -> SweepReport:
    """The last 35 days, and what lies between them and where it was read to last; one that was broken off goes on where
    it was, an hour later."""
    id_ = desk.organization.id
    forget_unused(desk)
    begins = _begins(desk, now)
    since = {}
    for kind in KINDS:
        so_far = mark_of(id_, f"sweep 35 {kind}")
        since[kind] = max(begins[kind], so_far) if so_far is not None else begins[kind]
    report = sweep(desk, since=since, thorough=True)
    marks = {TRIED: now, **{f"sweep {kind}": reached for kind, reached in report.reached.items()}}
    if report.complete:
        marks |= {THROUGH: now, **{f"sweep 35 {kind}": begins[kind] for kind in KINDS}}
    else:
        marks |= {f"sweep 35 {kind}": reached for kind, reached in report.reached.items()}
    facts = report.facts() if report.changed or report.stopped else None
    note_sweep(desk.organization, marks=marks, facts=facts, actor=SCHEDULE, now=now)
    return report


def _begins(desk: Desk, now: datetime) -> dict[str, datetime]:
    """From when on each kind is read: 35 days ago, or earlier where nobody has read it since (a worker that stood still
    for long), but nothing from before the account was connected."""
    account = account_of(desk.organization.id, desk.gateway.name)
    connected = account.connected_at - OVERLAP if account is not None else None
    begins = {}
    for kind in KINDS:
        known = mark_of(desk.organization.id, f"sweep {kind}")
        unread = known or (account.connected_at if account is not None else desk.organization.created_at)
        begin = min(now - FULL, unread - OVERLAP)
        begins[kind] = begin if connected is None else max(connected, begin)
    return begins
