"""The SDK's client for one account, with what every request has in common."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import stripe

from paidthru import __version__
from paidthru.adapters.stripe.errors import UNREADABLE, Facts, asked
from paidthru.adapters.stripe.transport import shared_client
from paidthru.payments.gateway import GatewayUnknown

#: The API's version of the SDK that is pinned; webhook endpoints have to be made with it too.
VERSION = "2026-10-28.endive"

Lister = Callable[[Any], Any]

_PAGE = 100
_DAY = 24 * 60 * 60

stripe.enable_telemetry = False  # what runs here is nobody's business
stripe.set_app_info("Paidthru", __version__)


class Account:
    """A Stripe account as its key opens it. `instance` names this installation: a copy of its database that runs
    elsewhere must not meet its idempotency keys (C.6). `base_address` is another server than Stripe's, for tests."""

    def __init__(self, secret_key: str, *, instance: str, livemode: bool, base_address: str = "") -> None:
        self.instance = instance
        self.livemode = livemode
        self._client = stripe.StripeClient(
            secret_key,
            stripe_version=VERSION,
            base_addresses={"api": base_address} if base_address else None,
            max_network_retries=0,  # retries are ours: the SDK's own would make new keys
            http_client=shared_client(),
        )

    def __repr__(self) -> str:
        return f"<Stripe account, {'live' if self.livemode else 'test'} mode>"  # never the key

    @property
    def api(self) -> stripe.V1Services:
        """The SDK's services."""
        return self._client.v1

    def keyed(self, key: str) -> Any:
        """The options of a request that must have effect once."""
        return {"idempotency_key": f"{self.instance}:{key}"[:255]}


def facts_of(call: Callable[[], Any], *, missing: str = "") -> Facts:
    """The object that a call returns, as plain facts. Raises the port's errors."""
    return asked(lambda: _plain(call()), missing=missing)


def _plain(found: Any) -> Facts:
    plain = found.to_dict()
    if not isinstance(plain, dict):
        raise TypeError("no object")
    return plain


def listed(call: Lister, since: datetime, **params: Any) -> Iterator[Facts]:
    """All objects created at or after an instant, oldest first; Stripe's instants are whole seconds, so those of the
    same second too. It lists the newest first, so a day is read at a time and turned round: no more is held."""
    first = int(since.timestamp())
    newest = _page(call, {"created": {"gte": first}, "limit": 1})
    last = int(newest[0]["created"]) if newest else first - 1
    while first <= last:
        found = list(_pages(call, {**params, "created": {"gte": first, "lt": first + _DAY}}))
        yield from reversed(found)
        first += _DAY


def every(call: Lister, **params: Any) -> list[Facts]:
    """All objects that match, oldest first."""
    return list(reversed(list(_pages(call, params))))


def _pages(call: Lister, params: dict[str, Any]) -> Iterator[Facts]:
    after: dict[str, Any] = {}
    while True:
        page = _page(call, {**params, **after, "limit": _PAGE})
        yield from page
        if len(page) < _PAGE:
            return
        after = {"starting_after": page[-1]["id"]}


def _page(call: Lister, params: dict[str, Any]) -> list[Facts]:
    found = facts_of(lambda: call(params)).get("data")
    if not isinstance(found, list) or not all(isinstance(one, dict) and "id" in one for one in found):
        raise GatewayUnknown("The answer is no list.", code=UNREADABLE)
    return found


def moment(seconds: object) -> datetime:
    """An instant of Stripe's. Raises TypeError or ValueError."""
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise TypeError("no instant")
    return datetime.fromtimestamp(seconds, UTC)
