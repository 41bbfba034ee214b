"""Refunds through the processor: asked for once, looked up before they are sent, settled however they are told
(A-34 to A-36, P-25; B-26 to B-29, B-31 to B-37, B-49, B-50)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.collecting import Collection
from tests.refunding import again, ask, due, give, given, meddle, paid, payment_of, told
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.approve_refund import approve_refund, turn_down_refund, withdraw_refund
from paidthru.actions.record_refund import record_refund
from paidthru.actions.request_refund import request_refund
from paidthru.actions.send_refund import claim_refund, send_refund
from paidthru.actions.settle_refund import settle_refund
from paidthru.adapters.offline.gateway import OfflineGateway
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.ledger.models import Journal
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import (
    REFUND,
    GatewayKeyReused,
    GatewayNotExecuted,
    GatewayRefund,
    GatewayRejected,
    GatewayUnknown,
    RefundRequest,
    RefundStatus,
)
from paidthru.payments.models import Payment, Refund
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)
BEA = Actor("staff", "Bea Approver")


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code


def lost(call: Callable[[], GatewayRefund]) -> GatewayRefund:
    raise GatewayUnknown("no answer")


def unheard(call: Callable[[], GatewayRefund]) -> GatewayRefund:
    call()
    raise GatewayUnknown("no answer")


def settle(found: Collection, answer: GatewayRefund, refund: Refund | None = None) -> str:
    return settle_refund(
        found.world.organization, answer, refund_id=refund.id if refund else None, actor=STAFF,
        now=found.desk.clock.now(),
    ).state  # fmt: skip


# ---------------------------------------------------------------- asking


def test_a_refund_is_asked_for_with_a_key_and_told_a36() -> None:
    found = paid("Ann")
    gateway = meddle(found)
    refund = give(found, "Ann", 3_000)
    assert (refund.state, refund.number, payment_of(found, "Ann").state) == (
        "succeeded",
        1,
        "partly_refunded",
    )
    (seen,) = given(found, "Ann")
    assert (seen.amount_minor, seen.metadata[REFUND]) == (3_000, str(refund.id))
    assert gateway.keys == [refund.idempotency_key]
    assert (
        str(refund.id) in gateway.keys[0] and (payment_of(found, "Ann").gateway_ref or "?") in gateway.keys[0]
    )
    assert told(found, "Ann") == ["refund_requested", "refund_sent", "refund_done"]
    found.check()


def test_the_amount_is_held_from_the_request_on_a35() -> None:
    found = paid("Ann")
    ask(found, "Ann", 3_000)
    assert payment_of(found, "Ann").refunded_minor == 3_000
    assert refused(lambda: ask(found, "Ann", 7_001)) == "refund_exceeds_payment"
    assert ask(found, "Ann").amount_minor == 7_000
    assert refused(lambda: ask(found, "Ann")) == "refund_exceeds_payment"
    found.check()


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"amount_minor": 0}, "amount_invalid"),
        ({"amount_minor": -1}, "amount_invalid"),
        ({"amount_minor": 10_001}, "refund_exceeds_payment"),
        ({"amount_minor": 100, "currency": "EUR"}, "currency_mismatch"),
    ],
)
def test_what_can_not_be_asked_for(about: dict[str, object], code: str) -> None:
    found = paid("Ann")
    assert refused(lambda: ask(found, "Ann", **about)) == code  # type: ignore[arg-type]
    assert Refund.objects.count() == 0 and payment_of(found, "Ann").refunded_minor == 0


def test_another_organization_s_payment_does_not_exist() -> None:
    found, other = paid("Ann"), paid("Bob", world=a_world(name="Oak Club"))
    organization, now = other.world.organization, other.desk.clock.now()
    theirs = payment_of(found, "Ann").id
    asked = refused(lambda: request_refund(organization, theirs, actor=STAFF, now=now))
    assert asked == refused(lambda: request_refund(organization, new_id(), actor=STAFF, now=now))
    assert asked == "payment_unknown"
    refund = ask(found, "Ann")
    assert refused(lambda: approve_refund(organization, refund.id, actor=STAFF, now=now)) == "refund_unknown"


def test_the_same_click_is_the_same_refund_b19() -> None:
    found = paid("Ann")
    first = ask(found, "Ann", 3_000, key="click 1")
    assert ask(found, "Ann", 3_000, key="click 1").id == first.id
    assert refused(lambda: ask(found, "Ann", 4_000, key="click 1")) == "key_reused"
    assert ask(found, "Ann", 3_000, key="click 2").id != first.id
    assert payment_of(found, "Ann").refunded_minor == 6_000


def test_money_that_no_processor_holds_is_given_back_by_hand() -> None:
    found = paid("Ann")
    Payment.objects.update(means="check", gateway="offline", gateway_ref=None)
    assert refused(lambda: ask(found, "Ann")) == "payment_unsettled"


# ---------------------------------------------------------------- two people


def test_nobody_approves_their_own_e3() -> None:
    found = paid("Ann", staff__separation="on")
    refund = ask(found, "Ann", 3_000)
    assert runs.send_refunds(found.desk) == 0 and refund.state == "requested"
    organization, now = found.world.organization, found.desk.clock.now()
    assert refused(lambda: approve_refund(organization, refund.id, actor=STAFF, now=now)) == "own_request"
    with pytest.raises(IntegrityError), transaction.atomic():  # should the code ever forget it
        Refund.objects.filter(id=refund.id).update(approved_by=STAFF.name)
    approve_refund(organization, refund.id, actor=BEA, now=now)
    assert again(refund).state == "approved"
    runs.send_refunds(found.desk)
    done = again(refund)
    assert (done.state, done.requested_by, done.approved_by) == ("succeeded", STAFF.name, BEA.name)
    assert told(found, "Ann") == ["refund_requested", "refund_approved", "refund_sent", "refund_done"]
    found.check()


def test_two_of_one_name_are_two_and_one_with_two_names_is_one_e3() -> None:
    found = paid("Ann", staff__separation="on")
    organization, now = found.world.organization, found.desk.clock.now()
    first, other = Actor("staff", "Kim Lee", "1"), Actor("staff", "Kim Lee", "2")
    married = Actor("staff", "Kim Park", "1")
    refund = ask(found, "Ann", 3_000, actor=first)
    for same in (first, married, Actor("staff", "Kim Lee")):
        assert refused(lambda: approve_refund(organization, refund.id, actor=same, now=now)) == "own_request"  # noqa: B023
    nobody = Actor("command", "the command line")
    assert refused(lambda: approve_refund(organization, refund.id, actor=nobody, now=now)) == "actor_unnamed"
    assert refused(lambda: ask(found, "Ann", 3_000, actor=nobody)) == "actor_unnamed"
    with pytest.raises(IntegrityError), transaction.atomic():  # should the code ever forget it
        Refund.objects.filter(id=refund.id).update(approved_by="Kim Park", approver_id="1")
    approve_refund(organization, refund.id, actor=other, now=now)
    assert (again(refund).state, again(refund).approver_id) == ("approved", "2")


def test_what_is_turned_down_is_free_again() -> None:
    found = paid("Ann", staff__separation="on")
    organization, now = found.world.organization, found.desk.clock.now()
    refund, own = ask(found, "Ann", 6_000), ask(found, "Ann", 4_000)
    turn_down_refund(organization, refund.id, why="Not due", actor=BEA, now=now)
    turn_down_refund(organization, own.id, actor=STAFF, now=now)
    assert (again(refund).state, again(refund).message, again(own).state) == (
        "refused",
        "Not due",
        "canceled",
    )
    assert payment_of(found, "Ann").refunded_minor == 0
    assert refused(lambda: approve_refund(organization, refund.id, actor=BEA, now=now)) == "refund_concluded"
    assert ask(found, "Ann").amount_minor == 10_000
    found.check()


def test_money_that_is_gone_before_the_approval_is_not_given_back() -> None:
    found = paid("Ann", staff__separation="on")
    refund = ask(found, "Ann", 6_000)
    seen = found.world.processor.refund_elsewhere(payment_of(found, "Ann").gateway_ref or "", 3_000)
    assert settle(found, found.desk.gateway.fetch_refund(seen.object_ref)) == "succeeded"
    approve_refund(found.world.organization, refund.id, actor=BEA, now=found.desk.clock.now())
    runs.send_refunds(found.desk)
    assert again(refund).state == "succeeded" and len(given(found, "Ann")) == 2
    found.check()


def test_an_approved_refund_is_withdrawn_until_it_is_sent() -> None:
    found = paid("Ann")
    refund = ask(found, "Ann")
    assert found.balances()["Refunds payable"] == -10_000
    withdraw_refund(found.world.organization, refund.id, actor=STAFF, now=found.desk.clock.now())
    assert runs.send_refunds(found.desk) == 0
    assert again(refund).state == "canceled" and given(found, "Ann") == []
    assert "Refunds payable" not in found.balances() and "Returns" not in found.balances()
    sent = give(found, "Ann")
    withdrawn = refused(
        lambda: withdraw_refund(found.world.organization, sent.id, actor=STAFF, now=found.desk.clock.now())
    )
    assert withdrawn == "refund_concluded"
    found.check()


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("via", "account"), [("check", "Bank"), ("cash", "Undeposited"), ("transfer", "Bank")]
)
def test_money_given_back_by_hand_g03(via: str, account: str) -> None:
    found = paid("Ann")
    organization, now = found.world.organization, found.desk.clock.now()
    payment = payment_of(found, "Ann")

    def by_hand(amount_minor: int, currency: str = "USD", via: str = via, days: int = 0) -> Refund:
        return record_refund(
            organization, payment.id, amount_minor=amount_minor, currency=currency, via=via, actor=STAFF, now=now,
            given_on=found.desk.today + timedelta(days=days), key="once" if days == 0 else None,
        )  # fmt: skip

    refund = by_hand(2_500)
    assert (by_hand(2_500).id, refund.state) == (refund.id, "succeeded")
    balances = found.balances()
    assert (balances[account], balances["Returns"], balances["Clearing"]) == (-2_500, 2_500, 10_000)
    assert given(found, "Ann") == []
    assert refused(lambda: by_hand(7_501, days=0)) == "key_reused"
    assert refused(lambda: by_hand(1, days=1)) == "past_date"
    assert refused(lambda: by_hand(1, via="doves", days=1)) == "means_unknown"
    assert told(found, "Ann") == ["refund_recorded"]
    found.check()


def test_what_is_recorded_waits_for_a_second_person_too() -> None:
    found = paid("Ann", staff__separation="on")
    organization, now = found.world.organization, found.desk.clock.now()
    refund = record_refund(
        organization, payment_of(found, "Ann").id, amount_minor=100, currency="USD", via="check", actor=STAFF, now=now
    )  # fmt: skip
    assert refund.state == "requested" and "Bank" not in found.balances()
    assert approve_refund(organization, refund.id, actor=BEA, now=now).state == "succeeded"
    assert approve_refund(organization, refund.id, actor=BEA, now=now).state == "succeeded"
    assert found.balances()["Bank"] == -100
    found.check()


# ---------------------------------------------------------------- sending under faults


def test_an_answer_that_is_lost_is_looked_up_b26_b29() -> None:
    found = paid("Ann")
    gateway = meddle(found)
    gateway.create = unheard
    refund = give(found, "Ann", 3_000)
    assert refund.state == "unknown" and len(given(found, "Ann")) == 1
    gateway.create = lambda call: call()
    found.advance(minutes=1)
    assert again(refund).state == "succeeded" and len(given(found, "Ann")) == 1
    assert len(gateway.keys) == 1
    found.check()


def test_a_request_that_is_lost_is_sent_again_with_the_same_key_b27() -> None:
    found = paid("Ann")
    gateway = meddle(found)
    gateway.create = lost
    refund = give(found, "Ann", 3_000)
    found.advance(minutes=15)
    assert again(refund).state == "unknown" and len(gateway.keys) > 2 and len(set(gateway.keys)) == 1
    assert refused(lambda: ask(found, "Ann", 7_001)) == "refund_exceeds_payment"  # it may have happened
    gateway.create = lambda call: call()
    found.advance(hours=2)
    assert again(refund).state == "succeeded" and len(given(found, "Ann")) == 1
    found.check()


def test_an_equal_refund_of_the_same_payment_is_not_taken_for_ours_b33() -> None:
    """Two refunds of one amount are two: the first one's money is no answer to the second one's lost request."""
    found = paid("Ann")
    gateway = meddle(found)
    first = give(found, "Ann", 3_000)
    gateway.create = lost
    second = give(found, "Ann", 3_000)
    assert (first.state, second.state, len(given(found, "Ann"))) == ("succeeded", "unknown", 1)
    gateway.create = lambda call: call()
    found.advance(hours=2)
    assert again(second).state == "succeeded"
    assert sorted(one.metadata[REFUND] for one in given(found, "Ann")) == sorted(
        [str(first.id), str(second.id)]
    )
    found.check()


def test_nothing_is_sent_while_the_look_up_does_not_answer() -> None:
    found = paid("Ann")
    gateway = meddle(found)

    def silent(call: Callable[[], list[GatewayRefund]]) -> list[GatewayRefund]:
        raise GatewayUnknown("no answer")

    gateway.look = silent
    refund = give(found, "Ann", 3_000)
    found.advance(hours=3)
    assert gateway.keys == [] and again(refund).state == "unknown"
    found.check()


def test_after_the_key_s_time_absence_counts_when_it_is_said_twice_b33() -> None:
    """A request may still be on its way when the gateway has forgotten its key: 20 hours on, one look is not enough."""
    found = paid("Ann")
    gateway = meddle(found)
    gateway.create = lost
    refund = give(found, "Ann", 3_000)
    sent = len(gateway.keys)
    gateway.create = lambda call: call()
    found.move(hours=21)
    due(refund)
    runs.send_refunds(found.desk)
    assert (again(refund).state, again(refund).code, len(gateway.keys)) == ("unknown", "not_found_yet", sent)
    runs.look_at_refund(found.desk, refund.id)  # at once: still the same saying
    assert len(gateway.keys) == sent
    found.advance(days=2)
    assert again(refund).state == "succeeded" and len(given(found, "Ann")) == 1
    found.check()


def test_a_zombie_of_an_old_request_is_found_and_not_repeated_b28() -> None:
    found = paid("Ann")
    gateway = meddle(found)
    late: list[Callable[[], GatewayRefund]] = []

    def held_up(call: Callable[[], GatewayRefund]) -> GatewayRefund:
        late.append(call)
        raise GatewayUnknown("no answer")

    gateway.create = held_up
    refund = give(found, "Ann", 3_000)
    found.move(hours=25)
    due(refund)
    runs.send_refunds(found.desk)
    late[0]()  # it arrives after all, under a key that the gateway has forgotten
    found.advance(days=3)
    assert again(refund).state == "succeeded" and len(given(found, "Ann")) == 1
    found.check()


def test_a_key_that_came_with_other_parameters_stops_it_b32() -> None:
    found = paid("Ann")
    gateway = meddle(found)

    def reused(call: Callable[[], GatewayRefund]) -> GatewayRefund:
        raise GatewayKeyReused("other parameters", code="idempotency_error")

    gateway.create = reused
    refund = give(found, "Ann", 3_000)
    gateway.create = lambda call: call()
    sent = len(gateway.keys)
    found.advance(days=3)
    assert (again(refund).state, len(gateway.keys)) == ("unknown", sent)
    assert again(refund).code == "idempotency_error"
    found.check()


def test_who_is_turned_away_asks_again_b30_b31() -> None:
    found = paid("Ann", "Bob")
    gateway = meddle(found)

    def revoked(call: Callable[[], GatewayRefund]) -> GatewayRefund:
        raise GatewayNotExecuted("no such key", opens_circuit=True)

    gateway.create = revoked
    refunds = [ask(found, "Ann", 3_000), ask(found, "Bob", 3_000)]
    runs.send_refunds(found.desk)
    assert len(gateway.keys) == 1  # the rest waits
    assert [again(one).state for one in refunds] == ["submitted", "approved"]
    gateway.create = lambda call: call()
    found.advance(hours=2)
    assert [again(one).state for one in refunds] == ["succeeded", "succeeded"]
    found.check()


def test_what_the_gateway_refuses_is_free_again_b50() -> None:
    found = paid("Ann")
    gateway = meddle(found)

    def no(call: Callable[[], GatewayRefund]) -> GatewayRefund:
        raise GatewayRejected("disputed", code="payment_disputed")

    gateway.create = no
    refund = give(found, "Ann", 3_000)
    assert (refund.state, refund.code) == ("rejected", "payment_disputed")
    assert payment_of(found, "Ann").refunded_minor == 0 and "Returns" not in found.balances()
    assert told(found, "Ann") == ["refund_requested", "refund_rejected"]
    found.check()


def test_a_refusal_of_a_resend_may_be_about_our_own_earlier_request() -> None:
    """The first request took effect, is not shown yet, and used up what there was: that is no refusal."""
    found = paid("Ann")
    gateway = meddle(found)
    gateway.create = unheard
    refund = give(found, "Ann")
    looks: list[int] = []

    def lagging(call: Callable[[], list[GatewayRefund]]) -> list[GatewayRefund]:
        looks.append(1)
        return [] if len(looks) == 1 else call()

    def exceeds(call: Callable[[], GatewayRefund]) -> GatewayRefund:
        raise GatewayRejected("nothing left", code="refund_exceeds_payment")

    gateway.look, gateway.create = lagging, exceeds
    due(refund)
    runs.send_refunds(found.desk)
    assert again(refund).state == "succeeded"
    found.check()


def test_a_frozen_installation_gives_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A restored database of a live organization may have given it back already (B-63)."""
    found = paid("Ann")
    refund = ask(found, "Ann", 3_000)
    monkeypatch.setattr("paidthru.payments.queries.gates.frozen_why", lambda: "restored from a backup")
    monkeypatch.setattr(Organization, "is_sandbox", False)
    asked = refused(lambda: claim_refund(found.world.organization, refund.id, now=found.desk.clock.now()))
    assert asked == "billing_frozen"
    assert runs.send_refunds(found.desk) == 0 and again(refund).state == "approved"
    assert given(found, "Ann") == []


def test_a_deadline_that_has_passed_stops_the_send_b6() -> None:
    found = paid("Ann")
    refund = ask(found, "Ann", 3_000)
    held = claim_refund(found.world.organization, refund.id, now=found.desk.clock.now())
    assert held is not None
    assert claim_refund(found.world.organization, refund.id, now=found.desk.clock.now()) is None  # one lease
    Refund.objects.filter(id=refund.id).update(send_deadline="2000-01-01T00:00:00+00:00")
    assert send_refund(held, found.desk.gateway) is None
    assert given(found, "Ann") == []


def test_a_payment_of_another_gateway_is_not_sent_there() -> None:
    found = paid("Ann")
    Payment.objects.update(gateway="another")
    refund = give(found, "Ann", 3_000)
    assert (refund.state, refund.code) == ("rejected", "other_gateway")
    assert given(found, "Ann") == []


# ---------------------------------------------------------------- settling


def test_while_no_gateway_can_be_asked_it_waits() -> None:
    """Keys that don't open here say nothing of a refund: it goes out when they do."""
    found = paid("Ann")
    refund = ask(found, "Ann", 3_000)
    there = found.desk
    found.world.desk = replace(there, gateway=OfflineGateway("The key does not open."))
    runs.send_refunds(found.desk)
    waiting = again(refund)
    assert (waiting.state, waiting.code, waiting.first_sent_at) == ("approved", "other_gateway", None)
    assert waiting.next_look_at is not None and waiting.next_look_at > found.desk.clock.now()
    held = claim_refund(found.world.organization, refund.id, now=found.desk.clock.now())
    assert held is not None and isinstance(send_refund(held, found.desk.gateway), GatewayNotExecuted)
    Refund.objects.update(lease_token=None, lease_until=None)
    found.world.desk = there
    found.move(hours=1)
    runs.send_refunds(found.desk)
    assert again(refund).state == "succeeded"
    assert len(given(found, "Ann")) == 1
    found.check()


def test_said_twenty_times_it_is_booked_once_b51() -> None:
    found = paid("Ann")
    refund = give(found, "Ann", 3_000)
    (seen,) = given(found, "Ann")
    for _ in range(20):
        assert settle(found, seen) == "succeeded"
        assert settle(found, seen, refund) == "succeeded"
    assert Journal.objects.filter(source_kind="refund").count() == 2
    assert Refund.objects.count() == 1 and len(told(found, "Ann")) == 3
    found.check()


def test_word_of_it_before_our_own_answer_b53() -> None:
    found = paid("Ann")
    gateway = meddle(found)

    def overtaken(call: Callable[[], GatewayRefund]) -> GatewayRefund:
        answer = call()
        assert settle(found, answer) == "succeeded"  # the webhook wins
        return answer

    gateway.create = overtaken
    refund = give(found, "Ann", 3_000)
    assert refund.state == "succeeded" and Refund.objects.count() == 1
    found.check()


def test_a_success_turns_into_a_failure_and_stays_one_b49() -> None:
    found = paid("Ann")
    refund = give(found, "Ann", 3_000)
    (succeeded,) = given(found, "Ann")
    found.world.processor.fail_refund(succeeded.ref, "account_closed")
    (failed,) = given(found, "Ann")
    for answer in (failed, succeeded, failed, succeeded):  # an old word comes late
        assert settle(found, answer) == "failed"
    done = again(refund)
    assert (done.state, done.code, done.message) == ("failed", "account_closed", "The account is closed.")
    assert payment_of(found, "Ann").state == "succeeded"
    assert found.balances()["Clearing"] == 10_000
    assert told(found, "Ann")[-1] == "refund_failed"
    assert give(found, "Ann").state == "succeeded"  # all of it can be given back again
    found.check()


@pytest.mark.parametrize(
    "change",
    [{"amount_minor": 2_999}, {"currency": "EUR"}, {"livemode": True}, {"intent_ref": "pi_of_somebody_else"}],
)
def test_an_answer_about_other_money_is_for_a_person_b35_b37(change: dict[str, object]) -> None:
    found = paid("Ann")
    gateway = meddle(found)

    def tampered(call: Callable[[], GatewayRefund]) -> GatewayRefund:
        answer = call()
        fields = {name: getattr(answer, name) for name in answer.__slots__}
        return GatewayRefund(**(fields | change))

    gateway.create = tampered
    refund = give(found, "Ann", 3_000)
    assert (refund.state, refund.code, refund.gateway_ref) == ("unknown", "mismatch", None)
    assert found.balances()["Clearing"] == 10_000


def test_a_refund_made_past_us_makes_room_for_itself() -> None:
    found = paid("Ann")
    gateway = meddle(found)
    gateway.create = lost
    in_flight = give(found, "Ann", 3_000)
    waiting = ask(found, "Ann", 4_000)
    event = found.world.processor.refund_elsewhere(payment_of(found, "Ann").gateway_ref or "", 9_000)
    answer = found.desk.gateway.fetch_refund(event.object_ref)
    assert settle(found, answer) == settle(found, answer) == "succeeded"
    assert (again(in_flight).state, again(waiting).state) == ("rejected", "canceled")
    made = Refund.objects.get(gateway_ref=event.object_ref)
    assert (made.amount_minor, made.requested_by, made.state) == (9_000, "the processor", "succeeded")
    assert payment_of(found, "Ann").refunded_minor == 9_000
    assert told(found, "Ann")[-1] == "refund_found"
    found.check()


def test_a_refund_that_a_restored_backup_forgot_is_found_under_its_own_id() -> None:
    """C.11: its marker was lost; it is rebuilt from the gateway, and not made again."""
    found = paid("Ann")
    payment = payment_of(found, "Ann")
    lost_id = new_id()
    attempt = payment.attempt
    assert attempt is not None
    request = RefundRequest(
        attempt.intent.gateway_ref or "", payment.gateway_ref or "", 3_000, "USD", {REFUND: str(lost_id)}
    )  # fmt: skip
    answer = found.desk.gateway.create_refund(request, key="made before the restore")
    assert settle(found, answer) == "succeeded"
    assert Refund.objects.get().id == lost_id
    assert refused(lambda: ask(found, "Ann", 7_001)) == "refund_exceeds_payment"
    found.check()


def test_a_backup_that_still_says_requested_learns_that_it_was_given() -> None:
    found = paid("Ann", staff__separation="on")
    refund = ask(found, "Ann", 3_000)
    organization, now = found.world.organization, found.desk.clock.now()
    turn_down_refund(
        organization, refund.id, actor=BEA, now=now
    )  # the second time; the first time it was approved
    payment = payment_of(found, "Ann")
    assert payment.attempt is not None
    request = RefundRequest(
        payment.attempt.intent.gateway_ref or "", payment.gateway_ref or "", 3_000, "USD", {REFUND: str(refund.id)}
    )  # fmt: skip
    answer = found.desk.gateway.create_refund(request, key="made before the restore")
    assert settle(found, answer) == "succeeded"
    assert again(refund).state == "succeeded" and payment_of(found, "Ann").refunded_minor == 3_000
    found.check()


def test_a_refund_of_nobody_s_payment_is_refused_by_name() -> None:
    found = paid("Ann")
    give(found, "Ann", 3_000)
    (seen,) = given(found, "Ann")
    stranger = GatewayRefund(
        "re_x", "pi_x", "ch_x", 100, "USD", RefundStatus.SUCCEEDED, False, seen.created_at
    )  # fmt: skip
    assert refused(lambda: settle(found, stranger)) == "payment_unknown"
    nonsense = GatewayRefund(
        "re_y", seen.intent_ref, seen.charge_ref, 99_999, "USD", RefundStatus.SUCCEEDED, False, seen.created_at
    )  # fmt: skip
    assert refused(lambda: settle(found, nonsense)) == "refund_exceeds_payment"
    foreign = GatewayRefund(
        "re_z", seen.intent_ref, seen.charge_ref, 1, "EUR", RefundStatus.SUCCEEDED, False, seen.created_at
    )  # fmt: skip
    assert refused(lambda: settle(found, foreign)) == "currency_mismatch"
    assert Refund.objects.count() == 1
    found.check()


# ---------------------------------------------------------------- crossing a dispute


def test_a_payment_in_dispute_is_not_refunded_b20() -> None:
    found = paid("Ann")
    refund = ask(found, "Ann", 3_000)
    Payment.objects.update(disputed_minor=10_000)
    assert refused(lambda: ask(found, "Ann", 1)) == "payment_disputed"
    assert runs.send_refunds(found.desk) == 0
    assert (again(refund).state, again(refund).code) == ("canceled", "payment_disputed")
    assert given(found, "Ann") == [] and payment_of(found, "Ann").refunded_minor == 0


def test_one_that_may_be_out_is_only_looked_for_while_the_payment_is_disputed() -> None:
    found = paid("Ann")
    gateway = meddle(found)
    gateway.create = lost
    refund = give(found, "Ann", 3_000)
    gateway.create = lambda call: call()
    sent = len(gateway.keys)
    Payment.objects.update(disputed_minor=10_000)
    due(refund)
    runs.send_refunds(found.desk)
    assert (again(refund).state, len(gateway.keys)) == ("unknown", sent)
    Payment.objects.update(disputed_minor=0)
    found.advance(hours=2)
    assert again(refund).state == "succeeded"
    found.check()


def test_what_went_out_after_it_was_taken_back_is_owed_by_the_member_b20() -> None:
    """The dispute is known and lost first; then it comes to light that the refund had gone through too."""
    found = paid("Ann")
    gateway = meddle(found)
    gateway.create = unheard
    event = found.world.processor.refund_elsewhere(payment_of(found, "Ann").gateway_ref or "", 10_000)
    Payment.objects.filter(id=payment_of(found, "Ann").id).update(reversed_minor=10_000)
    for allocation in payment_of(found, "Ann").allocations.all():
        allocation.reversed_minor = allocation.amount_minor
        allocation.save()
    assert settle(found, found.desk.gateway.fetch_refund(event.object_ref)) == "succeeded"
    recovery = Invoice.objects.get(kind="recovery")
    assert (recovery.total_minor, recovery.balance_minor, recovery.state) == (10_000, 10_000, "sent")
    assert told(found, "Ann")[-1] == "refund_crossed"
    assert settle(found, found.desk.gateway.fetch_refund(event.object_ref)) == "succeeded"
    assert Invoice.objects.filter(kind="recovery").count() == 1


def test_what_went_out_by_hand_and_at_the_processor_too_is_owed_by_the_member() -> None:
    found = paid("Ann")
    organization, now = found.world.organization, found.desk.clock.now()
    record_refund(
        organization, payment_of(found, "Ann").id, amount_minor=8_000, currency="USD", via="check", actor=STAFF, now=now
    )  # fmt: skip
    event = found.world.processor.refund_elsewhere(payment_of(found, "Ann").gateway_ref or "", 6_000)
    assert settle(found, found.desk.gateway.fetch_refund(event.object_ref)) == "succeeded"
    assert payment_of(found, "Ann").refunded_minor == 10_000
    assert Invoice.objects.get(kind="recovery").balance_minor == 4_000
    assert found.balances()["Clearing"] == 4_000
    found.check()
    found.world.processor.fail_refund(event.object_ref, "declined")
    assert settle(found, found.desk.gateway.fetch_refund(event.object_ref)) == "failed"
    last = Event.objects.filter(verb="refund_failed").latest("id")
    assert "credit it" in last.why  # the invoice that asked for what nobody has twice any more
    assert payment_of(found, "Ann").refunded_minor == 8_000
    found.check()
