"""The controls over faults and limits, and the log of what was asked. See the package's docstring."""

import fnmatch
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.stripe_stand_in.account import Account
from tests.stripe_stand_in.api import Api
from tests.stripe_stand_in.buckets import Limits
from tests.stripe_stand_in.fates import Fate, Sentence
from tests.stripe_stand_in.reception import Reception
from tests.stripe_stand_in.requests_seen import Seen


class Faulting:
    """A part of StripeStandIn."""

    account: Account
    api: Api
    reception: Reception

    def fate(
        self,
        fate: Fate | str,
        method: str | None = None,
        path: str = "*",
        *,
        times: int | None = 1,
        skip: int = 0,
        delay: int = 0,
        status: int = 500,
        stored: bool = True,
        retry_after: int = 1,
    ) -> None:
        sentence = Sentence(Fate(fate), delay, status, stored, retry_after)
        with self.account.lock:
            self.reception.fates.add(sentence, method=method, path=path, times=times, skip=skip)

    def random_fates(
        self,
        seed: int,
        weights: Mapping[Fate | str, float],
        *,
        path: str = "*",
        method: str | None = None,
        delay: int = 3600,
    ) -> None:
        named = {Fate(fate): weight for fate, weight in weights.items()}
        with self.account.lock:
            self.reception.fates.draw_from(seed, named, path=path, method=method, delay=delay)

    def calm(self) -> None:
        with self.account.lock:
            self.reception.fates.forget()
            self.reception.latency = 0.0
            self.reception.limits = Limits()
        self.release()

    def release(self) -> None:
        self.reception.release()

    def wait_until_holding(self, count: int = 1, timeout: float = 10.0) -> None:
        self.reception.wait_until_holding(count, timeout)

    def latency(self, ms: int) -> None:
        with self.account.lock:
            self.reception.latency = ms / 1000

    def limits(self, per_endpoint: int | None = 25, overall: int | None = 100) -> None:
        with self.account.lock:
            self.reception.limits = Limits(per_endpoint, overall)

    def revoke_key(self, api_key: str) -> None:
        with self.account.lock:
            self.api.revoked.add(api_key)

    def restrict_key(self, api_key: str) -> None:
        with self.account.lock:
            self.api.restricted.add(api_key)

    def hold_key(self, idempotency_key: str) -> None:
        with self.account.lock:
            self.api.keys.hold(idempotency_key)

    def release_key(self, idempotency_key: str) -> None:
        with self.account.lock:
            self.api.keys.let_go(idempotency_key)

    @property
    def before_effect(self) -> Callable[[Seen], None]:
        return self.reception.before_effect

    @before_effect.setter
    def before_effect(self, hook: Callable[[Seen], None]) -> None:
        self.reception.before_effect = hook

    @property
    def before_reply(self) -> Callable[[Seen], None]:
        return self.reception.before_reply

    @before_reply.setter
    def before_reply(self, hook: Callable[[Seen], None]) -> None:
        self.reception.before_reply = hook

    def requests(self, path: str = "*", method: str | None = None) -> list[Seen]:
        with self.account.lock:
            return [
                replace(seen)
                for seen in self.reception.seen
                if fnmatch.fnmatchcase(seen.path, path) and method in {None, seen.method}
            ]
