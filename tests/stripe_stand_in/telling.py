"""The controls over events and webhooks. See the package's docstring."""

import copy
import random
from collections.abc import Iterable
from typing import Any, Literal

from tests.stripe_stand_in.account import Account
from tests.stripe_stand_in.clock import seconds
from tests.stripe_stand_in.errors import Json
from tests.stripe_stand_in.webhooks import SECRET, Endpoint, Mode, Sender, Tamper, body_of, forged, signature


class Telling:
    """A part of StripeStandIn."""

    account: Account
    sender: Sender
    secret = SECRET

    def events(
        self,
        type: str | None = None,  # noqa: A002 - Stripe's word
        *,
        object_id: str | None = None,
        after: str | None = None,
    ) -> list[Json]:
        with self.account.lock:
            found = list(self.account.table("event").all())
        if after is not None:
            ids = [event["id"] for event in found]
            found = found[ids.index(after) + 1 :]
        return [
            copy.deepcopy(event)
            for event in found
            if type in {None, event["type"]} and object_id in {None, event["data"]["object"]["id"]}
        ]

    def deliver(
        self, event: str | Json, *, at: Any = None, tamper: Tamper | None = None, secret: str | None = None
    ) -> tuple[bytes, str]:
        with self.account.lock:
            if isinstance(event, str):
                found = self.account.table("event").get(event)
                if found is None:
                    raise KeyError(f"no event {event}")
                event = found
            body = body_of(event)
            when = self.account.clock.now() if at is None else seconds(at)
        if tamper is not None:
            return forged(body, when, secret or self.secret, tamper)
        return body, signature(body, when, secret or self.secret)

    def deliveries(
        self,
        *,
        seed: int = 0,
        lose: float = 0.0,
        twice: float = 0.0,
        shuffle: bool = True,
        after: str | None = None,
        at: Any = None,
    ) -> list[tuple[bytes, str]]:
        lots = random.Random(seed)
        sent: list[Json] = []
        for event in self.events(after=after):
            if lots.random() < lose:
                continue
            sent += [event] * (2 if lots.random() < twice else 1)
        if shuffle:
            lots.shuffle(sent)
        return [self.deliver(event, at=at) for event in sent]

    def webhook_to(
        self,
        url: str,
        *,
        secret: str = SECRET,
        old_secret: str | None = None,
        mode: Mode = "at_once",
        delay: int = 0,
        types: Iterable[str] | None = None,
        livemode: bool = False,
        stamp: Literal["clock", "real"] = "clock",
    ) -> None:
        secrets = (secret, old_secret) if old_secret else (secret,)
        wanted = None if types is None else frozenset(types)
        with self.account.lock:
            self.sender.add(Endpoint(url, secrets, mode, delay, wanted, livemode, stamp))

    def send_held(self, *, shuffle_seed: int | None = None) -> int:
        with self.account.lock:
            return self.sender.send_held(shuffle_seed)

    def drain(self, timeout: float = 10.0) -> None:
        self.sender.drain(timeout)
