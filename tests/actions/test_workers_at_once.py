"""Several workers at the same moment on everything that the calendar does: it is done once (B-2, B-19, A-51, C-17)."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import OperationalError, connection
from tests.everything_due import became, everything_due, noons
from tests.together import together
from tests.world import World

from paidthru import invariants, runs
from paidthru.actions.change_price import take_up_prices
from paidthru.actions.make_planned_changes import make_planned_changes
from paidthru.actions.mark_missed import mark_missed
from paidthru.actions.recognize import recognize
from paidthru.actions.take_up_plans import take_up_plans
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import move_clock
from paidthru.runs import Desk
from paidthru.runs.dunning import follow_up_due
from paidthru.runs.ending import end_what_is_over, tell_access
from paidthru.runs.invoices import make_due
from paidthru.runs.mail import send_mail
from paidthru.runs.renewals import bill_due
from paidthru.runs.trying import collect_due
from paidthru.runs.watching import closed_on
from paidthru.timeline.operations import SCHEDULE
from paidthru.wiring import desk_for

pytestmark = pytest.mark.django_db(transaction=True)


def billed_in_turn(desk: Desk) -> None:
    """A run has one name, so that the second worker would be refused another: it waits, and finds nothing."""
    with runs.take_turn(desk.organization.id):
        bill_due(desk)


#: What `runs.work` does in turns, each by itself and with nobody waiting for a turn.
BARE: tuple[Callable[[Desk], object], ...] = (
    lambda desk: make_planned_changes(
        desk.organization, today=desk.today, actor=SCHEDULE, now=desk.clock.now()
    ),
    lambda desk: take_up_plans(desk.organization, actor=SCHEDULE, now=desk.clock.now()),
    lambda desk: take_up_prices(desk.organization, actor=SCHEDULE, now=desk.clock.now()),
    billed_in_turn,
    make_due,
    collect_due,
    lambda desk: mark_missed(desk.organization, today=desk.today, actor=SCHEDULE, now=desk.clock.now()),
    runs.collect_unsent,
    end_what_is_over,
    follow_up_due,
    tell_access,
    lambda desk: recognize(desk.organization, month_end_on=closed_on(desk), now=desk.clock.now()),
    send_mail,
)


def done(world: World, acts: tuple[Callable[[Desk], object], ...], workers: int) -> list[object]:
    """Each act by so many workers at once, each as a process of its own would: with its own reading of the rows."""

    def act(one: Callable[[Desk], object]) -> object:
        return one(desk_for(Organization.objects.get(id=world.organization.id)))

    return [said for one in acts for said in together([partial(act, one)] * workers)]


def lived(world: World, acts: tuple[Callable[[Desk], object], ...], workers: int) -> None:
    for at in noons(world):
        move_clock(world.organization, at)
        refused = [said for said in done(world, acts, workers) if isinstance(said, str)]
        assert refused == [], (at, refused)
    assert invariants.check(world.organization.id) == []


@pytest.mark.parametrize("acts", [(runs.work,), BARE], ids=["in turns", "bare"])
def test_three_workers_at_once_do_what_one_does(acts: tuple[Callable[[Desk], object], ...]) -> None:
    alone, crowd = everything_due("Alone"), everything_due("Crowd")
    lived(alone, acts, 1)
    lived(crowd, acts, 3)
    expected, found = became(alone), became(crowd)
    for what, counted in expected.items():
        assert found[what] == counted, what
    verbs = {verb for verb, _ in expected["events"]}
    assert verbs >= {
        "policy_set", "policy_change_refused", "plan_switched", "price_taken_up", "billed", "invoice_closed",
        "invoice_reissued", "cycle_missed", "membership_over", "membership_downgraded", "fell_back", "written_off",
        "case_opened", "case_closed", "case_step", "access_changed", "invoice_drafted", "invoice_issued",
        "invoice_sent",
    }  # fmt: skip


def test_a_wait_given_up_as_the_turn_came_leaves_no_turn_taken() -> None:
    """The database grants a session its lock and cancels the statement in one instant: the lock would stay for good."""

    def too_late(execute: Callable[..., object], sql: str, *rest: object) -> object:
        answer = execute(sql, *rest)
        if "pg_advisory_lock" in sql:
            raise OperationalError("canceling statement due to lock timeout")
        return answer

    organization = everything_due("Late").organization
    with (
        connection.execute_wrapper(too_late),
        pytest.raises(Refused, match="A worker is at work"),
        runs.take_turn(organization.id),
    ):
        pytest.fail("a turn without the lock")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)
