"""Stripe's error replies. Raised by the routes as `Problem`, turned into JSON at the door."""

from typing import Any

Json = dict[str, Any]

DOCS = "https://stripe.com/docs/error-codes/"


class Problem(Exception):  # noqa: N818 - an answer, not a failure of ours
    """An error reply. `stored`: the work had begun, so the reply is kept under the idempotency key; a request that
    fails validation is not (Stripe's rule for v1)."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        stored: bool = True,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.stored = stored
        self.headers = headers or {}
        error: Json = {"message": message, "type": kind}
        if code:
            error |= {"code": code, "doc_url": DOCS + code.replace("_", "-")}
        if param:
            error["param"] = param
        self.body: Json = {
            "error": error | {name: value for name, value in more.items() if value is not None}
        }


def missing(words: str, id_: str, *, param: str, other_mode: str | None = None) -> Problem:
    """404. `other_mode`: "test" or "live", where an object with this id does exist."""
    message = f"No such {words}: '{id_}'"
    if other_mode:
        mine = "live" if other_mode == "test" else "test"
        message += (
            f"; a similar object exists in {other_mode} mode, but a {mine} mode key was used to make this"
        )
        message += " request."
    return Problem(404, message, code="resource_missing", param=param, stored=False)


def parameter_missing(param: str) -> Problem:
    return Problem(
        400, f"Missing required param: {param}.", code="parameter_missing", param=param, stored=False
    )


def parameter_unknown(param: str) -> Problem:
    return Problem(
        400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param, stored=False
    )


def no_longer_supported(param: str) -> Problem:
    """`payment_method_types` since 2026-09-30.endive: see kinds.py."""
    return Problem(
        400, f"The parameter {param} is no longer supported.", code=f"{param}_no_longer_supported", param=param,
        stored=False,
    )  # fmt: skip


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> Problem:
    """A parameter that cannot be: 400, nothing begun, nothing stored."""
    return Problem(400, message, code=code, param=param, stored=False)


def unexpected_state(words: str, message: str, intent: Json) -> Problem:
    """The intent is in a state that the call does not suit. `words`: payment_intent or setup_intent."""
    problem = Problem(400, message, code=f"{words}_unexpected_state")
    problem.body["error"][words] = intent
    return problem


def unauthorized(api_key: str) -> Problem:
    shown = f"{api_key[:8]}****{api_key[-4:]}" if len(api_key) > 12 else "****"
    return Problem(401, f"Invalid API Key provided: {shown}", stored=False)


def no_key() -> Problem:
    return Problem(401, "You did not provide an API key.", stored=False)


def expired_key() -> Problem:
    return Problem(401, "Expired API key provided.", code="api_key_expired", stored=False)


def forbidden() -> Problem:
    return Problem(
        403, "The provided key does not have the required permissions for this endpoint.", stored=False
    )


def other_account(api_key: str, account: str) -> Problem:
    return Problem(
        403,
        f"The provided key '{api_key[:8]}****' does not have access to account '{account}' (or that account does not "
        "exist). Application access may have been revoked.",
        code="account_invalid",
        stored=False,
    )


def rate_limited(retry_after: int = 1) -> Problem:
    return Problem(
        429,
        "Request rate limit exceeded. You can learn more about rate limits here.",
        code="rate_limit",
        stored=False,
        headers={"Retry-After": str(retry_after), "Stripe-Rate-Limited-Reason": "endpoint-rate"},
    )


def lock_timeout() -> Problem:
    return Problem(
        429,
        "This object cannot be accessed right now because another API request or Stripe process is currently "
        "accessing it.",
        code="lock_timeout",
        stored=False,
        headers={"Stripe-Should-Retry": "true"},
    )


def server_error(status: int = 500) -> Problem:
    return Problem(
        status, "An unknown error occurred", kind="api_error", headers={"Stripe-Should-Retry": "false"}
    )


def no_route(method: str, path: str) -> Problem:
    return Problem(404, f"Unrecognized request URL ({method}: {path}).", stored=False)
