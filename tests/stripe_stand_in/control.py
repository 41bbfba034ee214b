"""The controls over HTTP: POST /_control/NAME with a JSON object of arguments, for tests in other processes."""

import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from tests.stripe_stand_in.errors import Problem

#: Methods of StripeStandIn that may be called so; those in READS by GET too.
READS = ("now", "truth", "events", "requests", "object", "objects", "check")
WRITES = (
    "set_clock", "advance", "save_method", "script_method", "update_card", "complete_setup", "fail_setup",
    "complete_session", "authenticate", "clear_debit", "fail_debit", "receive_only", "settle_refund", "fail_refund",
    "dispute", "return_debit", "close_dispute", "pay_out", "arrive_payout", "fail_payout", "set_account", "settings",
    "deliver", "deliveries", "webhook_to", "send_held", "drain", "fate", "random_fates", "calm", "release",
    "wait_until_holding", "latency", "limits", "revoke_key", "restrict_key", "hold_key", "release_key",
)  # fmt: skip


def controlled(desk: object, method: str, name: str, body: bytes) -> tuple[int, bytes]:
    """Status and JSON. What a method raises is a 400 with its words."""
    name = name.partition("?")[0]
    if name == "clock":
        name = "now" if method == "GET" else "clock"
    if name not in (READS if method == "GET" else (*READS, *WRITES, "clock")):
        return 404, _json({"error": f"no such control: {name}"})
    try:
        arguments = json.loads(body) if body.strip() else {}
        act: Callable[..., Any] = getattr(desk, name)
        return 200, _json(act(**arguments))
    except Problem as problem:
        return problem.status, _json(problem.body)
    except (TypeError, ValueError, KeyError, AssertionError, TimeoutError) as wrong:
        return 400, _json({"error": f"{type(wrong).__name__}: {wrong}"})


def _json(result: Any) -> bytes:
    return json.dumps(_plain(result)).encode()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value
