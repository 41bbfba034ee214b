"""The port to the companies that move money: what every gateway can be asked, and what it may answer.

Pure: the adapters implement it, the rules read its answers. All amounts are integer minor units of the ISO
4217 `currency`; all instants are aware and in UTC. Money is collected in two steps (field-notes C.3): an
intent is created, which moves nothing, and then confirmed; an intent can succeed once, whatever becomes of
keys.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol

from paidthru.kernel.errors import Refused

#: The metadata field in which a confirmation names our attempt. An adapter shows it on the intent exactly
#: when that confirmation has taken effect: so an answer that belongs to an earlier attempt can be told from
#: ours.
ATTEMPT = "attempt"

#: `GatewayRejected.code` when the intent is in a state that the call does not suit: look, then settle what is
#: there.
UNEXPECTED_STATE = "intent_unexpected_state"

#: `GatewayRejected.code` when the gateway does not know the intent.
NO_SUCH_INTENT = "no_such_intent"

#: The metadata field in which a refund names ours: it is looked for before a refund is sent again (C.7).
REFUND = "refund"

#: `GatewayRejected.code` of a refund: more than is left, or a payment that is disputed.
REFUND_EXCEEDS = "refund_exceeds_payment"
PAYMENT_DISPUTED = "payment_disputed"

#: `GatewayRejected.code` of a dispute that has taken nothing (an inquiry): there is nothing to settle.
NO_MONEY_MOVED = "no_money_moved"

MethodKind = Literal["card", "bank"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a gateway declares of itself; the worker obeys it (field-notes C.5).

    `two_step`: create, then confirm; one that is online and can't is refused (`refuse_one_step`). `fence`: an
    unfinished intent can be canceled for good. `lookup`: whether a look-up by reference sees what was just written.
    `max_in_flight`: requests at a time from one process. `online`: whether it can be asked to collect at all.
    `per_second`: payments that may be started a second by all workers together, 0 for no limit.
    """

    two_step: bool
    fence: bool
    lookup: Literal["consistent", "lagging", "none"]
    max_in_flight: int
    online: bool
    per_second: int = 0


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
    """What is to be collected (minor units) from which of the gateway's customers; moves no money.

    `attempt` is the one for which it is made: where a confirmation can't carry its attempt, the adapter writes it down
    here, and still shows it only when that confirmation has taken effect.
    """

    amount_minor: int
    currency: str
    customer_ref: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    attempt: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The go-ahead: with which saved method, and whether the payer is absent. `metadata[ATTEMPT]` names our
    attempt. `return_url` is where a payer who is there comes back to from their bank. `noted`: the intent was made
    for this attempt, so its `IntentRequest` named it."""

    method_token: str
    off_session: bool
    metadata: Mapping[str, str] = field(default_factory=dict)
    return_url: str | None = None
    noted: bool = False


@dataclass(frozen=True, slots=True)
class GatewayIntent:
    """An intent as the gateway knows it now. `metadata` holds that of the request and of the last
    confirmation that took effect. `decline_code` and `message` are the last refusal's. `taken_at`: the
    instant the money was taken, known with `succeeded` only; batches are dated by it (I-62). The three
    advices are the networks' own words about a refusal (field-notes C.8), "" for none. `action_url`: where
    the payer can confirm a payment that requires it.
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
    advice_code: str = ""
    network_advice_code: str = ""
    network_decline_code: str = ""
    action_url: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayMethod:
    """A saved way to pay: the gateway's token, and what may be shown of it. Never the number (A-02).

    `customer_ref`: whose it is at the gateway, "" where that is not told. `mandate_ref`: a bank debit's mandate.
    """

    token: str
    kind: MethodKind
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None
    fingerprint: str
    customer_ref: str = ""
    mandate_ref: str = ""


class RefundStatus(StrEnum):
    """The gateway's own states of a refund."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What is to be given back (minor units) of which intent's charge. `metadata[REFUND]` names our refund."""

    intent_ref: str
    charge_ref: str
    amount_minor: int
    currency: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GatewayRefund:
    """A refund as the gateway knows it now. A success can turn into a failure later (B-49)."""

    ref: str
    intent_ref: str
    charge_ref: str
    amount_minor: int
    currency: str
    status: RefundStatus
    livemode: bool
    created_at: datetime
    failure_code: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class DisputeStatus(StrEnum):
    """Where a dispute stands, whatever the steps in between are called."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class GatewayDispute:
    """A payment that is taken back: a cardholder's dispute, or a bank debit that was returned late (`is_return`;
    it is final from the start, status `lost`). `code`: the reason, an ACH return code where there is one.
    `fee_minor`: what the gateway charges for it. `at`: when it was opened; `ended_at`: when it was decided."""

    ref: str
    intent_ref: str
    charge_ref: str
    amount_minor: int
    currency: str
    status: DisputeStatus
    is_return: bool
    code: str
    livemode: bool
    at: datetime
    ended_at: datetime | None = None
    fee_minor: int = 0


@dataclass(frozen=True, slots=True)
class GatewayBalanceLine:
    """A movement of the money that the gateway holds for us. `amount_minor` is signed as it moves that balance,
    before the fee; `fee_minor` is what was kept of it. `kind`: charge, refund, refund_failed, dispute,
    dispute_won, fee, payout, payout_failed or other. `source_ref`: the charge, refund, dispute or payout;
    `payout_ref`: the payout that it left with, once there is one. Where the gateway converted what was charged into
    the `currency` in which it settles (A-39): `charged_minor` of `charged_currency`, signed alike, at `exchange_rate`.
    """

    ref: str
    kind: str
    amount_minor: int
    fee_minor: int
    currency: str
    source_ref: str
    at: datetime
    payout_ref: str = ""
    intent_ref: str = ""
    charged_minor: int | None = None
    charged_currency: str = ""
    exchange_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """Word from a gateway that something happened to one of its objects. What happened is not believed: the object
    is fetched (C.3, 9). `object_kind`: intent, refund, dispute, method, setup, payout or other."""

    id: str
    kind: str
    object_kind: str
    object_ref: str
    livemode: bool
    at: datetime
    intent_ref: str = ""


@dataclass(frozen=True, slots=True)
class SetupRequest:
    """A member is to save a way to pay, on the gateway's own page. `customer_ref` is the gateway's customer, None
    for one that is to be made; `kinds` which ways are offered."""

    party: str
    customer_ref: str | None
    name: str
    email: str
    kinds: tuple[MethodKind, ...]
    currency: str
    return_url: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GatewaySetup:
    """A saving under way: `status` is open, complete or expired; `url` is the page while it is open; `method` is
    there when it is complete."""

    ref: str
    status: Literal["open", "complete", "expired"]
    url: str | None
    customer_ref: str
    livemode: bool
    method: GatewayMethod | None = None


@dataclass(frozen=True, slots=True)
class GatewayAccountFacts:
    """The account behind a key, as the gateway tells it."""

    ref: str
    name: str
    country: str
    currency: str
    livemode: bool
    may_charge: bool


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One thing that the gateway knows to have happened to an intent (I-57). Never card data."""

    at: datetime
    what: str
    detail: str


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


class GatewayNotCharged(GatewayRejected):
    """A charge was refused, and nothing that was sent of it can take effect any more: the gateway never had an intent,
    or it is canceled. Made by whoever saw to that, never by an adapter: a refused look-up says nothing (C.4)."""


class GatewayKeyReused(GatewayError):  # noqa: N818 - read as the answer it is
    """The same key came with other parameters: stop, a person must look; never mint a new key (B-32)."""


class GatewayKeyInUse(GatewayError):  # noqa: N818 - read as the answer it is
    """Another request with this key is being worked on (409): wait, then send the same again."""


class Gateway(Protocol):
    """A company that collects money for one account. No call may be made inside a database transaction.

    Every call may raise `GatewayUnknown` and `GatewayNotExecuted`; those with a key `GatewayKeyReused` and
    `GatewayKeyInUse` too. The same key with the same parameters gives the first reply again, also when that
    was a refusal, as long as the gateway remembers its keys; with two steps nothing rests on how long that is.
    A decline is a reply, not an error.
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

    def trace(self, ref: str) -> list[TraceLine]:
        """What the gateway knows of an intent, oldest first; looking changes nothing. Raises
        `GatewayRejected(NO_SUCH_INTENT)`."""
        ...

    def create_refund(self, request: RefundRequest, *, key: str) -> GatewayRefund:
        """Give money back. Raises `GatewayRejected`: REFUND_EXCEEDS, PAYMENT_DISPUTED, NO_SUCH_INTENT."""
        ...

    def fetch_refund(self, ref: str) -> GatewayRefund:
        """The refund as it is now. Raises `GatewayRejected`."""
        ...

    def refunds_of(self, intent_ref: str) -> list[GatewayRefund]:
        """Every refund of an intent's charge: looked through before one is sent again (C.7)."""
        ...

    def list_refunds(self, since: datetime) -> Iterator[GatewayRefund]:
        """Every refund created at or after the instant, oldest first."""
        ...

    def fetch_dispute(self, ref: str) -> GatewayDispute:
        """The dispute or return as it is now. Raises `GatewayRejected`, NO_MONEY_MOVED among others."""
        ...

    def list_disputes(self, since: datetime) -> Iterator[GatewayDispute]:
        """Every dispute and return opened at or after the instant, oldest first."""
        ...

    def list_balance(self, since: datetime) -> Iterator[GatewayBalanceLine]:
        """Every movement of our balance at the gateway at or after the instant, oldest first."""
        ...

    def start_setup(self, request: SetupRequest, *, key: str) -> GatewaySetup:
        """Open a page of the gateway's on which the member saves a way to pay (C-15)."""
        ...

    def fetch_setup(self, ref: str) -> GatewaySetup:
        """The saving as it is now. Raises `GatewayRejected`."""
        ...

    def fetch_method(self, token: str) -> GatewayMethod:
        """What may be shown of a saved method now: a card's date may have been renewed. Raises `GatewayRejected`."""
        ...

    def detach_method(self, token: str) -> None:
        """Forget a saved method for good; one that is forgotten already is no error."""
        ...

    def describe_account(self) -> GatewayAccountFacts:
        """The account behind the key: the test of a connection."""
        ...


def refuse_one_step(gateway: Gateway) -> None:
    """Refuses `gateway_one_step`: a gateway that charges with its first call is none to collect through while nobody
    looks on. Whether a call without an answer took money would rest on its memory of keys and on its look-ups (C.5);
    with two steps an intent succeeds once, whatever becomes of them. One that isn't online collects nothing."""
    able = gateway.capabilities
    if able.online and not able.two_step:
        raise Refused(
            "gateway_one_step",
            f"The processor “{gateway.name}” charges in one step, so it can’t be collected through.",
            field="gateway",
            value=gateway.name,
            fix="Connect one that creates a payment first and confirms it then; other money is recorded by hand.",
        )
