"""An attempt that needs a person: one proposes with evidence, another approves, and the gateway has the last word."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.collecting import Collection, Meddling, billed, broken, meddled
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.keep_stray import keep_stray
from paidthru.actions.review_attempt import propose, withdraw
from paidthru.kernel.errors import Refused
from paidthru.organizations.operations import set_policy
from paidthru.payments.gateway import (
    GatewayIntent,
    GatewayKeyReused,
    GatewayRejected,
    GatewayUnknown,
    IntentStatus,
)
from paidthru.payments.models import Attempt, PaymentIntent, Review
from paidthru.payments.queries.proposals import needing_review, proposals, reviews_of
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)
LEE = Actor("staff", "Lee Approver")


def in_review(*, charged: bool, name: str = "Maple Club") -> tuple[Collection, Meddling]:
    """Ann's confirmation was answered with nonsense about its key: did the money move?"""
    found = billed("Ann", world=a_world(name=name))
    gateway = meddled(found)

    def nonsense(call: object) -> GatewayIntent:
        if charged:
            call()  # type: ignore[operator]
        raise GatewayKeyReused("This key came with other parameters.", code="idempotency")

    gateway.confirm = nonsense
    found.collect()
    gateway.confirm = lambda call: call()
    assert found.states("Ann") == ["needs_review"]
    return found, gateway


def proposed(found: Collection, outcome: str, **more: str) -> Review:
    return propose(
        found.world.organization, found.attempt("Ann").id, outcome=outcome,
        evidence=more.pop("evidence", "Seen on the gateway's page on 5 January."), actor=STAFF,
        now=found.desk.clock.now(), **more,
    )  # fmt: skip


def refused(act: object) -> str:
    with pytest.raises(Refused) as refusal:
        act()  # type: ignore[operator]
    assert refusal.value.fix
    return refusal.value.code


def separate(found: Collection) -> None:
    set_policy(found.world.organization, "staff.separation", "on", actor="Pat", now=found.desk.clock.now())


def test_while_it_needs_a_person_nothing_else_collects_it() -> None:
    found, _ = in_review(charged=False)
    found.advance(days=30)
    assert (found.states("Ann"), found.label("Ann"), found.listed()) == (["needs_review"], "Unknown", {})
    assert [one.id for one in needing_review(found.world.organization.id)] == [found.attempt("Ann").id]


def test_money_that_came_is_settled_by_what_the_gateway_says() -> None:
    found, _ = in_review(charged=True)
    review = proposed(found, "succeeded")
    assert proposals([found.attempt("Ann").id]) == {found.attempt("Ann").id: review}
    runs.approve_review(found.desk, review.id, actor=LEE)
    assert found.states("Ann") == ["succeeded"]
    assert (found.invoice("Ann").state, len(found.payments("Ann")), found.charged()) == ("paid", 1, 1)
    review.refresh_from_db()
    assert (review.state, review.approved_by) == ("approved", "Lee Approver")
    told = Event.objects.filter(verb__startswith="review").order_by("id")
    assert [(one.verb, one.actor) for one in told] == [
        ("review_proposed", STAFF.name), ("review_approved", "Lee Approver"),
    ]  # fmt: skip
    found.check()


def test_evidence_does_not_contradict_the_gateway() -> None:
    found, _ = in_review(charged=False)
    review = proposed(found, "succeeded")
    assert refused(lambda: runs.approve_review(found.desk, review.id, actor=LEE)) == "gateway_disagrees"
    withdraw(found.world.organization, review.id, actor=STAFF, now=found.desk.clock.now())
    charged, _ = in_review(charged=True, name="Elm Club")
    for outcome in ("declined", "canceled"):
        other = proposed(charged, outcome)
        assert (
            refused(lambda id_=other.id: runs.approve_review(charged.desk, id_, actor=LEE))
            == "gateway_disagrees"
        )
        withdraw(charged.world.organization, other.id, actor=STAFF, now=charged.desk.clock.now())
    assert charged.states("Ann") == found.states("Ann") == ["needs_review"]
    assert [one.state for one in reviews_of(charged.attempt("Ann").id)] == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize("outcome", ["declined", "canceled"])
def test_what_brought_no_money_is_fenced_and_frees_the_invoice(outcome: str) -> None:
    found, _ = in_review(charged=False)
    review = proposed(found, outcome)
    runs.approve_review(found.desk, review.id, actor=LEE)
    attempt = found.attempt("Ann")
    assert (attempt.state, attempt.intent.state, found.label("Ann")) == (outcome, "closed", "Not Settled")
    assert found.desk.gateway.fetch_intent(attempt.intent.gateway_ref or "").status == "canceled"
    assert (found.membership("Ann").unpaid_since is not None) is (outcome == "declined")
    assert found.listed() == {"Ann": ""}
    found.collect()
    assert found.states("Ann") == [outcome, "succeeded"]
    assert PaymentIntent.objects.count() == 2
    assert found.charged() == 1
    found.check()


def test_money_of_another_amount_is_taken_for_what_it_is_when_people_agree_b35() -> None:
    found = billed("Ann")
    gateway = meddled(found)

    def other_money(call: Callable[[], GatewayIntent]) -> GatewayIntent:
        return replace(call(), amount_minor=9_000, received_minor=9_000)

    gateway.confirm = gateway.fetch = other_money
    found.collect()
    assert found.states("Ann") == ["needs_review"]
    runs.approve_review(found.desk, proposed(found, "succeeded").id, actor=LEE)
    (payment,) = found.payments("Ann")
    assert (found.states("Ann"), payment.amount_minor, found.invoice("Ann").balance_minor) == (
        ["succeeded"], 9_000, 1_000,
    )  # fmt: skip


def test_money_of_another_currency_is_not_settled_by_anybody() -> None:
    found, gateway = in_review(charged=True)
    gateway.fetch = lambda call: replace(call(), currency="EUR")
    review = proposed(found, "succeeded")
    assert refused(lambda: runs.approve_review(found.desk, review.id, actor=LEE)) == "gateway_disagrees"
    assert found.payments("Ann") == []


def test_a_gateway_that_does_not_answer_decides_nothing() -> None:
    found, gateway = in_review(charged=True)
    review = proposed(found, "canceled")

    def silent(call: object) -> GatewayIntent:
        raise GatewayUnknown("no answer")

    gateway.fetch = silent
    assert refused(lambda: runs.approve_review(found.desk, review.id, actor=LEE)) == "gateway_silent"
    assert Review.objects.get().state == "proposed"


def test_an_intent_that_was_never_bound_is_settled_on_evidence_with_the_gateways_reference() -> None:
    unbound = billed("Ann")
    gateway = meddled(unbound)

    def nonsense(call: object) -> GatewayIntent:
        raise GatewayKeyReused("This key came with other parameters.", code="idempotency")

    gateway.create = nonsense
    unbound.collect()
    assert (unbound.states("Ann"), unbound.attempt("Ann").intent.gateway_ref) == (["needs_review"], None)
    assert refused(lambda: proposed(unbound, "succeeded")) == "charge_ref_missing"
    review = proposed(unbound, "succeeded", charge_ref="ch_on_the_statement")
    runs.approve_review(unbound.desk, review.id, actor=LEE)
    (payment,) = unbound.payments("Ann")
    assert (payment.gateway_ref, payment.amount_minor, unbound.invoice("Ann").state) == (
        "ch_on_the_statement", 10_000, "paid",
    )  # fmt: skip


def test_nobody_approves_their_own_where_the_two_are_kept_apart() -> None:
    found, _ = in_review(charged=True)
    separate(found)
    review = proposed(found, "succeeded")
    assert refused(lambda: runs.approve_review(found.desk, review.id, actor=STAFF)) == "own_request"
    with pytest.raises(IntegrityError), transaction.atomic():  # nor by any other way
        Review.objects.filter(id=review.id).update(state="approved", approved_by=STAFF.name)
    runs.approve_review(found.desk, review.id, actor=LEE)
    assert found.states("Ann") == ["succeeded"]
    assert refused(lambda: runs.approve_review(found.desk, review.id, actor=LEE)) == "review_concluded"


def test_two_people_of_one_name_are_two_and_one_with_two_names_is_one() -> None:
    found, _ = in_review(charged=True)
    separate(found)
    review = propose(
        found.world.organization, found.attempt("Ann").id, outcome="succeeded", evidence="Seen at the gateway.",
        actor=Actor("staff", "Kim Lee", "1"), now=found.desk.clock.now(),
    )  # fmt: skip
    married = Actor("staff", "Kim Park", "1")
    assert refused(lambda: runs.approve_review(found.desk, review.id, actor=married)) == "own_request"
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(id=review.id).update(state="approved", approved_by="Kim Park", approver_id="1")
    runs.approve_review(found.desk, review.id, actor=Actor("staff", "Kim Lee", "2"))
    review.refresh_from_db()
    assert (review.state, review.approver_id) == ("approved", "2")


def test_one_person_alone_may_do_both_where_they_are_not() -> None:
    found, _ = in_review(charged=True)
    runs.approve_review(found.desk, proposed(found, "succeeded").id, actor=STAFF)
    assert found.states("Ann") == ["succeeded"]


def test_a_proposal_needs_evidence_and_is_made_once() -> None:
    found, _ = in_review(charged=False)
    assert refused(lambda: proposed(found, "lost")) == "outcome_unknown"
    assert refused(lambda: proposed(found, "canceled", evidence="  ")) == "evidence_missing"
    number = "The card was 4242-4242-4242-4242."
    assert refused(lambda: proposed(found, "canceled", evidence=number)) == "card_number_in_text"
    first = proposed(found, "canceled", key="click")
    assert proposed(found, "canceled", key="click").id == first.id
    assert refused(lambda: proposed(found, "declined")) == "review_exists"
    withdraw(found.world.organization, first.id, actor=LEE, now=found.desk.clock.now() + timedelta(minutes=1))
    assert proposed(found, "declined").id != first.id


def test_what_the_gateway_has_answered_needs_no_review() -> None:
    found = billed("Ann")
    found.collect()
    assert refused(lambda: proposed(found, "canceled")) == "not_in_review"
    assert Attempt.objects.get().state == "succeeded"


def never_bound(*others: str) -> tuple[Collection, Meddling]:
    """Bob's intent was answered with nonsense about its key; the others' money is collected as they behave."""
    found = billed("Bob", *others)
    gateway = meddled(found)

    def nonsense(call: object) -> GatewayIntent:
        raise GatewayKeyReused("This key came with other parameters.", code="idempotency")

    gateway.create = nonsense
    found.submit(name_contains="Bob")
    runs.collect_unsent(found.desk)
    gateway.create = lambda call: call()
    assert found.states("Bob") == ["needs_review"]
    return found, gateway


def evidence(found: Collection, charge_ref: str) -> Review:
    return propose(
        found.world.organization, found.attempt("Bob").id, outcome="succeeded", evidence="Seen on the statement.",
        charge_ref=charge_ref, actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip


def test_evidence_does_not_book_money_that_is_booked() -> None:
    found, _ = never_bound("Ann")
    found.collect()
    (ann,) = found.payments("Ann")
    assert refused(lambda: evidence(found, ann.gateway_ref or "")) == "charge_booked"
    review = evidence(found, "ch_of_bob")
    Review.objects.filter(id=review.id).update(charge_ref=ann.gateway_ref)  # it came in between the two
    assert refused(lambda: runs.approve_review(found.desk, review.id, actor=LEE)) == "charge_booked"
    assert (found.states("Bob"), Review.objects.get().state) == (["needs_review"], "proposed")
    found.check()


def test_evidence_does_not_take_another_members_intent() -> None:
    """B-37: what people type may be anybody's; the gateway's object says whose it is."""
    found, gateway = never_bound("Ann")
    found.behave("Ann", "silent_but_charges")
    found.submit(name_contains="Ann")
    runs.collect_unsent(found.desk)
    found.behave("Ann", "accept")
    ref = found.attempt("Ann").intent.gateway_ref or ""
    assert refused(lambda: evidence(found, ref)) == "charge_booked"
    review = evidence(found, "pi_of_bob")
    theirs = replace(
        gateway.fetch_intent(ref), ref="pi_of_bob", status=IntentStatus.SUCCEEDED, received_minor=10_000
    )
    for answer in (theirs, replace(theirs, metadata={}), replace(theirs, customer_ref="cus_of_nobody")):
        gateway.fetch = lambda call, answer=answer: answer  # type: ignore[misc]
        assert refused(lambda: runs.approve_review(found.desk, review.id, actor=LEE)) == "gateway_disagrees"
    assert (found.states("Bob"), found.payments("Bob")) == (["needs_review"], [])


def test_a_stray_that_people_find_to_be_of_a_payment_is_booked_once() -> None:
    found, _ = never_bound()
    keep_stray(
        found.world.organization, kind="charge", gateway="sandbox", gateway_ref="ch_of_bob", currency="USD",
        amount_minor=10_000, occurred_at=found.desk.clock.now(), why="Nobody's.", actor=STAFF,
        now=found.desk.clock.now(),
    )  # fmt: skip
    runs.approve_review(found.desk, evidence(found, "ch_of_bob").id, actor=LEE)
    assert found.states("Bob") == ["succeeded"]
    assert (found.balances()["Clearing"], found.balances().get("Suspense")) == (10_000, None)
    assert broken(found) == []  # but for what the sandbox processor knows nothing of


def test_each_fence_is_asked_for_anew() -> None:
    """A gateway answers a key with what it said the first time, for a day: also with a refusal that is over."""
    found, gateway = in_review(charged=False)
    review = proposed(found, "canceled")
    for code in ("refused", "refused"):
        gateway.cancel = _refuses(code)
        assert refused(lambda: runs.approve_review(found.desk, review.id, actor=LEE)) == "gateway_silent"
    gateway.cancel = lambda call: call()
    runs.approve_review(found.desk, review.id, actor=LEE)
    fences = [key for key in gateway.keys if key.startswith("fence:")]
    assert len(set(fences)) == len(fences) == 3


def _refuses(code: str) -> Callable[[Callable[[], GatewayIntent]], GatewayIntent]:
    def act(call: Callable[[], GatewayIntent]) -> GatewayIntent:
        raise GatewayRejected("Not now.", code=code)

    return act
