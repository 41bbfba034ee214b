"""What a gateway, a database or an operator does wrong: nothing is charged twice, nothing settled that isn't ours."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from tests.collecting import Collection, billed, lease_ends, meddled
from tests.world import STAFF

from paidthru import runs
from paidthru.actions import settle as settling
from paidthru.actions.charge import claim, send
from paidthru.actions.record_payment import record_payment
from paidthru.actions.settle import settle
from paidthru.kernel.errors import Refused
from paidthru.membership.operations import after_payment
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import (
    NO_SUCH_INTENT,
    UNEXPECTED_STATE,
    GatewayIntent,
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayNotExecuted,
    GatewayRejected,
    GatewayUnknown,
    IntentStatus,
)
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, IntentInvoice, Payment, PaymentIntent
from paidthru.timeline.operations import again_on_conflict

pytestmark = pytest.mark.django_db(transaction=True)


def raises(error: Exception) -> Callable[[object], GatewayIntent]:
    def meddle(_: object) -> GatewayIntent:
        raise error

    return meddle


def once(error: Exception, *, after: bool = False) -> Callable[[Callable[[], GatewayIntent]], GatewayIntent]:
    """The first call fails, before or after it took effect."""
    left = [error]

    def meddle(call: Callable[[], GatewayIntent]) -> GatewayIntent:
        if not left:
            return call()
        if after:
            call()
        raise left.pop()

    return meddle


def settled_once(found: Collection, name: str = "Ann") -> None:
    assert (found.charged(), len(found.payments(name)), found.invoice(name).state) == (1, 1, "paid")
    found.check()


def held(found: Collection) -> bool:
    return IntentInvoice.objects.filter(open=True).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_minor": 10_001, "received_minor": 10_001}, {"currency": "EUR"}, {"customer_ref": "somebody else"},
        {"livemode": True}, {"ref": "pi_of_another"}, {"received_minor": 0}, {"received_minor": 10_001},
    ],
    ids="-".join,
)  # fmt: skip
def test_an_answer_about_other_money_is_for_a_person_b35_b37(wrong: dict[str, object]) -> None:
    found = billed("Ann")
    meddled(found).confirm = lambda call: replace(call(), **wrong)  # type: ignore[arg-type]
    found.collect()
    attempt = found.attempt("Ann")
    assert (attempt.state, attempt.decline_code, found.label("Ann")) == (
        "needs_review",
        "mismatch",
        "Unknown",
    )
    assert not Payment.objects.exists()
    assert held(found) and found.listed() == {}  # it blocks, so that nobody charges beside it
    assert found.submit().submitted == 0
    found.advance(days=10)
    runs.retrieve(found.desk)
    assert found.states("Ann") == ["needs_review"]


def test_part_of_the_amount_pays_part_of_the_invoice_b40() -> None:
    found = billed("Ann")
    meddled(found).confirm = lambda call: replace(call(), received_minor=6_000)
    found.collect()
    assert (found.attempt("Ann").state, found.invoice("Ann").balance_minor) == ("succeeded", 4_000)


def test_turned_away_is_no_attempt_and_no_decline_b30() -> None:
    found = billed(*[f"M{n}" for n in range(4)])
    gateway = meddled(found)
    gateway.confirm = raises(GatewayNotExecuted("Too many requests.", retry_after=timedelta(seconds=8)))
    found.collect()
    assert {one.state for one in Attempt.objects.all()} == {"submitted"}
    assert len(gateway.keys) == 2  # the first was turned away, so the others were not even sent
    paused = runs.sending_paused(found.desk)
    assert paused is not None and paused.code == ""
    assert timedelta(seconds=8) <= paused.until - found.desk.clock.now() <= timedelta(seconds=10)
    for _ in range(5):
        runs.retrieve(found.desk)
        found.move(seconds=20)
    gateway.confirm = lambda call: call()
    found.advance(minutes=30)
    for name in found.members:
        assert (found.states(name), found.attempt(name).n) == (["succeeded"], 1)
        assert found.membership(name).unpaid_since is None
    assert found.charged() == 4 and len(set(gateway.keys)) == 8  # the same two keys for each, however often
    found.check()


def test_an_account_that_is_refused_stops_the_pass_b31() -> None:
    found = billed(*[f"M{n:02}" for n in range(30)])
    gateway = meddled(found)
    calls = iter(range(1_000))

    def revoked(call: Callable[[], GatewayIntent]) -> GatewayIntent:
        if next(calls) < 5:
            return call()
        raise GatewayNotExecuted("The key was revoked.", opens_circuit=True, code="api_key_revoked")

    gateway.create = revoked
    found.submit()
    assert runs.collect_unsent(found.desk) == 6
    states = [one.state for one in Attempt.objects.order_by("id")]
    assert states == ["succeeded"] * 5 + ["submitted"] * 15 + ["created"] * 10
    assert next(calls) == 6  # one refusal is enough
    assert not Attempt.objects.filter(lease_token__isnull=False).exists()
    gateway.create = lambda call: call()
    found.advance(minutes=2)
    assert {one.state for one in Attempt.objects.all()} == {"succeeded"}
    assert found.charged() == 30
    found.check()


def test_a_key_that_came_with_other_parameters_is_for_a_person_b32() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = raises(GatewayKeyReused("Other parameters.", code="idempotency_error"))
    found.collect()
    assert found.attempt("Ann").state == "needs_review" and held(found)
    keys = list(gateway.keys)
    runs.retrieve(found.desk)
    found.advance(days=1)
    assert gateway.keys == keys and found.charged() == 0  # never a new key


def test_a_key_in_use_is_waited_for() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = once(GatewayKeyInUse("Being worked on."))
    found.collect()
    assert found.attempt("Ann").state == "submitted"
    found.advance(minutes=1)
    settled_once(found)


@pytest.mark.parametrize("call", ["create", "confirm"])
@pytest.mark.parametrize("after", [False, True], ids=["without effect", "with effect"])
@pytest.mark.parametrize(
    "error", [GatewayUnknown("500"), ConnectionResetError("reset")], ids=["5xx", "other"]
)
def test_an_error_of_the_gateways_is_looked_up_never_taken_for_no_b26_b29(
    call: str, after: bool, error: Exception
) -> None:
    found = billed("Ann")
    gateway = meddled(found)
    setattr(gateway, call, once(error, after=after))
    found.collect()  # an error of an adapter's own says as little
    assert found.attempt("Ann").state == "unknown"
    assert held(found) and found.submit().submitted == 0
    found.advance(minutes=5)
    settled_once(found)
    assert found.states("Ann") == ["succeeded"]


def test_an_intent_that_the_gateway_does_not_know_is_no_proof_b34() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    found.behave("Ann", "silent")
    found.collect()
    gateway.fetch = raises(GatewayRejected("No such intent.", code=NO_SUCH_INTENT))
    runs.retrieve(found.desk)
    assert found.attempt("Ann").state == "needs_review" and held(found)


def test_bad_data_frees_the_invoice_and_is_looked_into() -> None:
    found = billed("Ann")
    meddled(found).confirm = raises(GatewayRejected("No such method.", code="no_such_method"))
    found.collect()
    assert (found.attempt("Ann").state, found.label("Ann"), held(found)) == ("rejected", "Unknown", False)


def test_an_intent_that_was_canceled_elsewhere_frees_the_invoice_b41() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = lambda call: replace(call(), status=IntentStatus.CANCELED, received_minor=0)
    found.collect()
    assert (found.states("Ann"), held(found)) == (["canceled"], False)
    gateway.confirm = lambda call: call()
    found.behave("Ann", "accept")
    assert found.listed() == {"Ann": ""}


def test_a_check_while_the_answer_is_out_fences_what_was_not_confirmed_b18() -> None:
    found = billed("Ann")
    gateway = meddled(found)
    gateway.confirm = once(GatewayUnknown("reset"))
    found.collect()
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=10_000, currency="USD", means="check",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    found.advance(minutes=5)
    attempt = found.attempt("Ann")
    assert (attempt.state, attempt.intent.state, found.charged()) == ("canceled", "closed", 0)
    assert found.desk.gateway.fetch_intent(attempt.intent.gateway_ref or "").status == "canceled"
    found.check()


def test_what_can_no_longer_be_fenced_is_settled_b18() -> None:
    found = billed("Ann")
    found.behave("Ann", "silent_but_charges")
    found.collect()
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=10_000, currency="USD", means="check",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    found.answer("Ann", "succeeded")
    assert found.states("Ann") == ["succeeded"]
    assert [payment.unallocated_minor for payment in found.payments("Ann")] == [0, 10_000]
    found.check()


def test_an_old_intent_that_moved_on_stops_the_new_one() -> None:
    """Taken for declined, but it can't be canceled: the money may have come on it, so nothing is charged beside it."""
    found = billed("Ann")
    gateway = meddled(found)
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=1_000, currency="USD", means="check",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    found.behave("Ann", "accept")
    gateway.cancel = raises(GatewayRejected("It has succeeded.", code=UNEXPECTED_STATE))
    found.collect()
    assert (found.states("Ann"), found.charged()) == (["declined", "needs_review"], 0)
    assert PaymentIntent.objects.filter(state="open", gateway_ref__isnull=True).exists()


def test_money_that_comes_for_an_ended_attempt_ends_the_later_one_b28() -> None:
    """A request of the first attempt arrives after the second was opened: the intent succeeds once, and so do we."""
    found = billed("Ann")
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    first = found.attempt("Ann")
    found.submit()
    found.behave("Ann", "accept")
    ref = first.intent.gateway_ref or ""
    held_now = claim(found.attempt("Ann").id, now=found.desk.clock.now())
    assert held_now is not None
    answer = send(held_now, found.desk.gateway)
    assert isinstance(answer, GatewayIntent)
    organization, now = found.world.organization, found.desk.clock.now()
    told = replace(answer, metadata={"attempt": str(first.id)})
    settle(organization, first.id, told, actor=STAFF, now=now)
    assert found.states("Ann") == ["succeeded", "canceled"]
    for id_ in (held_now.attempt_id, first.id):
        settle(organization, id_, found.desk.gateway.fetch_intent(ref), actor=STAFF, now=now)
    assert found.states("Ann") == ["succeeded", "canceled"]
    settled_once(found)


def test_who_lost_the_lease_or_the_deadline_does_not_send_b6() -> None:
    found = billed("Ann", "Bob", "Cid")
    found.submit()
    clock = found.desk.clock
    late, robbed, closed = (claim(found.attempt(name).id, now=clock.now()) for name in ("Ann", "Bob", "Cid"))
    assert late and robbed and closed
    Attempt.objects.filter(id=late.attempt_id).update(
        send_deadline=datetime.fromisoformat("2000-01-01T00:00Z")
    )
    lease_ends(found.attempt("Bob"))
    other = claim(robbed.attempt_id, now=clock.now())
    assert other is not None and other.lease != robbed.lease
    Attempt.objects.filter(id=closed.attempt_id).update(state="canceled")
    assert [send(one, found.desk.gateway) for one in (late, robbed, closed)] == [None, None, None]
    assert found.charged() == 0
    answer = send(other, found.desk.gateway)
    assert isinstance(answer, GatewayIntent) and found.charged() == 1
    assert claim(other.attempt_id, now=clock.now()) is None  # one live lease


def test_a_deadline_that_has_passed_gives_the_lease_back_b6(monkeypatch: pytest.MonkeyPatch) -> None:
    found = billed("Ann")
    monkeypatch.setattr("paidthru.actions.charge.claiming.SEND_WITHIN_SECONDS", 0)
    found.collect()
    assert (found.attempt("Ann").state, found.attempt("Ann").lease_token) == ("submitted", None)
    monkeypatch.undo()
    found.advance(minutes=5)
    settled_once(found)


def test_a_connection_that_is_lost_while_settling_is_taken_up_again_b59(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = billed("Ann")
    found.submit()
    real, lost = after_payment, list[bool]()

    def cut(*args: Any, **kwargs: Any) -> object:
        if not lost:
            lost.append(True)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return real(*args, **kwargs)

    monkeypatch.setattr(settling, "after_payment", cut)
    assert runs.collect_unsent(found.desk) == 1
    assert lost and found.states("Ann") == ["succeeded"]
    settled_once(found)


def test_an_answer_that_was_settled_but_not_heard_of_is_settled_once_b5() -> None:
    found = billed("Ann")
    found.submit()
    held_now = claim(found.attempt("Ann").id, now=found.desk.clock.now())
    assert held_now is not None
    answer = send(held_now, found.desk.gateway)
    assert answer is not None
    for _ in range(3):  # the commit went through, its answer did not: so it is done again
        settle(
            found.world.organization, held_now.attempt_id, answer, actor=STAFF, now=found.desk.clock.now(),
            lease=held_now.lease,
        )  # fmt: skip
    settled_once(found)


def test_real_money_is_not_charged_on_a_database_that_may_forget_b62() -> None:
    found = billed("Ann")
    found.submit()
    PaymentIntent.objects.update(livemode=True)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        with pytest.raises(Refused) as refused:
            claim(found.attempt("Ann").id, now=found.desk.clock.now())
        cursor.execute("RESET synchronous_commit")
    assert refused.value.code == "database_unsafe"
    assert found.attempt("Ann").state == "created"


def test_a_unit_that_the_database_gave_up_is_run_again_and_not_for_ever_b22() -> None:
    class DeadlockError(Exception):
        sqlstate = "40P01"

    left = [4]

    def act() -> str:
        if left[0]:
            left[0] -= 1
            raise OperationalError("deadlock detected") from DeadlockError()
        return "done"

    assert again_on_conflict(act) == "done"
    left[0] = 5
    with pytest.raises(OperationalError):
        again_on_conflict(act)


def test_a_stopped_worker_leaves_everything_where_it_is() -> None:
    found = billed("Ann")
    found.submit()
    Organization.objects.update(worker_stopped=True)
    runs.work(found.desk)
    assert found.states("Ann") == ["created"] and found.states("Ann")[0] in OPEN_ATTEMPT
