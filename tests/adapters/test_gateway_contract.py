"""What every gateway has to keep, as far as its capabilities go: one suite, several gateways (C-05).

Beside the sandbox and the offline gateway stands a third, in memory and in one step: another company, another
interface, no fence. The same scenario has to end the same way at both that collect.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from paidthru.adapters.offline.gateway import OFFLINE, OfflineGateway
from paidthru.adapters.sandbox.gateway import SandboxGateway
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
    MethodVault,
)
from paidthru.payments.rules.decline_codes import words
from paidthru.payments.rules.settlement import AttemptState, Next, classify

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class CollectingGateway(Gateway, MethodVault, Protocol):
    """A gateway that can be brought into every situation by its test methods."""


class OneStepGateway:
    """A processor that knows orders and their payment, in memory: the money moves with a single call, and an
    order cannot be called off."""

    name = "one_step"
    capabilities = Capabilities(
        two_step=False, fence=False, lookup="consistent", key_ttl=timedelta(days=7),
        late_failure_days=0, max_in_flight=1, online=True,
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

    def save_method(
        self, customer_ref: str, kind: MethodKind, test_code: str, *, expires: tuple[int, int] | None = None
    ) -> GatewayMethod:
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


@dataclass
class Bench:
    """A gateway under test and its clock."""

    gateway: CollectingGateway
    clock: FixedClock

    def create(self, key: str = "create 1", amount_minor: int = 12_500) -> GatewayIntent:
        request = IntentRequest(amount_minor, "USD", "ann", {"collection": "c1"})
        return self.gateway.create_intent(request, key=key)

    def confirm(self, ref: str, test_code: str, attempt: str) -> GatewayIntent:
        method = self.gateway.save_method("ann", "card", test_code)
        return self.gateway.confirm_intent(
            ref, self.confirmation(method.token, attempt), key=f"att {attempt}"
        )

    @staticmethod
    def confirmation(token: str, attempt: str) -> Confirmation:
        return Confirmation(token, off_session=True, metadata={ATTEMPT: attempt})


@pytest.fixture(params=["sandbox", "one_step"])
def bench(request: pytest.FixtureRequest) -> Bench:
    clock = FixedClock(START)
    if request.param == "one_step":
        return Bench(OneStepGateway(clock), clock)
    request.getfixturevalue("transactional_db")
    return Bench(SandboxGateway(new_id(), clock), clock)


def test_the_same_scenario_ends_the_same_way_everywhere(bench: Bench) -> None:
    """C-05: a decline, a lost request, a lost reply, success; then the gateway refuses to charge again."""
    ref = bench.create().ref
    seen = [classify(bench.confirm(ref, "insufficient_funds", "1"), attempt="1").state]

    lost = bench.gateway.save_method("ann", "card", "timeout_charged")
    confirmation = bench.confirmation(lost.token, "2")
    with pytest.raises(GatewayUnknown) as silence:
        bench.gateway.confirm_intent(ref, confirmation, key="att 2")
    seen.append(classify(silence.value, attempt="2").state)
    seen.append(classify(bench.gateway.fetch_intent(ref), attempt="2").state)
    seen.append(classify(bench.gateway.confirm_intent(ref, confirmation, key="att 2"), attempt="2").state)

    with pytest.raises(GatewayRejected) as refused:
        bench.confirm(ref, "ok", "3")
    seen.append(classify(refused.value, attempt="3").state)

    assert seen == ["declined", "unknown", "succeeded", "succeeded", "unknown"]
    assert [(shown.ref, shown.received_minor) for shown in bench.gateway.list_intents(START)] == [
        (ref, 12_500)
    ]


def test_creating_moves_nothing_and_repeats_under_its_key(bench: Bench) -> None:
    made = bench.create()
    assert (made.received_minor, made.charge_ref, made.taken_at, made.livemode) == (0, None, None, False)
    assert (made.amount_minor, made.currency, made.customer_ref) == (12_500, "USD", "ann")
    assert made.metadata["collection"] == "c1"
    assert made.created_at == START
    assert classify(made).next is Next.CONFIRM
    assert bench.create() == made
    assert len(list(bench.gateway.list_intents(START))) == 1


def test_a_key_with_other_parameters_is_refused(bench: Bench) -> None:  # B-32
    ref = bench.create().ref
    with pytest.raises(GatewayKeyReused):
        bench.create(amount_minor=99)
    bench.confirm(ref, "insufficient_funds", "1")
    other = bench.gateway.save_method("ann", "card", "ok")
    with pytest.raises(GatewayKeyReused):
        bench.gateway.confirm_intent(ref, bench.confirmation(other.token, "1"), key="att 1")
    assert bench.gateway.fetch_intent(ref).received_minor == 0


def test_success_says_what_was_taken_and_when(bench: Bench) -> None:
    ref = bench.create().ref
    bench.clock.set(START + timedelta(hours=3))
    paid = bench.confirm(ref, "ok", "1")
    assert paid.status is IntentStatus.SUCCEEDED
    assert (paid.received_minor, paid.taken_at) == (12_500, START + timedelta(hours=3))
    assert paid.charge_ref
    assert paid.metadata[ATTEMPT] == "1"
    assert bench.gateway.fetch_intent(ref) == paid


def test_a_decline_is_a_reply_and_a_new_key_may_succeed_on_the_same_intent(bench: Bench) -> None:
    ref = bench.create().ref
    first = classify(bench.confirm(ref, "stolen_card", "1"), attempt="1")
    assert (first.state, first.decline_code, first.soft) == ("declined", "stolen_card", False)
    paid = bench.confirm(ref, "ok", "2")
    assert (paid.status, paid.decline_code) == (IntentStatus.SUCCEEDED, None)


def test_a_lost_request_has_no_effect_and_the_same_key_carries_on(bench: Bench) -> None:  # B-27
    ref = bench.create().ref
    method = bench.gateway.save_method("ann", "card", "timeout")
    confirmation = bench.confirmation(method.token, "1")
    with pytest.raises(GatewayUnknown):
        bench.gateway.confirm_intent(ref, confirmation, key="att 1")
    shown = bench.gateway.fetch_intent(ref)
    assert ATTEMPT not in shown.metadata
    assert classify(shown, attempt="1").next is Next.CONFIRM
    assert bench.gateway.confirm_intent(ref, confirmation, key="att 1").status is IntentStatus.SUCCEEDED


def test_authentication_is_asked_for_and_is_no_decline(bench: Bench) -> None:  # B-39
    outcome = classify(bench.confirm(bench.create().ref, "authenticate", "1"), attempt="1")
    assert (outcome.state, outcome.next) == (AttemptState.REQUIRES_ACTION, Next.ASK_PAYER)


def test_cancel_fences_where_it_can_and_says_so_where_it_cannot(bench: Bench) -> None:
    ref = bench.create().ref
    if not bench.gateway.capabilities.fence:
        with pytest.raises(GatewayRejected):
            bench.gateway.cancel_intent(ref, key="cancel 1")
        return
    assert bench.gateway.cancel_intent(ref, key="cancel 1").status is IntentStatus.CANCELED
    assert bench.gateway.cancel_intent(ref, key="cancel 2").status is IntentStatus.CANCELED
    with pytest.raises(GatewayRejected) as refused:
        bench.confirm(ref, "ok", "1")
    assert refused.value.code == UNEXPECTED_STATE
    paid = bench.create(key="create 2").ref
    bench.confirm(paid, "ok", "2")
    with pytest.raises(GatewayRejected) as late:
        bench.gateway.cancel_intent(paid, key="cancel 3")
    assert late.value.code == UNEXPECTED_STATE


def test_an_unknown_intent_is_refused_by_name(bench: Bench) -> None:
    with pytest.raises(GatewayRejected) as refused:
        bench.gateway.fetch_intent("pi_nowhere")
    assert refused.value.code == NO_SUCH_INTENT


def test_the_list_starts_where_it_is_asked_to(bench: Bench) -> None:
    bench.create(key="a")
    bench.clock.set(START + timedelta(days=1))
    late = bench.create(key="b").ref
    assert [shown.ref for shown in bench.gateway.list_intents(START + timedelta(days=1))] == [late]
    assert len(list(bench.gateway.list_intents(START))) == 2


def test_the_offline_gateway_collects_nothing_and_says_why() -> None:
    gateway: Gateway = OfflineGateway()
    assert not gateway.capabilities.online
    calls: list[Callable[[], object]] = [
        lambda: gateway.create_intent(IntentRequest(1, "USD", "ann"), key="k"),
        lambda: gateway.confirm_intent("x", Confirmation("t", off_session=True), key="k"),
        lambda: gateway.fetch_intent("x"),
        lambda: gateway.cancel_intent("x", key="k"),
    ]
    for call in calls:
        with pytest.raises(GatewayRejected) as refused:
            call()
        assert refused.value.code == OFFLINE
        assert "cash, check or transfer" in refused.value.message
    assert list(gateway.list_intents(START)) == []
