"""What may befall a request: asked for by a test, or drawn from a seed."""

import fnmatch
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """Each is described in the package's docstring."""

    LOST_REQUEST = "lost_request"
    LOST_REPLY = "lost_reply"
    LATE = "late"
    RATE_LIMITED = "rate_limited"
    LOCK_TIMEOUT = "lock_timeout"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    SLOW_BODY = "slow_body"
    TRUNCATED = "truncated"
    HTML = "html"
    HUGE = "huge"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_CUSTOMER = "wrong_customer"
    WRONG_MODE = "wrong_mode"
    HANG = "hang"
    HOLD_REPLY = "hold_reply"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A fate with its particulars. `delay`: LATE, seconds of the stand-in's clock. `status`, `stored`: of the server
    errors. `retry_after`: RATE_LIMITED, seconds."""

    fate: Fate
    delay: int = 0
    status: int = 500
    stored: bool = True
    retry_after: int = 1


@dataclass(slots=True)
class _Rule:
    sentence: Sentence
    method: str | None
    path: str
    times: int | None
    skip: int


@dataclass(frozen=True, slots=True)
class _Lottery:
    seed: int
    weights: Mapping[Fate, float]
    path: str
    method: str | None
    delay: int


class Fates:
    """Rules first, in the order they were made; then the lottery. Not locked: the door is."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._lottery: _Lottery | None = None
        self._drawn: Counter[str] = Counter()

    def add(self, sentence: Sentence, *, method: str | None, path: str, times: int | None, skip: int) -> None:
        self._rules.append(_Rule(sentence, method, path, times, skip))

    def draw_from(
        self, seed: int, weights: Mapping[Fate, float], *, path: str, method: str | None, delay: int
    ) -> None:
        if sum(weights.values()) > 1 + 1e-9:
            raise ValueError("the probabilities add up to more than 1")
        self._lottery = _Lottery(seed, dict(weights), path, method, delay)
        self._drawn.clear()

    def forget(self) -> None:
        self._rules.clear()
        self._lottery = None

    def of(self, method: str, path: str, key: str | None) -> Sentence | None:
        """What befalls this request."""
        for rule in self._rules:
            if not _fits(rule.method, rule.path, method, path):
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            if rule.times is not None:
                rule.times -= 1
                if not rule.times:
                    self._rules.remove(rule)
            return rule.sentence
        return self._by_lot(method, path, key)

    def _by_lot(self, method: str, path: str, key: str | None) -> Sentence | None:
        lottery = self._lottery
        if lottery is None or not _fits(lottery.method, lottery.path, method, path):
            return None
        name = f"{method} {key or path}"
        self._drawn[name] += 1
        lots = random.Random(f"{lottery.seed}/{name}/{self._drawn[name]}")
        at = lots.random()
        for fate in sorted(lottery.weights):
            at -= lottery.weights[fate]
            if at < 0:
                return Sentence(
                    fate, delay=lots.randint(1, max(1, lottery.delay)), stored=lots.random() < 0.5
                )
        return None


def _fits(wanted_method: str | None, pattern: str, method: str, path: str) -> bool:
    return (wanted_method is None or wanted_method.upper() == method) and fnmatch.fnmatchcase(path, pattern)
