"""Where requests come in and replies go out, and where faults happen to them. Knows no sockets: door.py does."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.api import Api, dumped
from tests.stripe_stand_in.buckets import Limits
from tests.stripe_stand_in.errors import (
    Json,
    Problem,
    forbidden,
    lock_timeout,
    rate_limited,
    server_error,
    unauthorized,
)
from tests.stripe_stand_in.fates import Fate, Fates, Sentence
from tests.stripe_stand_in.keys import Reply
from tests.stripe_stand_in.requests_seen import Seen
from tests.stripe_stand_in.routes import route_of
from tests.stripe_stand_in.webhooks import Sender

HUGE = 8 * 1024 * 1024
#: The longest that a request is held; a test that forgets to release ends all the same.
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Sent:
    """How a reply goes over the wire: whole, cut in the middle, or half of it and the rest when it is released."""

    reply: Reply
    manner: Literal["whole", "truncated", "slow"] = "whole"


def _nothing(seen: Seen) -> None:
    return None


class Reception:
    """Of one account. Its own state is changed under the account's lock."""

    def __init__(self, account: Account, api: Api, sender: Sender) -> None:
        self.account = account
        self.api = api
        self.sender = sender
        self.fates = Fates()
        self.limits = Limits()
        self.latency = 0.0
        self.seen: list[Seen] = []
        self.before_effect: Callable[[Seen], None] = _nothing
        self.before_reply: Callable[[Seen], None] = _nothing
        self._gate = threading.Event()
        self._holding = 0
        self._held = threading.Condition()

    def receive(
        self,
        method: str,
        target: str,
        body: str,
        *,
        api_key: str,
        key: str | None,
        version: str | None,
        account: str | None,
    ) -> Sent | None:
        """The reply to send, or None to close the connection without one."""
        with self.account.lock:
            self.account.clock.tick()
            call = self.api.read(method, target, body, api_key=api_key, key=key)
            sentence = self.fates.of(method, call.path, call.key)
            seen = Seen(
                len(self.seen) + 1, self.account.clock.now(), method, call.path, call.params, call.key, api_key,
                version, account, sentence.fate.value if sentence else "",
            )  # fmt: skip
            self.seen.append(seen)
            early = self._at_the_door(call, seen, sentence)
        if early is not None:
            sent = self._dressed(call, early, sentence)
        elif seen.status == 0:
            if sentence and sentence.fate is Fate.HANG:
                self.hold()
            return None
        else:
            reply = self._work(call, seen, sentence)
            if sentence and sentence.fate is Fate.LOST_REPLY:
                seen.status = 0
                return None
            sent = self._dressed(call, reply, sentence)
        seen.status = sent.reply.status
        return sent

    def _at_the_door(self, call: Call, seen: Seen, sentence: Sentence | None) -> Reply | None:
        """What is answered before any work; `seen.status` 0 for what is not answered at all."""
        fate = sentence.fate if sentence else None
        if fate in {Fate.LOST_REQUEST, Fate.HANG}:
            seen.status = 0
            return None
        try:
            self.api.admit(seen.api_key, seen.account)
            if sentence and fate is Fate.LATE:
                when = self.account.clock.now() + sentence.delay
                self.account.clock.at(when, lambda: self._land(call))
                seen.status = 0
                return None
            self._turn_away(call, seen, sentence)
            self.api.keys.begin(call)
        except Problem as problem:
            return self.api.refusal(call, problem)
        return None

    def _turn_away(self, call: Call, seen: Seen, sentence: Sentence | None) -> None:
        route, _ = route_of(call.method, call.path)
        if not self.limits.let_in(route.name):
            raise rate_limited()
        if sentence is None:
            return
        if sentence.fate is Fate.RATE_LIMITED:
            raise rate_limited(sentence.retry_after)
        if sentence.fate is Fate.LOCK_TIMEOUT:
            raise lock_timeout()
        if sentence.fate is Fate.UNAUTHORIZED:
            raise unauthorized(seen.api_key)
        if sentence.fate is Fate.FORBIDDEN:
            raise forbidden()

    def _land(self, call: Call) -> None:
        """A late request: nobody waits for its reply."""
        self.api.answer(call)

    def _work(self, call: Call, seen: Seen, sentence: Sentence | None) -> Reply:
        try:
            if self.latency:
                time.sleep(self.latency)
            self.before_effect(seen)
            with self.account.lock:
                self.account.clock.tick()
                reply = self._reply(call, sentence)
                seen.replayed = "Idempotent-Replayed" in reply.headers
        finally:
            with self.account.lock:
                self.api.keys.end(call)
        self.sender.send_before_reply(call.request_id)
        self.before_reply(seen)
        if sentence and sentence.fate is Fate.HOLD_REPLY:
            self.hold()
        return reply

    def _reply(self, call: Call, sentence: Sentence | None) -> Reply:
        """The server errors, with and without effect; otherwise the answer."""
        if sentence is None or sentence.fate not in {Fate.SERVER_ERROR, Fate.SERVER_ERROR_AFTER}:
            return self.api.answer(call)
        error = replace(self.api.refusal(call, server_error(sentence.status)), stored=sentence.stored)
        now = self.account.clock.now()
        try:
            kept = self.api.keys.replay(call, now)
        except Problem as problem:
            return self.api.refusal(call, problem)
        if kept is not None:
            return error
        if sentence.fate is Fate.SERVER_ERROR_AFTER:
            true = self.api.perform(call)
            self.api.keys.keep(call, error if sentence.stored else true, now)
        else:
            self.api.keys.keep(call, error, now)
        return error

    def _dressed(self, call: Call, reply: Reply, sentence: Sentence | None) -> Sent:
        """As the fate has it on the wire; what is kept under the key stays true."""
        fate = sentence.fate if sentence else None
        if fate is Fate.TRUNCATED:
            return Sent(reply, "truncated")
        if fate is Fate.SLOW_BODY:
            return Sent(reply, "slow")
        if fate is Fate.HTML:
            page = b"<!doctype html><title>Bad gateway</title><p>The server is on a break."
            return Sent(replace(reply, body=page, headers=reply.headers | {"Content-Type": "text/html"}))
        if fate is Fate.HUGE:
            body = json.loads(reply.body) | {"padding": "x" * HUGE}
            return Sent(replace(reply, body=dumped(body)))
        if fate in _WRONG:
            body = json.loads(reply.body)
            inner = body.get("error", {}).get("payment_intent", body)
            _WRONG[fate](inner)
            return Sent(replace(reply, body=dumped(body)))
        return Sent(reply)

    def hold(self) -> None:
        """Waits for release()."""
        with self._held:
            gate = self._gate
            self._holding += 1
            self._held.notify_all()
        gate.wait(PATIENCE)
        with self._held:
            self._holding -= 1

    def release(self) -> None:
        with self._held:
            gate, self._gate = self._gate, threading.Event()
        gate.set()

    def wait_until_holding(self, count: int, timeout: float) -> None:
        """Raises TimeoutError when so many requests do not come to be held."""
        with self._held:
            if not self._held.wait_for(lambda: self._holding >= count, timeout):
                raise TimeoutError(f"{self._holding} of {count} requests are held")


def _wrong_amount(body: Json) -> None:
    for name in ("amount", "amount_received"):
        if body.get(name):
            body[name] += 1


def _wrong_currency(body: Json) -> None:
    if "currency" in body:
        body["currency"] = "eur" if body["currency"] != "eur" else "usd"


def _wrong_customer(body: Json) -> None:
    if "customer" in body:
        body["customer"] = "cus_somebodyelse"


def _wrong_mode(body: Json) -> None:
    if "livemode" in body:
        body["livemode"] = not body["livemode"]


_WRONG: dict[Fate | None, Callable[[Json], None]] = {
    Fate.WRONG_AMOUNT: _wrong_amount,
    Fate.WRONG_CURRENCY: _wrong_currency,
    Fate.WRONG_CUSTOMER: _wrong_customer,
    Fate.WRONG_MODE: _wrong_mode,
}
