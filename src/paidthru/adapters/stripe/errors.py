"""Stripe's errors in the port's words (field-notes C.4). No reply's body is kept: it may hold personal data."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import stripe

from paidthru.payments.gateway import (
    NO_SUCH_INTENT,
    PAYMENT_DISPUTED,
    REFUND_EXCEEDS,
    UNEXPECTED_STATE,
    GatewayError,
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayNotExecuted,
    GatewayRejected,
    GatewayUnknown,
)

T = TypeVar("T")
Facts = Mapping[str, Any]

#: `GatewayUnknown.code` of an answer that came and can't be read (I-48).
UNREADABLE = "unreadable"

_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=10)
_MISSING = {
    "intent": NO_SUCH_INTENT,
    "payment_intent": NO_SUCH_INTENT,
    "charge": NO_SUCH_INTENT,
    "payment_method": "no_such_method",
    "customer": "no_such_customer",
}
_CODES = {
    "charge_already_refunded": REFUND_EXCEEDS,
    "charge_disputed": PAYMENT_DISPUTED,
    "charge_not_refundable": NO_SUCH_INTENT,
}


def asked(call: Callable[[], T], *, missing: str = "") -> T:
    """What the call returns; raises the port's errors. `missing` is the code for an object that is not there, where
    the error doesn't say which one it was."""
    try:
        return call()
    except GatewayError:
        raise
    except stripe.StripeError as error:
        raise read_error(error, missing=missing) from None
    except (
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        RecursionError,
    ):  # the SDK met something that is no API
        raise GatewayUnknown("The answer can't be read.", code=UNREADABLE) from None


def read_error(error: stripe.StripeError, *, missing: str = "") -> GatewayError:
    """An error of the SDK as one of the port's."""
    facts = error_facts(error)
    code = str(facts.get("code") or error.code or "")
    message = str(error.user_message or "")[:300]
    match error:
        case stripe.RateLimitError():
            return GatewayNotExecuted(
                "The gateway is busy.", retry_after=_wait(error), code=code or "rate_limit"
            )
        case stripe.AuthenticationError() | stripe.PermissionError():
            return GatewayNotExecuted(
                "The gateway refuses the account's key.",
                opens_circuit=True,
                code=code or ("key_refused" if error.http_status == 401 else "key_forbidden"),
            )
        case stripe.IdempotencyError():
            return GatewayKeyReused("This key came with other parameters before.", code="idempotency_error")
        case stripe.CardError():
            return GatewayRejected(message, code=str(facts.get("decline_code") or code))
        case stripe.InvalidRequestError():
            return _invalid(str(error.param or ""), code, message, error.http_status, missing)
        case stripe.APIError() if error.http_status == 409:
            return GatewayKeyInUse("Another request with this key is being worked on.", code=code)
    # No reply (APIConnectionError), 5xx, a reply that is no JSON, anything new: the money may have moved.
    return GatewayUnknown(f"There is no answer that can be read ({type(error).__name__}).")


def _invalid(param: str, code: str, message: str, status: int | None, missing: str) -> GatewayError:
    if code.endswith("unexpected_state"):
        return GatewayRejected(message, code=UNEXPECTED_STATE)
    if code == "lock_timeout":  # a 429 since 2020, a 400 before
        return GatewayNotExecuted("The gateway is busy with this object.", retry_after=_WAIT, code=code)
    if code == "resource_missing" or status == 404:
        return GatewayRejected(message, code=missing or _MISSING.get(param, "no_such_object"))
    if param == "amount" and "refund" in message.lower():
        return GatewayRejected(message, code=REFUND_EXCEEDS)
    return GatewayRejected(message, code=_CODES.get(code, code or "request_invalid"))


def error_facts(error: stripe.StripeError) -> Facts:
    """The `error` object of the reply; empty where there is none."""
    body = error.json_body
    inside = body.get("error") if isinstance(body, dict) else None
    return inside if isinstance(inside, dict) else {}


def _wait(error: stripe.StripeError) -> timedelta:
    said = str((error.headers or {}).get("Retry-After", ""))
    return min(timedelta(seconds=int(said)), _LONGEST_WAIT) if said.isdigit() and len(said) < 6 else _WAIT
