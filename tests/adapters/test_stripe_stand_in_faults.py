"""The stand-in for Stripe that other tests rely on: its keys, faults, webhooks, limits and distant controls.

Driven by the official SDK over loopback; nothing waits for time to pass. Its objects are in test_stripe_stand_in.py.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe
from stripe import StripeClient
from tests.stripe_stand_in import Fate, Seen, StripeStandIn

TOP = Path(__file__).parents[2]
CONFIRM = "/v1/payment_intents/*/confirm"
CREATE = "/v1/payment_intents"


@pytest.fixture
def desk() -> Iterator[StripeStandIn]:
    with StripeStandIn() as desk:
        yield desk
        desk.check()


def client_of(url: str, key: str = "sk_test_1") -> StripeClient:
    return StripeClient(
        key,
        base_addresses={"api": url},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(5, 20)),
    )


@pytest.fixture
def client(desk: StripeStandIn) -> StripeClient:
    return client_of(desk.url)


def create(client: StripeClient, *, key: str | None = None, **more: Any) -> stripe.PaymentIntent:
    params: Any = {"amount": 5000, "currency": "usd", "allowed_payment_method_types": ["card"], **more}
    return client.v1.payment_intents.create(params, {"idempotency_key": key} if key else {})


def confirm(
    client: StripeClient, intent: str, *, key: str, method: str = "pm_card_visa"
) -> stripe.PaymentIntent:
    return client.v1.payment_intents.confirm(intent, {"payment_method": method}, {"idempotency_key": key})


def code_of(refusal: pytest.ExceptionInfo[Any]) -> str | None:
    error = refusal.value.error
    return error.code if error is not None else None


# -------------------------------------------------------------------- idempotency keys


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


# -------------------------------------------------------------------- events, signed and sent


def verified(body: bytes, header: str, *, at: int, secret: str = "whsec_standin") -> stripe.Event:
    """By the SDK, whose tolerance is of the machine's time: so the age is looked at here."""
    signed = int(header.split(",")[0].removeprefix("t="))
    assert abs(at - signed) <= 300, "stale"
    stripe.WebhookSignature.verify_header(body, header, secret, None)
    event: stripe.Event = stripe.Webhook.construct_event_without_verification(body)
    return event


def test_deliveries_are_signed_as_the_sdk_verifies_them(desk: StripeStandIn, client: StripeClient) -> None:
    intent = create(client, confirm=True, payment_method="pm_card_visa")
    (event,) = desk.events("payment_intent.succeeded")
    now = int(desk.now().timestamp())
    body, header = desk.deliver(event)
    told = verified(body, header, at=now)
    assert (told.id, told.type, told.data.object["id"]) == (
        event["id"],
        "payment_intent.succeeded",
        intent.id,
    )
    body, header = desk.deliver(event["id"], at=now - 301)
    with pytest.raises(AssertionError, match="stale"):
        verified(body, header, at=now)
    for tamper in ("body", "signature", "secret", "scheme", "no_timestamp", "truncated"):
        body, header = desk.deliver(event, tamper=tamper)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(body, header, "whsec_standin", None)


def test_deliveries_may_be_lost_repeated_and_shuffled_the_same_way_each_time(
    desk: StripeStandIn, client: StripeClient
) -> None:
    for _ in range(5):
        create(client, confirm=True, payment_method="pm_card_visa")
    ids = [event["id"] for event in desk.events()]
    sent = desk.deliveries(seed=3, twice=0.5, lose=0.2)
    got = [json.loads(body)["id"] for body, _ in sent]
    assert desk.deliveries(seed=3, twice=0.5, lose=0.2) == sent
    assert set(got) < set(ids)
    assert len(got) > len(set(got))
    assert [i for i in ids if i in got] != list(dict.fromkeys(got))
    assert [json.loads(body)["id"] for body, _ in desk.deliveries(shuffle=False, after=ids[4])] == ids[5:]


class Ear:
    """An address that keeps what it is told, and answers as it is set to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes, str]] = []
        self.status = 200
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ear.heard.append((json.loads(body)["type"], body, self.headers["Stripe-Signature"]))
                self.send_response(ear.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/stripe"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def types(self) -> list[str]:
        return [type_ for type_, _, _ in self.heard]


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.server.shutdown()
    ear.server.server_close()
    ear.thread.join(10)


def test_webhooks_are_sent_at_once_and_twice_with_both_secrets(
    desk: StripeStandIn, client: StripeClient, ear: Ear
) -> None:
    desk.webhook_to(
        ear.url, mode="twice", secret="whsec_new", old_secret="whsec_old", types=["payment_intent.created"]
    )
    create(client)
    desk.drain()
    assert ear.types() == ["payment_intent.created"] * 2
    _, body, header = ear.heard[0]
    now = int(desk.now().timestamp())
    assert (
        verified(body, header, at=now, secret="whsec_new").id
        == verified(body, header, at=now, secret="whsec_old").id
    )


def test_a_webhook_may_come_before_the_reply(desk: StripeStandIn, client: StripeClient, ear: Ear) -> None:
    desk.webhook_to(ear.url, mode="before_reply", types=["payment_intent.succeeded"])
    heard: list[list[str]] = []
    desk.before_reply = lambda seen: heard.append(ear.types())
    create(client, confirm=True, payment_method="pm_card_visa")
    assert heard == [["payment_intent.succeeded"]]


def test_webhooks_come_late_held_shuffled_or_never(
    desk: StripeStandIn, client: StripeClient, ear: Ear
) -> None:
    desk.webhook_to(ear.url, mode="late", delay=3600, types=["payment_intent.succeeded"])
    desk.webhook_to(ear.url, mode="held", types=["charge.succeeded", "payment_intent.created"])
    desk.webhook_to(ear.url, mode="never")
    create(client, confirm=True, payment_method="pm_card_visa")
    desk.drain()
    assert ear.types() == []
    assert desk.send_held(shuffle_seed=1) == 2
    desk.drain()
    assert sorted(ear.types()) == ["charge.succeeded", "payment_intent.created"]
    desk.advance(hours=1)
    desk.drain()
    assert ear.types()[-1] == "payment_intent.succeeded"


def test_a_webhook_that_is_not_taken_comes_again(desk: StripeStandIn, client: StripeClient, ear: Ear) -> None:
    desk.webhook_to(ear.url, types=["payment_intent.created"])
    ear.status = 500
    create(client)
    desk.drain()
    ear.status = 200
    desk.advance(hours=1)
    desk.drain()
    desk.advance(days=3)
    desk.drain()
    assert len(ear.heard) == 2
    assert ear.heard[0][1] == ear.heard[1][1]
    assert ear.heard[0][2] != ear.heard[1][2]


# -------------------------------------------------------------------- many at once, and from other processes


def test_twenty_confirmations_at_once_charge_once(desk: StripeStandIn) -> None:
    clients = [client_of(desk.url) for _ in range(20)]
    intent = create(clients[0])

    def try_it(number: int) -> str:
        try:
            return confirm(clients[number], intent.id, key=f"k{number}").status
        except stripe.InvalidRequestError as refusal:
            return str(refusal.code)

    with ThreadPoolExecutor(20) as pool:
        answers = sorted(pool.map(try_it, range(20)))
    assert answers == ["payment_intent_unexpected_state"] * 19 + ["succeeded"]
    assert len(desk.truth()) == 1


def control(port: int, name: str, **arguments: Any) -> Any:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", f"/_control/{name}", json.dumps(arguments))
        reply = connection.getresponse()
        result = json.loads(reply.read())
        assert reply.status == 200, result
        return result
    finally:
        connection.close()


def test_it_runs_and_is_controlled_in_a_process_of_its_own(tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stripe_stand_in", "--truth", str(truth), "--account", "acct_other"],
        cwd=TOP,
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        port = int(url.rpartition(":")[2])
        client = client_of(url)
        customer = client.v1.customers.create({}).id
        card = control(port, "save_method", customer=customer, token="pm_card_visa")
        intent = create(client, customer=customer)
        control(port, "fate", fate="lost_reply", method="POST", path=CONFIRM)
        with pytest.raises(stripe.APIConnectionError):
            confirm(client, intent.id, key="k1", method=card["id"])
        before = control(port, "now")
        assert control(port, "clock", days=2) == before + 2 * 86400
        opened = control(port, "dispute", of=intent.id, amount=100)
        assert opened["amount"] == 100
        movements = control(port, "truth")
        assert [m["kind"] for m in movements] == ["charge", "dispute"]
        body, header = control(
            port, "deliver", event=control(port, "events", type="charge.succeeded")[0]["id"]
        )
        stripe.WebhookSignature.verify_header(body, header, "whsec_standin", None)
        with pytest.raises(AssertionError, match="unexpected keyword"):
            control(port, "fate", fete="lost_reply")
        control(port, "check")
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    assert [json.loads(line) for line in truth.read_text().splitlines()] == movements


def test_a_mistake_of_its_own_does_not_pass_for_a_lost_connection() -> None:
    desk = StripeStandIn().start()

    def stumble(seen: Seen) -> None:
        raise RuntimeError("a hook that fails")

    desk.before_effect = stumble
    with pytest.raises(stripe.APIConnectionError):
        create(client_of(desk.url))
    with pytest.raises(AssertionError, match="a hook that fails"):
        desk.stop()
