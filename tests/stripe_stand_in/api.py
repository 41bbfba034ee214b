"""From a call to its reply: route, parameters, idempotency, expansion. Nothing of sockets, nothing of faults."""

import json
from typing import Any

from tests.stripe_stand_in.account import API_VERSION, Account, Call
from tests.stripe_stand_in.errors import (
    Json,
    Problem,
    expired_key,
    forbidden,
    no_key,
    no_longer_supported,
    other_account,
    parameter_unknown,
    unauthorized,
)
from tests.stripe_stand_in.expand import expanded
from tests.stripe_stand_in.forms import decode
from tests.stripe_stand_in.keys import Keys, Reply
from tests.stripe_stand_in.routes import route_of

PREFIXES = ("sk_test_", "rk_test_", "sk_live_", "rk_live_")


class Api:
    """Of one account. The caller holds its lock."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.keys = Keys()
        self.revoked: set[str] = set()
        self.restricted: set[str] = set()
        self._received = 0

    def read(self, method: str, target: str, body: str, *, api_key: str, key: str | None) -> Call:
        """The request as a call; nothing is looked at but its form."""
        path, _, query = target.partition("?")
        self._received += 1
        return Call(
            method=method,
            path=path,
            params=decode(query) | (decode(body) if method == "POST" else {}),
            livemode=api_key[3:7] == "live",
            key=key if method == "POST" else None,
            request_id=f"req_{self._received:014d}",
        )

    def admit(self, api_key: str, account: str | None = None) -> None:
        """Raises 401 or 403. `account`: whom the `Stripe-Account` header names, which can be none but this."""
        if not api_key:
            raise no_key()
        if not api_key.startswith(PREFIXES):
            raise unauthorized(api_key)
        if api_key in self.revoked:
            raise expired_key()
        if api_key in self.restricted:
            raise forbidden()
        if account not in {None, self.account.id}:
            raise other_account(api_key, str(account))

    def answer(self, call: Call) -> Reply:
        """The reply kept under the call's key, or that of the route, which is then kept."""
        try:
            kept = self.keys.replay(call, self.account.clock.now())
        except Problem as problem:
            return self.refusal(call, problem)
        if kept is not None:
            return kept
        reply = self.perform(call)
        self.keys.keep(call, reply, self.account.clock.now())
        return reply

    def perform(self, call: Call) -> Reply:
        """The effect, whatever is kept."""
        self.account.call = call
        try:
            route, ids = route_of(call.method, call.path)
            for name in call.params:
                if name not in route.params and not (name == "metadata" and self._merges(call)):
                    raise (
                        no_longer_supported(name)
                        if name == "payment_method_types"
                        else parameter_unknown(name)
                    )
            result = route.answer(self.account, call, *ids)
            return self._reply(call, 200, expanded(self.account, result, call.params))
        except Problem as problem:
            return self.refusal(call, problem)
        finally:
            self.account.call = None

    def _merges(self, call: Call) -> bool:
        return self.account.confirm_merges_metadata and call.path.endswith("/confirm")

    def refusal(self, call: Call, problem: Problem) -> Reply:
        error = problem.body["error"] | {
            "request_log_url": f"https://dashboard.stripe.com/logs/{call.request_id}"
        }
        return self._reply(
            call, problem.status, {"error": error}, stored=problem.stored, headers=problem.headers
        )

    def _reply(
        self,
        call: Call,
        status: int,
        body: Json,
        *,
        stored: bool = True,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        named = {
            "Content-Type": "application/json",
            "Request-Id": call.request_id,
            "Stripe-Version": API_VERSION,
            **({"Idempotency-Key": call.key} if call.key else {}),
            **(headers or {}),
        }
        return Reply(status, dumped(body), named, stored=stored and status != 409)


def dumped(body: Any) -> bytes:
    return json.dumps(body, indent=1, ensure_ascii=False).encode()
