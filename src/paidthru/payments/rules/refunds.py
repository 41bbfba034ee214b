"""Money given back: its states, what may be given back, of what, and what a gateway's answer means (C.7).

The same discipline as an attempt (`settlement.py`): a row is written before anything is sent, an unknown outcome is
looked up and never tried anew under another key, and what a lower rank says never overwrites a higher one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from paidthru.invoicing.rules.tax import Share, take_in_turn
from paidthru.kernel.states import Machine
from paidthru.payments.gateway import (
    GatewayError,
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayNotExecuted,
    GatewayRefund,
    GatewayRejected,
    RefundStatus,
)


class RefundState(StrEnum):
    """Where a refund stands."""

    REQUESTED = "requested"  # waits for an approver
    APPROVED = "approved"  # posted, and waits to be sent
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    PENDING = "pending"  # the gateway has taken it on; the money is on its way
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # it came back
    REFUSED = "refused"  # by the approver
    REJECTED = "rejected"  # by the gateway
    CANCELED = "canceled"  # withdrawn before it was sent, or canceled at the gateway


#: Those that hold their amount in the payment: it can't be given back a second time.
HELD = frozenset(
    {
        RefundState.REQUESTED,
        RefundState.APPROVED,
        RefundState.SUBMITTED,
        RefundState.UNKNOWN,
        RefundState.PENDING,
        RefundState.SUCCEEDED,
    }
)

#: Those that stand in the books: owed to the member, or paid.
GIVEN = HELD - {RefundState.REQUESTED}

#: Those whose money has left the gateway.
ACCEPTED = frozenset({RefundState.PENDING, RefundState.SUCCEEDED})

#: Those that are still a question to the gateway, and those that may be sent.
ASKED = frozenset({RefundState.SUBMITTED, RefundState.UNKNOWN, RefundState.PENDING})
SENDABLE = frozenset({RefundState.APPROVED, RefundState.SUBMITTED, RefundState.UNKNOWN})

#: A state that has not been told the end yet may be told any: a restored backup finds the gateway further on than
#: itself, also of a refund that was turned down in the meantime.
_TOLD = ("requested", "approved", "submitted", "unknown", "refused", "rejected", "canceled")

REFUND_MACHINE = Machine(
    "refund",
    "requested",
    {
        ("requested", "approve"): "approved",
        ("requested", "turn_down"): "refused",
        ("requested", "withdraw"): "canceled",
        ("approved", "withdraw"): "canceled",
        ("approved", "give"): "succeeded",  # by hand: check, cash, transfer
        ("approved", "send"): "submitted",
        ("approved", "lose"): "unknown",
        ("approved", "reject"): "rejected",
        ("submitted", "lose"): "unknown",
        ("submitted", "reject"): "rejected",
        ("unknown", "reject"): "rejected",
        **{(state, "pend"): "pending" for state in _TOLD},
        **{(state, "succeed"): "succeeded" for state in _TOLD},
        **{(state, "fail"): "failed" for state in _TOLD},
        **{(state, "cancel"): "canceled" for state in ("approved", "submitted", "unknown", "pending")},
        ("pending", "succeed"): "succeeded",
        ("pending", "fail"): "failed",
        ("succeeded", "fail"): "failed",  # a closed account, days later (B-49)
        ("succeeded", "cancel"): "canceled",
    },
)


def refundable(amount_minor: int, *, refunded_minor: int, disputed_minor: int, reversed_minor: int) -> int:
    """What is left of a payment to give back (minor units): what came, less what was or is to be given back, is in
    dispute, or is gone."""
    return max(0, amount_minor - refunded_minor - disputed_minor - reversed_minor)


def needs_approval(
    amount_minor: int, currency: str, *, separation: bool, approve_above: int, primary_currency: str
) -> bool:
    """Whether somebody else has to approve a refund (field-notes E.3).

    Only where the organization keeps the two apart, and then for what is above `approve_above` (minor units of its
    primary currency; 0 means every refund). In another currency the limit says nothing, so every one needs it.
    """
    return separation and (amount_minor > approve_above or currency != primary_currency)


@dataclass(frozen=True, slots=True)
class Refundable:
    """A part of a payment that can be given back, in minor units: an allocation, or (no id) its credit. `of` is the
    receivable that it paid, `tax_of` the one whose tax that is."""

    id: UUID | None
    left_minor: int
    of: UUID | None = None
    tax_of: UUID | None = None


def parts_of(
    amount_minor: int, credit_minor: int, allocations: Sequence[Refundable]
) -> tuple[tuple[Refundable, ...], int]:
    """Of what a refund gives back, and what it gives beyond that (minor units).

    The payment's credit first, for it is the member's own; then `allocations` in the order given, which is the newest
    first; a tax goes with what it is the tax of. Beyond is nothing, unless the money went out past us after it had been
    taken back.
    """
    from_credit = min(amount_minor, credit_minor)
    shares = [Share(one.id, one.of or one.id, one.left_minor, one.tax_of) for one in allocations if one.id]
    taken, beyond = take_in_turn(amount_minor - from_credit, shares)
    parts = [Refundable(None, from_credit)] if from_credit > 0 else []
    return (*parts, *(Refundable(id_, part) for id_, part in taken)), beyond


class Step(StrEnum):
    """What an answer asks of whoever asked."""

    NONE = "none"
    LOOK_UP = "look_up"  # later, by the ladder
    SEND_AGAIN = "send_again"  # the same key, after `retry_after`
    STOP = "stop"  # the account itself is refused: send nothing more
    REVIEW = "review"  # a person must look; never sent again by itself


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """A gateway's answer about a refund, read. `state` None: nothing was learnt."""

    state: RefundState | None
    step: Step
    code: str = ""
    message: str = ""
    retry_after: timedelta | None = None


#: Codes of an unknown outcome upon which nothing is sent again by itself: a person looks, the look-ups go on.
KEY_REUSED = "idempotency_error"
MISMATCH = "mismatch"
ABSENT = "not_found_yet"
STUCK = frozenset({KEY_REUSED, MISMATCH})

_KEY_IN_USE_WAIT = timedelta(seconds=2)
_BY_STATUS = {
    RefundStatus.PENDING: RefundState.PENDING,
    RefundStatus.SUCCEEDED: RefundState.SUCCEEDED,
    RefundStatus.FAILED: RefundState.FAILED,
    RefundStatus.CANCELED: RefundState.CANCELED,
}


def read_answer(answer: GatewayRefund | GatewayError) -> RefundOutcome:
    """What an answer, or the lack of one, means for a refund. Whatever is not understood is unknown, never failed:
    the money may have moved. Only a refund that was fetched can fail; only one that was read and refused by the
    gateway (more than is left, a dispute) is rejected."""
    if isinstance(answer, GatewayRefund):
        state = _BY_STATUS[answer.status]
        step = Step.LOOK_UP if state is RefundState.PENDING else Step.NONE
        return RefundOutcome(state, step, answer.failure_code, words_of(answer.failure_code))
    code, message = answer.code, answer.message
    match answer:
        case GatewayNotExecuted(opens_circuit=True):
            return RefundOutcome(None, Step.STOP, code, message, answer.retry_after)
        case GatewayNotExecuted():
            return RefundOutcome(None, Step.SEND_AGAIN, code, message, answer.retry_after)
        case GatewayKeyInUse():
            return RefundOutcome(None, Step.SEND_AGAIN, code, message, _KEY_IN_USE_WAIT)
        case GatewayKeyReused():
            return RefundOutcome(RefundState.UNKNOWN, Step.REVIEW, KEY_REUSED, message)
        case GatewayRejected():
            return RefundOutcome(RefundState.REJECTED, Step.NONE, code, message)
    return RefundOutcome(RefundState.UNKNOWN, Step.LOOK_UP, code, message)


_WORDS = {
    "expired_or_canceled_card": "The card has expired or was canceled.",
    "lost_or_stolen_card": "The card was lost or stolen.",
    "insufficient_funds": "The processor's balance did not cover it.",
    "charge_for_pending_refund_disputed": "The payment was disputed meanwhile.",
    "declined": "The bank declined it.",
    "account_closed": "The account is closed.",
    "merchant_request": "It was canceled at the processor.",
    "unknown": "The bank gave no reason.",
}


def words_of(failure_code: str) -> str:
    """Why a refund failed, for people; "" for no code."""
    return _WORDS.get(failure_code, f"The processor says: {failure_code}.") if failure_code else ""


def event_to(old: str, new: RefundState) -> str | None:
    """The event of the machine by which an answer of the gateway leads from `old` to `new`; None when it may not, or
    says nothing new: a success is never undone by an answer that knows less, and only a failure follows it."""
    wanted = {
        RefundState.UNKNOWN: "lose",
        RefundState.PENDING: "pend",
        RefundState.SUCCEEDED: "succeed",
        RefundState.FAILED: "fail",
        RefundState.REJECTED: "reject",
        RefundState.CANCELED: "cancel",
    }.get(new)
    return wanted if wanted is not None and REFUND_MACHINE.allows(old, wanted) else None


KEY_AGE = timedelta(hours=20)  # a key is resent without doubts for so long (C.7)
ABSENT_TWICE = timedelta(hours=1)  # after that, "not there" counts when it was said twice, so far apart (C.5)


class RefundLabel(StrEnum):
    """How staff and the payment's history name where a refund stands (A-36)."""

    WAITING = "Waiting for approval"
    PENDING = "Pending"
    OVERDUE = "No answer"
    DONE = "Done"
    FAILED = "Failed"
    REFUSED = "Turned down"
    REJECTED = "Refused by the processor"
    CANCELED = "Canceled"

    @property
    def red(self) -> bool:
        """Whether somebody has to look."""
        return self in {RefundLabel.OVERDUE, RefundLabel.FAILED, RefundLabel.REJECTED}


_LABELS = {
    RefundState.REQUESTED: RefundLabel.WAITING,
    RefundState.APPROVED: RefundLabel.PENDING,
    RefundState.SUBMITTED: RefundLabel.PENDING,
    RefundState.UNKNOWN: RefundLabel.PENDING,
    RefundState.PENDING: RefundLabel.PENDING,
    RefundState.SUCCEEDED: RefundLabel.DONE,
    RefundState.FAILED: RefundLabel.FAILED,
    RefundState.REFUSED: RefundLabel.REFUSED,
    RefundState.REJECTED: RefundLabel.REJECTED,
    RefundState.CANCELED: RefundLabel.CANCELED,
}


def refund_label(
    state: str, *, code: str, approved_on: date | None, on: date, timeout_days: int
) -> RefundLabel:
    """Where a refund stands on the local date `on`. One that the gateway has said nothing clear about for
    `timeout_days` days after its approval is called by that name, and so is one that a person must look at; both stay
    open, and a late answer lands."""
    waits = state in (RefundState.SUBMITTED, RefundState.UNKNOWN)
    if waits and (
        code in STUCK or (approved_on is not None and on >= approved_on + timedelta(days=timeout_days))
    ):
        return RefundLabel.OVERDUE
    return _LABELS[RefundState(state)]
