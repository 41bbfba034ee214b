"""Stripe's rate limits: a token bucket an endpoint and one over all, by real time; off by default."""

import time


class Bucket:
    """Holds up to `rate` tokens and gains `rate` a second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._tokens = float(rate)
        self._filled = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._tokens = min(float(self._rate), self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Limits:
    """Not locked: the door is. None: no limit."""

    def __init__(self, per_endpoint: int | None = None, overall: int | None = None) -> None:
        self._per_endpoint = per_endpoint
        self._overall = Bucket(overall) if overall else None
        self._endpoints: dict[str, Bucket] = {}

    def let_in(self, endpoint: str) -> bool:
        """`endpoint`: method and route, ids left out."""
        if self._per_endpoint:
            bucket = self._endpoints.setdefault(endpoint, Bucket(self._per_endpoint))
            if not bucket.take():
                return False
        return self._overall is None or self._overall.take()
