"""A worker that is killed (kill -9) at any point of what the calendar does: another one ends it, nothing is done twice,
nothing is lost (A-51, B-2 to B-5, I-14).

Within a transaction every point is the same: nothing of it is there. So the points are where something is about to be
committed, by a transaction or by a statement of its own. `make test` takes some of them, `make faults` takes every one.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.pq import TransactionStatus
from tests.collecting import lease_ends
from tests.everything_due import DUE, became, everything_due, noons
from tests.together import until_alone
from tests.world import World

from paidthru import invariants, runs
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import move_clock
from paidthru.payments.models import Attempt
from paidthru.wiring import desk_for

pytestmark = pytest.mark.django_db(transaction=True)

EVERY = os.environ.get("PAIDTHRU_FAULTS") == "all"


class Fuse:
    """Burns down by one before every commit, and kills this process at the end, in no way that could be caught."""

    def __init__(self, points: int) -> None:
        self.left = points

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def lay(self) -> None:
        commit, execute = psycopg.Connection.commit, psycopg.Cursor.execute

        def committed(one: Any) -> Any:
            self.burn()
            return commit(one)

        def executed(one: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
            on_its_own = one.connection.info.transaction_status == TransactionStatus.IDLE
            if on_its_own and str(query).lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
                self.burn()
            return execute(one, query, *args, **kwargs)

        psycopg.Connection.commit = committed  # type: ignore[method-assign,assignment]
        psycopg.Cursor.execute = executed  # type: ignore[method-assign,assignment]


def killed(world: World, points: int, work: Callable[[runs.Desk], object]) -> bool:
    """Works in a process of its own that is killed at so many points; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            connection.connection = None  # the parent's; not ours to close
            desk = desk_for(Organization.objects.get(id=world.organization.id))
            Fuse(points).lay()
            work(desk)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    until_alone()
    return os.WIFSIGNALED(status)


def lives_on(world: World) -> None:
    """Whoever comes next: the leases of the dead run out, and what is due is done, for some days."""
    for attempt in Attempt.objects.filter(organization=world.organization):
        lease_ends(attempt)
    runs.advance(world.desk, world.desk.clock.now() + timedelta(minutes=30))
    for at in noons(world, 3):
        move_clock(world.organization, at)
        runs.work(world.desk)
    assert invariants.check(world.organization.id) == []


def on_day(name: str, day: int) -> World:
    """So many days after everything was due: on the first all of it is, on the eighth cases end."""
    world = everything_due(name)
    if day:
        for at in noons(world, day):
            move_clock(world.organization, at)
            runs.work(world.desk)
        move_clock(world.organization, DUE + timedelta(days=day))
    return world


def without_runs(rows: "Counter[tuple[object, ...]]") -> "Counter[tuple[object, ...]]":
    """Into how many runs and batches the same bills are cut is nobody’s loss, nor is access that was short for as long
    as a payment was unknown: a run that was begun may be gone on with,
    or another take its place, which leaves out nobody."""
    return Counter(
        {
            row: n
            for row, n in rows.items()
            if not str(row[0]).startswith(("run_", "batch_", "not_billed", "access_"))
        }
    )


#: The strides are primes, so that they fall into step with nothing.
@pytest.mark.parametrize(
    ("work", "day", "stride"), [(runs.work, 0, 31), (runs.work, 7, 13), (runs.catch_up, 0, 37)]
)
def test_killed_at_any_point_another_worker_ends_it(
    work: Callable[[runs.Desk], object], day: int, stride: int
) -> None:
    alone, kills = on_day("Alone", day), 0
    lives_on(alone)
    expected = became(alone)
    for points in count(1, 1) if EVERY else count(7, stride):
        world = on_day(f"Killed at {points}", day)
        was_killed = killed(world, points, work)
        kills += was_killed
        world = World(world.organization, desk_for(Organization.objects.get(id=world.organization.id)))
        lives_on(world)
        found = became(world)
        for what, counted in expected.items():
            assert without_runs(found[what]) == without_runs(counted), (points, what)
        if not was_killed:
            break
    assert kills >= 2
