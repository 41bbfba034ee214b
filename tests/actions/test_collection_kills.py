"""A worker is killed at every point, one after the other, and another one finishes what it began (B-2 to B-4)."""

import os
import signal
from collections.abc import Callable
from itertools import count
from types import ModuleType
from typing import Any

import pytest
from django.db import connection
from tests.collecting import Collection, billed, lease_ends, meddled
from tests.world import a_world

from paidthru import runs
from paidthru.actions import settle as settling
from paidthru.actions.charge import claiming, opening
from paidthru.actions.charge import sending as binding
from paidthru.payments.models import Attempt, Payment, PaymentIntent
from paidthru.runs import collection, sending, throttling

pytestmark = pytest.mark.django_db(transaction=True)

#: Before and after each of these the worker may be killed: opening, claiming, creating, binding, confirming, settling
#: with each of its parts, and the commit of both transactions, which comes after the last part.
INSTRUMENTED: tuple[tuple[ModuleType, str], ...] = (
    (collection, "open_attempts"), (opening, "record"), (throttling, "take_turns"), (sending, "claim_waiting"),
    (claiming, "_owed"), (sending, "send"), (binding, "bind"), (sending, "settle"), (settling, "place_all"),
    (settling, "after_payment"), (settling, "book_all"), (settling, "record"),
)  # fmt: skip


class Fuse:
    """Burns down by one at every point, and kills this process at the end, in no way that could be caught."""

    def __init__(self, points: int) -> None:
        self.left = points

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def instrumented(*args: Any, **kwargs: Any) -> Any:
            self.burn()
            result = act(*args, **kwargs)
            self.burn()
            return result

        return instrumented


def killed(found: Collection, points: int, work: Callable[[Collection], object]) -> bool:
    """Works in a process of its own that is killed after so many points; False when it came to the end before."""
    child = os.fork()
    if child == 0:
        try:
            parents = connection.connection  # not ours to close
            connection.connection = None
            fuse = Fuse(points)
            for module, name in INSTRUMENTED:
                setattr(module, name, fuse.around(getattr(module, name)))
            gateway = meddled(found)
            gateway.create = gateway.confirm = fuse.around(lambda call: call())
            work(found)
            os._exit(0 if parents else 1)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def recovers(found: Collection) -> None:
    """Another worker takes over: the leases run out, staff press submit once more, what is due is done."""
    for attempt in Attempt.objects.filter(organization=found.world.organization):
        lease_ends(attempt)
    found.submit()
    runs.work(found.desk)
    found.advance(minutes=30)


def test_killed_anywhere_everybody_is_charged_once_b2_b3_b4() -> None:
    for points in count(1):
        found = billed("Ann", "Bob", world=a_world(name=f"Club {points}"))
        if not killed(found, points, lambda one: one.collect()):
            assert points > 40  # it had that many chances
            break
        recovers(found)
        for name in ("Ann", "Bob"):
            at = f"killed at point {points}, {name}"
            assert found.states(name) == ["succeeded"], at
            assert len(found.payments(name)) == 1 and found.invoice(name).state == "paid", at
        assert found.charged() == 2, f"killed at point {points}"
        found.check()


def test_killed_on_the_way_to_a_decline_it_is_one_decline_b3() -> None:
    for points in range(9, 23, 2):
        found = billed("Ann", world=a_world(name=f"Club {points}"))
        found.behave("Ann", "decline", "insufficient_funds")
        if not killed(found, points, lambda one: one.collect()):
            break
        for attempt in found.attempts("Ann"):
            lease_ends(attempt)
        runs.work(found.desk)
        found.advance(minutes=30)
        assert found.states("Ann") == ["declined"], f"killed at point {points}"
        found.check()


def test_an_intent_that_was_made_and_forgotten_harms_nobody_b4() -> None:
    """Killed before its id was written down, taken up when the gateway has forgotten the key: a second one is made."""
    found = billed("Ann")

    def forgets(one: Collection) -> None:
        gateway = meddled(one)

        def killed_after(call: Callable[[], object]) -> Any:
            call()
            os.kill(os.getpid(), signal.SIGKILL)

        gateway.create = killed_after
        one.collect()

    assert killed(found, 0, forgets)
    assert PaymentIntent.objects.get().gateway_ref is None
    found.move(hours=25)
    recovers(found)
    made = list(found.desk.gateway.list_intents(found.attempt("Ann").created_at))
    assert sorted(one.status for one in made) == ["requires_confirmation", "succeeded"]
    assert (found.charged(), Payment.objects.count(), found.invoice("Ann").state) == (1, 1, "paid")
    found.check()
