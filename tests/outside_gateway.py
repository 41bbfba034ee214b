"""A processor outside the database, in memory: what it has done stays done when the database goes back in time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any, NoReturn, TypeVar

from paidthru.kernel.clock import Clock
from paidthru.kernel.money import converted
from paidthru.payments.gateway import (
    NO_SUCH_INTENT,
    REFUND_EXCEEDS,
    UNEXPECTED_STATE,
    Capabilities,
    Confirmation,
    DisputeStatus,
    GatewayAccountFacts,
    GatewayBalanceLine,
    GatewayDispute,
    GatewayIntent,
    GatewayMethod,
    GatewayRefund,
    GatewayRejected,
    GatewaySetup,
    GatewayUnknown,
    IntentRequest,
    IntentStatus,
    RefundRequest,
    RefundStatus,
    SetupRequest,
    TraceLine,
)

T = TypeVar("T")
FEE = 30  # of each charge
_CAPABILITIES = Capabilities(
    two_step=True, fence=True, lookup="consistent", max_in_flight=1,
    online=True,
)  # fmt: skip


@dataclass
class OutsideGateway:
    """A company that collects. Its switches: `breaks_at`, a listing breaks off after so many objects; `settles_in`, the
    currency into which it converts dollars, and the rate; `declines`,
    `slow` (a bank debit) and `silent`, the customers toward whom it behaves so."""

    clock: Clock
    name: str = "outside"
    capabilities: Capabilities = _CAPABILITIES
    intents_: dict[str, GatewayIntent] = field(default_factory=dict)
    refunds_: dict[str, GatewayRefund] = field(default_factory=dict)
    disputes_: dict[str, GatewayDispute] = field(default_factory=dict)
    lines: list[GatewayBalanceLine] = field(default_factory=list)
    replies: dict[str, Any] = field(default_factory=dict)
    breaks_at: int | None = None
    settles_in: tuple[str, Decimal] | None = None
    declines: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    called: list[str] = field(default_factory=list)
    _n: Iterator[int] = field(default_factory=lambda: count(1))

    # ---------------------------------------------------------------- its own life

    def charges(self, customer_ref: str) -> int:
        """How often it took a customer's money."""
        return sum(
            one.customer_ref == customer_ref and one.status is IntentStatus.SUCCEEDED
            for one in self.intents_.values()
        )

    def balance(self) -> int:
        """What it holds for us."""
        return sum(line.amount_minor - line.fee_minor for line in self.lines)

    def last(self, customer_ref: str) -> GatewayIntent:
        """A customer's newest intent."""
        return [one for one in self.intents_.values() if one.customer_ref == customer_ref][-1]

    def method(self, customer_ref: str) -> GatewayMethod:
        """A card on file."""
        return GatewayMethod(
            f"pm_{customer_ref}", "card", "Visa", "4242", 12, 2040, f"fp_{customer_ref}", customer_ref
        )

    def succeed(self, ref: str) -> None:
        """It takes the money of an intent."""
        charge = f"ch_{next(self._n)}"
        intent = self.intents_[ref]
        self._set(
            ref,
            status=IntentStatus.SUCCEEDED,
            received_minor=intent.amount_minor,
            charge_ref=charge,
            taken_at=self.clock.now(),
            decline_code=None,
        )
        self.line("charge", intent.amount_minor, charge, fee=FEE, intent_ref=ref)

    def sell(self, amount_minor: int, **metadata: str) -> GatewayIntent:
        """Somebody buys something that we know nothing of."""
        intent = self._new(IntentRequest(amount_minor, "USD", f"cus_{next(self._n)}", metadata))
        self.succeed(intent.ref)
        return self.intents_[intent.ref]

    def give_back(self, ref: str, amount_minor: int) -> GatewayRefund:
        """Somebody gives money back on the processor's own page."""
        intent = self.intents_[ref]
        request = RefundRequest(ref, intent.charge_ref or "", amount_minor, intent.currency)
        return self.create_refund(request, key=f"page {next(self._n)}")

    def dispute(self, ref: str, *, fee: int = 1500) -> GatewayDispute:
        """The payer goes to their bank."""
        intent = self.intents_[ref]
        made = GatewayDispute(
            ref=f"dp_{next(self._n)}", intent_ref=ref, charge_ref=intent.charge_ref or "",
            amount_minor=intent.amount_minor, currency=intent.currency, status=DisputeStatus.OPEN, is_return=False,
            code="fraudulent", livemode=False, at=self.clock.now(), fee_minor=fee,
        )  # fmt: skip
        self.disputes_[made.ref] = made
        self.line("dispute", -made.amount_minor, made.ref, fee=fee, intent_ref=ref)
        return made

    def decide(self, ref: str, status: DisputeStatus) -> None:
        """The bank decides."""
        self.disputes_[ref] = replace(self.disputes_[ref], status=status, ended_at=self.clock.now())
        if status is DisputeStatus.WON:
            self.line("dispute_won", self.disputes_[ref].amount_minor, ref)

    def pay_out(self) -> str:
        """Sends what it holds to the bank; its lines then name the payout."""
        ref, held = f"po_{next(self._n)}", self.balance()
        self.lines = [line if line.payout_ref else replace(line, payout_ref=ref) for line in self.lines]
        self.line("payout", -held, ref, payout_ref=ref)
        return ref

    def line(
        self, kind: str, amount: int, source: str, *, fee: int = 0, intent_ref: str = "", payout_ref: str = ""
    ) -> None:
        """A movement of what it holds for us."""
        ref, at = f"txn_{next(self._n)}", self.clock.now()
        made = GatewayBalanceLine(ref, kind, amount, fee, "USD", source, at, payout_ref, intent_ref)
        if self.settles_in and kind not in ("payout", "fee"):
            currency, rate = self.settles_in
            made = replace(
                made, currency=currency, amount_minor=converted(amount, "USD", rate, currency),
                charged_minor=amount, charged_currency="USD", exchange_rate=rate,
            )  # fmt: skip
        elif self.settles_in:
            made = replace(made, currency=self.settles_in[0])
        self.lines.append(made)

    # ---------------------------------------------------------------- the port

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        return self._once(key, lambda: self._new(request))

    def _new(self, request: IntentRequest) -> GatewayIntent:
        intent = GatewayIntent(
            ref=f"pi_{next(self._n)}", status=IntentStatus.REQUIRES_CONFIRMATION, amount_minor=request.amount_minor,
            received_minor=0, currency=request.currency, customer_ref=request.customer_ref, livemode=False,
            created_at=self.clock.now(), metadata=dict(request.metadata),
        )  # fmt: skip
        self.intents_[intent.ref] = intent
        return intent

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        def work() -> GatewayIntent:
            intent = self.fetch_intent(ref)
            if intent.status not in (
                IntentStatus.REQUIRES_CONFIRMATION,
                IntentStatus.REQUIRES_PAYMENT_METHOD,
            ):
                raise GatewayRejected("Not now.", code=UNEXPECTED_STATE)
            self._set(ref, metadata={**intent.metadata, **confirmation.metadata})
            if intent.customer_ref in self.declines:
                self._set(ref, status=IntentStatus.REQUIRES_PAYMENT_METHOD, decline_code="insufficient_funds")
            elif intent.customer_ref in self.slow:
                self._set(ref, status=IntentStatus.PROCESSING)
            else:
                self.succeed(ref)
            return self.intents_[ref]

        answer = self._once(key, work)
        if answer.customer_ref in self.silent:
            raise GatewayUnknown("timeout")
        return answer

    def fetch_intent(self, ref: str) -> GatewayIntent:
        return _found(self.intents_, ref)

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        if self.fetch_intent(ref).status in (IntentStatus.SUCCEEDED, IntentStatus.PROCESSING):
            raise GatewayRejected("Too late.", code=UNEXPECTED_STATE)
        self._set(ref, status=IntentStatus.CANCELED)
        return self.intents_[ref]

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        return self._listed([one for one in self.intents_.values() if one.created_at >= since])

    def trace(self, ref: str) -> list[TraceLine]:
        return []

    def create_refund(self, request: RefundRequest, *, key: str) -> GatewayRefund:
        def work() -> GatewayRefund:
            intent = self.fetch_intent(request.intent_ref)
            given = sum(one.amount_minor for one in self.refunds_of(intent.ref))
            if given + request.amount_minor > intent.received_minor:
                raise GatewayRejected("More than is left.", code=REFUND_EXCEEDS)
            made = GatewayRefund(
                ref=f"re_{next(self._n)}", intent_ref=intent.ref, charge_ref=intent.charge_ref or "",
                amount_minor=request.amount_minor, currency=request.currency, status=RefundStatus.SUCCEEDED,
                livemode=False, created_at=self.clock.now(), metadata=dict(request.metadata),
            )  # fmt: skip
            self.refunds_[made.ref] = made
            self.line("refund", -made.amount_minor, made.ref, intent_ref=intent.ref)
            return made

        return self._once(key, work)

    def fetch_refund(self, ref: str) -> GatewayRefund:
        return _found(self.refunds_, ref)

    def refunds_of(self, intent_ref: str) -> list[GatewayRefund]:
        return [one for one in self.refunds_.values() if one.intent_ref == intent_ref]

    def list_refunds(self, since: datetime) -> Iterator[GatewayRefund]:
        return self._listed([one for one in self.refunds_.values() if one.created_at >= since])

    def fetch_dispute(self, ref: str) -> GatewayDispute:
        return _found(self.disputes_, ref)

    def list_disputes(self, since: datetime) -> Iterator[GatewayDispute]:
        return self._listed([one for one in self.disputes_.values() if one.at >= since])

    def list_balance(self, since: datetime) -> Iterator[GatewayBalanceLine]:
        return self._listed([one for one in self.lines if one.at >= since])

    def start_setup(self, request: SetupRequest, *, key: str) -> GatewaySetup:
        self._has_no_pages()

    def fetch_setup(self, ref: str) -> GatewaySetup:
        self._has_no_pages()

    def fetch_method(self, token: str) -> GatewayMethod:
        return self.method(token.removeprefix("pm_"))

    def detach_method(self, token: str) -> None:
        self.called.append(f"detach {token}")

    def describe_account(self) -> GatewayAccountFacts:
        return GatewayAccountFacts("acct", "Outside", "US", "USD", livemode=False, may_charge=True)

    # ---------------------------------------------------------------- how

    def _set(self, ref: str, **changes: Any) -> None:
        self.intents_[ref] = replace(self.intents_[ref], **changes)

    def _once(self, key: str, work: Callable[[], T]) -> T:
        self.called.append(key)
        if key not in self.replies:
            self.replies[key] = work()
        found: T = self.replies[key]
        return found

    def _listed(self, found: list[T]) -> Iterator[T]:
        for n, one in enumerate(found):
            if n == self.breaks_at:
                raise GatewayUnknown("The line went dead.")
            yield one

    def _has_no_pages(self) -> NoReturn:
        raise GatewayRejected("There are no pages here.")


def _found(rows: Mapping[str, T], ref: str) -> T:
    if ref not in rows:
        raise GatewayRejected(f"No such thing: {ref}.", code=NO_SUCH_INTENT)
    return rows[ref]
