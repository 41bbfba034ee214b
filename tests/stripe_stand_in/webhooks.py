"""Signed webhooks: how a body is signed, and how events are sent to an address: at once, late, twice, held, never."""

import hashlib
import hmac
import http.client
import json
import queue
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlsplit

from tests.stripe_stand_in.account import Account
from tests.stripe_stand_in.clock import DAY, HOUR
from tests.stripe_stand_in.errors import Json

Mode = Literal["at_once", "before_reply", "late", "twice", "held", "never"]
Tamper = Literal["body", "signature", "secret", "scheme", "no_timestamp", "truncated"]

SECRET = "whsec_standin"
#: After a failed delivery the event is sent again; three days in all.
AGAIN = (HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY)


def body_of(event: Json) -> bytes:
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def signature(body: bytes, at: int, *secrets: str) -> str:
    """The `Stripe-Signature` header: one v1 for each secret in force."""
    signed = f"{at}.".encode() + body
    proofs = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={proof}" for proof in proofs)])


def forged(body: bytes, at: int, secret: str, tamper: Tamper) -> tuple[bytes, str]:
    """A delivery that must not be believed."""
    header = signature(body, at, secret)
    match tamper:
        case "body":
            return body.replace(b'"amount": ', b'"amount": 9', 1) + b" ", header
        case "signature":
            return body, header[:-4] + ("0000" if not header.endswith("0000") else "1111")
        case "secret":
            return body, signature(body, at, "whsec_somebody_else")
        case "scheme":
            return body, header.replace("v1=", "v0=")
        case "no_timestamp":
            return body, header.partition(",")[2]
        case "truncated":
            return body[: len(body) // 2], header


@dataclass(slots=True)
class Endpoint:
    """An address that events are sent to. `stamp`: whether the signature bears the stand-in's time or the machine's."""

    url: str
    secrets: tuple[str, ...]
    mode: Mode
    delay: int
    types: frozenset[str] | None
    livemode: bool
    stamp: Literal["clock", "real"]
    held: list[Json] = field(default_factory=list)

    def wants(self, event: Json) -> bool:
        return event["livemode"] == self.livemode and (self.types is None or event["type"] in self.types)


class Sender:
    """Sends from a thread of its own, which starts with the first address."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.endpoints: list[Endpoint] = []
        self._queue: queue.Queue[tuple[Endpoint, Json, int] | None] = queue.Queue()
        self._inline: dict[str, list[tuple[Endpoint, Json]]] = {}
        self._thread: threading.Thread | None = None

    def add(self, endpoint: Endpoint) -> None:
        if endpoint.mode not in get_args(Mode):
            raise ValueError(f"no such mode: {endpoint.mode}")
        self.endpoints.append(endpoint)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
            self._thread.start()

    def offer(self, event: Json) -> None:
        """Called with every new event, the account's lock held."""
        for endpoint in self.endpoints:
            if not endpoint.wants(event):
                continue
            event["pending_webhooks"] += 1
            if endpoint.mode == "before_reply" and self._account.call is not None:
                self._inline.setdefault(self._account.call.request_id, []).append((endpoint, event))
            elif endpoint.mode in {"at_once", "twice", "before_reply"}:
                for _ in range(2 if endpoint.mode == "twice" else 1):
                    self._queue.put((endpoint, event, 0))
            elif endpoint.mode == "late":
                self._later(endpoint, event, 0, endpoint.delay)
            elif endpoint.mode == "held":
                endpoint.held.append(event)

    def _later(self, endpoint: Endpoint, event: Json, tries: int, delay: int) -> None:
        due = self._account.clock.now() + delay
        self._account.clock.at(due, lambda: self._queue.put((endpoint, event, tries)))

    def send_before_reply(self, request_id: str) -> None:
        for endpoint, event in self._inline.pop(request_id, []):
            self._post(endpoint, event, 0)

    def send_held(self, shuffle_seed: int | None) -> int:
        """What was held, in order or shuffled; how many they were."""
        sent = 0
        for endpoint in self.endpoints:
            events, endpoint.held = endpoint.held, []
            if shuffle_seed is not None:
                random.Random(shuffle_seed).shuffle(events)
            for event in events:
                self._queue.put((endpoint, event, 0))
            sent += len(events)
        return sent

    def drain(self, timeout: float) -> None:
        """Raises TimeoutError when deliveries are still under way then."""
        idle = self._queue.all_tasks_done
        with idle:
            if not idle.wait_for(lambda: self._queue.unfinished_tasks == 0, timeout):
                raise TimeoutError("webhooks are still under way")

    def stop(self) -> None:
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(timeout=10)
            self._thread = None

    def _run(self) -> None:
        while True:
            job = self._queue.get()
            try:
                if job is None:
                    return
                self._post(*job)
            finally:
                self._queue.task_done()

    def _post(self, endpoint: Endpoint, event: Json, tries: int) -> None:
        with self._account.lock:
            at = int(time.time()) if endpoint.stamp == "real" else self._account.clock.now()
            body = body_of(event)
        if not _delivered(endpoint.url, body, signature(body, at, *endpoint.secrets)) and tries < len(AGAIN):
            with self._account.lock:
                self._later(endpoint, event, tries + 1, AGAIN[tries])


def _delivered(url: str, body: bytes, header: str) -> bool:
    """Whether the address answered 2xx."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=30)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": header}
        connection.request("POST", path, body, headers)
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
