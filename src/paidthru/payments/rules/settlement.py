"""An attempt from its first send to its end: its states, what the gateway's answers mean, the words staff
read.

The states are field-notes C.2, the reading of answers C.4, the settlement words iMIS's (I-36, I-37, I-48 to
I-53).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from paidthru.kernel.states import Machine
from paidthru.payments.gateway import (
    ATTEMPT,
    NO_SUCH_INTENT,
    UNEXPECTED_STATE,
    GatewayIntent,
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayNotCharged,
    GatewayNotExecuted,
    GatewayRejected,
    GatewayUnknown,
    IntentStatus,
)
from paidthru.payments.rules.decline_codes import Finality, known, words

#: What an attempt says that was lost in a restore and written anew, until it is told its answer (C.10).
REBUILT = "Rebuilt from the processor: this database had lost it."


class AttemptState(StrEnum):
    """Where an attempt stands (C.2)."""

    CREATED = "created"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    DECLINED = "declined"
    CANCELED = "canceled"
    REJECTED = "rejected"
    SUCCEEDED = "succeeded"
    NEEDS_REVIEW = "needs_review"


#: The states that keep their invoice's place taken: no other attempt may be opened beside one of these.
OPEN_STATES = frozenset(
    {
        AttemptState.CREATED,
        AttemptState.SUBMITTED,
        AttemptState.UNKNOWN,
        AttemptState.REQUIRES_ACTION,
        AttemptState.PROCESSING,
        AttemptState.NEEDS_REVIEW,
    }
)

#: Events that only a named person with evidence may bring about.
PERSONS_EVENTS = frozenset({"review_succeeded", "review_declined", "review_canceled"})

#: created → submitted is the claim; everything after it is an answer, the loss of one, or a person. An
#: attempt that still says created may learn anything at once: a restored backup finds the gateway further on
#: than itself.
ATTEMPT_MACHINE = Machine(
    "attempt",
    "created",
    {
        ("created", "claim"): "submitted",
        ("created", "lose"): "unknown",
        ("created", "ask_payer"): "requires_action",
        ("created", "process"): "processing",
        ("created", "succeed"): "succeeded",
        ("created", "decline"): "declined",
        ("created", "cancel"): "canceled",
        ("created", "reject"): "rejected",
        ("created", "escalate"): "needs_review",
        ("submitted", "lose"): "unknown",
        ("submitted", "ask_payer"): "requires_action",
        ("submitted", "process"): "processing",
        ("submitted", "succeed"): "succeeded",
        ("submitted", "decline"): "declined",
        ("submitted", "cancel"): "canceled",
        ("submitted", "reject"): "rejected",
        ("submitted", "escalate"): "needs_review",
        ("unknown", "ask_payer"): "requires_action",
        ("unknown", "process"): "processing",
        ("unknown", "succeed"): "succeeded",
        ("unknown", "decline"): "declined",
        ("unknown", "cancel"): "canceled",
        ("unknown", "reject"): "rejected",
        ("unknown", "escalate"): "needs_review",
        ("requires_action", "process"): "processing",
        ("requires_action", "succeed"): "succeeded",
        ("requires_action", "decline"): "declined",
        ("requires_action", "cancel"): "canceled",
        ("requires_action", "escalate"): "needs_review",
        ("processing", "succeed"): "succeeded",
        ("processing", "decline"): "declined",
        ("processing", "cancel"): "canceled",
        ("processing", "escalate"): "needs_review",
        ("declined", "succeed"): "succeeded",
        ("canceled", "succeed"): "succeeded",
        ("rejected", "succeed"): "succeeded",
        ("needs_review", "review_succeeded"): "succeeded",
        ("needs_review", "review_declined"): "declined",
        ("needs_review", "review_canceled"): "canceled",
    },
)

#: How much each state knows (C.2); `needs_review` stands outside, for it is a person's and not the gateway's.
RANKS: Mapping[str, int] = MappingProxyType(
    {
        "created": 0,
        "submitted": 1,
        "unknown": 2,
        "declined": 3,
        "canceled": 3,
        "rejected": 3,
        "requires_action": 4,
        "processing": 4,
        "succeeded": 5,
    }
)

_REPLACEMENTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        state: frozenset(
            after
            for (before, event), after in ATTEMPT_MACHINE.table.items()
            if before == state and event not in PERSONS_EVENTS
        )
        for state in ATTEMPT_MACHINE.states
    }
)


def may_replace(old: str, new: str) -> bool:
    """Whether an answer of the gateway that says `new` may be written over `old`, whichever way it came.

    A lower rank never overwrites a higher one, except that what is under way (processing, requires_action)
    may end. A decline stands, unless the money came after all; `succeeded` never changes; `needs_review` is
    left by a person only. The same state again is False: there is nothing to write.
    """
    return new in _REPLACEMENTS[old]


class Next(StrEnum):
    """What the caller has to do with an outcome (the "action" column of C.4)."""

    SETTLE = "settle"  # write payment, allocation, journal
    HOLD = "hold"  # keep the place, pause dunning, look again
    ASK_PAYER = "ask_payer"  # mail the link, same intent
    RETRY_RULES = "retry_rules"  # ask the retry policy whether a new attempt may follow
    CLOSE = "close"  # free the place
    CONFIRM = "confirm"  # it has not taken effect: send again with the same keys, or fence
    RESEND = "resend"  # not executed: the same key again after `retry_after`
    OPEN_CIRCUIT = "open_circuit"  # the account is refused: stop every send
    LOOK_UP = "look_up"  # fetch the intent, then classify that
    ALERT = "alert"  # our mistake: no retry by itself, tell staff
    REVIEW = "review"  # a person must look


@dataclass(frozen=True, slots=True)
class Outcome:
    """A gateway's answer, read. `state` is what it says of the attempt (write it only if `may_replace`);
    `soft` is told for declines only; `code` is the decline's or error's; `answers` is the attempt that the
    intent's last effective confirmation named, None if it named none. The advices are the networks' words about a
    decline, "" for none (C.8).
    """

    state: AttemptState
    next: Next
    soft: bool | None = None
    code: str | None = None
    message: str | None = None
    retry_after: timedelta | None = None
    answers: str | None = None
    advice_code: str = ""
    network_advice_code: str = ""
    network_decline_code: str = ""

    @property
    def decline_code(self) -> str | None:
        """The code, when this is a decline."""
        return self.code if self.state is AttemptState.DECLINED else None


_KEY_IN_USE_WAIT = timedelta(seconds=2)


def classify(result: GatewayIntent | BaseException, *, attempt: str | None = None) -> Outcome:
    """What an answer of the gateway, or the lack of one, means for an attempt (C.4).

    `attempt` is the id that the attempt's confirmation carried in its metadata. With it, an intent that still
    shows the refusal of an earlier attempt is not mistaken for this one's. Anything that is not understood is
    unknown, never failed: the money may have moved. So is a refused call of any kind (a look-up, a cancellation, a
    confirmation after an earlier one), unless somebody saw to it that the charge can't take effect any more
    (`GatewayNotCharged`).
    """
    if isinstance(result, GatewayIntent):
        return _of_intent(result, attempt)
    code = getattr(result, "code", "") or None
    message = str(result) or type(result).__name__
    match result:
        case GatewayNotExecuted(opens_circuit=True):
            return Outcome(AttemptState.SUBMITTED, Next.OPEN_CIRCUIT, None, code, message, result.retry_after)
        case GatewayNotExecuted():
            return Outcome(AttemptState.SUBMITTED, Next.RESEND, None, code, message, result.retry_after)
        case GatewayKeyInUse():
            return Outcome(AttemptState.SUBMITTED, Next.RESEND, None, code, message, _KEY_IN_USE_WAIT)
        case GatewayKeyReused():
            return Outcome(AttemptState.NEEDS_REVIEW, Next.REVIEW, None, code, message)
        case GatewayRejected(code=c) if c == UNEXPECTED_STATE:
            return Outcome(AttemptState.UNKNOWN, Next.LOOK_UP, None, None, message)
        case GatewayRejected(code=c) if c == NO_SUCH_INTENT:
            # It gave us this reference once. Asking the wrong account looks just so, and freeing the invoice
            # then would charge twice (C.3 8c).
            return Outcome(AttemptState.NEEDS_REVIEW, Next.REVIEW, None, code, message)
        case GatewayNotCharged():
            return Outcome(AttemptState.REJECTED, Next.ALERT, None, code, message)
        case GatewayRejected() | GatewayUnknown():
            return Outcome(AttemptState.UNKNOWN, Next.LOOK_UP, None, code, message)
    return Outcome(AttemptState.UNKNOWN, Next.LOOK_UP, None, None, message)


def _of_intent(intent: GatewayIntent, attempt: str | None) -> Outcome:
    answers = intent.metadata.get(ATTEMPT)
    code = intent.decline_code
    match intent.status:
        case IntentStatus.SUCCEEDED:
            return Outcome(AttemptState.SUCCEEDED, Next.SETTLE, answers=answers)
        case IntentStatus.PROCESSING:
            return Outcome(AttemptState.PROCESSING, Next.HOLD, answers=answers)
        case IntentStatus.REQUIRES_ACTION:
            return Outcome(
                AttemptState.REQUIRES_ACTION, Next.ASK_PAYER, message=intent.message, answers=answers
            )
        case IntentStatus.CANCELED:
            return Outcome(AttemptState.CANCELED, Next.CLOSE, message=intent.message, answers=answers)
        case IntentStatus.REQUIRES_CONFIRMATION:
            return Outcome(AttemptState.SUBMITTED, Next.CONFIRM, answers=answers)
        case IntentStatus.REQUIRES_PAYMENT_METHOD:
            pass
    of_another = attempt is not None and answers != attempt
    if (
        code is None or of_another
    ):  # never confirmed, or refused to an earlier attempt: ours has had no effect yet
        return Outcome(AttemptState.SUBMITTED, Next.CONFIRM, answers=answers)
    entry = known(code)
    if entry is not None and entry.finality is Finality.AUTHENTICATE:
        return Outcome(AttemptState.REQUIRES_ACTION, Next.ASK_PAYER, None, code, words(code), answers=answers)
    soft = entry is not None and entry.finality is Finality.SOFT
    message = words(code) if entry is not None else intent.message or words(code)
    return Outcome(
        AttemptState.DECLINED,
        Next.RETRY_RULES,
        soft,
        code,
        message,
        answers=answers,
        advice_code=intent.advice_code,
        network_advice_code=intent.network_advice_code,
        network_decline_code=intent.network_decline_code,
    )


class SettlementLabel(StrEnum):
    """The settlement states that staff read (I-37, I-48 to I-53), letter for letter."""

    AWAITING_SYNC = "Awaiting Sync"
    IN_PROGRESS = "In Progress"
    NOT_SETTLED = "Not Settled"
    SETTLED = "Settled"
    FAILED_TO_SETTLE = "Failed to Settle"
    UNKNOWN = "Unknown"
    TIMED_OUT = "Failed to reconcile \u2013 timed out"  # with an en dash

    @property
    def red(self) -> bool:
        """Whether it stands red in the staff's queue: somebody has to look."""
        return self in _RED


_RED = frozenset({SettlementLabel.FAILED_TO_SETTLE, SettlementLabel.UNKNOWN, SettlementLabel.TIMED_OUT})


def settlement_label(
    attempt_state: str,
    *,
    applied: bool,
    apply_error: bool,
    submitted_on: date | None,
    on: date,
    timeout_days: int = 5,
    code: str | None = None,
) -> SettlementLabel:
    """The settlement state of an attempt as staff read it on the local date `on`.

    `applied`: the money stands against an invoice. `apply_error`: it could not be, and is kept as credit.
    `submitted_on`: the local date of the first send. `code`: what the gateway said, if anything; one that is
    not in our table reads Unknown (I-48). Without a final answer, from silence as from a bank debit that is
    processing, it reads In Progress and, from `timeout_days` days after the send, "Failed to reconcile, timed
    out" (I-36, I-37, X22): a label only, nothing is tried again, the attempt stays open and a late answer lands.
    """
    match AttemptState(attempt_state):
        case AttemptState.CREATED:
            return SettlementLabel.AWAITING_SYNC
        case AttemptState.SUCCEEDED if apply_error:
            return SettlementLabel.FAILED_TO_SETTLE
        case AttemptState.SUCCEEDED:
            return SettlementLabel.SETTLED if applied else SettlementLabel.NOT_SETTLED
        case AttemptState.REQUIRES_ACTION:  # the payer's to answer
            return SettlementLabel.IN_PROGRESS
        case AttemptState.NEEDS_REVIEW | AttemptState.REJECTED:
            return SettlementLabel.UNKNOWN
        case AttemptState.DECLINED if code and known(code) is None:
            return SettlementLabel.UNKNOWN
        case AttemptState.DECLINED | AttemptState.CANCELED:
            return SettlementLabel.NOT_SETTLED
        case AttemptState.SUBMITTED | AttemptState.UNKNOWN | AttemptState.PROCESSING:
            if submitted_on is not None and (on - submitted_on).days >= timeout_days:
                return SettlementLabel.TIMED_OUT
            answered = attempt_state == AttemptState.UNKNOWN and code and known(code) is None
            return SettlementLabel.UNKNOWN if answered else SettlementLabel.IN_PROGRESS


class ResultLabel(StrEnum):
    """The Result column of retrieved payments (I-58)."""

    COMPLETED = "Completed"
    FAILED = "Failed"


def result_label(attempt_state: str) -> ResultLabel | None:
    """Completed when the money came, Failed when it is certain that it did not, None while it is open."""
    state = AttemptState(attempt_state)
    if state in OPEN_STATES:
        return None
    return ResultLabel.COMPLETED if state is AttemptState.SUCCEEDED else ResultLabel.FAILED
