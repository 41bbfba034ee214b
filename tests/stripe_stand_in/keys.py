"""Idempotency keys, v1: the first reply is kept for 24 hours of the stand-in's clock and given again.

Kept are the replies of requests that began to be worked on: 2xx, 402, 400 for a state, and 5xx too. Not kept: what
failed validation, 401, 403, 404, 409, 429. The same key with other parameters or for another endpoint is a 400
idempotency_error; while the first is being worked on, a 409.
"""

import json
from dataclasses import dataclass

from tests.stripe_stand_in.account import Call
from tests.stripe_stand_in.clock import DAY
from tests.stripe_stand_in.errors import Problem


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes over the wire. `stored`: to be kept under the request's key."""

    status: int
    body: bytes
    headers: dict[str, str]
    stored: bool = True


@dataclass(frozen=True, slots=True)
class _Kept:
    path: str
    params: str
    reply: Reply
    at: int


class Keys:
    """Of one account, both modes. Not locked: the account is."""

    def __init__(self) -> None:
        self._kept: dict[tuple[bool, str], _Kept] = {}
        self._under_way: dict[tuple[bool, str], int] = {}
        self._held: set[str] = set()

    def begin(self, call: Call) -> None:
        """The request has arrived. Raises 409 while another with its key is being worked on."""
        if call.key is None:
            return
        name = (call.livemode, call.key)
        if self._under_way.get(name) or call.key in self._held:
            raise Problem(
                409,
                "There is currently another in-progress request using this idempotent key (that probably means you "
                f"submitted twice, and the other request is still going through): {call.key}. Please try again later.",
                code="idempotency_key_in_use",
                stored=False,
                headers={"Stripe-Should-Retry": "true"},
            )
        self._under_way[name] = 1

    def end(self, call: Call) -> None:
        if call.key is not None:
            self._under_way.pop((call.livemode, call.key), None)

    def replay(self, call: Call, now: int) -> Reply | None:
        """The kept reply, marked as such. Raises the 400 of another request under the same key."""
        if call.key is None:
            return None
        name = (call.livemode, call.key)
        kept = self._kept.get(name)
        if kept is None:
            return None
        if now - kept.at >= DAY:
            del self._kept[name]
            return None
        if kept.path != call.path:
            raise _mismatch(
                call.key, f"for the same endpoint they were first used for ('{call.path}' vs '{kept.path}')"
            )
        if kept.params != _text(call):
            raise _mismatch(call.key, "with the same parameters they were first used with")
        headers = kept.reply.headers | {"Idempotent-Replayed": "true"}
        return Reply(kept.reply.status, kept.reply.body, headers, stored=False)

    def keep(self, call: Call, reply: Reply, now: int) -> None:
        if call.key is not None and reply.stored:
            self._kept[call.livemode, call.key] = _Kept(call.path, _text(call), reply, now)

    def hold(self, key: str) -> None:
        self._held.add(key)

    def let_go(self, key: str) -> None:
        self._held.discard(key)


def _text(call: Call) -> str:
    return json.dumps(call.params, sort_keys=True)


def _mismatch(key: str, words: str) -> Problem:
    return Problem(
        400,
        f"Keys for idempotent requests can only be used {words}. Try using a key other than '{key}' if you meant to "
        "execute a different request.",
        kind="idempotency_error",
        stored=False,
    )
