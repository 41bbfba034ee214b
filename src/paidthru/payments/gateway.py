"""The port to the companies that move money: what every gateway can be asked, and what it may answer.

Pure: the adapters implement it, the rules read its answers. All amounts are integer minor units of the ISO
4217 `currency`; all instants are aware and in UTC. Money is collected in two steps (field-notes C.3): an
intent is created, which moves nothing, and then confirmed; an intent can succeed once, whatever becomes of
keys.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

#: The metadata field in which a confirmation names our attempt. An adapter shows it on the intent exactly
#: when that confirmation has taken effect: so an answer that belongs to an earlier attempt can be told from
#: ours.
ATTEMPT = "attempt"

#: `GatewayRejected.code` when the intent is in a state that the call does not suit: look, then settle what is
#: there.
UNEXPECTED_STATE = "intent_unexpected_state"

#: `GatewayRejected.code` when the gateway does not know the intent.
NO_SUCH_INTENT = "no_such_intent"

MethodKind = Literal["card", "bank"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a gateway declares of itself; the worker obeys it (field-notes C.5).

    `two_step`: create, then confirm. `fence`: an unfinished intent can be canceled for good. `lookup`:
    whether a look-up by reference sees what was just written. `key_ttl`: how long an idempotency key is
    remembered. `late_failure_days`: how long after its success a payment can still be taken back.
    `max_in_flight`: requests at a time. `online`: whether it can be asked to collect at all.
    """

    two_step: bool
    fence: bool
    lookup: Literal["consistent", "lagging", "none"]
    key_ttl: timedelta
    late_failure_days: int
    max_in_flight: int
    online: bool


class IntentStatus(StrEnum):
    """The gateway's own states of an intent, in Stripe's words."""

    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class IntentRequest:
    """What is to be collected (minor units) from which of the gateway's customers; moves no money."""

    amount_minor: int
    currency: str
    customer_ref: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The go-ahead: with which saved method, and whether the payer is absent. `metadata[ATTEMPT]` names our
    attempt."""

    method_token: str
    off_session: bool
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GatewayIntent:
    """An intent as the gateway knows it now. `metadata` holds that of the request and of the last
    confirmation that took effect. `decline_code` and `message` are the last refusal's. `taken_at`: the
    instant the money was taken, known with `succeeded` only; batches are dated by it (I-62).
    """

    ref: str
    status: IntentStatus
    amount_minor: int
    received_minor: int
    currency: str
    customer_ref: str
    livemode: bool
    created_at: datetime
    charge_ref: str | None = None
    decline_code: str | None = None
    message: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GatewayMethod:
    """A saved way to pay: the gateway's token, and what may be shown of it. Never the number (A-02)."""

    token: str
    kind: MethodKind
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None
    fingerprint: str


class GatewayError(Exception):
    """What a gateway can answer instead of an intent. `code` is the gateway's own, "" for none."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class GatewayUnknown(GatewayError):  # noqa: N818 - read as the answer it is
    """No answer that can be read: timeout, reset, 5xx. The money may have moved; only a look-up tells (C.4).

    With a `code`, an answer did come, but one that we do not know how to read (I-48).
    """


class GatewayNotExecuted(GatewayError):  # noqa: N818 - read as the answer it is
    """Turned away at the door: nothing happened, the same key may be sent again after `retry_after`.

    `opens_circuit`: the account itself is refused (401, 403), so every other request would be too.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: timedelta | None = None,
        opens_circuit: bool = False,
        code: str = "",
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
        self.opens_circuit = opens_circuit


class GatewayRejected(GatewayError):  # noqa: N818 - read as the answer it is
    """Read and refused (400, 404): our mistake or bad data. `code` says which; see UNEXPECTED_STATE."""


class GatewayKeyReused(GatewayError):  # noqa: N818 - read as the answer it is
    """The same key came with other parameters: stop, a person must look; never mint a new key (B-32)."""


class GatewayKeyInUse(GatewayError):  # noqa: N818 - read as the answer it is
    """Another request with this key is being worked on (409): wait, then send the same again."""


class Gateway(Protocol):
    """A company that collects money for one account. No call may be made inside a database transaction.

    Every call may raise `GatewayUnknown` and `GatewayNotExecuted`; those with a key `GatewayKeyReused` and
    `GatewayKeyInUse` too. The same key with the same parameters gives the first reply again, also when that
    was a refusal, as long as `capabilities.key_ttl` lasts. A decline is a reply, not an error.
    """

    @property
    def name(self) -> str:
        """The name that is stored with what it collects."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        """Make an unconfirmed intent; moves nothing. Raises `GatewayRejected`."""
        ...

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        """Collect. After a decline the same intent may be confirmed anew under a new key. Raises
        `GatewayRejected(UNEXPECTED_STATE)` when it has succeeded, is processing or canceled."""
        ...

    def fetch_intent(self, ref: str) -> GatewayIntent:
        """The intent as it is now. Raises `GatewayRejected(NO_SUCH_INTENT)`."""
        ...

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        """Fence it: a canceled intent never charges. Raises `GatewayRejected(UNEXPECTED_STATE)` when it has
        succeeded or is processing; canceling a canceled one answers it as it is."""
        ...

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        """Every intent created at or after the instant, oldest first, fetched page by page."""
        ...


class MethodVault(Protocol):
    """Saves test methods without the processor's own fields on a page; only a sandbox offers it."""

    def save_method(
        self, customer_ref: str, kind: MethodKind, test_code: str, *, expires: tuple[int, int] | None = None
    ) -> GatewayMethod:
        """A new method that behaves as its test code says; each has a fingerprint of its own. `expires` is
        (year, month), for cards. Raises `GatewayRejected` for an unknown test code."""
        ...
