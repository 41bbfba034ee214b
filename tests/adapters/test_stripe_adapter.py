"""What is Stripe's own: how its errors, amounts, objects and signatures are read (field-notes C.4), and what leaves."""

import inspect
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature
from tests.adapters.gateway_benches import START
from tests.stripe_stand_in import Fate, StripeStandIn

from paidthru.adapters.stripe import transport
from paidthru.adapters.stripe.amounts import from_stripe, to_stripe
from paidthru.adapters.stripe.calls import VERSION
from paidthru.adapters.stripe.gateway import StripeGateway
from paidthru.adapters.stripe.reading import dispute, intent, method, read
from paidthru.adapters.stripe.webhooks import EVENTS, read_event, verify
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import EXPONENTS
from paidthru.payments.gateway import (
    ATTEMPT,
    NO_MONEY_MOVED,
    NO_SUCH_INTENT,
    UNEXPECTED_STATE,
    Confirmation,
    GatewayDispute,
    GatewayError,
    GatewayIntent,
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayNotExecuted,
    GatewayRejected,
    GatewayUnknown,
    IntentRequest,
    IntentStatus,
    SetupRequest,
)
from paidthru.payments.rules.disputes import Standing, is_news
from paidthru.payments.rules.settlement import AttemptState, Next, classify

KEY = "sk_test_51secret0000abcd"
CONFIRM = "/v1/payment_intents/*/confirm"


@pytest.fixture
def desk() -> Iterator[StripeStandIn]:
    with StripeStandIn(start=START) as desk:
        yield desk


@pytest.fixture
def gateway(desk: StripeStandIn) -> StripeGateway:
    return StripeGateway(KEY, instance="here", livemode=False, base_address=desk.url)


@pytest.fixture
def customer(gateway: StripeGateway) -> str:
    request = SetupRequest("ann", None, "Ann", "ann@example.org", ("card",), "USD", "https://club.example/")
    return gateway.start_setup(request, key="ann").customer_ref


def opened(gateway: StripeGateway, customer: str, amount_minor: int = 5_000) -> str:
    return gateway.create_intent(IntentRequest(amount_minor, "USD", customer), key="create").ref


def sent(gateway: StripeGateway, ref: str, token: str, *, key: str = "att:1", attempt: str = "1") -> Any:
    """The reply, or the error."""
    try:
        return gateway.confirm_intent(ref, Confirmation(token, True, {ATTEMPT: attempt}), key=key)
    except GatewayError as error:
        return error


# ------------------------------------------------------------------- what leaves


def test_each_request_carries_version_key_and_instance(
    desk: StripeStandIn, gateway: StripeGateway, customer: str
) -> None:
    """C.6: keys are derived from ours, and named by the installation."""
    ref = opened(gateway, customer)
    sent(gateway, ref, desk.save_method(customer, "pm_card_visa")["id"])
    posts = desk.requests(method="POST")
    assert {one.version for one in desk.requests()} == {VERSION} == {stripe.api_version}
    assert [one.key for one in posts][-3:] == ["here:create", "here:att:1:note", "here:att:1"]
    assert all(one.key and one.key.startswith("here:") for one in posts), "no key of the SDK's own making"
    assert posts[-3].params["metadata"]["instance"] == "here"
    assert "payment_method_types" not in posts[-3].params
    assert posts[-1].params["off_session"] in (True, "true")


def test_the_attempt_that_an_intent_is_made_for_needs_no_note_before_its_confirmation(
    desk: StripeStandIn, gateway: StripeGateway, customer: str
) -> None:
    """Between the last look at the deadline and the confirmation is no other call; the charge names the attempt."""
    request = IntentRequest(12_500, "USD", customer, {"collection": "c1"}, attempt="1")
    made = gateway.create_intent(request, key="create")
    assert ATTEMPT not in made.metadata  # it has had no effect yet
    before = len(desk.requests(method="POST"))
    card = desk.save_method(customer, "pm_card_chargeDeclinedInsufficientFunds")["id"]
    first = Confirmation(card, True, {ATTEMPT: "1"}, noted=True)
    declined = gateway.confirm_intent(made.ref, first, key="att:1")
    posts = [one.key for one in desk.requests(method="POST")[before:]]
    assert [key for key in posts if key] == ["here:att:1"]
    assert (declined.metadata[ATTEMPT], gateway.fetch_intent(made.ref).metadata[ATTEMPT]) == ("1", "1")
    good = desk.save_method(customer, "pm_card_visa")["id"]
    paid = sent(gateway, made.ref, good, key="att:2", attempt="2")  # a later attempt is noted
    assert (paid.metadata[ATTEMPT], gateway.fetch_intent(made.ref).metadata[ATTEMPT]) == ("2", "2")


def test_nothing_is_tried_again_by_itself(desk: StripeStandIn, gateway: StripeGateway, customer: str) -> None:
    ref = opened(gateway, customer)
    for fate in (Fate.SERVER_ERROR, Fate.LOST_REQUEST, Fate.RATE_LIMITED, Fate.LOCK_TIMEOUT):
        before = len(desk.requests("/v1/payment_intents/*", "GET"))
        desk.fate(fate, "GET")
        with pytest.raises(GatewayError):
            gateway.fetch_intent(ref)
        assert len(desk.requests("/v1/payment_intents/*", "GET")) <= before + 1


def test_no_key_is_shown_or_logged(
    desk: StripeStandIn, gateway: StripeGateway, customer: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        desk.revoke_key(KEY)
        error = sent(gateway, "pi_1", "pm_1")
    assert isinstance(error, GatewayNotExecuted) and error.opens_circuit
    shown = f"{gateway!r} {error!r} {error.message} {error.__cause__!r} {caplog.text}"
    assert KEY not in shown and "abcd" not in shown
    assert error.__suppress_context__, "no reply's body hangs on the error"


# ------------------------------------------------------------------- what comes back (C.4)


@pytest.mark.parametrize(
    ("fate", "kind", "state", "next_"),
    [
        (Fate.LOST_REQUEST, GatewayUnknown, AttemptState.UNKNOWN, Next.LOOK_UP),
        (Fate.LOST_REPLY, GatewayUnknown, AttemptState.UNKNOWN, Next.LOOK_UP),
        (Fate.SERVER_ERROR, GatewayUnknown, AttemptState.UNKNOWN, Next.LOOK_UP),
        (Fate.SERVER_ERROR_AFTER, GatewayUnknown, AttemptState.UNKNOWN, Next.LOOK_UP),
        (Fate.TRUNCATED, GatewayUnknown, AttemptState.UNKNOWN, Next.LOOK_UP),
        (Fate.HTML, GatewayUnknown, AttemptState.UNKNOWN, Next.LOOK_UP),
        (Fate.HUGE, GatewayUnknown, AttemptState.UNKNOWN, Next.LOOK_UP),
        (Fate.RATE_LIMITED, GatewayNotExecuted, AttemptState.SUBMITTED, Next.RESEND),
        (Fate.LOCK_TIMEOUT, GatewayNotExecuted, AttemptState.SUBMITTED, Next.RESEND),
        (Fate.UNAUTHORIZED, GatewayNotExecuted, AttemptState.SUBMITTED, Next.OPEN_CIRCUIT),
        (Fate.FORBIDDEN, GatewayNotExecuted, AttemptState.SUBMITTED, Next.OPEN_CIRCUIT),
    ],
)
def test_errors_are_told_apart(
    desk: StripeStandIn,
    gateway: StripeGateway,
    customer: str,
    fate: Fate,
    kind: type[GatewayError],
    state: str,
    next_: str,
) -> None:
    """B-26 to B-36: and whatever it was, the money is taken once at most."""
    ref, card = opened(gateway, customer), desk.save_method(customer, "pm_card_visa")["id"]
    desk.fate(fate, "POST", CONFIRM)
    error = sent(gateway, ref, card)
    assert type(error) is kind
    outcome = classify(error, attempt="1")
    assert (outcome.state, outcome.next) == (state, next_)
    desk.calm()
    again = gateway.fetch_intent(ref)
    if again.status is not IntentStatus.SUCCEEDED:
        if fate is Fate.SERVER_ERROR:  # B-29: it is replayed as long as the key lives
            assert isinstance(sent(gateway, ref, card), GatewayUnknown)
            desk.advance(hours=25)
        sent(gateway, ref, card)
        again = gateway.fetch_intent(ref)
    assert (again.status, again.received_minor, again.metadata[ATTEMPT]) == (
        IntentStatus.SUCCEEDED,
        5_000,
        "1",
    )
    assert [one.amount for one in desk.truth() if one.kind == "charge"] == [5_000]


def test_a_slow_reply_ends(
    desk: StripeStandIn, gateway: StripeGateway, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B-36: a total deadline, not one for each piece."""
    ref = opened(gateway, customer)
    monkeypatch.setattr(transport, "TOTAL_SECONDS", -1)
    desk.fate(Fate.SLOW_BODY, "GET")
    with pytest.raises(GatewayUnknown):
        gateway.fetch_intent(ref)


def test_a_key_in_use_and_a_key_reused_are_no_failures(
    desk: StripeStandIn, gateway: StripeGateway, customer: str
) -> None:
    """B-32; 409."""
    ref, card = opened(gateway, customer), desk.save_method(customer, "pm_card_visa")["id"]
    desk.hold_key("here:att:1")
    assert isinstance(sent(gateway, ref, card), GatewayKeyInUse)
    desk.release_key("here:att:1")
    assert sent(gateway, ref, card).status is IntentStatus.SUCCEEDED
    other = desk.save_method(customer, "pm_card_mastercard")["id"]
    assert isinstance(sent(gateway, ref, other), GatewayKeyReused)


@pytest.mark.parametrize(
    ("token", "code", "soft", "advice", "network_advice", "network_decline"),
    [
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "insufficient_funds",
            True,
            "try_again_later",
            "02",
            "51",
        ),
        ("pm_card_chargeDeclinedStolenCard", "stolen_card", False, "do_not_try_again", "03", "43"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", False, "confirm_card_data", "01", "54"),
    ],
)
def test_a_decline_carries_the_networks_words(
    desk: StripeStandIn, gateway: StripeGateway, customer: str,
    token: str, code: str, soft: bool, advice: str, network_advice: str, network_decline: str,
) -> None:  # fmt: skip
    """A-35, C.8."""
    ref = opened(gateway, customer)
    reply = sent(gateway, ref, desk.save_method(customer, token)["id"])
    assert isinstance(reply, GatewayIntent)
    for shown in (reply, gateway.fetch_intent(ref)):
        assert (shown.decline_code, shown.advice_code, shown.network_advice_code, shown.network_decline_code) == (
            code, advice, network_advice, network_decline,
        )  # fmt: skip
        outcome = classify(shown, attempt="1")
        assert (outcome.state, outcome.soft) == ("declined", soft)


def test_a_bank_s_question_off_session_is_no_decline_and_can_be_answered_later(
    desk: StripeStandIn, gateway: StripeGateway, customer: str
) -> None:
    """B-39."""
    ref, card = opened(gateway, customer), desk.save_method(customer, "pm_card_authenticationRequired")["id"]
    asked = sent(gateway, ref, card)
    assert classify(asked, attempt="1").next is Next.ASK_PAYER
    assert gateway.fetch_intent(ref) == asked
    here = Confirmation(card, False, {ATTEMPT: "2"}, "https://club.example/back")
    shown = gateway.confirm_intent(ref, here, key="att:2")
    assert shown.status is IntentStatus.REQUIRES_ACTION and shown.action_url
    desk.authenticate(ref, succeed=False)
    failed = gateway.fetch_intent(ref)
    assert (classify(failed, attempt="2").state, failed.metadata[ATTEMPT]) == ("declined", "2")
    gateway.confirm_intent(
        ref, Confirmation(card, False, {ATTEMPT: "3"}, "https://club.example/b"), key="att:3"
    )
    desk.authenticate(ref)
    assert gateway.fetch_intent(ref).metadata[ATTEMPT] == "3"


def test_a_confirmation_that_was_lost_is_not_taken_for_the_one_before(
    desk: StripeStandIn, gateway: StripeGateway, customer: str
) -> None:
    """The intent's note is written, its confirmation lost: what is shown is the first attempt's refusal, as such."""
    ref = opened(gateway, customer)
    sent(gateway, ref, desk.save_method(customer, "pm_card_chargeDeclinedLostCard")["id"])
    desk.fate(Fate.LOST_REQUEST, "POST", CONFIRM)
    good = desk.save_method(customer, "pm_card_visa")["id"]
    assert isinstance(sent(gateway, ref, good, key="att:2", attempt="2"), GatewayUnknown)
    shown = gateway.fetch_intent(ref)
    assert shown.metadata[ATTEMPT] == "1"
    assert classify(shown, attempt="2").next is Next.CONFIRM
    assert classify(sent(gateway, ref, good, key="att:2", attempt="2"), attempt="2").state == "succeeded"


def test_an_object_of_the_other_mode_is_not_ours(
    desk: StripeStandIn, gateway: StripeGateway, customer: str
) -> None:
    """B-37."""
    live = StripeGateway(KEY.replace("test", "live"), instance="here", livemode=True, base_address=desk.url)
    ref = opened(gateway, customer)
    with pytest.raises(GatewayRejected) as refused:
        live.fetch_intent(ref)
    assert refused.value.code == NO_SUCH_INTENT
    desk.fate(Fate.WRONG_MODE, "GET")
    assert gateway.fetch_intent(ref).livemode is True, "told as it is; settling refuses it"
    card = desk.save_method(customer, "pm_card_visa")["id"]
    desk.fate(Fate.WRONG_MODE, "GET")
    with pytest.raises(GatewayRejected) as wrong:
        gateway.fetch_method(card)
    assert wrong.value.code == "wrong_mode"


def test_unexpected_states_and_unknown_customers_have_their_codes(
    desk: StripeStandIn, gateway: StripeGateway, customer: str
) -> None:
    ref = opened(gateway, customer)
    gateway.cancel_intent(ref, key="fence")
    card = desk.save_method(customer, "pm_card_visa")["id"]
    assert sent(gateway, ref, card).code == UNEXPECTED_STATE
    with pytest.raises(GatewayRejected) as refused:
        gateway.create_intent(IntentRequest(500, "USD", "cus_nowhere"), key="c2")
    assert refused.value.code == "no_such_customer"
    other = opened_again(gateway, customer)
    assert sent(gateway, other, "pm_nowhere", key="att:9").code == "no_such_method"


def opened_again(gateway: StripeGateway, customer: str) -> str:
    return gateway.create_intent(IntentRequest(700, "USD", customer), key="create 2").ref


# ------------------------------------------------------------------- amounts


def test_amounts_keep_to_stripe_s_own_units() -> None:
    """JPY and KWD are exact; where Stripe's unit is another than ISO's, it is converted to the last unit or refused."""
    assert [to_stripe(1_234, code) for code in ("USD", "JPY", "EUR")] == [1_234] * 3
    assert to_stripe(12_340, "KWD") == 12_340
    assert (to_stripe(500, "ISK"), to_stripe(50_000, "MGA")) == (50_000, 500)
    for amount, code in [(12_345, "KWD"), (50_050, "MGA"), (0, "USD"), (-5, "JPY")]:
        with pytest.raises(GatewayRejected) as refused:
            to_stripe(amount, code)
        assert refused.value.code == "amount_invalid"
    for code in ("UGX", "CLF", "XXX", "usd"):
        with pytest.raises(GatewayRejected) as refused:
            to_stripe(100, code)
        assert refused.value.code == "currency_unsupported"
    with pytest.raises(ValueError, match="no whole amount"):
        from_stripe(150, "ISK")


@given(st.integers(1, 99_999_999), st.sampled_from(sorted(EXPONENTS)))
def test_what_is_sent_is_what_is_read(amount_minor: int, currency: str) -> None:
    try:
        theirs = to_stripe(amount_minor, currency)
    except GatewayRejected:
        return
    assert from_stripe(theirs, currency) == amount_minor
    assert from_stripe(-theirs, currency) == -amount_minor


# ------------------------------------------------------------------- nonsense

INTENT: dict[str, Any] = {
    "id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount": 500, "amount_received": 500,
    "currency": "usd", "customer": "cus_1", "livemode": False, "created": 1_772_442_000, "metadata": {},
    "latest_charge": {"id": "ch_1", "created": 1_772_442_000, "metadata": {ATTEMPT: "1"},
                      "payment_method_details": {"type": "card"}},
    "last_payment_error": None, "next_action": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "enlightened"), ("status", None), ("amount", "500"), ("amount", 5.5), ("amount", True),
        ("currency", None), ("currency", "dollars"), ("livemode", None), ("livemode", "false"), ("created", "now"),
        ("created", 10**20), ("amount_received", None), ("latest_charge", None), ("latest_charge", 7), ("id", ...),
        ("metadata", "none"), ("customer", 12),
    ],
)  # fmt: skip
def test_what_can_t_be_read_is_unknown_never_failed(name: str, value: object) -> None:
    facts = {key: given for key, given in INTENT.items() if key != name}
    if value is not ...:
        facts[name] = value
    with pytest.raises(GatewayUnknown) as unknown:
        read(intent, facts)
    assert unknown.value.code == "unreadable"
    assert classify(unknown.value).state is AttemptState.UNKNOWN


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*INTENT, "type", "card"]), inner, max_size=6),
    max_leaves=12,
))  # fmt: skip
def test_no_nonsense_breaks_a_reader(value: Any) -> None:
    for reader in (intent, dispute, method):
        for facts in (value, {**INTENT, "latest_charge": value}, {**INTENT, "metadata": value}):
            with suppress(GatewayError):
                read(reader, facts)


def test_a_dispute_that_was_won_and_is_lost_after_all_ended_later() -> None:
    """B-48: in arbitration the money goes again; by that it is told from a loss which came before the win."""
    facts: dict[str, Any] = {
        "id": "du_1", "charge": {"id": "ch_1", "payment_method_details": {"type": "card"}}, "payment_intent": "pi_1",
        "amount": 500, "currency": "usd", "livemode": False, "created": 1_772_000_000, "reason": "fraudulent",
    }  # fmt: skip

    def told(status: str, *moves: int) -> GatewayDispute:
        lines = [
            {"amount": amount, "fee": 0, "currency": "usd", "created": 1_772_000_000 + n * 86_400}
            for n, amount in enumerate(moves)
        ]
        return read(dispute, {**facts, "status": status, "balance_transactions": lines})

    lost, won, lost_again = told("lost", -500), told("won", -500, 500), told("lost", -500, 500, -500)
    assert lost.ended_at is None
    ends = [Standing(one.status.value, one.amount_minor, one.ended_at) for one in (lost, won, lost_again)]
    assert [is_news(ends[0], ends[1]), is_news(ends[1], ends[2])] == [True, True]
    assert [is_news(ends[1], ends[0]), is_news(ends[2], ends[1])] == [False, False]


def test_what_is_not_collected_from_is_named() -> None:
    with pytest.raises(GatewayRejected) as refused:
        read(method, {"id": "pm_1", "type": "boleto", "boleto": {}})
    assert refused.value.code == "method_unsupported"
    inquiry = {"status": "warning_needs_response"}
    with pytest.raises(GatewayRejected) as inquired:
        read(dispute, inquiry)
    assert inquired.value.code == NO_MONEY_MOVED


# ------------------------------------------------------------------- signatures


@given(
    st.text(max_size=80),
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20),
)
def test_signatures_are_the_sdk_s_own(payload: str, secret: str) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    header = WebhookSignature.generate_signature_header(payload, secret, int(now.timestamp()))
    verify(payload.encode(), header, [secret], now)
    for wrong in ([], ["other" + secret], [""]):
        with pytest.raises(Refused) as refused:
            verify(payload.encode(), header, wrong, now)
        assert refused.value.code == "webhook_forged"
    with pytest.raises(Refused) as stale:
        verify(payload.encode(), header, [secret], now + timedelta(minutes=6))
    assert stale.value.code == "webhook_stale"


def test_every_kind_of_event_that_is_asked_for_is_one_of_stripe_s() -> None:
    source = inspect.getsource(stripe.Event)
    assert not [kind for kind in EVENTS if f'"{kind}"' not in source]


def test_an_event_names_its_object_and_nothing_else_is_taken() -> None:
    body = (
        b'{"id":"evt_1","type":"charge.dispute.closed","livemode":true,"created":1772442000,"account":"acct_1",'
        b'"data":{"object":{"id":"du_1","payment_intent":"pi_1","evidence":{"customer_name":"Ann"}}}}'
    )
    event = read_event(body, livemode=True, account_ref="acct_1")
    assert (event.object_kind, event.object_ref, event.intent_ref) == ("dispute", "du_1", "pi_1")
    assert "Ann" not in repr(event)
