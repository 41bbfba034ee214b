"""What every gateway has to keep, as far as its capabilities go: one suite, several gateways (C-05).

Beside the sandbox and the offline gateway: Stripe's adapter, through its SDK, on the stand-in; and one in memory and in
one step, another company with another interface and no fence. The same scenario has to end the same way at all that
collect.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from tests.adapters.gateway_benches import (
    START,
    Bench,
    OneStepBench,
    OneStepGateway,
    SandboxBench,
    StripeBench,
)
from tests.stripe_stand_in import StripeStandIn

from paidthru.adapters.offline.gateway import OFFLINE, OfflineGateway
from paidthru.kernel.clock import FixedClock
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import (
    ATTEMPT,
    NO_SUCH_INTENT,
    PAYMENT_DISPUTED,
    REFUND,
    REFUND_EXCEEDS,
    UNEXPECTED_STATE,
    Confirmation,
    DisputeStatus,
    Gateway,
    GatewayIntent,
    GatewayKeyReused,
    GatewayRejected,
    GatewayUnknown,
    IntentRequest,
    IntentStatus,
    RefundRequest,
    RefundStatus,
    SetupRequest,
)
from paidthru.payments.rules.settlement import AttemptState, Next, classify
from paidthru.runs import Desk

SANDBOX = pytest.param("sandbox", marks=pytest.mark.django_db(transaction=True))


def made(name: str) -> Iterator[Bench]:
    if name == "stripe":
        with StripeStandIn(start=START) as desk:
            yield StripeBench(desk)
    elif name == "one_step":
        yield OneStepBench()
    else:
        yield SandboxBench()


@pytest.fixture(params=[SANDBOX, "one_step", "stripe"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A gateway that collects."""
    yield from made(request.param)


@pytest.fixture(params=[SANDBOX, "stripe"])
def whole(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A gateway that does all that the port asks for."""
    yield from made(request.param)


def test_the_same_scenario_ends_the_same_way_everywhere(bench: Bench) -> None:
    """C-05: a decline, a lost request, a lost reply, success; then the gateway refuses to charge again."""
    ref = bench.create().ref
    seen = [classify(bench.confirm(ref, "insufficient_funds", "1"), attempt="1").state]

    lost = bench.save("timeout_charged")
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
    new = bench.create()
    assert (new.received_minor, new.charge_ref, new.taken_at, new.livemode) == (0, None, None, False)
    assert (new.amount_minor, new.currency, new.customer_ref) == (12_500, "USD", bench.customer)
    assert new.metadata["collection"] == "c1"
    assert new.created_at == START
    assert classify(new).next is Next.CONFIRM
    assert bench.create() == new
    assert len(list(bench.gateway.list_intents(START))) == 1


def test_a_key_with_other_parameters_is_refused(bench: Bench) -> None:  # B-32
    ref = bench.create().ref
    with pytest.raises(GatewayKeyReused):
        bench.create(amount_minor=99)
    bench.confirm(ref, "insufficient_funds", "1")
    other = bench.save("ok")
    with pytest.raises(GatewayKeyReused):
        bench.gateway.confirm_intent(ref, bench.confirmation(other.token, "1"), key="att 1")
    assert bench.gateway.fetch_intent(ref).received_minor == 0


def test_success_says_what_was_taken_and_when(bench: Bench) -> None:
    ref = bench.create().ref
    bench.set(START + timedelta(hours=3))
    paid = bench.confirm(ref, "ok", "1")
    assert paid.status is IntentStatus.SUCCEEDED
    assert (paid.received_minor, paid.taken_at) == (12_500, START + timedelta(hours=3))
    assert paid.charge_ref
    assert paid.metadata[ATTEMPT] == "1"
    assert bench.gateway.fetch_intent(ref) == paid


def test_the_attempt_that_an_intent_is_made_for_shows_when_its_confirmation_has_taken_effect(
    bench: Bench,
) -> None:
    request = IntentRequest(12_500, "USD", bench.customer, {"collection": "c1"}, attempt="1")
    made = bench.gateway.create_intent(request, key="create 1")
    assert ATTEMPT not in made.metadata and ATTEMPT not in bench.gateway.fetch_intent(made.ref).metadata
    token = bench.save("ok").token
    first = Confirmation(token, off_session=True, metadata={ATTEMPT: "1"}, noted=True)
    paid = bench.gateway.confirm_intent(made.ref, first, key="att 1")
    assert paid.metadata[ATTEMPT] == bench.gateway.fetch_intent(made.ref).metadata[ATTEMPT] == "1"


def test_a_decline_is_a_reply_and_a_new_key_may_succeed_on_the_same_intent(bench: Bench) -> None:
    ref = bench.create().ref
    first = classify(bench.confirm(ref, "stolen_card", "1"), attempt="1")
    assert (first.state, first.decline_code, first.soft) == ("declined", "stolen_card", False)
    paid = bench.confirm(ref, "ok", "2")
    assert (paid.status, paid.decline_code) == (IntentStatus.SUCCEEDED, None)


def test_a_lost_request_has_no_effect_and_the_same_key_carries_on(bench: Bench) -> None:  # B-27
    ref = bench.create().ref
    method = bench.save("timeout")
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
    bench.set(START + timedelta(days=1))
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


def test_a_gateway_that_charges_in_one_step_is_none_to_collect_through() -> None:
    """C.5: refused in words wherever work is done; without a processor at all work goes on."""
    one_step = OneStepGateway(FixedClock(START))
    with pytest.raises(Refused) as refused:
        Desk(Organization(), FixedClock(START), one_step)  # type: ignore[arg-type]  # it has no refunds
    assert (refused.value.code, refused.value.value) == ("gateway_one_step", "one_step")
    assert "charges in one step" in refused.value.message and refused.value.fix
    assert Desk(Organization(), FixedClock(START), OfflineGateway()).gateway.name == "offline"


# ------------------------------------------------------------- money that goes back


def a_refund(intent: GatewayIntent, amount_minor: int, ours: str = "r1") -> RefundRequest:
    return RefundRequest(intent.ref, intent.charge_ref or "", amount_minor, intent.currency, {REFUND: ours})


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(GatewayRejected) as refused:
        call()
    return refused.value.code


def test_a_refund_repeats_under_its_key_and_is_found_by_our_id(whole: Bench) -> None:
    """B-19, C.7: looked for before it is sent again."""
    paid = whole.paid()
    assert whole.gateway.refunds_of(paid.ref) == []
    done = whole.gateway.create_refund(a_refund(paid, 5_000), key="ref 1")
    assert (done.amount_minor, done.currency, done.intent_ref, done.charge_ref) == (
        5_000, "USD", paid.ref, paid.charge_ref,
    )  # fmt: skip
    assert (done.status, done.livemode, done.metadata[REFUND]) == (RefundStatus.SUCCEEDED, False, "r1")
    assert whole.gateway.create_refund(a_refund(paid, 5_000), key="ref 1") == done
    with pytest.raises(GatewayKeyReused):
        whole.gateway.create_refund(a_refund(paid, 100), key="ref 1")
    assert whole.gateway.refunds_of(paid.ref) == [done] == list(whole.gateway.list_refunds(START))
    assert whole.gateway.fetch_refund(done.ref) == done
    assert list(whole.gateway.list_refunds(whole.now() + timedelta(seconds=1))) == []


def test_no_more_is_given_back_than_came(whole: Bench) -> None:
    """B-50."""
    paid = whole.paid()
    whole.gateway.create_refund(a_refund(paid, 12_000), key="ref 1")
    assert (
        code_of(lambda: whole.gateway.create_refund(a_refund(paid, 501, "r2"), key="ref 2")) == REFUND_EXCEEDS
    )
    whole.gateway.create_refund(a_refund(paid, 500, "r3"), key="ref 3")
    assert (
        code_of(lambda: whole.gateway.create_refund(a_refund(paid, 1, "r4"), key="ref 4")) == REFUND_EXCEEDS
    )
    assert sum(one.amount_minor for one in whole.gateway.refunds_of(paid.ref)) == 12_500


def test_a_refund_that_succeeded_can_fail_later(whole: Bench) -> None:
    """B-49."""
    done = whole.gateway.create_refund(a_refund(whole.paid(), 5_000), key="ref 1")
    whole.set(whole.now() + timedelta(days=3))
    whole.fail_refund(done.ref)
    failed = whole.gateway.fetch_refund(done.ref)
    assert (failed.status, bool(failed.failure_code)) == (RefundStatus.FAILED, True)


def test_a_dispute_is_told_from_its_opening_to_its_end(whole: Bench) -> None:
    """B-48."""
    paid = whole.paid()
    ref = whole.dispute(paid, 12_000)
    opened = whole.gateway.fetch_dispute(ref)
    assert (opened.status, opened.is_return, opened.amount_minor, opened.code) == (
        DisputeStatus.OPEN, False, 12_000, "fraudulent",
    )  # fmt: skip
    assert (opened.intent_ref, opened.charge_ref, opened.at, opened.ended_at) == (
        paid.ref, paid.charge_ref, whole.now(), None,
    )  # fmt: skip
    assert code_of(lambda: whole.gateway.create_refund(a_refund(paid, 12_500), key="ref 1")) in (
        PAYMENT_DISPUTED,
        REFUND_EXCEEDS,
    )
    whole.set(whole.now() + timedelta(days=20))
    whole.decide(ref, "won")
    won = whole.gateway.fetch_dispute(ref)
    assert (won.status, won.ended_at) == (DisputeStatus.WON, whole.now())
    assert list(whole.gateway.list_disputes(START)) == [won]


def test_a_disputed_payment_is_not_refunded(whole: Bench) -> None:
    """B-20."""
    paid = whole.paid()
    whole.dispute(paid)
    assert code_of(lambda: whole.gateway.create_refund(a_refund(paid, 1), key="ref 1")) == PAYMENT_DISPUTED


def test_a_debit_waits_and_can_come_back_after_it_cleared(whole: Bench) -> None:
    """I-24, I-35, B-42, B-44: processing for days, then money, then a return that is final at once."""
    ref = whole.create().ref
    outcome = classify(whole.confirm(ref, "ok", "1", "bank"), attempt="1")
    assert (outcome.state, outcome.next) == (AttemptState.PROCESSING, Next.HOLD)
    assert code_of(lambda: whole.gateway.cancel_intent(ref, key="cancel")) == UNEXPECTED_STATE
    whole.set(START + timedelta(days=8))
    cleared = whole.gateway.fetch_intent(ref)
    assert (cleared.status, cleared.received_minor) == (IntentStatus.SUCCEEDED, 12_500)
    whole.set(START + timedelta(days=30))
    returned = whole.gateway.fetch_dispute(whole.give_back(cleared))
    assert (returned.is_return, returned.status, returned.code) == (True, DisputeStatus.LOST, "R01")
    assert (returned.amount_minor, returned.ended_at) == (12_500, returned.at)


def test_a_debit_that_fails_says_why_in_the_bank_s_code(whole: Bench) -> None:
    """B-43."""
    ref = whole.create().ref
    whole.confirm(ref, "R03", "1", "bank")
    whole.set(START + timedelta(days=8))
    outcome = classify(whole.gateway.fetch_intent(ref), attempt="1")
    assert (outcome.state, outcome.decline_code, outcome.soft) == ("declined", "R03", False)


# ------------------------------------------------------------- the account's balance


def test_each_movement_of_the_balance_is_told_once(whole: Bench) -> None:
    paid = whole.paid()
    done = whole.gateway.create_refund(a_refund(paid, 5_000), key="ref 1")
    dispute = whole.dispute(whole.paid("2", 700))
    whole.pay_out()
    lines = list(whole.gateway.list_balance(START))
    moved = {(line.kind, line.amount_minor, line.source_ref) for line in lines if line.kind != "payout"}
    assert {
        ("charge", 12_500, paid.charge_ref),
        ("refund", -5_000, done.ref),
        ("dispute", -700, dispute),
    } <= moved
    assert len({line.ref for line in lines}) == len(lines) == 5
    payout = next(line for line in lines if line.kind == "payout")
    left = [line for line in lines if line.payout_ref == payout.payout_ref and line is not payout]
    assert -payout.amount_minor == sum(line.amount_minor - line.fee_minor for line in left)
    assert lines == sorted(lines, key=lambda line: line.at)
    assert list(whole.gateway.list_balance(whole.now() + timedelta(seconds=1))) == []


# ------------------------------------------------------------- saving a way to pay


def test_a_way_to_pay_is_saved_on_the_gateway_s_own_page(whole: Bench) -> None:
    """C-15, I-22: what comes back is a token and what may be shown."""
    request = SetupRequest(
        "bob", None, "Bob", "bob@example.org", ("card", "bank"), "USD", "https://club.example/back"
    )
    begun = whole.gateway.start_setup(request, key="setup 1")
    assert (begun.status, begun.method, begun.livemode) == ("open", None, False)
    assert begun.url and begun.customer_ref
    assert whole.gateway.start_setup(request, key="setup 1").ref == begun.ref
    assert whole.gateway.fetch_setup(begun.ref).status == "open"
    whole.complete(begun.ref)
    done = whole.gateway.fetch_setup(begun.ref)
    assert (done.status, done.url) == ("complete", None)
    assert done.method is not None
    assert (done.method.kind, done.method.last4) == ("card", "4242")
    assert done.method.fingerprint and done.method.exp_year and done.method.exp_year >= 2026
    assert code_of(lambda: whole.gateway.fetch_setup("nowhere")) == "no_such_setup"


def test_a_method_can_be_looked_at_and_forgotten(whole: Bench) -> None:
    saved = whole.save("ok")
    assert whole.gateway.fetch_method(saved.token) == saved
    whole.gateway.detach_method(saved.token)
    whole.gateway.detach_method(saved.token)
    whole.gateway.detach_method("pm_nowhere")
    ref = whole.create().ref
    with pytest.raises(GatewayRejected):
        whole.gateway.confirm_intent(ref, whole.confirmation(saved.token, "1"), key="att 1")
    assert code_of(lambda: whole.gateway.fetch_method("pm_nowhere")) == "no_such_method"


# ------------------------------------------------------------- what is known


def test_the_trace_tells_the_story_in_order_and_changes_nothing(whole: Bench) -> None:
    """I-57."""
    ref = whole.create().ref
    whole.set(START + timedelta(hours=1))
    whole.confirm(ref, "insufficient_funds", "1")
    whole.set(START + timedelta(hours=2))
    whole.confirm(ref, "ok", "2")
    before = whole.gateway.fetch_intent(ref)
    lines = whole.gateway.trace(ref)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert (lines[0].at, len(lines) >= 3) == (START, True)
    told = " ".join(f"{line.what} {line.detail}" for line in lines).lower()
    assert "insufficient" in told
    assert "4242424242" not in told
    assert whole.gateway.fetch_intent(ref) == before
    assert code_of(lambda: whole.gateway.trace("pi_nowhere")) == NO_SUCH_INTENT


@pytest.mark.parametrize(("currency", "amount_minor"), [("JPY", 5_000), ("KWD", 12_340), ("EUR", 999)])
def test_amounts_are_whole_in_every_currency(whole: Bench, currency: str, amount_minor: int) -> None:
    ref = whole.create(amount_minor=amount_minor, currency=currency).ref
    paid = whole.confirm(ref, "ok", "1")
    assert (paid.amount_minor, paid.received_minor, paid.currency) == (amount_minor, amount_minor, currency)
    done = whole.gateway.create_refund(a_refund(paid, 10 * (amount_minor // 20)), key="ref 1")
    assert (done.amount_minor, done.currency) == (10 * (amount_minor // 20), currency)


def test_lists_go_page_by_page_and_day_by_day_without_a_gap(whole: Bench) -> None:
    refs = []
    for number in range(230):
        refs.append(whole.create(f"many {number}", 100 + number).ref)
        if number % 40 == 39:
            whole.set(whole.now() + timedelta(hours=20))
    found = [shown.ref for shown in whole.gateway.list_intents(START)]
    assert sorted(found) == sorted(refs)
    made_at = [shown.created_at for shown in whole.gateway.list_intents(START)]
    assert made_at == sorted(made_at)


def test_the_account_behind_the_key_is_described(whole: Bench) -> None:
    facts = whole.gateway.describe_account()
    assert facts.ref and facts.name and facts.may_charge and not facts.livemode


def test_the_offline_gateway_has_nothing_else_either() -> None:
    gateway: Gateway = OfflineGateway()
    refusing: list[Callable[[], object]] = [
        lambda: gateway.trace("x"),
        lambda: gateway.create_refund(RefundRequest("x", "y", 1, "USD"), key="k"),
        lambda: gateway.fetch_refund("x"),
        lambda: gateway.fetch_dispute("x"),
        lambda: gateway.start_setup(SetupRequest("p", None, "n", "e", ("card",), "USD", "u"), key="k"),
        lambda: gateway.fetch_setup("x"),
        lambda: gateway.fetch_method("x"),
        gateway.describe_account,
    ]
    assert {code_of(call) for call in refusing} == {OFFLINE}
    gateway.detach_method("x")
    empty: list[Callable[[datetime], Iterator[object]]] = [
        gateway.list_refunds, gateway.list_disputes, gateway.list_balance,
    ]  # fmt: skip
    assert [list(each(START)) for each in empty] == [[], [], []]
    assert gateway.refunds_of("x") == []
    assert code_of(OfflineGateway("The key does not open.").describe_account) == OFFLINE
