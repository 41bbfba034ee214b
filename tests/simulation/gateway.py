"""The gateway's books behind the product's port, and all that can go wrong on the way there and back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from tests.simulation.calendar import SimulatedClock
from tests.simulation.stage import Stage
from tests.simulation.truth import Intent, Truth

from paidthru.payments.gateway import (
    ATTEMPT,
    NO_SUCH_INTENT,
    PAYMENT_DISPUTED,
    REFUND,
    REFUND_EXCEEDS,
    UNEXPECTED_STATE,
    Capabilities,
    Confirmation,
    GatewayAccountFacts,
    GatewayBalanceLine,
    GatewayDispute,
    GatewayError,
    GatewayIntent,
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayMethod,
    GatewayNotExecuted,
    GatewayRefund,
    GatewayRejected,
    GatewaySetup,
    GatewayUnknown,
    IntentRequest,
    IntentStatus,
    RefundRequest,
    SetupRequest,
    TraceLine,
)

NAME = "simulated"
KEY_TTL = timedelta(hours=24)
CAPABILITIES = Capabilities(
    two_step=True,
    fence=True,
    lookup="consistent",
    max_in_flight=1,  # who goes on is the stage's to say
    online=True,
)

_CONFIRMABLE = frozenset(
    {IntentStatus.REQUIRES_CONFIRMATION, IntentStatus.REQUIRES_PAYMENT_METHOD, IntentStatus.REQUIRES_ACTION}
)
T = TypeVar("T")


@dataclass
class _Kept:
    """What came with a key, and what was answered: a reply, a refusal, or a 5xx, which is answered again (C.4)."""

    call: Mapping[str, object]
    reply: Any
    at: datetime


@dataclass
class Faults:
    """What is drawn for each request; nothing once the faults are off."""

    rng: Random
    rates: dict[str, float]
    on: bool = True

    def drawn(self, keyed: bool) -> str:
        """The fate of a request."""
        if not self.on:
            return ""
        place = self.rng.random()
        for name, rate in self.rates.items():
            if name == "key in use" and not keyed:
                continue
            place -= rate
            if place < 0:
                return name
        return ""


@dataclass
class SimulatedGateway:
    """The port, for one schedule. A request may be killed, lost, late, refused, answered wrongly or not at all."""

    truth: Truth
    clock: SimulatedClock
    stage: Stage
    faults: Faults
    name: str = NAME
    capabilities: Capabilities = CAPABILITIES
    keys_of: dict[str, set[str]] = field(
        default_factory=dict
    )  # under which keys each attempt and refund was sent
    _keys: dict[str, _Kept] = field(default_factory=dict)
    _refused_until: datetime | None = None

    # -- the calls of the port

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        """See the port."""

        def work() -> GatewayIntent:
            if request.amount_minor <= 0:
                raise GatewayRejected("An amount must be positive.", code="amount_invalid")
            return self.truth.create(
                request.amount_minor, request.currency, request.customer_ref, dict(request.metadata)
            ).shown()

        call = {
            "call": "create", "amount": request.amount_minor, "currency": request.currency,
            "customer": request.customer_ref, "metadata": dict(request.metadata),
        }  # fmt: skip
        return self._ask("create", f"{request.amount_minor} {request.customer_ref}", work, key=key, call=call)

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        """See the port."""

        def work() -> GatewayIntent:
            intent = self._found(ref)
            if intent.status not in _CONFIRMABLE:
                raise _unexpected(intent, "confirmed")
            method = self.truth.methods.get(confirmation.method_token)
            if method is None or method.customer_ref != intent.customer_ref:
                raise GatewayRejected("The customer has no such method.", code="no_such_method")
            self.truth.confirm(intent, method, dict(confirmation.metadata))
            return intent.shown()

        call = {
            "call": "confirm", "ref": ref, "method": confirmation.method_token,
            "off_session": confirmation.off_session, "metadata": dict(confirmation.metadata),
        }  # fmt: skip
        self._noted(confirmation.metadata.get(ATTEMPT, ""), key)
        return self._ask("confirm", ref, work, key=key, call=call)

    def fetch_intent(self, ref: str) -> GatewayIntent:
        """See the port."""
        return self._ask("fetch", ref, lambda: self._found(ref).shown())

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        """See the port."""

        def work() -> GatewayIntent:
            intent = self._found(ref)
            if intent.status in (IntentStatus.SUCCEEDED, IntentStatus.PROCESSING):
                raise _unexpected(intent, "canceled")
            if intent.status is not IntentStatus.CANCELED:
                self.truth.cancel(intent)
            return intent.shown()

        return self._ask("cancel", ref, work, key=key, call={"call": "cancel", "ref": ref})

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        """See the port."""
        yield from self._ask("list intents", "", lambda: self._since(self.truth.intents, since))

    def trace(self, ref: str) -> list[TraceLine]:
        """See the port."""
        return self._ask("trace", ref, lambda: [TraceLine(self._found(ref).created_at, "created", "")])

    def create_refund(self, request: RefundRequest, *, key: str) -> GatewayRefund:
        """See the port."""

        def work() -> GatewayRefund:
            intent = self._found(request.intent_ref)
            if self.truth.disputed(intent):
                raise GatewayRejected("The charge is disputed.", code=PAYMENT_DISPUTED)
            if request.amount_minor > self.truth.refundable(intent):
                raise GatewayRejected("More than is left of the charge.", code=REFUND_EXCEEDS)
            fate = self.truth.rng.choice(["", "", "", "pending", "fails"]) if self.faults.on else ""
            return self.truth.refund(intent, request.amount_minor, dict(request.metadata), fate).shown()

        call = {
            "call": "refund", "ref": request.intent_ref, "charge": request.charge_ref,
            "amount": request.amount_minor, "metadata": dict(request.metadata),
        }  # fmt: skip
        self._noted(request.metadata.get(REFUND, ""), key)
        text = f"{request.amount_minor} of {request.intent_ref}"
        return self._ask("refund", text, work, key=key, call=call)

    def fetch_refund(self, ref: str) -> GatewayRefund:
        """See the port."""
        return self._ask("fetch refund", ref, lambda: self._of(self.truth.refunds, ref).shown())

    def refunds_of(self, intent_ref: str) -> list[GatewayRefund]:
        """See the port."""
        return self._ask(
            "refunds of",
            intent_ref,
            lambda: [one.shown() for one in self.truth.refunds.values() if one.intent.ref == intent_ref],
        )

    def list_refunds(self, since: datetime) -> Iterator[GatewayRefund]:
        """See the port."""
        yield from self._ask("list refunds", "", lambda: self._since(self.truth.refunds, since))

    def fetch_dispute(self, ref: str) -> GatewayDispute:
        """See the port."""
        return self._ask("fetch dispute", ref, lambda: self._of(self.truth.disputes, ref).shown())

    def list_disputes(self, since: datetime) -> Iterator[GatewayDispute]:
        """See the port."""
        yield from self._ask(
            "list disputes",
            "",
            lambda: [one.shown() for one in self.truth.disputes.values() if one.at >= since],
        )

    def list_balance(self, since: datetime) -> Iterator[GatewayBalanceLine]:
        """See the port."""
        yield from self._ask("list balance", "", lambda: [one for one in self.truth.lines if one.at >= since])

    def start_setup(self, request: SetupRequest, *, key: str) -> GatewaySetup:
        """See the port; cards are saved behind the stage here."""
        raise GatewayRejected("There is no page here.", code="no_setup")

    def fetch_setup(self, ref: str) -> GatewaySetup:
        """See the port."""
        raise GatewayRejected(f"No such setup: {ref}.", code="no_setup")

    def fetch_method(self, token: str) -> GatewayMethod:
        """See the port."""
        method = self._of(self.truth.methods, token)
        return shown_method(method.token, method.customer_ref, method.kind)

    def detach_method(self, token: str) -> None:
        """See the port."""

    def describe_account(self) -> GatewayAccountFacts:
        """See the port."""
        return GatewayAccountFacts("acct_simulated", "Simulated", "US", "USD", False, True)

    # -- the way there and back

    def _noted(self, ours: str, key: str) -> None:
        if not key.startswith(
            "act:"
        ):  # the payer, who is there, confirms anew: each time under a key of its own
            self.keys_of.setdefault(ours, set()).add(key)

    def _ask(
        self,
        what: str,
        text: str,
        work: Callable[[], T],
        *,
        key: str | None = None,
        call: Mapping[str, object] | None = None,
    ) -> T:
        stage = self.stage
        stage.point("gateway")
        fate = self.faults.drawn(key is not None)
        stage.note("asks", f"{what} {text}{f' key {key[:40]}' if key else ''}{f': {fate}' if fate else ''}")
        if fate == "killed before":
            stage.kill()
        self._turn_away(fate)
        if fate == "refused" and what in ("fetch", "confirm", "cancel"):
            raise GatewayRejected("This version of the interface is not spoken here.", code="request_invalid")
        if fate == "lost":
            self._wait_in_vain()
        if fate == "late":
            hours = self.faults.rng.choice([0.05, 2, 20, 30])
            self.truth.later(
                self.clock.now() + timedelta(hours=hours),
                lambda: self._arrives_late(what, text, key, call, work),
            )
            self._wait_in_vain()
        if fate == "slow":
            self.clock.advance(timedelta(seconds=self.faults.rng.choice([5, 30, 79])))
        reply = self._executed(key, call, work, spoilt=fate if fate.startswith("error") else "")
        stage.point("gateway")  # it has happened; its answer is on its way
        if fate == "killed after":
            stage.kill()
        if fate == "reply lost":
            self._wait_in_vain()
        if isinstance(reply, GatewayError):
            stage.note("answers", f"{type(reply).__name__} {reply.code}")
            raise reply
        if fate == "nonsense" and isinstance(reply, GatewayIntent):
            spoilt = [
                replace(reply, amount_minor=reply.amount_minor + 1),
                replace(reply, currency="XTS"),
                replace(reply, livemode=True),
                replace(reply, customer_ref="somebody else"),
            ]
            reply = self.faults.rng.choice(spoilt)
        if isinstance(reply, GatewayIntent):
            stage.note("answers", f"{reply.ref} {reply.status} {reply.decline_code or ''}")
        return reply  # type: ignore[no-any-return]

    def _turn_away(self, fate: str) -> None:
        if fate == "unauthorized":
            self._refused_until = self.clock.now() + timedelta(minutes=self.faults.rng.choice([1, 30, 300]))
        if self.faults.on and self._refused_until is not None and self.clock.now() < self._refused_until:
            raise GatewayNotExecuted("The key is not accepted.", opens_circuit=True, code="401")
        if fate == "busy":
            wait = timedelta(seconds=self.faults.rng.choice([1, 5, 60]))
            raise GatewayNotExecuted("Too many requests.", retry_after=wait, code="429")
        if fate == "key in use":
            raise GatewayKeyInUse("Another request with this key is being worked on.", code="409")

    def _wait_in_vain(self) -> None:
        self.clock.advance(timedelta(seconds=self.faults.rng.choice([5, 80])))
        raise GatewayUnknown("No answer within 80 s.")

    def _arrives_late(
        self,
        what: str,
        text: str,
        key: str | None,
        call: Mapping[str, object] | None,
        work: Callable[[], object],
    ) -> None:
        self.stage.note("arrives", f"{what} {text}, late")
        self._executed(key, call, work)

    def _executed(
        self, key: str | None, call: Mapping[str, object] | None, work: Callable[[], Any], spoilt: str = ""
    ) -> Any:
        """What happens to the request where it arrives: the reply that is kept under its key, or a new one."""
        now = self.clock.now()
        kept = self._keys.get(key) if key is not None else None
        if kept is not None and now - kept.at < KEY_TTL:
            if kept.call != call:
                return GatewayKeyReused(
                    "This key came with other parameters before.", code="idempotency_error"
                )
            return kept.reply
        reply: Any
        if spoilt == "error":
            reply = GatewayUnknown("500", code="")
        else:
            try:
                reply = work()
            except GatewayRejected as refusal:
                reply = refusal
            if spoilt:
                reply = GatewayUnknown("500", code="")
        if key is not None and call is not None:
            self._keys[key] = _Kept(call, reply, now)
        return reply

    def _found(self, ref: str) -> Intent:
        intent = self.truth.intents.get(ref)
        if intent is None:
            raise GatewayRejected(f"No such intent: {ref}.", code=NO_SUCH_INTENT)
        return intent

    def _of(self, kept: dict[str, T], ref: str) -> T:
        if ref not in kept:
            raise GatewayRejected(f"No such thing: {ref}.", code="no_such_object")
        return kept[ref]

    def _since(self, kept: Mapping[str, Any], since: datetime) -> list[Any]:
        return [one.shown() for one in kept.values() if one.created_at >= since]


def shown_method(token: str, customer_ref: str, kind: str) -> GatewayMethod:
    """What may be shown of a saved method."""
    bank = kind == "bank"
    return GatewayMethod(
        token=token,
        kind="bank" if bank else "card",
        brand="Test bank" if bank else "Test card",
        last4="6789" if bank else "4242",
        exp_month=None if bank else 12,
        exp_year=None if bank else 2030,
        fingerprint=f"fp {token}",
        customer_ref=customer_ref,
    )


def _unexpected(intent: Intent, verb: str) -> GatewayRejected:
    return GatewayRejected(f"An intent that is {intent.status} cannot be {verb}.", code=UNEXPECTED_STATE)
