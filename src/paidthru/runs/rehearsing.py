"""Rehearsals: an organization's next months, played in a copy of it by the same work that will do them (design.md §1,
idea 5). The copy is a sandbox: no mail leaves, no money moves, and the original is only read.

Days are lived in the evening: what falls due on a day is done once, then. Staff's own steps are done by the calendar,
and whoever isn't collected from pays by hand, or doesn't, as the rehearsal says.
"""

import logging
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from paidthru.actions.charge import claim_waiting, give_back, send
from paidthru.actions.discard_rehearsal import discard_rehearsal
from paidthru.actions.discard_sandbox import discard_sandbox
from paidthru.actions.note_course import note_course
from paidthru.actions.record_payment import record_payment
from paidthru.actions.settle import Answered, settle_all
from paidthru.invoicing.models import Invoice
from paidthru.kernel.clock import local_date, local_instant
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import add_months
from paidthru.membership.operations.deciding import WHOLE, decide
from paidthru.organizations.models import Course, Organization, Rehearsal
from paidthru.organizations.operations import move_clock
from paidthru.organizations.queries import policies_of, tables_of_organizations
from paidthru.organizations.rules.automation import BY_ITSELF
from paidthru.payments.models import IntentInvoice
from paidthru.runs.clockwork import next_work, work
from paidthru.runs.desk import Desk
from paidthru.runs.rehearsed import Figures, figures_of
from paidthru.runs.turns import take_turn
from paidthru.timeline.operations import SCHEDULE, Actor

log = logging.getLogger(__name__)
EVENING = time(23, 55)  # local; after the closing of the day's batches
_COPYING = "30min"  # the second course waits for its copy, which the first is making
_TOGETHER = 100  # payments that are sent before their answers are written
_DAY = timedelta(days=1)
_FAULT = (
    "A fault of the program stopped it; the original is untouched. The server’s log says which, under course"
)

Forking = Callable[[Course], Organization]


class Interrupted(Exception):  # noqa: N818 -- it is no error
    """Whoever watches a rehearsal wants it to stop; it is gone on with later."""


def play_course(
    course: Course,
    *,
    fork: Forking,
    desk_for: Callable[[Organization], Desk],
    watch: Callable[[], None] = lambda: None,
) -> None:
    """Plays one course of a rehearsal to its end, or goes on where it was left; one that has ended stays as it is.

    `fork` makes the copy. `watch` is called on the way and may raise `Interrupted`. A fault is kept on the course. Of
    two at once the second leaves it to the first.
    """
    with connection.cursor() as cursor:  # what a crash takes away is played again
        cursor.execute("SET synchronous_commit TO off")
    try:
        with take_turn(course.id, patience="1s"):
            course.refresh_from_db()
            if course.state in ("waiting", "playing"):
                going_on = course.fork_id is not None
                _live(course, desk_for(_begun(course, fork, desk_for)), watch, going_on=going_on)
    except Interrupted:
        return
    except Refused as refused:
        if refused.code != "organization_busy":
            _failed(course, f"{refused.message} {refused.fix or ''}")
    except Exception:
        log.exception("course %s of a rehearsal failed", course.id)
        _failed(course, f"{_FAULT} {course.id}.")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO DEFAULT")


def throw_away(organization: Organization, rehearsal_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Gives a rehearsal up and deletes its copies; a second time, what was left of them. Refused `rehearsal_unknown`,
    `organization_busy` while a day of it is still being lived."""
    for course in discard_rehearsal(organization, rehearsal_id, actor=actor, now=now):
        assert course.fork_id is not None
        with take_turn(course.id), take_turn(course.fork_id):  # against the player, and a worker in the copy
            discard_sandbox(course.fork_id)


def _failed(course: Course, problem: str) -> None:
    """Keeps a fault, unless the course was thrown away meanwhile, so that its copy went from under it."""
    course.refresh_from_db(fields=["state"])
    if course.state in ("waiting", "playing"):
        note_course(course, "fail", problem=problem)


def ends_at(rehearsal: Rehearsal, zone: str) -> datetime:
    """The instant (the copy's time) at which a rehearsal is over: the evening before its last month is full."""
    began = local_date(rehearsal.begins_at, zone)
    return local_instant(add_months(began, rehearsal.months) - _DAY, EVENING, zone)


def _begun(course: Course, fork: Forking, desk_for: Callable[[Organization], Desk]) -> Organization:
    """The copy of a course, with its policies. All of a rehearsal are made at once, of the same moment, so that they
    part by their policies alone; whichever course is played first makes them."""
    if course.fork_id is None:
        with take_turn(course.rehearsal_id, patience=_COPYING):
            course.refresh_from_db()
            if course.fork_id is None:
                _copied(course.rehearsal, fork, desk_for)
        course.refresh_from_db()
    note_course(course, "begin")
    return Organization.objects.get(id__in=[course.fork_id])


def _copied(rehearsal: Rehearsal, fork: Forking, desk_for: Callable[[Organization], Desk]) -> None:
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:  # the original as of one moment, whatever is done meanwhile
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for course in rehearsal.courses.select_related("rehearsal").order_by("kind"):
            copy = fork(course)
            changes = rehearsal.changes if course.kind == "proposed" else {}
            now = copy.sandbox_now
            assert now is not None  # a copy is a sandbox
            decide(copy, dict(BY_ITSELF) | dict(changes), WHOLE, actor=SCHEDULE, now=now)
            earlier = figures_of(desk_for(copy), since=local_date(rehearsal.begins_at, copy.zone))
            made = Course.objects.filter(id=course.id, state=course.state)
            if not made.update(fork_id=copy.id, earlier=earlier.as_dict()):
                raise Interrupted  # it was thrown away


def _live(course: Course, desk: Desk, watch: Callable[[], None], *, going_on: bool) -> None:
    """Day by day to the end: only the days on which something happens. `going_on`: it was left in an evening, whose
    payments by hand may not all have come."""
    rehearsal, copy = course.rehearsal, desk.organization
    end = ends_at(rehearsal, copy.zone)
    by_hand = _ByHand(desk, rehearsal)
    if going_on and desk.clock.now() == local_instant(desk.today, EVENING, copy.zone):
        by_hand.pay()
    work(desk, send=_send_together)
    stops = 0
    while (now := desk.clock.now()) < end:
        watch()
        stops += 1
        if stops & (stops - 1) == 0:
            _learn_sizes()
        if not Course.objects.filter(id=course.id, state="playing").update(reached_at=now):
            raise Interrupted  # it was thrown away
        tomorrow = desk.today + _DAY
        due = next_work(desk)
        days = [day for day in (by_hand.next_day(), local_date(due, copy.zone) if due else None) if day]
        day = max(min(days, default=tomorrow), desk.today)
        evening = local_instant(day, EVENING, copy.zone)
        if evening <= desk.clock.now():  # what this day's work made due is done tomorrow
            evening = local_instant(tomorrow, EVENING, copy.zone)
        move_clock(copy, min(evening, end))
        by_hand.pay()
        work(desk, send=_send_together)
        by_hand.pay()  # what was billed just now may be paid the same day
    figures = figures_of(desk, since=local_date(rehearsal.begins_at, copy.zone))
    if course.earlier is not None:
        figures = figures.without(Figures.of(course.earlier))
    note_course(course, "arrive", figures=figures.as_dict())


def _learn_sizes() -> None:
    """Tells the database's planner how large the tables are by now: a copy comes at once, and a year in a minute, for
    which its own rounds are too slow."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables_of_organizations())}")


class _ByHand:
    """Whoever isn't collected from: some pay, so many days after they should, and the others never."""

    def __init__(self, desk: Desk, rehearsal: Rehearsal) -> None:
        self._desk, self._rehearsal = desk, rehearsal
        self._wait = timedelta(days=rehearsal.by_hand_days)
        self._after = desk.today - self._wait - _DAY  # what was due by then is too long ago
        self._never: set[UUID] = set()

    def _waited_for(self) -> QuerySet[Invoice]:
        """The open invoices that nobody collects and somebody may pay yet."""
        tried = IntentInvoice.objects.filter(invoice_id=OuterRef("id"))
        return Invoice.objects.filter(
            ~Exists(tried), organization=self._desk.organization, state="sent", balance_minor__gt=0,
            due_on__gt=self._after,
        ).exclude(id__in=self._never)  # fmt: skip

    def next_day(self) -> date | None:
        """The local date on which somebody may pay next."""
        first = self._waited_for().order_by("due_on").values_list("due_on", flat=True).first()
        return None if first is None else first + self._wait

    def pay(self) -> None:
        """Enters the checks that have come by today."""
        desk, due_by = self._desk, self._desk.today - self._wait
        for invoice in self._waited_for().filter(due_on__lte=due_by).select_related("party").order_by("id"):
            if _die(f"{invoice.party.number} {invoice.due_on}") < self._rehearsal.by_hand:
                record_payment(
                    desk.organization,
                    invoice.party_id,
                    amount_minor=invoice.balance_minor,
                    currency=invoice.currency,
                    means="check",
                    actor=SCHEDULE,
                    now=desk.clock.now(),
                    invoice_ids=[invoice.id],
                )
            else:
                self._never.add(invoice.id)


def _die(of: str) -> int:
    """One of a thousand numbers, always the same for the same text."""
    return int.from_bytes(sha256(of.encode()).digest()[:8], "big") % 1000


def _send_together(desk: Desk) -> None:
    """Sends what waits, without a pace, and writes many answers at once: there is nobody out there to be spared."""
    organization, policies = desk.organization, policies_of(desk.organization)
    while held := claim_waiting(
        organization.id, now=desk.clock.now(), limit=_TOGETHER, gateway=desk.gateway.name
    ):
        answered = []
        for one in held:
            answer = send(one, desk.gateway)
            if answer is None:
                give_back([one], now=desk.clock.now(), lost=True)
            else:
                answered.append(Answered(one.attempt_id, answer, one.lease))
        settle_all(organization, answered, actor=SCHEDULE, now=desk.clock.now(), policies=policies)
