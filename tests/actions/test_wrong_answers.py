"""Calls that are refused, gateways not ours, methods that have gone: no invoice is freed on a wrong reading."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from tests.actions.test_collection_faults import held, once, raises, settled_once
from tests.collecting import Collection, Meddling, billed, lease_ends, meddled, method_of
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.charge import Claim, claim, send
from paidthru.actions.charge.sending import Here
from paidthru.actions.remove_method import remove_method
from paidthru.actions.settle import settle
from paidthru.adapters.offline.gateway import OfflineGateway
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import (
    GatewayIntent,
    GatewayNotCharged,
    GatewayNotExecuted,
    GatewayRejected,
    GatewayUnknown,
)
from paidthru.payments.models import Attempt, PaymentIntent, PaymentMethod
from paidthru.payments.operations.throttle import Turn
from paidthru.runs import Desk, overlapping
from paidthru.runs.halting import Halt
from paidthru.runs.throttling import Throttled
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

NO_METHOD = GatewayRejected("No such method.", code="no_such_method")
OUTDATED = GatewayRejected("Unsupported version of the interface.", code="request_invalid")


def unplugged(found: Collection) -> None:
    """The organization's keys don't open here: its gateway is the one that refuses everything."""
    found.world.desk = replace(found.world.desk, gateway=OfflineGateway("the key does not open"))


def told(found: Collection, verb: str) -> int:
    return Event.objects.filter(party_id=found.party("Ann"), verb=verb).count()


# ------------------------------------------------------------------ a gateway that isn't the attempt's


def test_a_gateway_that_is_not_the_attempts_is_not_asked_b63() -> None:
    found = billed("Ann")
    ours = found.desk
    found.behave("Ann", "silent_but_charges")
    found.collect()
    unplugged(found)
    attempt = found.attempt("Ann")
    for _ in range(3):
        found.move(minutes=20)
        runs.work(found.desk)
        runs.retrieve(found.desk)
    assert runs.fence(found.desk, attempt.id) == runs.look(found.desk, attempt.id)
    assert (found.states("Ann"), held(found), told(found, "payment_not_asked")) == (["unknown"], True, 1)
    assert (found.attempt("Ann").next_look_at or found.desk.clock.now()) > found.desk.clock.now()
    assert found.listed() == {}
    found.world.desk = ours
    found.behave("Ann", "accept")
    found.answer("Ann", "succeeded")
    settled_once(found)


def test_a_payer_is_told_that_the_processor_cannot_be_asked() -> None:
    found = billed("Ann")
    found.behave("Ann", "authenticate")
    found.collect()
    assert found.states("Ann") == ["requires_action"]
    unplugged(found)
    with pytest.raises(Refused) as refused:
        runs.resume(found.desk, found.attempt("Ann").id, "https://example.org/back")
    assert refused.value.code == "processor_unreachable"
    assert found.states("Ann") == ["requires_action"] and held(found)


# ------------------------------------------------------------------ refused calls


def test_a_refused_look_up_says_nothing() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = once(GatewayUnknown("timeout"), after=True)
    found.collect()
    gateway.fetch = raises(OUTDATED)
    for _ in range(3):
        runs.retrieve(found.desk)
        found.advance(hours=7)
    assert (found.states("Ann"), held(found), found.listed()) == (["unknown"], True, {})
    found.new_card("Ann")
    found.collect()
    assert (found.states("Ann"), found.charged()) == (["unknown"], 1)
    gateway.fetch = lambda call: call()
    found.advance(days=2)
    assert found.states("Ann") == ["succeeded"]
    settled_once(found)


def test_a_refused_cancellation_closes_nothing() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    late: list[Callable[[], GatewayIntent]] = []

    def lost(call: Callable[[], GatewayIntent]) -> GatewayIntent:
        late.append(call)
        raise GatewayUnknown("timeout")

    gateway.confirm = lost
    found.collect()
    gateway.cancel = raises(OUTDATED)
    runs.abandon(found.desk, found.attempt("Ann").id, actor=STAFF, why="by mistake")
    found.advance(hours=2)
    assert (found.states("Ann"), held(found), found.listed()) == (["unknown"], True, {})
    late[0]()  # it arrives after all
    found.advance(days=1)
    settled_once(found)


def test_a_refused_confirmation_is_fenced_before_the_invoice_is_free() -> None:
    """The first confirmation is under way when the one sent again is refused: it must find nothing to confirm."""
    found = billed("Ann")
    gateway = meddled(found)
    late: list[Callable[[], GatewayIntent]] = []

    def lost(call: Callable[[], GatewayIntent]) -> GatewayIntent:
        late.append(call)
        raise GatewayUnknown("timeout")

    gateway.confirm = lost
    found.collect()
    gateway.confirm = raises(NO_METHOD)
    gateway.cancel = once(GatewayUnknown("timeout"))
    found.advance(minutes=1)
    assert (found.states("Ann"), held(found)) == (["unknown"], True)  # not before it is canceled there
    found.advance(minutes=20)
    attempt = found.attempt("Ann")
    assert (attempt.state, attempt.decline_code, held(found)) == ("rejected", "no_such_method", False)
    assert gateway.fetch_intent(attempt.intent.gateway_ref or "").status == "canceled"
    gateway.confirm = lambda call: call()
    with pytest.raises(GatewayRejected):
        late[0]()
    found.new_card("Ann")
    found.collect()
    assert found.states("Ann") == ["rejected", "succeeded"]
    settled_once(found)


def test_a_refused_confirmation_that_comes_after_the_money_is_settled_as_what_came() -> None:
    found = billed("Ann")
    gateway = meddled(found)

    def too_late(call: Callable[[], GatewayIntent]) -> GatewayIntent:
        call()
        raise NO_METHOD

    gateway.confirm = too_late
    found.collect()
    assert found.states("Ann") == ["succeeded"]
    settled_once(found)


def test_what_the_gateway_never_made_is_free_at_once() -> None:
    found = billed("Ann")
    meddled(found).create = raises(GatewayRejected("No such customer.", code="resource_missing"))
    found.submit()
    held_now = claim(found.attempt("Ann").id, now=found.desk.clock.now())
    assert held_now is not None
    answer = send(held_now, found.desk.gateway)
    assert isinstance(answer, GatewayNotCharged) and answer.code == "resource_missing"
    settle(found.world.organization, held_now.attempt_id, answer, actor=STAFF, now=found.desk.clock.now())
    assert (found.states("Ann"), held(found)) == (["rejected"], False)


def test_a_payers_own_refused_confirmation_leaves_the_payment_waiting_b39() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    found.behave("Ann", "authenticate")
    found.collect()
    gateway.fetch = lambda call: replace(call(), action_url=None)
    gateway.confirm = raises(GatewayRejected("Not an address.", code="url_invalid"))
    with pytest.raises(Refused):
        runs.resume(found.desk, found.attempt("Ann").id, "nowhere")
    assert (found.states("Ann"), held(found)) == (["requires_action"], True)


# ------------------------------------------------------------------ methods that have gone


def test_a_removed_method_is_not_charged_c18() -> None:
    found = billed("Ann")
    found.submit()
    remove_method(found.world.organization, found.party("Ann"), actor=STAFF, now=found.desk.clock.now())
    runs.collect_unsent(found.desk)
    assert (found.states("Ann"), found.charged(), held(found)) == (["canceled"], 0, False)
    assert "changed" in found.attempt("Ann").message
    assert found.listed() == {"Ann": "no_payment_method"}


def test_what_was_submitted_is_charged_to_the_card_that_is_on_file_now() -> None:
    found = billed("Ann")
    found.submit()
    old = method_of(found, "Ann")
    found.new_card("Ann")
    found.move(days=1)
    runs.collect_unsent(found.desk)
    assert found.states("Ann") == ["canceled", "succeeded"]
    first, second = found.attempts("Ann")
    assert first.method_id == old.id and second.method_id == method_of(found, "Ann").id
    assert (first.initiator, first.intent.gateway_ref) == (second.initiator, None)
    settled_once(found)


def test_a_try_again_goes_to_the_new_card_on_the_same_intent() -> None:
    found = billed("Ann")
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    found.move(days=5)
    found.behave("Ann", "accept")
    found.open("Ann")
    found.new_card("Ann")
    runs.collect_unsent(found.desk)
    assert found.states("Ann") == ["declined", "canceled", "succeeded"]
    assert PaymentIntent.objects.count() == 1
    settled_once(found)


def test_a_revoked_mandate_is_not_sent_again_c23() -> None:
    """Claimed by its id, or found unconfirmed after its answer was lost: either way it is ended and not confirmed."""
    found = billed("Ann", "Bob")
    gateway = meddled(found)
    gateway.confirm = once(GatewayUnknown("lost"))
    found.submit(name_contains="Ann")
    runs.collect_unsent(found.desk)
    found.submit(name_contains="Bob")
    PaymentMethod.objects.update(state="revoked")
    assert claim(found.attempt("Bob").id, now=found.desk.clock.now()) is None
    found.advance(minutes=5)
    assert (found.states("Ann"), found.states("Bob"), found.charged()) == (["canceled"], ["canceled"], 0)
    assert gateway.fetch_intent(found.attempt("Ann").intent.gateway_ref or "").status == "canceled"
    assert not held(found)


# ------------------------------------------------------------------ the deadline


class Waiting(Here):
    """Waits after a 429, as threads of the network do; in the meantime, `act` is done."""

    def __init__(self, act: Callable[[UUID], Any]) -> None:
        self.act = act
        self.attempt: UUID | None = None

    def may_send(self, held: Claim, ref: str) -> bool:
        self.attempt = held.attempt_id
        return super().may_send(held, ref)

    def waits(self, turned_away: GatewayNotExecuted, times: int, call: str) -> bool:
        assert self.attempt is not None
        self.act(self.attempt)
        return True


@pytest.mark.parametrize(
    "act",
    [
        lambda id_: Attempt.objects.filter(id=id_).update(send_deadline=datetime.fromisoformat("2000-01-01T00:00Z")),
        lambda id_: Attempt.objects.filter(id=id_).update(lease_token=None),
        lambda id_: Attempt.objects.filter(id=id_).update(state="canceled"),
    ],
    ids=["deadline", "lease", "ended"],
)  # fmt: skip
def test_the_right_to_send_is_looked_at_again_after_a_wait_b6(act: Callable[[UUID], Any]) -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = once(GatewayNotExecuted("Too many requests."))
    found.submit()
    held_now = claim(found.attempt("Ann").id, now=found.desk.clock.now())
    assert held_now is not None
    assert send(held_now, found.desk.gateway, Waiting(act)) is None
    assert found.charged() == 0


def test_after_a_wait_it_is_sent_where_it_still_may_be() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = once(GatewayNotExecuted("Too many requests."))
    found.submit()
    held_now = claim(found.attempt("Ann").id, now=found.desk.clock.now())
    assert held_now is not None
    assert isinstance(send(held_now, found.desk.gateway, Waiting(lambda _: None)), GatewayIntent)
    assert found.charged() == 1
    lease_ends(found.attempt("Ann"))


# ------------------------------------------------------------------ other money


def test_other_money_for_an_attempt_that_had_ended_is_told_once_b35() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    attempt = found.attempt("Ann")
    shown = gateway.fetch_intent(attempt.intent.gateway_ref or "")
    other = replace(
        shown, status=type(shown.status)("succeeded"), amount_minor=12_000, received_minor=12_000, decline_code=None,
        charge_ref="ch_other", metadata={"attempt": str(attempt.id)},
    )  # fmt: skip
    for _ in range(2):
        settle(found.world.organization, attempt.id, other, actor=STAFF, now=found.desk.clock.now())
    assert (found.states("Ann"), found.payments("Ann")) == (["declined"], [])
    assert told(found, "payment_of_other_money") == 1
    event = Event.objects.get(verb="payment_of_other_money")
    assert event.facts["charge"] == "ch_other"
    found.check()


# ------------------------------------------------------------------ halted while turns are taken


def test_a_halt_between_taking_turns_and_going_on_stands_b31() -> None:
    halted = Halt()
    seen = halted.times
    halted.set()  # an answer tells meanwhile that the account is refused
    assert not halted.go_on(seen)
    assert halted.wait(0)
    assert halted.go_on(halted.times)  # sending was opened again, as turns taken afterwards say
    assert not halted.wait(0)


def test_turns_that_were_taken_before_a_halt_send_nothing_b31(monkeypatch: pytest.MonkeyPatch) -> None:
    found = billed(*[f"M{n:02}" for n in range(3)])
    gateway = meddled(found)
    monkeypatch.setattr(Meddling, "capabilities", replace(gateway.capabilities, max_in_flight=2))
    found.submit()
    lines: list[overlapping._Line] = []
    real_line, real_turns = overlapping._Line, Throttled.turns

    def line(desk: Desk) -> overlapping._Line:
        lines.append(real_line(desk))
        return lines[0]

    def turns(self: Throttled, wanted: int) -> Turn:
        turn = real_turns(self, wanted)
        if turn.waits:
            lines[0].halted.set()
        return turn

    monkeypatch.setattr(overlapping, "_Line", line)
    monkeypatch.setattr(Throttled, "turns", turns)
    glances = iter(range(3))
    assert runs.collect_unsent(found.desk, stop=lambda: next(glances, None) is None) == 0
    assert gateway.keys == [] and {one.state for one in Attempt.objects.all()} == {"created"}
