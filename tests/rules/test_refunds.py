"""Money given back, decided without a database: what is left, of what it comes, what an answer means (A-34, A-35)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.ledger.rules.deferral import next_part, schedule, unearned
from paidthru.ledger.rules.refunds import RefundedLine, refund_owed, refund_paid
from paidthru.payments.gateway import (
    PAYMENT_DISPUTED,
    REFUND_EXCEEDS,
    GatewayError,
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayNotExecuted,
    GatewayRefund,
    GatewayRejected,
    GatewayUnknown,
    RefundStatus,
)
from paidthru.payments.rules.payments import payment_state
from paidthru.payments.rules.refunds import (
    ACCEPTED,
    GIVEN,
    HELD,
    KEY_REUSED,
    REFUND_MACHINE,
    Refundable,
    RefundLabel,
    RefundState,
    Step,
    event_to,
    needs_approval,
    parts_of,
    read_answer,
    refund_label,
    refundable,
)

ON = date(2026, 3, 10)


def answer(status: RefundStatus, failure_code: str = "") -> GatewayRefund:
    return GatewayRefund(
        "re_a", "pi_a", "ch_a", 100, "USD", status, False, datetime(2026, 3, 1, tzinfo=UTC), failure_code
    )


def test_what_is_left() -> None:
    assert refundable(100, refunded_minor=30, disputed_minor=0, reversed_minor=0) == 70
    assert refundable(100, refunded_minor=0, disputed_minor=40, reversed_minor=60) == 0
    assert refundable(100, refunded_minor=100, disputed_minor=0, reversed_minor=100) == 0  # they crossed


@pytest.mark.parametrize(
    ("separation", "above", "amount", "currency", "needed"),
    [
        (False, 0, 1_000_000, "USD", False),
        (True, 0, 1, "USD", True),
        (True, 2_500, 2_500, "USD", False),
        (True, 2_500, 2_501, "USD", True),
        (True, 2_500, 1, "EUR", True),
    ],
)
def test_when_a_second_person_is_needed(
    separation: bool, above: int, amount: int, currency: str, needed: bool
) -> None:
    assert needs_approval(
        amount, currency, separation=separation, approve_above=above, primary_currency="USD"
    ) is needed  # fmt: skip


def test_credit_goes_first_then_the_newest() -> None:
    newest, oldest = uuid4(), uuid4()
    allocations = [Refundable(newest, 40), Refundable(oldest, 60)]
    assert parts_of(30, 50, allocations) == ((Refundable(None, 30),), 0)
    assert parts_of(100, 50, allocations) == (
        (Refundable(None, 50), Refundable(newest, 40), Refundable(oldest, 10)), 0,
    )  # fmt: skip
    assert parts_of(160, 50, allocations)[1] == 10
    assert parts_of(5, 0, [Refundable(newest, 0), Refundable(oldest, 60)])[0] == (Refundable(oldest, 5),)


@given(st.integers(1, 10**15), st.integers(0, 10**15), st.lists(st.integers(0, 10**15), max_size=6))
def test_parts_and_what_is_beyond_them_are_the_whole(amount: int, credit: int, left: list[int]) -> None:
    allocations = [Refundable(uuid4(), each) for each in left]
    parts, beyond = parts_of(amount, credit, allocations)
    assert sum(part.left_minor for part in parts) + beyond == amount
    assert beyond == max(0, amount - credit - sum(left))
    room: dict[UUID | None, int] = {one.id: one.left_minor for one in allocations}
    room[None] = credit
    assert all(0 < part.left_minor <= room[part.id] for part in parts)


@pytest.mark.parametrize(
    ("error", "state", "step"),
    [
        (GatewayUnknown("no answer"), RefundState.UNKNOWN, Step.LOOK_UP),
        (GatewayError("a kind nobody knows"), RefundState.UNKNOWN, Step.LOOK_UP),
        (GatewayNotExecuted("too many", retry_after=timedelta(seconds=3)), None, Step.SEND_AGAIN),
        (GatewayNotExecuted("who are you", opens_circuit=True), None, Step.STOP),
        (GatewayKeyInUse("busy"), None, Step.SEND_AGAIN),
        (GatewayKeyReused("other parameters"), RefundState.UNKNOWN, Step.REVIEW),
        (GatewayRejected("more than is left", code=REFUND_EXCEEDS), RefundState.REJECTED, Step.NONE),
        (GatewayRejected("disputed", code=PAYMENT_DISPUTED), RefundState.REJECTED, Step.NONE),
    ],
)
def test_what_an_error_means(error: GatewayError, state: RefundState | None, step: Step) -> None:
    outcome = read_answer(error)
    assert (outcome.state, outcome.step, outcome.message) == (state, step, error.message)


def test_a_reused_key_is_never_a_failure() -> None:
    assert read_answer(GatewayKeyReused("other")).code == KEY_REUSED


@pytest.mark.parametrize("status", list(RefundStatus))
def test_what_a_fetched_refund_means(status: RefundStatus) -> None:
    outcome = read_answer(answer(status, "account_closed"))
    assert outcome.state == RefundState(status.value)
    assert outcome.message == "The account is closed."


def test_a_success_is_followed_by_a_failure_only_b49() -> None:
    told = {new: event_to("succeeded", new) for new in RefundState}
    assert {new for new, event in told.items() if event} == {RefundState.FAILED, RefundState.CANCELED}
    assert event_to("failed", RefundState.SUCCEEDED) is None
    assert event_to("pending", RefundState.UNKNOWN) is None
    assert event_to("pending", RefundState.REJECTED) is None
    for state in ("requested", "refused", "rejected", "canceled"):  # a backup is behind the gateway
        assert event_to(state, RefundState.SUCCEEDED) == "succeed"


@given(st.lists(st.sampled_from(list(RefundState)), max_size=12))
def test_whatever_is_told_nothing_is_given_twice(answers: list[RefundState]) -> None:
    """However answers come, a refund is accepted at most once, and let go at most as often as held."""
    state, accepted, held = "approved", 0, 1
    for new in answers:
        event = event_to(state, new)
        if event is not None:
            after = REFUND_MACHINE.next(state, event)
            accepted += (after in ACCEPTED) - (state in ACCEPTED)
            held += (after in HELD) - (state in HELD)
            state = after
        assert accepted in (0, 1) and held in (0, 1)
    assert accepted == (state in ACCEPTED) and held == (state in HELD)
    assert (state in ACCEPTED) <= (state in GIVEN) <= (state in HELD)


def test_labels_of_staff_a36() -> None:
    def label(state: str, days: int = 0, code: str = "") -> RefundLabel:
        return refund_label(state, code=code, approved_on=ON, on=ON + timedelta(days=days), timeout_days=5)

    assert label("requested") is RefundLabel.WAITING
    assert label("unknown", 4) is RefundLabel.PENDING
    assert label("unknown", 5) is RefundLabel.OVERDUE and RefundLabel.OVERDUE.red
    assert label("submitted", 0, KEY_REUSED) is RefundLabel.OVERDUE
    assert label("pending", 30) is RefundLabel.PENDING
    assert label("succeeded") is RefundLabel.DONE
    assert label("failed") is RefundLabel.FAILED and RefundLabel.FAILED.red


@pytest.mark.parametrize(
    ("refunded", "disputed", "gone", "kind", "state"),
    [
        (0, 0, 0, None, "succeeded"),
        (30, 0, 0, None, "partly_refunded"),
        (100, 0, 0, None, "refunded"),
        (30, 70, 0, None, "disputed"),
        (0, 0, 100, "dispute", "returned"),
        (0, 0, 100, "return", "returned"),
        (0, 0, 100, "reversal", "reversed"),
        (100, 0, 100, "dispute", "returned"),
    ],
)
def test_the_state_of_a_payment(
    refunded: int, disputed: int, gone: int, kind: str | None, state: str
) -> None:
    assert payment_state(
        100, refunded_minor=refunded, disputed_minor=disputed, reversed_minor=gone, last_reversal=kind
    ) == state  # fmt: skip


# ---------------------------------------------------------------- postings and deferral


def test_the_entries_of_a_refund_d4() -> None:
    party, invoice, owed = uuid4(), uuid4(), uuid4()
    line = RefundedLine(invoice, owed, 132, deferred_minor=70, tax_minor=12)
    entries = [(one.account, one.amount_minor) for one in refund_owed(party, 20, [line], 5)]
    assert entries == [
        ("Credit", 20), ("Deferred", 70), ("Tax", 12), ("Returns", 50), ("Returns", 5), ("Refunds payable", -157),
    ]  # fmt: skip
    sent = [(one.account, one.amount_minor) for one in refund_paid("gateway", 157, party)]
    assert sent == [("Refunds payable", 157), ("Clearing", -157)]
    assert [refund_paid(via, 1, party)[1].account for via in ("check", "cash", "transfer")] == [
        "Bank", "Undeposited", "Bank",
    ]  # fmt: skip


@given(st.integers(0, 10**12), st.integers(1, 60))
def test_month_after_month_the_parts_are_those_of_the_schedule(total: int, months: int) -> None:
    start = date(2026, 1, 1)
    end = date(2026 + months // 12, months % 12 + 1, 1)
    left, parts = total, []
    for place in range(months):
        parts.append(next_part(left, months - place))
        left -= parts[-1]
    assert parts == [part for _, part in schedule(total, start, end)]


@given(
    st.integers(0, 10**9),
    st.integers(1, 24),
    st.lists(st.tuples(st.integers(0, 23), st.integers(0, 10**9)), max_size=8),
)
def test_what_is_given_back_on_the_way_leaves_the_rest_exact(
    total: int, months: int, given_back: list[tuple[int, int]]
) -> None:
    recognized = canceled = 0
    for place in range(months):
        for month, amount in given_back:
            if month == place:
                canceled += unearned(
                    amount, total_minor=total, recognized_minor=recognized, canceled_minor=canceled
                )
        part = next_part(total - recognized - canceled, months - place)
        assert part >= 0
        recognized += part
        assert recognized + canceled <= total
    assert recognized + canceled == total
