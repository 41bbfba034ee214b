"""The watchdog: what is due and not done, since when, and whether the worker is alive."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from paidthru.dunning.queries import due_since
from paidthru.ledger.models import Batch
from paidthru.ledger.queries import next_recognition, unposted
from paidthru.membership.models import BillingRun
from paidthru.membership.queries import unfinished_runs
from paidthru.membership.queries.access import access_due
from paidthru.membership.queries.calendar import count_due
from paidthru.membership.queries.changing import take_ups_due
from paidthru.membership.queries.ending import next_end, over_by
from paidthru.membership.queries.plans import price_days
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import set_mark
from paidthru.organizations.queries import database_now, mark_of, planned_changes, policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.slots import first_opening
from paidthru.payments.queries.overdue import refunds_since, unlooked_since, unsent_since
from paidthru.payments.queries.retrying import Schedules
from paidthru.runs.ahead import notices_since
from paidthru.runs.desk import CLOSING_AT, Desk, at
from paidthru.runs.dunning import FOLLOW_UP_AT
from paidthru.runs.homes import count_homes_due, next_homes_at
from paidthru.runs.invoices import next_made_at
from paidthru.runs.trying import tries_by_now
from paidthru.timeline.queries import events_since, mails_since

WORKED, SEEN = (
    "worked",
    "worker seen",
)  # marks: all was done that was due (business time); a worker was here (database)
LATE_AFTER = timedelta(hours=1)

KINDS = {
    "policies": "Changes of policy",
    "plans": "Plans to take up",
    "prices": "Prices to take up",
    "ends": "Memberships that end",
    "runs": "Renewal runs to go on with",
    "terms": "Terms to bill",
    "homes": "Assessments, levies and late fees to bill",
    "invoices": "Recurring invoices and drafts to send",
    "tries": "Payments to try",
    "sending": "Payments to send",
    "events": "Events of the processor",
    "looks": "Answers to ask for",
    "refunds": "Refunds to send or ask about",
    "dunning": "Dunning steps",
    "access": "Changes of access to tell",
    "notices": "Notices ahead to write",
    "income": "Income to recognize",
    "batches": "Batches to post",
    "mails": "Mails to send",
}
"""The kinds of work by what people call them, in the order in which they are done. An invoice that a failed payment
closed gets its successor as its next try is made, so it is among the payments to try."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """A kind of work (KINDS) of which something is due and not done: how much, and since when (UTC)."""

    kind: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """What is due and not done; when the worker last did all that was due (business time, UTC), and when one was last
    here at all (database time)."""

    due: tuple[Overdue, ...]
    worked_at: datetime | None
    seen_at: datetime | None
    is_late: bool

    @property
    def count(self) -> int:
        """How much is due and not done."""
        return sum(one.count for one in self.due)


def watch(desk: Desk) -> Watch:
    """How it stands; every figure is counted along an index, so that looking costs what is due. Late is what has been
    due for an hour."""
    due = tuple(overdue(desk))
    late = any(one.since + LATE_AFTER <= desk.clock.now() for one in due)
    id_ = desk.organization.id
    return Watch(due, mark_of(id_, WORKED), mark_of(id_, SEEN), late)


def overdue(desk: Desk) -> list[Overdue]:
    """What is due by now and not done, in the order in which it is done."""
    organization, now, today = desk.organization, desk.clock.now(), desk.today
    id_, policies = organization.id, policies_of(organization)
    found: dict[str, tuple[int, datetime | None]] = {}
    changes = planned_changes(id_, by=today)
    found["policies"] = len(changes), at(desk, changes[0].comes_on, time.min) if changes else None
    plans, plans_on = take_ups_due(id_, on=today)
    found["plans"] = plans, at(desk, plans_on, time.min) if plans_on else None
    prices = [on for on in price_days(id_) if on <= today]
    found["prices"] = len(prices), at(desk, prices[0], time.min) if prices else None
    end = next_end(id_, policies)
    ends = len(over_by(id_, policies, today, limit=1_000)) if end is not None and end <= today else 0
    found["ends"] = ends, at(desk, end, time.min) if end is not None else None
    runs = unfinished_runs(id_)
    found["runs"] = len(runs), min((run.committed_at or run.created_at for run in runs), default=None)
    found["terms"] = _terms(desk, policies)
    homes_at = next_homes_at(desk)
    billable = count_homes_due(desk) if homes_at is not None and homes_at <= now else 0
    found["homes"] = billable, homes_at
    made = next_made_at(desk)
    found["invoices"] = (1, made) if made is not None and made <= now else (0, None)
    found["tries"] = _tries(desk, policies)
    found["sending"] = unsent_since(id_)
    found["events"] = events_since(id_, by=now)
    found["looks"] = unlooked_since(id_, by=now)
    found["refunds"] = refunds_since(id_, by=now)
    steps, first = due_since(id_, by=followed_by(desk))
    found["dunning"] = steps, at(desk, first, FOLLOW_UP_AT) if first else None
    access, access_on = access_due(id_, policies, today)
    found["access"] = access, at(desk, access_on, time.min) if access_on else now
    found["notices"] = notices_since(desk)
    closed = closed_on(desk)
    income = next_recognition(id_)
    is_due = income is not None and income <= closed
    found["income"] = (1, at(desk, income, CLOSING_AT)) if is_due and income else (0, None)
    batches = postable(organization, policies, dated_by=closed)
    found["batches"] = len(batches), at(desk, batches[0].dated_on, CLOSING_AT) if batches else None
    found["mails"] = mails_since(id_, by=now)
    return [Overdue(kind, *found[kind]) for kind in KINDS if found[kind][0]]  # type: ignore[arg-type]


def billed_by(desk: Desk, policies: Policies) -> date:
    """The last local date whose terms are to be billed by now."""
    opened = first_opening(policies, desk.organization.zone, desk.today) <= desk.clock.now()
    return desk.today if opened else desk.today - timedelta(days=1)


def _terms(desk: Desk, policies: Policies) -> tuple[int, datetime | None]:
    if policies.word("billing.trigger") != "auto":
        return 0, None
    count, first = count_due(desk.organization.id, by=billed_by(desk, policies), at=desk.clock.now())
    return count, first_opening(policies, desk.organization.zone, first) if first else None


def _tries(desk: Desk, policies: Policies) -> tuple[int, datetime | None]:
    schedules, now = Schedules(policies, desk.organization.zone), desk.clock.now()
    pages = tries_by_now(desk, policies, schedules)
    planned = [plan.at for page in pages for _, plan in page if plan is not None and plan.at <= now]
    return len(planned), min(planned, default=None)


def followed_by(desk: Desk) -> date:
    """The last local date whose dunning steps are to be done by now."""
    begun = at(desk, desk.today, FOLLOW_UP_AT) <= desk.clock.now()
    return desk.today if begun else desk.today - timedelta(days=1)


def closed_on(desk: Desk) -> date:
    """The last local date that is over for the books: its income is recognized, its batches are posted."""
    closed = at(desk, desk.today, CLOSING_AT) <= desk.clock.now()
    return desk.today if closed else desk.today - timedelta(days=1)


def postable(organization: Organization, policies: Policies, *, dated_by: date | None = None) -> list[Batch]:
    """The batches that post by themselves, oldest first: none that a run is still, or was never, done with."""
    if policies.word("batch.post") != "auto":
        return []
    batches = unposted(organization.id, dated_by=dated_by)
    in_use = set(
        BillingRun.objects.filter(batch__in=batches).exclude(state="done").values_list("batch_id", flat=True)
    )
    return [batch for batch in batches if batch.id not in in_use]


def note_worked(desk: Desk) -> None:
    """All that was due by now is done."""
    set_mark(desk.organization.id, WORKED, desk.clock.now())


def note_seen(organization: Organization) -> None:
    """A worker is at work for the organization."""
    set_mark(organization.id, SEEN, database_now())
