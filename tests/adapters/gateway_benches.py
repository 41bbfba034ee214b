"""The gateways that the contract suite is run on, each brought into every situation by levers of one form."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal

from tests.stripe_stand_in import Fate, StripeStandIn

from paidthru.adapters.sandbox import setups
from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.adapters.stripe.gateway import StripeGateway
from paidthru.kernel.clock import FixedClock
from paidthru.kernel.ids import new_id
from paidthru.payments.gateway import (
    ATTEMPT,
    NO_SUCH_INTENT,
    UNEXPECTED_STATE,
    Capabilities,
    Confirmation,
    Gateway,
    GatewayIntent,
    GatewayKeyReused,
    GatewayMethod,
    GatewayRejected,
    GatewayUnknown,
    IntentRequest,
    IntentStatus,
    MethodKind,
    SetupRequest,
)
from paidthru.payments.rules.decline_codes import words

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Bench(ABC):
    """A gateway under test, one of its customers, and the levers of what happens out there."""

    gateway: Gateway
    customer: str
    whole: ClassVar[bool] = True  # whether it gives money back, saves ways to pay, and so on

    @abstractmethod
    def now(self) -> datetime:
        """Its clock."""

    @abstractmethod
    def set(self, at: datetime) -> None:
        """Moves its clock on."""

    @abstractmethod
    def save(self, test_code: str, kind: MethodKind = "card") -> GatewayMethod:
        """A method of the customer's that behaves so: ok, a decline code, timeout, timeout_charged, authenticate."""

    def create(
        self, key: str = "create 1", amount_minor: int = 12_500, currency: str = "USD"
    ) -> GatewayIntent:
        request = IntentRequest(amount_minor, currency, self.customer, {"collection": "c1"})
        return self.gateway.create_intent(request, key=key)

    def confirm(self, ref: str, test_code: str, attempt: str, kind: MethodKind = "card") -> GatewayIntent:
        token = self.save(test_code, kind).token
        return self.gateway.confirm_intent(ref, self.confirmation(token, attempt), key=f"att {attempt}")

    @staticmethod
    def confirmation(token: str, attempt: str) -> Confirmation:
        return Confirmation(token, off_session=True, metadata={ATTEMPT: attempt})

    def paid(
        self, attempt: str = "1", amount_minor: int = 12_500, kind: MethodKind = "card"
    ) -> GatewayIntent:
        """An intent that has succeeded; a debit after some days."""
        ref = self.create(f"create {attempt}", amount_minor).ref
        self.confirm(ref, "ok", attempt, kind)
        if kind == "bank":
            self.set(self.now() + timedelta(days=8))
        return self.gateway.fetch_intent(ref)

    def dispute(self, intent: GatewayIntent, amount_minor: int | None = None) -> str:
        """The cardholder disputes it; the dispute's reference."""
        raise NotImplementedError

    def decide(self, dispute_ref: str, verdict: Literal["won", "lost"]) -> None:
        raise NotImplementedError

    def give_back(self, intent: GatewayIntent) -> str:
        """The bank returns the debit for want of money; the return's reference."""
        raise NotImplementedError

    def fail_refund(self, ref: str) -> None:
        raise NotImplementedError

    def complete(self, setup_ref: str) -> None:
        """The member saves a card on the page."""
        raise NotImplementedError

    def pay_out(self) -> None:
        raise NotImplementedError


class SandboxBench(Bench):
    """The sandbox processor."""

    def __init__(self) -> None:
        self._clock = FixedClock(START)
        self._account = new_id()
        self.gateway = self._gateway = SandboxGateway(self._account, self._clock)
        self._desk = SandboxDesk(self._account, self._clock)
        self.customer = "ann"

    def now(self) -> datetime:
        return self._clock.now()

    def set(self, at: datetime) -> None:
        self._clock.set(at)

    def save(self, test_code: str, kind: MethodKind = "card") -> GatewayMethod:
        by_itself = "auto" if (test_code, kind) == ("ok", "bank") else test_code
        return self._gateway.save_method(self.customer, kind, by_itself)

    def dispute(self, intent: GatewayIntent, amount_minor: int | None = None) -> str:
        return self._desk.dispute(intent.charge_ref or "", amount_minor=amount_minor).object_ref

    def decide(self, dispute_ref: str, verdict: Literal["won", "lost"]) -> None:
        self._desk.decide(dispute_ref, verdict)

    def give_back(self, intent: GatewayIntent) -> str:
        return self._desk.return_payment(intent.charge_ref or "", "R01").object_ref

    def fail_refund(self, ref: str) -> None:
        self._desk.fail_refund(ref, "expired_or_canceled_card")

    def complete(self, setup_ref: str) -> None:
        setups.complete(self._account, setup_ref, self.save("ok"), now=self.now())

    def pay_out(self) -> None:
        self.set(self.now() + timedelta(days=8))
        self._desk.pay_out("USD")


class StripeBench(Bench):
    """Stripe through its SDK, as far as the stand-in goes."""

    _TOKENS: ClassVar = {"card": "pm_card_visa", "bank": "pm_usBankAccount_success"}

    def __init__(self, desk: StripeStandIn) -> None:
        self.desk = desk
        desk.set_clock(START)
        self.gateway = StripeGateway(
            "sk_test_contract", instance="contract", livemode=False, base_address=desk.url
        )
        request = SetupRequest(
            "ann", None, "Ann", "ann@example.org", ("card",), "USD", "https://club.example/"
        )
        self.customer = self.gateway.start_setup(request, key="ann").customer_ref

    def now(self) -> datetime:
        return self.desk.now()

    def set(self, at: datetime) -> None:
        self.desk.set_clock(at)

    def save(self, test_code: str, kind: MethodKind = "card") -> GatewayMethod:
        saved = self.desk.save_method(self.customer, self._TOKENS[kind])
        confirm = "/v1/payment_intents/*/confirm"
        if test_code == "timeout":
            self.desk.fate(Fate.LOST_REQUEST, "POST", confirm)
        elif test_code == "timeout_charged":
            self.desk.fate(Fate.LOST_REPLY, "POST", confirm)
        elif test_code != "ok":
            self.desk.script_method(saved["id"], test_code)
        return self.gateway.fetch_method(saved["id"])

    def dispute(self, intent: GatewayIntent, amount_minor: int | None = None) -> str:
        return str(self.desk.dispute(intent.ref, amount=amount_minor)["id"])

    def decide(self, dispute_ref: str, verdict: Literal["won", "lost"]) -> None:
        self.desk.close_dispute(dispute_ref, verdict)

    def give_back(self, intent: GatewayIntent) -> str:
        return str(self.desk.return_debit(intent.ref)["id"])

    def fail_refund(self, ref: str) -> None:
        self.desk.fail_refund(ref)

    def complete(self, setup_ref: str) -> None:
        self.desk.complete_session(setup_ref, "pm_card_visa")

    def pay_out(self) -> None:
        self.set(self.now() + timedelta(days=8))
        self.desk.pay_out()


class OneStepBench(Bench):
    """Another company, another interface, no fence; it only collects."""

    whole = False

    def __init__(self) -> None:
        self._clock = FixedClock(START)
        self._gateway = OneStepGateway(self._clock)
        self.gateway = self._gateway  # type: ignore[assignment]  # the part of the port that collects
        self.customer = "ann"

    def now(self) -> datetime:
        return self._clock.now()

    def set(self, at: datetime) -> None:
        self._clock.set(at)

    def save(self, test_code: str, kind: MethodKind = "card") -> GatewayMethod:
        return self._gateway.save_method(kind, test_code)


class OneStepGateway:
    """A processor that knows orders and their payment, in memory: the money moves with a single call, and an
    order cannot be called off."""

    name = "one_step"
    capabilities = Capabilities(
        two_step=False, fence=False, lookup="consistent", max_in_flight=1, online=True,
    )  # fmt: skip

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self._orders: dict[str, GatewayIntent] = {}
        self._methods: dict[str, str] = {}
        self._replies: dict[str, tuple[object, GatewayIntent | GatewayRejected]] = {}
        self._sent: set[str] = set()

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        return self._once(key, ("order", request), lambda: self._order(request))

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        self.fetch_intent(ref)
        code = self._methods[confirmation.method_token]
        first = key not in self._sent
        self._sent.add(key)
        if first and code == "timeout":
            raise GatewayUnknown("no answer")
        paid = self._once(key, (ref, confirmation), lambda: self._pay(ref, code, confirmation))
        if first and code == "timeout_charged":
            raise GatewayUnknown("no answer")
        return paid

    def fetch_intent(self, ref: str) -> GatewayIntent:
        if ref not in self._orders:
            raise GatewayRejected("no such order", code=NO_SUCH_INTENT)
        return self._orders[ref]

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        raise GatewayRejected("orders cannot be called off", code="not_supported")

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        yield from [order for order in self._orders.values() if order.created_at >= since]

    def save_method(self, kind: MethodKind, test_code: str) -> GatewayMethod:
        token = f"token {len(self._methods)}"
        self._methods[token] = test_code
        return GatewayMethod(token, kind, "Test card", "4242", 12, 2030, f"print {token}")

    def _once(self, key: str, call: object, work: Callable[[], GatewayIntent]) -> GatewayIntent:
        if key in self._replies:
            before, reply = self._replies[key]
            if before != call:
                raise GatewayKeyReused("other parameters")
        else:
            try:
                reply = work()
            except GatewayRejected as refusal:
                reply = refusal
            self._replies[key] = (call, reply)
        if isinstance(reply, GatewayRejected):
            raise reply
        return reply

    def _order(self, request: IntentRequest) -> GatewayIntent:
        ref = f"order {len(self._orders)}"
        self._orders[ref] = GatewayIntent(
            ref, IntentStatus.REQUIRES_PAYMENT_METHOD, request.amount_minor, 0, request.currency,
            request.customer_ref, False, self._clock.now(), metadata=dict(request.metadata),
        )  # fmt: skip
        return self._orders[ref]

    def _pay(self, ref: str, code: str, confirmation: Confirmation) -> GatewayIntent:
        order = self._orders[ref]
        if order.status is IntentStatus.SUCCEEDED:
            raise GatewayRejected("paid already", code=UNEXPECTED_STATE)
        order = replace(order, metadata={**order.metadata, **confirmation.metadata})
        if code in {"ok", "timeout", "timeout_charged"}:
            order = replace(
                order,
                status=IntentStatus.SUCCEEDED,
                received_minor=order.amount_minor,
                charge_ref=f"paid {ref}",
                taken_at=self._clock.now(),
                decline_code=None,
                message=None,
            )
        elif code == "authenticate":
            order = replace(order, status=IntentStatus.REQUIRES_ACTION)
        else:
            order = replace(
                order, status=IntentStatus.REQUIRES_PAYMENT_METHOD, decline_code=code, message=words(code)
            )
        self._orders[ref] = order
        return order
