"""The Stripe stand-in: signed webhooks, many requests at once, and its controls from another process."""

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
from tests.driving_stripe import CONFIRM, client_of, confirm, create
from tests.stripe_stand_in import Seen, StripeStandIn

TOP = Path(__file__).parents[2]


@pytest.fixture
def desk() -> Iterator[StripeStandIn]:
    with StripeStandIn() as desk:
        yield desk
        desk.check()


@pytest.fixture
def client(desk: StripeStandIn) -> StripeClient:
    return client_of(desk.url)


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
