"""Refunds pressed at once, killed on the way, and in every order (B-2, B-11, B-19, B-20, B-50)."""

import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any, Literal

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.collecting import Collection
from tests.refunding import again, ask, due, meddle, paid, payment_of
from tests.refunding import given as given_back
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions import request_refund as requesting
from paidthru.actions import send_refund as sending
from paidthru.actions import settle_refund as settling
from paidthru.actions.approve_refund import approve_refund, turn_down_refund, withdraw_refund
from paidthru.actions.record_refund import record_refund
from paidthru.actions.settle_refund import settle_refund
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Journal
from paidthru.payments.gateway import GatewayRefund, GatewayUnknown
from paidthru.payments.models import Refund
from paidthru.payments.rules.refunds import ACCEPTED
from paidthru.runs import refunds as refund_runs
from paidthru.timeline.operations import Actor, again_on_conflict

pytestmark = pytest.mark.django_db(transaction=True)
BEA = Actor("staff", "Bea Approver")


def together(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Does all of it at the same moment, each on a connection of its own; a refusal is its code."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return act()
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def pressed(found: Collection, amount_minor: int, key: str | None = None) -> Callable[[], object]:
    def act() -> object:
        return again_on_conflict(partial(ask, found, "Ann", amount_minor, key=key)).id

    return act


def test_the_same_click_ten_times_at_once_is_one_refund_b19() -> None:
    found = paid("Ann")
    asked = together([pressed(found, 3_000, "click 1")] * 10)
    assert len(set(asked)) == 1 and Refund.objects.count() == 1
    runs.send_refunds(found.desk)
    assert [one.amount_minor for one in given_back(found, "Ann")] == [3_000]
    found.check()


def test_two_staff_at_once_never_give_back_more_than_came_b19_b50() -> None:
    found = paid("Ann")
    asked = together([pressed(found, 3_000, f"click {n}") for n in range(8)])
    assert asked.count("refund_exceeds_payment") == 5
    together([partial(runs.send_refunds, found.desk)] * 4)
    found.advance(minutes=10)
    assert sum(one.amount_minor for one in given_back(found, "Ann")) == 9_000
    assert Refund.objects.filter(state="succeeded").count() == 3
    assert sorted(Refund.objects.values_list("number", flat=True)) == [1, 2, 3]
    found.check()


def test_workers_at_once_send_each_refund_once_b11() -> None:
    found = paid("Ann")
    gateway = meddle(found)
    for _ in range(5):
        ask(found, "Ann", 1_000)
    together([partial(runs.send_refunds, found.desk)] * 4)
    found.advance(minutes=10)
    assert len(gateway.keys) == len(set(gateway.keys)) == 5
    assert len(given_back(found, "Ann")) == 5
    assert Journal.objects.filter(source_kind="refund", event="sent").count() == 5
    found.check()


def test_approved_and_turned_down_at_once_it_is_one_of_both() -> None:
    found = paid("Ann", staff__separation="on")
    organization, now = found.world.organization, found.desk.clock.now()
    for _ in range(4):
        refund = ask(found, "Ann", 2_000)
        approve = partial(approve_refund, organization, refund.id, actor=BEA, now=now)
        turn_down = partial(turn_down_refund, organization, refund.id, actor=Actor("staff", "Cy"), now=now)
        together([partial(again_on_conflict, approve), partial(again_on_conflict, turn_down)])
        assert again(refund).state in ("approved", "refused")
        found.check()


def test_one_answer_told_by_many_at_once_is_booked_once_b51() -> None:
    found = paid("Ann")
    refund = ask(found, "Ann", 3_000)
    runs.send_refunds(found.desk)
    (seen,) = given_back(found, "Ann")
    elsewhere = found.world.processor.refund_elsewhere(payment_of(found, "Ann").gateway_ref or "", 2_000)
    other = found.desk.gateway.fetch_refund(elsewhere.object_ref)
    now = found.desk.clock.now()

    def tell(answer: GatewayRefund) -> Callable[[], object]:
        settle = partial(
            settle_refund, found.world.organization, answer, refund_id=None, actor=STAFF, now=now
        )  # fmt: skip
        return lambda: again_on_conflict(settle).state

    assert set(together([tell(seen), tell(other)] * 5)) == {"succeeded"}
    assert Refund.objects.count() == 2 and again(refund).state == "succeeded"
    found.check()


# ---------------------------------------------------------------- killed

#: Before and after each of these a worker may be killed: requesting, claiming, looking, sending, settling, booking.
INSTRUMENTED: tuple[tuple[Any, str], ...] = (
    (requesting, "write_refund"), (requesting, "carry"), (requesting, "record"), (refund_runs, "claim_refund"),
    (sending, "look_up"), (sending, "_may_send"), (refund_runs, "send_refund"), (refund_runs, "settle_refund"),
    (settling, "carry"), (settling, "conclude"), (settling, "record"),
)  # fmt: skip


def killed_at(found: Collection, points: int) -> bool:
    """A worker asks for a refund and sends it, and is killed at one of its points; False when it got through."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        left = [points]

        def burn() -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def fuse(call: Callable[..., object]) -> Callable[..., object]:
            def burning(*given: object, **named: object) -> object:
                burn()
                answer = call(*given, **named)
                burn()
                return answer

            return burning

        try:
            for module, name in INSTRUMENTED:
                setattr(module, name, fuse(getattr(module, name)))
            meddle(found).create = fuse(lambda call: call())  # type: ignore[assignment]
            ask(found, "Ann", 3_000, key="click 1")
            runs.send_refunds(found.desk)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_killed_anywhere_it_is_given_back_once_b2_b3() -> None:
    for points in range(1, 60):
        found = paid("Ann", world=a_world(name=f"Club {points}"))
        if not killed_at(found, points):
            assert points > 15  # it had that many chances
            break
        refund = ask(found, "Ann", 3_000, key="click 1")  # the same click once more
        due(refund)
        runs.work(found.desk)
        found.advance(minutes=30)
        assert again(refund).state == "succeeded", f"killed at point {points}"
        assert [one.amount_minor for one in given_back(found, "Ann")] == [3_000], f"killed at point {points}"
        found.check()


# ---------------------------------------------------------------- in every order

Act = tuple[
    Literal["ask", "hand", "approve", "down", "withdraw", "send", "lose", "fail", "elsewhere", "wait"], int
]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["ask", "ask", "hand", "approve", "down", "withdraw", "send", "lose", "fail", "elsewhere", "wait"]
        ),
        st.integers(1, 60),
    ),
    min_size=4,
    max_size=16,
)
_world: list[int] = [0]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(ACTS, st.booleans())
def test_no_order_of_things_gives_back_more_than_came_b50(acts: list[Act], separated: bool) -> None:
    _world[0] += 1
    separation = "on" if separated else "off"
    found = paid("Ann", world=a_world(name=f"Order {_world[0]}", staff__separation=separation))
    gateway = meddle(found)
    for act, size in acts:
        _do(found, gateway, act, size * 100)
        payment = payment_of(found, "Ann")
        out = sum(
            one.amount_minor for one in given_back(found, "Ann") if one.status in ("pending", "succeeded")
        )
        by_hand = Refund.objects.filter(payment=payment, state__in=ACCEPTED).exclude(via="gateway")
        assert out <= payment.amount_minor
        assert payment.refunded_minor <= payment.amount_minor
        assert sum(one.amount_minor for one in by_hand) <= payment.amount_minor
        found.check()
    gateway.create = lambda call: call()
    found.advance(days=4)
    found.check()
    out = sum(one.amount_minor for one in given_back(found, "Ann") if one.status in ("pending", "succeeded"))
    assert found.balances().get("Clearing", 0) == 10_000 - out


def _do(found: Collection, gateway: Any, act: str, amount_minor: int) -> None:
    organization, now = found.world.organization, found.desk.clock.now()
    payment = payment_of(found, "Ann")
    refunds = list(Refund.objects.filter(payment=payment).order_by("id"))
    chosen = refunds[amount_minor % len(refunds)] if refunds else None
    event = None
    try:
        if act == "ask":
            ask(found, "Ann", amount_minor)
        elif act == "hand":
            record_refund(
                organization, payment.id, amount_minor=amount_minor, currency="USD", via="check", actor=STAFF, now=now
            )  # fmt: skip
        elif act == "elsewhere":
            event = found.world.processor.refund_elsewhere(payment.gateway_ref or "", amount_minor)
        elif act == "wait":
            found.advance(minutes=amount_minor)
        elif act in ("send", "lose"):
            gateway.create = _unheard if act == "lose" else lambda call: call()
            runs.send_refunds(found.desk)
        elif chosen is not None:
            _decide(found, chosen, act)
    except Refused as refused:
        if refused.code not in {"refund_exceeds_payment", "refund_concluded", "nothing_to_answer"}:
            raise
    if event is not None:  # what the processor did is never refused
        answer = found.desk.gateway.fetch_refund(event.object_ref)
        settle_refund(organization, answer, refund_id=None, actor=STAFF, now=now)


def _unheard(call: Callable[[], GatewayRefund]) -> GatewayRefund:
    call()
    raise GatewayUnknown("no answer")


def _decide(found: Collection, refund: Refund, act: str) -> None:
    organization, now = found.world.organization, found.desk.clock.now()
    if act == "approve":
        approve_refund(organization, refund.id, actor=BEA, now=now)
    elif act == "down":
        turn_down_refund(organization, refund.id, actor=BEA, now=now)
    elif act == "withdraw":
        withdraw_refund(organization, refund.id, actor=STAFF, now=now)
    elif refund.gateway_ref:
        found.world.processor.fail_refund(refund.gateway_ref, "account_closed")
        answer = found.desk.gateway.fetch_refund(refund.gateway_ref)
        settle_refund(organization, answer, refund_id=None, actor=STAFF, now=now)
