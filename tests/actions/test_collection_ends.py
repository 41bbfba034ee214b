"""How an attempt ends that nobody answers for: fenced at the gateway, then closed, never just closed (C.3 8a, B-39);
and how the payer, who is there, confirms one that waits for them."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import DatabaseError
from tests.actions.test_collection_faults import held, once, raises, settled_once
from tests.collecting import Collection, Meddling, billed, meddled
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.charge import claim, claim_fence
from paidthru.actions.record_payment import record_payment
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import (
    UNEXPECTED_STATE,
    Confirmation,
    GatewayIntent,
    GatewayKeyReused,
    GatewayRejected,
    GatewayUnknown,
    IntentStatus,
)
from paidthru.payments.models import Attempt, PaymentIntent
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def at_gateway(found: Collection, name: str = "Ann") -> str:
    ref = found.attempt(name).intent.gateway_ref
    return found.desk.gateway.fetch_intent(ref or "").status


def gone(found: Collection, name: str = "Ann") -> None:
    """It was canceled at the gateway, then closed; the invoice is free, and nothing was charged."""
    assert (found.attempt(name).state, at_gateway(found, name)) == ("canceled", "canceled")
    assert not held(found) and found.charged() == 0
    found.check()


def spied(found: Collection) -> tuple[Meddling, list[tuple[Confirmation, str]]]:
    """The confirmations that the gateway is sent, with their keys."""
    gateway, sent = meddled(found), list[tuple[Confirmation, str]]()
    confirm = gateway.confirm_intent

    def spy(ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        sent.append((confirmation, key))
        return confirm(ref, confirmation, key=key)

    gateway.confirm_intent = spy  # type: ignore[method-assign]
    return gateway, sent


# ------------------------------------------------------------ by time


def test_a_payer_who_does_not_act_in_time_is_fenced_then_closed_b39() -> None:
    found = billed("Ann", card="authenticate", collect__action_days="3")
    gateway = meddled(found)
    found.collect()
    found.advance(days=2, hours=20)
    assert (found.attempt("Ann").state, gateway.keys[2:]) == ("requires_action", [])
    found.advance(days=2)
    gone(found)
    assert found.events("Ann")[-1] == "payment_canceled"
    assert "payment_declined" not in found.events("Ann")


def test_it_is_not_closed_as_long_as_the_fence_is_not_known_to_stand() -> None:
    found = billed("Ann", card="authenticate", collect__action_days="1")
    gateway = meddled(found)
    found.collect()
    gateway.cancel = raises(GatewayUnknown("timeout"))
    found.advance(days=3)
    assert found.attempt("Ann").state == "requires_action" and held(found)
    gateway.cancel = lambda call: call()
    found.advance(days=2)
    gone(found)


def test_a_payer_who_acts_in_the_last_moment_has_paid() -> None:
    """It can't be canceled any more: it is settled as what it is."""
    found = billed("Ann", card="authenticate", collect__action_days="1")
    gateway = meddled(found)
    found.collect()
    cancel = gateway.cancel

    def too_late(call: Callable[[], GatewayIntent]) -> GatewayIntent:
        found.world.processor.answer(str(found.party("Ann")), "succeeded", None)
        return cancel(call)

    gateway.cancel = too_late
    found.advance(days=3)
    settled_once(found)


def test_what_could_not_be_confirmed_for_two_days_is_fenced() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = raises(GatewayUnknown("timeout"))
    found.collect()
    found.advance(hours=47)
    assert found.attempt("Ann").state == "unknown" and held(found)
    found.advance(days=2)
    gone(found)
    assert len({key for key in gateway.keys if key.startswith("att:")}) == 1  # the same key all the time


def test_what_never_reached_the_gateway_for_two_days_is_closed_and_can_not_charge_later_b4() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.create = raises(GatewayUnknown("timeout"))
    found.collect()
    found.advance(days=4)
    assert (found.states("Ann"), held(found), found.charged()) == (["canceled"], False, 0)
    assert PaymentIntent.objects.get().gateway_ref is None


# ------------------------------------------------------------ by staff


def test_staff_give_an_attempt_up_and_the_gateway_cancels_it_first() -> None:
    found = billed("Ann", card="authenticate")
    found.collect()
    id_ = found.attempt("Ann").id
    assert runs.abandon(found.desk, id_, actor=STAFF, why="She pays by check.") == "canceled"
    gone(found)
    event = Event.objects.get(verb="payment_abandoned")
    assert (event.why, event.actor, event.facts["amount"]) == ("She pays by check.", STAFF.name, "100.00")
    with pytest.raises(Refused) as refused:
        runs.abandon(found.desk, id_, actor=STAFF, why="")
    assert refused.value.code == "attempt_ended"


def test_one_that_was_never_sent_is_closed_at_once() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    found.submit()
    assert runs.abandon(found.desk, found.attempt("Ann").id, actor=STAFF, why="A mistake.") == "canceled"
    assert gateway.keys == [] and not held(found)


def test_a_cancel_that_is_refused_is_settled_as_what_it_is() -> None:
    found = billed("Ann")
    found.behave("Ann", "silent_but_charges")
    found.collect()
    assert found.attempt("Ann").state == "unknown"
    found.behave("Ann", "accept")
    state = runs.abandon(found.desk, found.attempt("Ann").id, actor=STAFF, why="No answer for days.")
    assert state == "succeeded"
    settled_once(found)


def test_a_bank_debit_under_way_stays_under_way() -> None:
    found = billed("Ann", card=None)
    found.bank("Ann")
    found.collect()
    state = runs.abandon(found.desk, found.attempt("Ann").id, actor=STAFF, why="She asked for it.")
    assert state == "processing" and held(found)
    found.answer("Ann", "succeeded")
    settled_once(found)


def test_what_was_given_up_while_the_gateway_is_silent_is_never_sent_again() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = once(GatewayUnknown("timeout"))
    gateway.cancel = raises(GatewayUnknown("timeout"))
    found.collect()
    state = runs.abandon(found.desk, found.attempt("Ann").id, actor=STAFF, why="A mistake.")
    assert state == "unknown" and held(found)
    gateway.cancel = lambda call: call()
    found.advance(hours=1)
    gone(found)


def test_an_attempt_in_review_is_not_given_up_and_blocks() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = raises(GatewayKeyReused("Other parameters.", code="idempotency_error"))
    found.collect()
    id_ = found.attempt("Ann").id
    with pytest.raises(Refused) as refused:
        runs.abandon(found.desk, id_, actor=STAFF, why="")
    assert refused.value.code == "attempt_in_review"
    now = found.desk.clock.now()
    assert claim(id_, now=now) is None and claim_fence(id_, now=now) is None
    assert held(found) and found.submit().submitted == 0
    with pytest.raises(Refused) as refused:
        runs.pay_online(found.desk, found.invoice("Ann").id, actor=STAFF)
    assert refused.value.code == "payment_in_progress"
    second = Attempt.objects.get(id=id_)
    second.id, second.n, second.idempotency_key = UUID(int=1), 2, "another"
    with pytest.raises(DatabaseError):  # not even a statement by hand puts a second one beside it
        second.save(force_insert=True)


def test_who_has_it_is_not_disturbed() -> None:
    found = billed("Ann", card="authenticate")
    found.collect()
    id_, now = found.attempt("Ann").id, found.desk.clock.now()
    assert claim_fence(id_, now=now) is not None
    assert runs.fence(found.desk, id_) is None  # one live lease
    assert found.attempt("Ann").state == "requires_action" and at_gateway(found) == "requires_action"


# ------------------------------------------------------------ by the payer


def test_the_payer_confirms_the_same_intent_under_a_key_of_its_own_c15_b39() -> None:
    found = billed("Ann", card="authenticate")
    found.collect()
    gateway, sent = spied(found)
    gateway.confirm = lambda call: replace(call(), action_url="https://bank.example/3ds")
    gateway.fetch = lambda call: replace(call(), action_url=None)
    attempt = found.attempt("Ann")
    url = runs.resume(found.desk, attempt.id, "https://club.example/back")
    assert url == "https://bank.example/3ds"
    ((confirmation, key),) = sent
    assert (confirmation.off_session, confirmation.return_url) == (False, "https://club.example/back")
    assert key not in (attempt.idempotency_key, "") and str(attempt.id) in key
    assert PaymentIntent.objects.count() == Attempt.objects.count() == 1  # never a second one
    assert found.attempt("Ann").state == "requires_action" and found.attempt("Ann").lease_token is None
    runs.resume(found.desk, attempt.id, "https://club.example/back")
    assert len({key for _, key in sent}) == 2  # each time the payer comes, a key that was stored before
    assert found.attempt("Ann").resumes == 2
    found.answer("Ann", "succeeded")
    settled_once(found)


def test_a_page_that_is_open_already_is_shown_again_and_nothing_is_sent() -> None:
    found = billed("Ann", card="authenticate")
    found.collect()
    gateway, sent = spied(found)
    gateway.fetch = lambda call: replace(call(), action_url="https://bank.example/3ds")
    assert runs.resume(found.desk, found.attempt("Ann").id, "x") == "https://bank.example/3ds"
    assert sent == []


def test_nothing_waits_for_a_payer_any_more() -> None:
    found = billed("Ann", card="authenticate")
    found.collect()
    found.world.processor.answer(str(found.party("Ann")), "succeeded", None)
    assert runs.resume(found.desk, found.attempt("Ann").id, "x") is None
    settled_once(found)
    assert runs.resume(found.desk, found.attempt("Ann").id, "x") is None


def test_a_payer_whose_invoice_was_paid_meanwhile_is_not_asked() -> None:
    found = billed("Ann", card="authenticate")
    found.collect()
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=10_000, currency="USD", means="check",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    _, sent = spied(found)
    assert runs.resume(found.desk, found.attempt("Ann").id, "x") is None
    assert sent == [] and found.attempt("Ann").state == "canceled" and at_gateway(found) == "canceled"


def test_a_payer_who_meets_a_silent_gateway_or_another_click_is_told() -> None:
    found = billed("Ann", card="authenticate")
    found.collect()
    gateway, _ = spied(found)
    gateway.confirm = raises(GatewayUnknown("timeout"))
    with pytest.raises(Refused) as refused:
        runs.resume(found.desk, found.attempt("Ann").id, "x")
    assert refused.value.code == "processor_silent"
    assert found.attempt("Ann").state == "requires_action"
    assert claim_fence(found.attempt("Ann").id, now=found.desk.clock.now()) is not None
    with pytest.raises(Refused) as refused:
        runs.resume(found.desk, found.attempt("Ann").id, "x")
    assert refused.value.code == "payment_in_progress"


def test_a_payer_who_fails_at_their_bank_is_declined_and_the_invoice_is_free() -> None:
    found = billed("Ann", card="authenticate")
    found.collect()
    gateway, _ = spied(found)
    declined = {"status": IntentStatus.REQUIRES_PAYMENT_METHOD, "decline_code": "do_not_honor"}
    gateway.confirm = lambda call: replace(call(), **declined)  # type: ignore[arg-type]
    assert runs.resume(found.desk, found.attempt("Ann").id, "x") is None
    assert (found.attempt("Ann").state, held(found)) == ("declined", False)


def test_a_fence_that_the_gateway_refuses_without_having_taken_money_is_looked_at_again() -> None:
    found = billed("Ann", card="authenticate", collect__action_days="1")
    gateway = meddled(found)
    found.collect()
    gateway.cancel = raises(GatewayRejected("Not now.", code=UNEXPECTED_STATE))
    found.advance(days=3)
    assert found.attempt("Ann").state == "requires_action" and held(found)
