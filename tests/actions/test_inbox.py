"""What Stripe tells: kept once, worked by fetching, the same end in whatever order and however often it comes."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.collecting import Collection
from tests.collecting_at_stripe import at_stripe
from tests.stripe_stand_in import Fate, StripeStandIn
from tests.stripe_world import gateway_at, installed
from tests.world import NOW

from paidthru import invariants, runs
from paidthru.adapters.offline.gateway import OfflineGateway
from paidthru.adapters.stripe.webhooks import read_event
from paidthru.kernel.ids import new_id
from paidthru.ledger.queries import trial_balance
from paidthru.organizations.operations import move_clock
from paidthru.payments.gateway import (
    ATTEMPT,
    Confirmation,
    GatewayEvent,
    IntentRequest,
    RefundRequest,
)
from paidthru.payments.models import (
    Attempt,
    Dispute,
    GatewayAccount,
    Payment,
    PaymentIntent,
    PaymentMethod,
    Refund,
    Stray,
)
from paidthru.runs.inbox import TRIES
from paidthru.runs.methods import begin_saving
from paidthru.timeline.models import Event, InboxEvent

pytestmark = pytest.mark.django_db(transaction=True)
LOOK = "/v1/payment_intents/*"


@dataclass
class Told:
    """Billed members at Stripe, and what Stripe tells of them."""

    stripe: StripeStandIn
    found: Collection
    seen: str | None = None

    @property
    def desk(self) -> runs.Desk:
        return self.found.desk

    def news(self) -> list[dict[str, Any]]:
        """The events since the last time."""
        fresh = self.stripe.events(after=self.seen)
        if fresh:
            self.seen = fresh[-1]["id"]
        return fresh

    def event(self, event: dict[str, Any]) -> GatewayEvent:
        body, _ = self.stripe.deliver(event)
        return read_event(body, livemode=False, account_ref=self.stripe.account_id)

    def hear(self, *events: dict[str, Any]) -> None:
        """Events come in; those that nothing follows from are turned away at the door already."""
        for event in events:
            told = self.event(event)
            if told.object_kind != "other":
                runs.receive(self.desk.organization, told, gateway="stripe", now=self.desk.clock.now())

    def work(self) -> int:
        return runs.work_inbox(self.desk)

    def states(self) -> list[str]:
        found = InboxEvent.objects.filter(organization=self.desk.organization)
        return list(found.order_by("id").values_list("state", flat=True))

    def method(self, name: str) -> PaymentMethod:
        return PaymentMethod.objects.get(party_id=self.found.party(name), state="active")

    def intent_of(self, name: str) -> str:
        return PaymentIntent.objects.get(party_id=self.found.party(name)).gateway_ref or ""

    def pay(self, name: str) -> None:
        attempt = self.found.open(name)
        runs.collect(self.desk, attempt.id)

    def later(self, **by: int) -> None:
        move_clock(self.desk.organization, self.desk.clock.now() + timedelta(**by))
        self.stripe.advance(**by)


def told(stripe: StripeStandIn, *names: str, club: str = "Maple Club", **tokens: str) -> Told:
    installed()
    found = at_stripe(stripe, *names, tokens=tokens, name=club)
    found.world.desk = replace(found.world.desk, gateway=gateway_at(stripe))
    stripe.events()
    made = Told(stripe, found)
    made.news()
    return made


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    with StripeStandIn(start=NOW) as desk:
        yield desk


# ------------------------------------------------------------------- one event


def test_an_event_that_comes_before_the_reply_settles_and_the_rest_is_no_news(stripe: StripeStandIn) -> None:
    """B-26, B-53: the reply is lost, the event tells; what is looked up later changes nothing."""
    club = told(stripe, "Ann")
    stripe.fate(Fate.LOST_REPLY, "POST", "/v1/payment_intents/*/confirm")
    club.pay("Ann")
    assert club.found.states("Ann") == ["unknown"]
    club.hear(*club.news())
    assert club.work() > 0
    assert club.found.states("Ann") == ["succeeded"]
    assert club.found.invoice("Ann").state == "paid"
    runs.retrieve(club.desk)
    club.work()
    assert len(club.found.payments("Ann")) == 1
    club.found.check()


def test_a_debit_stays_in_progress_until_its_bank_has_answered(stripe: StripeStandIn) -> None:
    """I-24, I-35: sent at once, answered days later, by an event."""
    club = told(
        stripe, "Ann", "Bob", Ann="pm_usBankAccount_success", Bob="pm_usBankAccount_insufficientFunds"
    )
    for name in ("Ann", "Bob"):
        club.pay(name)
    club.hear(*club.news())
    club.work()
    assert (club.found.states("Ann"), club.found.label("Ann")) == (["processing"], "In Progress")
    assert club.found.invoice("Ann").state == "sent"
    club.later(days=6)
    club.hear(*club.news())
    club.work()
    assert (club.found.states("Ann"), club.found.invoice("Ann").state) == (["succeeded"], "paid")
    assert (club.found.states("Bob"), club.found.attempt("Bob").decline_code) == (["declined"], "R01")
    club.found.check()


def test_every_event_about_an_object_needs_one_request(stripe: StripeStandIn) -> None:
    club = told(stripe, "Ann")
    club.pay("Ann")
    events = [one for one in club.news() if one["type"] == "payment_intent.succeeded"]
    for number in range(7):
        runs.receive(
            club.desk.organization,
            replace(club.event(events[0]), id=f"evt_{number}"),
            gateway="stripe",
            now=NOW,
        )
    asked = len(stripe.requests(LOOK, "GET"))
    assert club.work() == 7
    assert len(stripe.requests(LOOK, "GET")) == asked + 1
    assert club.states() == ["done"] * 7


def test_a_new_card_number_is_taken_over_and_nothing_is_charged(stripe: StripeStandIn) -> None:
    """C.8: the account updater's word; I-22."""
    club = told(stripe, "Ann")
    before = club.method("Ann")
    stripe.update_card(before.token, exp_month=7, exp_year=2031, last4="1881", fingerprint="newprint")
    club.hear(*club.news())
    club.work()
    after = club.method("Ann")
    assert (after.token, after.last4, after.exp_month, after.exp_year, after.fingerprint) == (
        before.token, "1881", 7, 2031, "newprint",
    )  # fmt: skip
    assert PaymentMethod.objects.get(id=before.id).state == "replaced", (
        "attempts keep what they were made with"
    )
    assert not Attempt.objects.exists()
    happened = Event.objects.get(verb="method_refreshed")
    assert happened.facts["expires"] == "2031-07" and happened.facts["new_number"] is True
    club.hear(stripe.events("payment_method.automatically_updated")[-1])
    club.work()
    assert Event.objects.filter(verb="method_refreshed").count() == 1


def test_a_card_that_was_saved_is_known_though_the_member_never_came_back(stripe: StripeStandIn) -> None:
    """C-15: the page is closed; the event tells."""
    club = told(stripe, "Ann")
    before = club.method("Ann")
    begun = begin_saving(club.desk, club.found.party("Ann"), return_url="https://club.example/back")
    stripe.complete_session(begun.ref, "pm_card_mastercard")
    club.hear(*club.news())
    club.work()
    assert (club.method("Ann").id != before.id, club.method("Ann").brand) == (True, "Mastercard")
    club.hear(stripe.events("checkout.session.completed")[-1])
    club.work()
    assert PaymentMethod.objects.filter(party_id=club.found.party("Ann")).count() == 2


def test_a_refund_made_at_stripe_is_recorded_and_an_inquiry_is_no_dispute(stripe: StripeStandIn) -> None:
    club = told(stripe, "Ann")
    club.pay("Ann")
    paid = club.found.payments("Ann")[0]
    past_us = gateway_at(stripe)
    past_us.create_refund(RefundRequest(club.intent_of("Ann"), "", 2_500, "USD"), key="by hand")
    stripe.dispute(club.intent_of("Ann"), inquiry=True)
    club.hear(*club.news())
    club.work()
    assert [(one.amount_minor, one.state) for one in Refund.objects.all()] == [(2_500, "succeeded")]
    assert not Dispute.objects.exists()
    assert Payment.objects.get(id=paid.id).refunded_minor == 2_500
    assert invariants.check(club.desk.organization.id) == []


# ------------------------------------------------------------------- whose it is


def test_money_that_was_collected_elsewhere_is_left_alone(stripe: StripeStandIn) -> None:
    club = told(stripe, "Ann")
    method = club.method("Ann")
    shop = gateway_at(stripe)
    shop._account.instance = "another installation"
    made = shop.create_intent(IntentRequest(999, "USD", method.customer_ref), key="shop")
    shop.confirm_intent(made.ref, Confirmation(method.token, True, {ATTEMPT: "x"}), key="shop pays")
    stripe.dispute(made.ref)
    club.hear(*club.news())
    club.work()
    assert set(club.states()) == {"ignored"}
    assert not Payment.objects.exists() and not Stray.objects.exists()


def test_money_of_ours_without_a_row_is_waited_for_and_then_placed(stripe: StripeStandIn) -> None:
    """B-54, C.10: a restore lost the rows; nothing is dropped."""
    club = told(stripe, "Ann")
    method = club.method("Ann")
    metadata = {"organization": str(club.desk.organization.id), "intent": str(club.found.invoice("Ann").id)}
    made = club.desk.gateway.create_intent(
        IntentRequest(700, "USD", method.customer_ref, metadata), key="lost"
    )
    club.desk.gateway.confirm_intent(
        made.ref, Confirmation(method.token, True, {ATTEMPT: "gone"}), key="lost pays"
    )
    club.hear(*club.news())
    club.work()
    waiting = InboxEvent.objects.get()
    assert (waiting.state, waiting.tries) == ("new", 1)
    for _ in range(3):
        club.later(minutes=10)
        club.work()
    assert club.states() == ["done"]
    strays, payments = Stray.objects.all(), Payment.objects.all()
    found = [*strays.values_list("amount_minor"), *payments.values_list("amount_minor")]
    assert found == [(700,)]


# ------------------------------------------------------------------- trouble


def test_a_poison_event_is_given_up_and_the_others_flow(
    stripe: StripeStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """B-56."""
    club = told(stripe, "Ann")
    club.pay("Ann")
    good = next(one for one in club.news() if one["type"] == "payment_intent.succeeded")
    now = club.desk.clock.now()
    poison = replace(club.event(good), id="evt_poison", object_ref="pi_nowhere")
    runs.receive(club.desk.organization, poison, gateway="stripe", now=now)
    club.hear(good)
    for _ in range(TRIES + 3):
        club.work()
        club.later(hours=13)
    assert sorted(club.states()) == ["dead", "done"]
    dead = InboxEvent.objects.get(state="dead")
    assert (dead.tries == TRIES - 1 and "no_such" in dead.last_error) or "No such" in dead.last_error
    assert runs.next_work(club.desk) is None or dead.next_try_at is None
    assert caplog.text.count("was given up") == 1
    assert club.found.invoice("Ann").state == "paid"


def test_an_error_of_our_own_is_noted_without_quoting_a_row(
    stripe: StripeStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    club = told(stripe, "Ann")
    club.pay("Ann")

    def breaks(*_: object, **__: object) -> None:
        raise ValueError("DETAIL: Key (email)=(ann@example.org)")

    monkeypatch.setattr("paidthru.runs.inbox.settle", breaks)
    club.hear(*club.news())
    club.work()
    event = InboxEvent.objects.filter(object_kind="intent").first()
    assert event is not None and (event.tries, event.last_error) == (1, "ValueError")


def test_silence_is_nobody_s_fault_and_not_counted(stripe: StripeStandIn) -> None:
    club = told(stripe, "Ann")
    club.pay("Ann")
    club.hear(*club.news())
    for fate in (Fate.LOST_REQUEST, Fate.SERVER_ERROR, Fate.HTML, Fate.RATE_LIMITED, Fate.UNAUTHORIZED):
        stripe.fate(fate, "GET", LOOK, times=None)
        club.work()
        event = InboxEvent.objects.get(object_kind="intent")
        assert (event.state, event.tries) == ("new", 0), fate
        stripe.calm()
        club.later(minutes=15)
    assert runs.next_work(club.desk) is not None
    runs.work(club.desk)
    assert club.states() == ["done"]


def test_a_gateway_that_is_connected_no_more_is_not_asked(stripe: StripeStandIn) -> None:
    club = told(stripe, "Ann")
    club.pay("Ann")
    club.hear(*club.news())
    InboxEvent.objects.update(gateway="another")
    asked = len(stripe.requests())
    club.work()
    assert (set(club.states()), len(stripe.requests())) == ({"ignored"}, asked)


def test_a_gateway_that_cannot_be_asked_just_now_is_waited_for(stripe: StripeStandIn) -> None:
    """Its account is connected, and its key does not open here: what it told is worked when it does."""
    club = told(stripe, "Ann")
    stripe.fate(Fate.LOST_REPLY, "POST", "/v1/payment_intents/*/confirm")
    club.pay("Ann")
    club.hear(*club.news())
    GatewayAccount.objects.create(
        organization=club.desk.organization, gateway="stripe", livemode=False, account_ref="acct_1", secret=b"x",
        state="connected", connected_by="Pat", connected_at=club.desk.clock.now(),
    )  # fmt: skip
    there = club.found.world.desk
    club.found.world.desk = replace(there, gateway=OfflineGateway("The key does not open."))
    club.work()
    assert set(club.states()) == {"new"} and InboxEvent.objects.filter(tries__gt=0).count() == 0
    club.found.world.desk = there
    club.later(minutes=30)
    club.work()
    assert "new" not in club.states()
    assert club.found.states("Ann") == ["succeeded"]


# ------------------------------------------------------------------- any order


def a_busy_month(club: Told, hears: list[int]) -> list[dict[str, Any]]:
    """What happens to four members at Stripe. After a step whose number is in `hears`, what was told since then is
    worked; all else is kept for the end."""
    kept: list[dict[str, Any]] = []

    def step(number: int) -> None:
        news = club.news()
        kept.extend(news)
        if number in hears:
            club.hear(*reversed(news))
            club.work()

    for number, name in enumerate(("Ann", "Bob", "Cid", "Dee")):
        club.pay(name)
        step(number)
    club.stripe.advance(days=6)
    step(4)
    dispute = club.stripe.dispute(club.intent_of("Dee"), amount=6_000)
    step(5)
    gateway_at(club.stripe).create_refund(
        RefundRequest(club.intent_of("Ann"), "", 4_000, "USD"), key="by hand"
    )
    step(6)
    club.stripe.return_debit(club.intent_of("Cid"))
    step(7)
    club.stripe.close_dispute(dispute["id"], "won")
    step(8)
    club.stripe.fail_refund(club.stripe.objects("refund")[-1]["id"])
    step(9)
    return kept


def ends(club: Told) -> dict[str, Any]:
    """How it all stands, without ids and numbers."""
    organization = club.desk.organization
    assert invariants.check(organization.id) == []
    payments = Payment.objects.filter(organization=organization)
    attempts = Attempt.objects.filter(organization=organization)
    refunds = Refund.objects.filter(organization=organization)
    methods = PaymentMethod.objects.filter(organization=organization)
    names = ("Ann", "Bob", "Cid", "Dee")
    return {
        "books": {one.code: one.balance_minor for one in trial_balance(organization.id) if one.balance_minor},
        "payments": sorted(
            payments.values_list(
                "party__name", "amount_minor", "state", "refunded_minor", "disputed_minor", "reversed_minor"
            )
        ),
        # one that was made past us, and had failed before we heard of it, leaves nothing to record
        "refunds": sorted(refunds.exclude(state="failed").values_list("amount_minor", "state")),
        "disputes": sorted(
            Dispute.objects.filter(organization=organization).values_list("kind", "amount_minor", "state")
        ),
        "invoices": [
            (name, club.found.invoice(name).state, club.found.invoice(name).balance_minor) for name in names
        ],
        "attempts": sorted(attempts.values_list("party__name", "state", "decline_code")),
        "methods": sorted(methods.values_list("party__name", "state")),
    }


def played(hears: list[int], order: list[int], twice: list[int]) -> dict[str, Any]:
    tokens = {"Bob": "pm_card_chargeDeclinedStolenCard", "Cid": "pm_usBankAccount_success"}
    with StripeStandIn(start=NOW, account=f"acct_{new_id()}") as desk:
        club = told(desk, "Ann", "Bob", "Cid", "Dee", club=f"Club {new_id()}", **tokens)
        events = a_busy_month(club, hears)
        shuffled = [events[at % len(events)] for at in order]
        shuffled += [one for one in events if one not in shuffled]
        for number, event in enumerate(shuffled):
            club.hear(event)
            if number in twice:
                club.hear(event)
                club.work()
        for _ in range(3):
            club.later(minutes=10)
            club.work()
        assert set(club.states()) <= {"done", "ignored"}
        return ends(club)


@functools.cache
def in_order() -> dict[str, Any]:
    """What it comes to when each event is heard at once."""
    end = played(list(range(10)), [], [])
    assert ("Cid", "sent", 10_000) in end["invoices"], "its debit came back"
    assert end["refunds"] == []
    assert end["disputes"] == [("dispute", 6_000, "won"), ("return", 10_000, "lost")]
    return end


@settings(
    max_examples=12, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(
    hears=st.lists(st.integers(0, 9), max_size=6, unique=True),
    order=st.lists(st.integers(0, 200), max_size=60),
    twice=st.lists(st.integers(0, 60), max_size=10, unique=True),
)
def test_any_order_and_repetition_gives_the_same_end(
    hears: list[int], order: list[int], twice: list[int]
) -> None:
    """B-48, B-51, B-55: events lost until the end, late, twice, out of order, worked at any moment in between."""
    expected = in_order()
    assert played(hears, order, twice) == expected
