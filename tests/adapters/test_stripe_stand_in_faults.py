"""The Stripe stand-in: idempotency keys, faults and limits. Nothing waits for time to pass."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import stripe
from stripe import StripeClient
from tests.driving_stripe import CONFIRM, CREATE, client_of, code_of, confirm, create
from tests.stripe_stand_in import Fate, Seen, StripeStandIn


@pytest.fixture
def desk() -> Iterator[StripeStandIn]:
    with StripeStandIn() as desk:
        yield desk
        desk.check()


@pytest.fixture
def client(desk: StripeStandIn) -> StripeClient:
    return client_of(desk.url)


# -------------------------------------------------------------------- idempotency keys


def test_a_request_that_was_cut_off_half_way_asked_for_nothing(
    desk: StripeStandIn, client: StripeClient
) -> None:
    there = urlsplit(desk.url)
    head = (
        f"POST /v1/payment_intents HTTP/1.1\r\nHost: {there.netloc}\r\nAuthorization: Bearer sk_test_1\r\n"
        "Idempotency-Key: k1\r\nContent-Length: 40\r\n\r\namount="
    )
    with socket.create_connection((there.hostname, there.port), timeout=10) as half:
        half.sendall(head.encode())
        half.shutdown(socket.SHUT_WR)
        assert half.recv(100) == b"", "hung up, with no reply"
    assert desk.requests(CREATE) == []
    assert create(client, key="k1").id


def test_the_first_reply_is_given_again_and_marked(desk: StripeStandIn, client: StripeClient) -> None:
    first = create(client, key="k1", metadata={"n": "1"})
    again = create(client, key="k1", metadata={"n": "1"})
    assert again.id == first.id
    response = again.last_response
    assert response is not None and response.headers["Idempotent-Replayed"] == "true"
    assert [seen.replayed for seen in desk.requests(CREATE)] == [False, True]
    done = confirm(client, first.id, key="k2")
    client.v1.refunds.create({"payment_intent": first.id})
    assert confirm(client, first.id, key="k2").status == done.status == "succeeded"
    assert [movement.kind for movement in desk.truth()] == ["charge", "refund"]


def test_a_decline_is_replayed_under_its_key(desk: StripeStandIn, client: StripeClient) -> None:
    intent = create(client)
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refusal:
            confirm(client, intent.id, key="k1", method="pm_card_visa_chargeDeclined")
        assert code_of(refusal) == "card_declined"
    assert len(desk.objects("charge")) == 1
    assert desk.requests(CONFIRM)[1].replayed


def test_a_key_with_other_parameters_or_for_another_endpoint_is_a_mistake(client: StripeClient) -> None:
    intent = create(client, key="k1")
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        create(client, key="k1", description="other")
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        confirm(client, intent.id, key="k1")
    assert create(client, key="k1").id == intent.id


def test_what_fails_validation_is_not_kept(client: StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        create(client, key="k1", customer="cus_none")
    assert create(client, key="k1").status == "requires_payment_method"


def test_keys_are_forgotten_after_a_day(desk: StripeStandIn, client: StripeClient) -> None:
    first = create(client, key="k1")
    desk.advance(hours=23, minutes=59)
    assert create(client, key="k1").id == first.id
    desk.advance(minutes=1)
    assert create(client, key="k1").id != first.id


def test_keys_of_live_and_test_are_apart(desk: StripeStandIn, client: StripeClient) -> None:
    assert create(client, key="k1").livemode is False
    assert create(client_of(desk.url, "sk_live_1"), key="k1").livemode is True


def test_a_key_in_use_is_answered_409(desk: StripeStandIn, client: StripeClient) -> None:
    gate, entered = threading.Event(), threading.Event()

    def wait(seen: Seen) -> None:
        entered.set()
        gate.wait(20)

    desk.before_effect = wait
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(create, client, key="k1")
        assert entered.wait(20)
        with pytest.raises(stripe.APIError) as refusal:
            create(client_of(desk.url), key="k1")
        gate.set()
        made = first.result(20)
    assert (refusal.value.http_status, code_of(refusal)) == (409, "idempotency_key_in_use")
    assert create(client, key="k1").id == made.id
    desk.hold_key("k2")
    with pytest.raises(stripe.APIError):
        create(client, key="k2")
    desk.release_key("k2")
    create(client, key="k2")


# -------------------------------------------------------------------- fates


def test_a_lost_request_has_no_effect_a_lost_reply_has(desk: StripeStandIn, client: StripeClient) -> None:
    intent = create(client)
    desk.fate(Fate.LOST_REQUEST, "POST", CONFIRM)
    with pytest.raises(stripe.APIConnectionError):
        confirm(client, intent.id, key="k1")
    assert desk.truth() == []
    desk.fate("lost_reply", "POST", CONFIRM)
    with pytest.raises(stripe.APIConnectionError):
        confirm(client, intent.id, key="k1")
    assert [movement.amount for movement in desk.truth()] == [5000]
    assert confirm(client, intent.id, key="k1").status == "succeeded"
    assert len(desk.truth()) == 1
    assert [(seen.fate, seen.status) for seen in desk.requests(CONFIRM)] == [
        ("lost_request", 0), ("lost_reply", 0), ("", 200),
    ]  # fmt: skip


def test_a_late_request_lands_by_the_clock(desk: StripeStandIn, client: StripeClient) -> None:
    intent, canceled = create(client), create(client)
    desk.fate(Fate.LATE, "POST", CONFIRM, times=2, delay=30 * 3600)
    for late in (intent, canceled):
        with pytest.raises(stripe.APIConnectionError):
            confirm(client, late.id, key=late.id)
    client.v1.payment_intents.cancel(canceled.id)
    desk.advance(hours=29)
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"
    desk.advance(hours=1)
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert client.v1.payment_intents.retrieve(canceled.id).status == "canceled"
    assert [movement.payment_intent for movement in desk.truth()] == [intent.id]


def test_a_one_shot_charge_that_lands_after_its_key_is_forgotten_charges_twice(
    desk: StripeStandIn, client: StripeClient
) -> None:
    desk.fate(Fate.LATE, "POST", CREATE, delay=25 * 3600)
    with pytest.raises(stripe.APIConnectionError):
        create(client, key="k1", confirm=True, payment_method="pm_card_visa")
    create(client, key="k1", confirm=True, payment_method="pm_card_visa")
    desk.advance(hours=25)
    assert [movement.amount for movement in desk.truth()] == [5000, 5000]


def test_what_is_turned_away_has_no_effect_and_no_key(desk: StripeStandIn, client: StripeClient) -> None:
    intent = create(client)
    cases: list[tuple[Fate, type[stripe.StripeError], int, str | None]] = [
        (Fate.RATE_LIMITED, stripe.RateLimitError, 429, "rate_limit"),
        (Fate.LOCK_TIMEOUT, stripe.RateLimitError, 429, "lock_timeout"),
        (Fate.UNAUTHORIZED, stripe.AuthenticationError, 401, None),
        (Fate.FORBIDDEN, stripe.PermissionError, 403, None),
    ]
    for fate, kind, status, code in cases:
        desk.fate(fate, "POST", CONFIRM, retry_after=7)
        with pytest.raises(kind) as refusal:
            confirm(client, intent.id, key="k1")
        assert (refusal.value.http_status, code_of(refusal)) == (status, code)
        if fate is Fate.RATE_LIMITED:
            assert refusal.value.headers is not None and refusal.value.headers["Retry-After"] == "7"
    assert desk.truth() == []
    assert confirm(client, intent.id, key="k1").status == "succeeded"


@pytest.mark.parametrize("stored", [True, False])
def test_a_server_error_with_and_without_effect(
    desk: StripeStandIn, client: StripeClient, stored: bool
) -> None:
    intent, other = create(client), create(client)
    desk.fate(Fate.SERVER_ERROR, "POST", f"/v1/payment_intents/{intent.id}/confirm", stored=stored)
    desk.fate(
        Fate.SERVER_ERROR_AFTER, "POST", f"/v1/payment_intents/{other.id}/confirm", stored=stored, status=502
    )
    with pytest.raises(stripe.APIError) as refusal:
        confirm(client, intent.id, key="k1")
    assert (refusal.value.http_status, desk.truth()) == (500, [])
    with pytest.raises(stripe.APIError) as refusal:
        confirm(client, other.id, key="k2")
    assert (refusal.value.http_status, len(desk.truth())) == (502, 1)
    for wanted, key in ((intent, "k1"), (other, "k2")):
        if stored:  # v1 gives the stored error again: only a look-up tells
            with pytest.raises(stripe.APIError):
                confirm(client, wanted.id, key=key)
        else:
            assert confirm(client, wanted.id, key=key).status == "succeeded"
    assert client.v1.payment_intents.retrieve(other.id).status == "succeeded"
    assert len(desk.truth()) == (1 if stored else 2)


def test_replies_that_cannot_be_read(desk: StripeStandIn, client: StripeClient) -> None:
    intent = create(client)
    get = f"/v1/payment_intents/{intent.id}"
    desk.fate(Fate.TRUNCATED, "GET", get)
    desk.fate(Fate.HTML, "GET", get)
    for kind in (stripe.APIConnectionError, stripe.APIError):
        with pytest.raises(kind):
            client.v1.payment_intents.retrieve(intent.id)
    desk.fate(Fate.HUGE, "GET", get)
    huge = client.v1.payment_intents.retrieve(intent.id)
    assert len(huge["padding"]) > 8_000_000
    desk.fate(Fate.SLOW_BODY, "GET", get)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(client.v1.payment_intents.retrieve, intent.id)
        desk.wait_until_holding()
        assert not slow.done()
        desk.release()
        assert slow.result(20).id == intent.id


def test_replies_that_say_something_else(desk: StripeStandIn, client: StripeClient) -> None:
    intent = create(client, customer=client.v1.customers.create({}).id)
    for fate in (Fate.WRONG_AMOUNT, Fate.WRONG_CURRENCY, Fate.WRONG_CUSTOMER, Fate.WRONG_MODE):
        desk.fate(fate, "GET")
    shown = [client.v1.payment_intents.retrieve(intent.id) for _ in range(5)]
    assert [s.amount for s in shown] == [5001, 5000, 5000, 5000, 5000]
    assert [s.currency for s in shown] == ["usd", "eur", "usd", "usd", "usd"]
    assert [s.customer == intent.customer for s in shown] == [True, True, False, True, True]
    assert [s.livemode for s in shown] == [False, False, False, True, False]


def test_a_request_may_hang_and_a_reply_be_held(desk: StripeStandIn, client: StripeClient) -> None:
    intent = create(client)
    desk.fate(Fate.HOLD_REPLY, "POST", CONFIRM)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(confirm, client, intent.id, key="k1")
        desk.wait_until_holding()
        assert client_of(desk.url).v1.payment_intents.retrieve(intent.id).status == "succeeded"
        desk.release()
        assert held.result(20).status == "succeeded"
        desk.fate(Fate.HANG, "GET")
        hanging = pool.submit(client.v1.payment_intents.retrieve, intent.id)
        desk.wait_until_holding()
        desk.release()
        with pytest.raises(stripe.APIConnectionError):
            hanging.result(20)


def test_fates_may_skip_and_repeat_and_be_forgotten(desk: StripeStandIn, client: StripeClient) -> None:
    desk.fate(Fate.RATE_LIMITED, "POST", CREATE, times=None, skip=1)
    create(client)
    for _ in range(3):
        with pytest.raises(stripe.RateLimitError):
            create(client)
    desk.calm()
    create(client)


def drawn(seed: int, order: list[int]) -> dict[int, list[str]]:
    """The fates of twelve keys, each sent twice, in an order."""
    with StripeStandIn() as desk:
        desk.random_fates(seed, {Fate.RATE_LIMITED: 0.3, Fate.SERVER_ERROR: 0.3}, path="/v1/*")
        client = client_of(desk.url)
        for number in order:
            try:
                create(client, key=f"key-{number}")
            except stripe.StripeError:
                continue
        return {n: [seen.fate for seen in desk.requests() if seen.key == f"key-{n}"] for n in set(order)}


def test_random_fates_come_from_the_seed_not_from_the_order() -> None:
    order = [*range(12), *range(12)]
    first = drawn(7, order)
    assert first == drawn(7, sorted(order))
    assert first != drawn(8, order)
    assert {fate for fates in first.values() for fate in fates} == {"", "rate_limited", "server_error"}


def test_keys_may_be_revoked_and_restricted(desk: StripeStandIn, client: StripeClient) -> None:
    for key in ("", "nonsense", "pk_test_1"):
        with pytest.raises(stripe.AuthenticationError):
            create(client_of(desk.url, key or " "))
    desk.restrict_key("rk_test_1")
    with pytest.raises(stripe.PermissionError):
        create(client_of(desk.url, "rk_test_1"))
    desk.revoke_key("sk_test_1")
    with pytest.raises(stripe.AuthenticationError) as refusal:
        create(client)
    assert code_of(refusal) == "api_key_expired"
    assert desk.objects("payment_intent") == []


def test_token_buckets_turn_away_what_is_too_much(desk: StripeStandIn, client: StripeClient) -> None:
    desk.limits(per_endpoint=1, overall=None)
    answers: list[str] = []
    for _ in range(8):
        try:
            answers.append(create(client).object)
        except stripe.RateLimitError as refusal:
            answers.append(str(refusal.error and refusal.error.code))
    assert answers[0] == "payment_intent"
    assert "rate_limit" in answers
    desk.limits(None, None)
    create(client)


def test_headers_are_seen_and_another_account_is_refused(desk: StripeStandIn, client: StripeClient) -> None:
    client.v1.customers.list({}, {"stripe_account": desk.account_id})
    with pytest.raises(stripe.PermissionError) as refusal:
        client.v1.customers.list({}, {"stripe_account": "acct_theirs"})
    assert code_of(refusal) == "account_invalid"
    seen = desk.requests("/v1/customers")
    assert [(s.version, s.account, s.status) for s in seen] == [
        ("2026-10-28.endive", "acct_standin", 200), ("2026-10-28.endive", "acct_theirs", 403),
    ]  # fmt: skip
