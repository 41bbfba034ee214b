"""The gateway's own books: what truly happened to the money, whatever was asked and answered. Nothing here fails."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from paidthru.payments.gateway import (
    ATTEMPT,
    DisputeStatus,
    GatewayBalanceLine,
    GatewayDispute,
    GatewayEvent,
    GatewayIntent,
    GatewayRefund,
    IntentStatus,
    RefundStatus,
)

FEE_MINOR = 30  # of each charge
DISPUTE_FEE_MINOR = 1_500


@dataclass
class Method:
    """A way to pay, and how the payer's bank takes its confirmations, one after the other; then it approves.

    `ok`, `action` (the payer must act), `process` (a debit that succeeds days later), `process R01` (that fails), or
    a decline code. `afterwards`: what comes of the money after its success: "", `return`, `dispute won` or
    `dispute lost`.
    """

    token: str
    customer_ref: str
    kind: str
    moods: list[str]
    afterwards: str = ""


@dataclass
class Intent:
    """An intent as it truly is."""

    ref: str
    customer_ref: str
    amount_minor: int
    currency: str
    metadata: dict[str, str]
    created_at: datetime
    status: IntentStatus = IntentStatus.REQUIRES_CONFIRMATION
    received_minor: int = 0
    charge_ref: str | None = None
    decline_code: str | None = None
    message: str | None = None
    taken_at: datetime | None = None
    confirmations: int = 0
    method: Method | None = None

    def shown(self) -> GatewayIntent:
        """As the port shows it."""
        return GatewayIntent(
            ref=self.ref,
            status=self.status,
            amount_minor=self.amount_minor,
            received_minor=self.received_minor,
            currency=self.currency,
            customer_ref=self.customer_ref,
            livemode=False,
            created_at=self.created_at,
            charge_ref=self.charge_ref,
            decline_code=self.decline_code,
            message=self.message,
            metadata=dict(self.metadata),
            taken_at=self.taken_at,
        )


@dataclass
class Refund:
    """A refund as it truly is."""

    ref: str
    intent: Intent
    amount_minor: int
    metadata: dict[str, str]
    created_at: datetime
    status: RefundStatus
    failure_code: str = ""

    def shown(self) -> GatewayRefund:
        """As the port shows it."""
        return GatewayRefund(
            ref=self.ref,
            intent_ref=self.intent.ref,
            charge_ref=self.intent.charge_ref or "",
            amount_minor=self.amount_minor,
            currency=self.intent.currency,
            status=self.status,
            livemode=False,
            created_at=self.created_at,
            failure_code=self.failure_code,
            metadata=dict(self.metadata),
        )


@dataclass
class Dispute:
    """A dispute, or a bank debit that came back, as it truly is."""

    ref: str
    intent: Intent
    amount_minor: int
    status: DisputeStatus
    is_return: bool
    code: str
    at: datetime
    ended_at: datetime | None = None

    def shown(self) -> GatewayDispute:
        """As the port shows it."""
        return GatewayDispute(
            ref=self.ref,
            intent_ref=self.intent.ref,
            charge_ref=self.intent.charge_ref or "",
            amount_minor=self.amount_minor,
            currency=self.intent.currency,
            status=self.status,
            is_return=self.is_return,
            code=self.code,
            livemode=False,
            at=self.at,
            ended_at=self.ended_at,
            fee_minor=DISPUTE_FEE_MINOR,
        )


@dataclass
class Truth:
    """The gateway's books of one schedule."""

    rng: Random
    now: Callable[[], datetime]
    told: Callable[[str, str], None]
    confirmation_limit: int = 20
    intents: dict[str, Intent] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)
    methods: dict[str, Method] = field(default_factory=dict)
    lines: list[GatewayBalanceLine] = field(default_factory=list)
    events: list[GatewayEvent] = field(default_factory=list)
    declined: set[str] = field(default_factory=set)  # our attempts that a bank refused
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)

    def later(self, at: datetime, act: Callable[[], None]) -> None:
        """Something will happen by itself at an instant."""
        heapq.heappush(self._agenda, (at, next(self._numbers), act))

    def catch_up(self, now: datetime) -> None:
        """All that was to happen by now happens, in its order."""
        while self._agenda and self._agenda[0][0] <= now:
            heapq.heappop(self._agenda)[2]()

    def next_at(self) -> datetime | None:
        """When something happens by itself next."""
        return self._agenda[0][0] if self._agenda else None

    def ref(self, prefix: str) -> str:
        """A name that no other thing has."""
        return f"{prefix}_{next(self._numbers)}_{self.rng.getrandbits(48):012x}"

    def event(self, kind: str, object_kind: str, ref: str, intent_ref: str) -> None:
        """Word of it, to be delivered, or not."""
        self.events.append(
            GatewayEvent(self.ref("evt"), kind, object_kind, ref, False, self.now(), intent_ref=intent_ref)
        )
        self.told(kind, ref)

    # -- intents

    def create(self, amount_minor: int, currency: str, customer_ref: str, metadata: dict[str, str]) -> Intent:
        """A new unconfirmed intent."""
        intent = Intent(self.ref("pi"), customer_ref, amount_minor, currency, dict(metadata), self.now())
        self.intents[intent.ref] = intent
        self.event("payment_intent.created", "intent", intent.ref, intent.ref)
        return intent

    def confirm(self, intent: Intent, method: Method, metadata: dict[str, str]) -> None:
        """A confirmation takes effect: the payer's bank is asked."""
        intent.metadata.update(metadata)
        intent.method = method
        intent.confirmations += 1
        intent.decline_code = intent.message = None
        mood = method.moods.pop(0) if method.moods else ("process" if method.kind == "bank" else "ok")
        word, _, code = mood.partition(" ")
        if word == "ok":
            self.succeed(intent)
        elif word == "action":
            intent.status = IntentStatus.REQUIRES_ACTION
            self.event("payment_intent.requires_action", "intent", intent.ref, intent.ref)
        elif word == "process":
            intent.status = IntentStatus.PROCESSING
            self.event("payment_intent.processing", "intent", intent.ref, intent.ref)
            clears = self.now() + timedelta(hours=self.rng.choice([20, 50, 100]))
            self.later(clears, lambda: self._clear(intent, code))
        else:
            self.decline(intent, mood)

    def _clear(self, intent: Intent, code: str) -> None:
        if intent.status is IntentStatus.PROCESSING:
            if code:
                self.decline(intent, code)
            else:
                self.succeed(intent)

    def decline(self, intent: Intent, code: str) -> None:
        """The bank refuses; after too many tries the intent is closed."""
        intent.decline_code, intent.message = code, "The bank declined."
        self.declined.add(intent.metadata.get(ATTEMPT, ""))
        intent.status = IntentStatus.REQUIRES_PAYMENT_METHOD
        self.event("payment_intent.payment_failed", "intent", intent.ref, intent.ref)
        if intent.confirmations >= self.confirmation_limit:
            self.cancel(intent)

    def act(self, intent: Intent, agreed: bool) -> None:
        """The payer was asked by their bank, and agreed or not."""
        if intent.status is IntentStatus.REQUIRES_ACTION:
            if agreed:
                self.succeed(intent)
            else:
                self.decline(intent, "card_declined")

    def succeed(self, intent: Intent) -> None:
        """The money is taken. An intent can succeed once."""
        assert intent.charge_ref is None
        now = self.now()
        intent.status, intent.charge_ref = IntentStatus.SUCCEEDED, self.ref("ch")
        intent.received_minor, intent.taken_at = intent.amount_minor, now
        intent.decline_code = intent.message = None
        self._line("charge", intent.amount_minor, FEE_MINOR, intent.charge_ref, intent)
        self.event("payment_intent.succeeded", "intent", intent.ref, intent.ref)
        method = intent.method
        if method is not None and method.afterwards:
            fate, method.afterwards = method.afterwards, ""
            days = self.rng.choice([1, 3, 9])
            self.later(now + timedelta(days=days), lambda: self._taken_back(intent, fate))

    def cancel(self, intent: Intent) -> None:
        """The intent can never charge any more."""
        intent.status = IntentStatus.CANCELED
        self.event("payment_intent.canceled", "intent", intent.ref, intent.ref)

    # -- money that goes back

    def refundable(self, intent: Intent) -> int:
        """What can still be given back."""
        given = sum(
            one.amount_minor
            for one in self.refunds.values()
            if one.intent is intent and one.status in (RefundStatus.PENDING, RefundStatus.SUCCEEDED)
        )
        lost = sum(
            one.amount_minor
            for one in self.disputes.values()
            if one.intent is intent and one.status is not DisputeStatus.WON
        )
        return max(0, intent.received_minor - given - lost)

    def disputed(self, intent: Intent) -> bool:
        """Whether a dispute about it is open."""
        return any(
            one.intent is intent and one.status is DisputeStatus.OPEN for one in self.disputes.values()
        )

    def refund(self, intent: Intent, amount_minor: int, metadata: dict[str, str], fate: str = "") -> Refund:
        """Money goes back: at once, or (`pending`) in days; `fails` comes to nothing in the end."""
        slow = bool(fate)
        refund = Refund(
            self.ref("re"), intent, amount_minor, dict(metadata), self.now(),
            RefundStatus.PENDING if fate == "pending" else RefundStatus.SUCCEEDED,
        )  # fmt: skip
        self.refunds[refund.ref] = refund
        self._line("refund", -amount_minor, 0, refund.ref, intent)
        self.event("refund.created", "refund", refund.ref, intent.ref)
        if slow:
            fails = fate == "fails" or self.rng.random() < 0.3
            self.later(
                self.now() + timedelta(days=self.rng.choice([1, 4])), lambda: self._refund_ends(refund, fails)
            )
        return refund

    def _refund_ends(self, refund: Refund, fails: bool) -> None:
        if fails:
            refund.status, refund.failure_code = RefundStatus.FAILED, "expired_or_canceled_card"
            self._line("refund_failed", refund.amount_minor, 0, refund.ref, refund.intent)
            self.event("refund.failed", "refund", refund.ref, refund.intent.ref)
        else:
            refund.status = RefundStatus.SUCCEEDED
            self.event("refund.updated", "refund", refund.ref, refund.intent.ref)

    def _taken_back(self, intent: Intent, fate: str) -> None:
        word, _, end = fate.partition(" ")
        is_return = word == "return"
        dispute = Dispute(
            self.ref("dp"), intent, intent.received_minor,
            DisputeStatus.LOST if is_return else DisputeStatus.OPEN,
            is_return, "R01" if is_return else "fraudulent", self.now(),
            self.now() if is_return else None,
        )  # fmt: skip
        self.disputes[dispute.ref] = dispute
        self._line("dispute", -dispute.amount_minor, DISPUTE_FEE_MINOR, dispute.ref, intent)
        self.event("charge.dispute.created", "dispute", dispute.ref, intent.ref)
        if not is_return:
            at = self.now() + timedelta(days=self.rng.choice([2, 20]))
            self.later(at, lambda: self._decided(dispute, end == "won"))

    def _decided(self, dispute: Dispute, won: bool) -> None:
        dispute.status, dispute.ended_at = DisputeStatus.WON if won else DisputeStatus.LOST, self.now()
        if won:
            self._line("dispute_won", dispute.amount_minor, 0, dispute.ref, dispute.intent)
        self.event("charge.dispute.closed", "dispute", dispute.ref, dispute.intent.ref)

    def _line(self, kind: str, amount_minor: int, fee_minor: int, source: str, intent: Intent) -> None:
        self.lines.append(
            GatewayBalanceLine(
                self.ref("txn"), kind, amount_minor, fee_minor, intent.currency, source, self.now(),
                intent_ref=intent.ref,
            )
        )  # fmt: skip
