"""A payment gateway for measuring: it takes 250 ms to answer, and refuses what is more than its limit.

`python -m benchmarks.slow_gateway LIMIT` serves it on a free port of the loopback, which it prints; `SlowGateway` asks
it. At most LIMIT calls of a kind (create, confirm …) are let in during any one second, as at a processor that limits
each endpoint; the others are turned away at once (429). It keeps what it was asked, and how often.
"""

import asyncio
import json
import sys
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from time import monotonic
from typing import Any, NoReturn

from paidthru.payments.gateway import (
    NO_SUCH_INTENT,
    UNEXPECTED_STATE,
    Capabilities,
    Confirmation,
    GatewayIntent,
    GatewayNotExecuted,
    GatewayRejected,
    GatewayUnknown,
    IntentRequest,
    IntentStatus,
)

LATENCY = 0.25  # seconds
_REASONS = {200: "OK", 400: "Bad Request", 429: "Too Many Requests"}


class Books:
    """What the gateway knows: intents by reference, replies by key, and how often it was asked for what."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.asked: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.charges = 0
        self._intents: dict[str, dict[str, Any]] = {}
        self._replies: dict[str, tuple[int, dict[str, Any]]] = {}
        self._let_in: dict[str, deque[float]] = {}

    def lets_in(self, call: str, at: float) -> bool:
        """Whether one more call of the kind may come in, by a window of one second that slides."""
        recent = self._let_in.setdefault(call, deque())
        while recent and recent[0] <= at - 1:
            recent.popleft()
        self.asked[call] += 1
        if len(recent) >= self.limit:
            self.refused[call] += 1
            return False
        recent.append(at)
        return True

    def answer(self, call: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The status and the reply; the same for the same key."""
        key = asked.get("key")
        if key in self._replies:
            return self._replies[key]
        reply: tuple[int, dict[str, Any]] = getattr(self, f"_{call}")(asked)
        if key:
            self._replies[key] = reply
        return reply

    def _create(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        ref = f"pi_{len(self._intents) + 1}"
        self._intents[ref] = {**asked["request"], "ref": ref, "status": "requires_confirmation"}
        return 200, self._intents[ref]

    def _confirm(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        intent = self._intents[asked["ref"]]
        if intent["status"] != "requires_confirmation":
            return 400, {"code": UNEXPECTED_STATE}
        self.charges += 1
        metadata = intent["metadata"] | asked["metadata"]
        intent.update(status="succeeded", charge_ref=f"ch_{self.charges}", metadata=metadata)
        return 200, intent

    def _fetch(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        found = self._intents.get(asked["ref"])
        return (200, found) if found else (400, {"code": NO_SUCH_INTENT})

    def _cancel(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        intent = self._intents[asked["ref"]]
        if intent["status"] == "succeeded":
            return 400, {"code": UNEXPECTED_STATE}
        intent["status"] = "canceled"
        return 200, intent

    def counts(self) -> dict[str, Any]:
        """What it was asked, so far."""
        return {"asked": self.asked, "refused": self.refused, "charges": self.charges}


async def _serve(limit: int) -> None:
    books = Books(limit)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode().strip("/")
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                asked = json.loads(await reader.readexactly(length))
                if path == "counts":
                    status, reply = 200, books.counts()
                elif not books.lets_in(path, monotonic()):
                    status, reply = 429, {}
                else:
                    status, reply = books.answer(path, asked)
                    await asyncio.sleep(LATENCY)
                body = json.dumps(reply).encode()
                writer.write(
                    f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


class SlowGateway:
    """Asks it: a connection for each thread."""

    name = "slow"

    def __init__(self, port: int, *, per_second: int, in_flight: int) -> None:
        self._port = port
        self._local = threading.local()
        self.capabilities = Capabilities(
            two_step=True, fence=True, lookup="consistent",
            max_in_flight=in_flight, online=True, per_second=per_second,
        )  # fmt: skip

    def ask(self, call: str, **about: object) -> dict[str, Any]:
        """One call; raises what the port says."""
        connection: HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            connection.request("POST", f"/{call}", json.dumps(about))
            answer = connection.getresponse()
            reply: dict[str, Any] = json.loads(answer.read())
        except OSError as error:
            self._local.connection = None
            raise GatewayUnknown(str(error)) from error
        if answer.status == 429:
            raise GatewayNotExecuted("Too many requests.", code="rate_limit")
        if answer.status == 400:
            raise GatewayRejected(reply["code"], code=reply["code"])
        return reply

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        """See the port."""
        about = {
            "amount_minor": request.amount_minor, "currency": request.currency,
            "customer_ref": request.customer_ref, "metadata": dict(request.metadata),
        }  # fmt: skip
        return _read(self.ask("create", request=about, key=key))

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        """See the port."""
        return _read(self.ask("confirm", ref=ref, metadata=dict(confirmation.metadata), key=key))

    def fetch_intent(self, ref: str) -> GatewayIntent:
        """See the port."""
        return _read(self.ask("fetch", ref=ref))

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        """See the port."""
        return _read(self.ask("cancel", ref=ref, key=key))

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name} is not measured")


_MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


def _read(told: Mapping[str, Any]) -> GatewayIntent:
    intent = GatewayIntent(
        ref=told["ref"], status=IntentStatus(told["status"]), amount_minor=told["amount_minor"], received_minor=0,
        currency=told["currency"], customer_ref=told["customer_ref"], livemode=False, created_at=_MADE_AT,
        charge_ref=told.get("charge_ref"), metadata=told["metadata"],
    )  # fmt: skip
    if intent.status is IntentStatus.SUCCEEDED:
        intent = replace(intent, received_minor=intent.amount_minor)
    return intent


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
