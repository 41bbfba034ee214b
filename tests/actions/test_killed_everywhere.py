"""kill -9 at every statement, every commit and every call of the processor's while twenty invoices are collected.

The processor is outside (the Stripe stand-in, over HTTP), the process that dies is one of its own, and whoever comes
after it finishes: every invoice has exactly one success there and one payment here (B-1 to B-5, B-7, B-8).

`make test` takes every so-many-th point, another one each time round the workers; `make faults` takes every one.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import psycopg
import pytest
from django.db import connection
from tests.collecting import Collection, lease_ends, meddled
from tests.collecting_at_stripe import at_stripe, gateway_at, successes
from tests.stripe_stand_in import StripeStandIn
from tests.world import NOW

from paidthru import runs
from paidthru.payments.models import Attempt, Payment

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = [f"Member {n:02}" for n in range(20)]
EVERY = os.environ.get("PAIDTHRU_FAULTS") == "all"
#: `make faults` goes through every point in eight parts; otherwise a prime, so that neither the statements of a charge
#: nor their number falls into step with it.
STRIDE = 8 if EVERY else 101


class Fuse:
    """Burns down by one at every point, and kills this process at the end, in no way that could be caught."""

    def __init__(self, points: int) -> None:
        self.left = points

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def instrumented(*args: Any, **kwargs: Any) -> Any:
            self.burn()
            return act(*args, **kwargs)

        return instrumented

    def around(self, call: Callable[[], Any]) -> Any:
        self.burn()
        answer = call()
        self.burn()
        return answer

    def laid(self, found: Collection) -> None:
        """Before every statement, COPY and commit of this process, and around every call of the gateway's."""
        for owner, name in (
            (psycopg.Cursor, "execute"), (psycopg.Cursor, "copy"), (psycopg.Connection, "commit"),
        ):  # fmt: skip
            setattr(owner, name, self.before(getattr(owner, name)))
        gateway = meddled(found)
        gateway.create = gateway.confirm = gateway.fetch = gateway.cancel = self.around


def killed(found: Collection, points: int) -> bool:
    """Submits and collects in a process of its own, killed after so many points; False when it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            connection.connection = None  # the parent's; not ours to close
            Fuse(points).laid(found)
            found.collect()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    _until_the_server_is_done_with_it()
    return os.WIFSIGNALED(status)


def _until_the_server_is_done_with_it() -> None:
    """What a killed process asked for last may be carried out after its death: its connections are waited for."""
    with connection.cursor() as cursor:
        for _ in range(50_000):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
    pytest.fail("a connection of the killed process was left open")


def recovered(found: Collection) -> None:
    """Another worker takes over: the leases run out, staff press submit once more, what is due is done."""
    for attempt in Attempt.objects.filter(organization=found.world.organization):
        lease_ends(attempt)
    found.submit()
    runs.work(found.desk)
    found.advance(minutes=30)


def unfinished(found: Collection) -> list[tuple[object, ...]]:
    """The attempts that are not done, and what is known of them."""
    left = Attempt.objects.filter(organization=found.world.organization).exclude(state="succeeded")
    return list(left.values_list("state", "send_deadline", "next_look_at", "decline_code", "message"))


@pytest.mark.parametrize("first", range(1, STRIDE + 1) if EVERY else [17, 59])
def test_killed_at_any_point_of_twenty_charges_each_is_one(first: int) -> None:
    kills = 0
    for points in count(first, STRIDE):
        with StripeStandIn(start=NOW, account=f"acct_{first}_{points}") as desk:
            found = at_stripe(desk, *PEOPLE, name=f"Killed at {points}")
            was_killed = killed(found, points)
            found.world.desk = replace(found.desk, gateway=gateway_at(desk))
            recovered(found)
            taken, left = successes(desk), unfinished(found)
            assert len(taken) == len(set(taken)) == len(PEOPLE), f"killed at point {points}: {left}"
            assert Payment.objects.filter(organization=found.world.organization).count() == len(PEOPLE)
            assert left == []
            found.check()
            kills += was_killed
            if not was_killed:
                break
    assert kills >= 3
