"""Attempts: their states, how answers are read (C.4), the words staff see (I-36 ff.), retries (A2-7)."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from paidthru.payments.rules.decline_codes import DECLINE_CODES, Finality, known, words
from paidthru.payments.rules.settlement import (
    ATTEMPT_MACHINE,
    OPEN_STATES,
    PERSONS_EVENTS,
    RANKS,
    AttemptState,
    Next,
    SettlementLabel,
    classify,
    may_replace,
    result_label,
    settlement_label,
)

STATES = st.sampled_from(list(AttemptState))


def intent(status: IntentStatus, code: str | None = None, **metadata: str) -> GatewayIntent:
    return GatewayIntent(
        ref="pi_x",
        status=status,
        amount_minor=1000,
        received_minor=1000 if status is IntentStatus.SUCCEEDED else 0,
        currency="USD",
        customer_ref="ann",
        livemode=False,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        decline_code=code,
        metadata=metadata,
    )


# ------------------------------------------------------------------ states


def test_the_machine_has_every_state_and_no_other() -> None:
    assert set(ATTEMPT_MACHINE.states) == set(AttemptState)
    assert ATTEMPT_MACHINE.next("created", "claim") == "submitted"


@given(STATES, STATES)
def test_a_lower_rank_never_overwrites_a_higher_unless_what_is_under_way_ends(
    old: AttemptState, new: AttemptState
) -> None:
    if not may_replace(old, new) or new is AttemptState.NEEDS_REVIEW:
        return
    ends = {AttemptState.DECLINED, AttemptState.CANCELED}
    under_way = {AttemptState.PROCESSING, AttemptState.REQUIRES_ACTION}
    assert RANKS[new] >= RANKS[old] or (old in under_way and new in ends)


@given(STATES)
def test_success_is_final_and_review_is_a_persons(state: AttemptState) -> None:
    assert not may_replace(AttemptState.SUCCEEDED, state)
    assert not may_replace(AttemptState.NEEDS_REVIEW, state)
    assert not may_replace(state, AttemptState.CREATED)
    assert not may_replace(state, state)


@given(STATES)
def test_money_that_came_late_lands_wherever_no_person_holds_the_attempt(state: AttemptState) -> None:
    settled = state in {AttemptState.SUCCEEDED, AttemptState.NEEDS_REVIEW}
    assert may_replace(state, AttemptState.SUCCEEDED) is not settled


@given(st.lists(STATES, max_size=8), st.randoms(use_true_random=False))
def test_answers_end_the_same_in_any_order_once_the_money_came(
    answers: list[AttemptState], dice: Random
) -> None:
    answers = [
        *(state for state in answers if state is not AttemptState.NEEDS_REVIEW),
        AttemptState.SUCCEEDED,
    ]
    dice.shuffle(answers)
    state = AttemptState.SUBMITTED
    for answer in answers:
        state = answer if may_replace(state, answer) else state
    assert state is AttemptState.SUCCEEDED


@pytest.mark.parametrize("late", ["processing", "requires_action", "unknown", "submitted"])
@pytest.mark.parametrize("ended", ["declined", "canceled", "rejected"])
def test_a_stale_answer_does_not_revive_what_has_ended(ended: str, late: str) -> None:
    assert not may_replace(ended, late)


def test_unknown_is_left_by_an_answer_only() -> None:
    leaving = {after for (before, _), after in ATTEMPT_MACHINE.table.items() if before == "unknown"}
    assert leaving == {
        "requires_action", "processing", "succeeded", "declined", "canceled", "rejected", "needs_review",
    }  # fmt: skip
    assert "unknown" in OPEN_STATES


def test_only_a_person_leads_out_of_review() -> None:
    events = {event for (before, event) in ATTEMPT_MACHINE.table if before == "needs_review"}
    assert events == PERSONS_EVENTS
    assert AttemptState.NEEDS_REVIEW in OPEN_STATES


# ------------------------------------------------------------------ answers

ANSWERS = [
    (intent(IntentStatus.SUCCEEDED), "succeeded", Next.SETTLE, None),
    (intent(IntentStatus.PROCESSING), "processing", Next.HOLD, None),
    (intent(IntentStatus.REQUIRES_ACTION), "requires_action", Next.ASK_PAYER, None),
    (intent(IntentStatus.CANCELED), "canceled", Next.CLOSE, None),
    (intent(IntentStatus.REQUIRES_CONFIRMATION), "submitted", Next.CONFIRM, None),
    # A processor may show a new intent so as well: without a refusal it is none.
    (intent(IntentStatus.REQUIRES_PAYMENT_METHOD), "submitted", Next.CONFIRM, None),
    (intent(IntentStatus.REQUIRES_PAYMENT_METHOD, "insufficient_funds"), "declined", Next.RETRY_RULES, True),
    (intent(IntentStatus.REQUIRES_PAYMENT_METHOD, "stolen_card"), "declined", Next.RETRY_RULES, False),
    (intent(IntentStatus.REQUIRES_PAYMENT_METHOD, "R01"), "declined", Next.RETRY_RULES, True),
    (intent(IntentStatus.REQUIRES_PAYMENT_METHOD, "R10"), "declined", Next.RETRY_RULES, False),
    (intent(IntentStatus.REQUIRES_PAYMENT_METHOD, "moon_phase"), "declined", Next.RETRY_RULES, False),
    (
        intent(IntentStatus.REQUIRES_PAYMENT_METHOD, "authentication_required"),
        "requires_action", Next.ASK_PAYER, None,
    ),
    (GatewayUnknown("timed out"), "unknown", Next.LOOK_UP, None),
    (TimeoutError("read"), "unknown", Next.LOOK_UP, None),
    (ValueError(), "unknown", Next.LOOK_UP, None),
    (GatewayNotExecuted("429", retry_after=timedelta(seconds=1)), "submitted", Next.RESEND, None),
    (GatewayNotExecuted("401", opens_circuit=True), "submitted", Next.OPEN_CIRCUIT, None),
    (GatewayKeyInUse("409"), "submitted", Next.RESEND, None),
    (GatewayKeyReused("other parameters"), "needs_review", Next.REVIEW, None),
    (GatewayRejected("state", code=UNEXPECTED_STATE), "unknown", Next.LOOK_UP, None),
    (GatewayRejected("none such", code=NO_SUCH_INTENT), "needs_review", Next.REVIEW, None),
    (GatewayNotCharged("bad", code="parameter_invalid"), "rejected", Next.ALERT, None),
    # A call was refused, and nobody knows of the charge: a look-up or a cancellation that is refused says nothing.
    (GatewayRejected("bad", code="parameter_invalid"), "unknown", Next.LOOK_UP, None),
    (GatewayRejected("offline", code="offline_gateway"), "unknown", Next.LOOK_UP, None),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "state", "then", "soft"), ANSWERS)
def test_answers_are_read_as_the_table_says(
    answer: GatewayIntent | Exception, state: str, then: Next, soft: bool | None
) -> None:
    outcome = classify(answer)
    assert (outcome.state, outcome.next, outcome.soft) == (state, then, soft)


def test_no_error_is_ever_read_as_a_decline_and_only_a_fenced_refusal_frees_the_invoice() -> None:
    for answer, _, _, _ in ANSWERS:
        if isinstance(answer, Exception):
            state = classify(answer).state
            assert state in OPEN_STATES or isinstance(answer, GatewayNotCharged)


def test_the_refusal_of_an_earlier_attempt_is_not_taken_for_this_ones() -> None:
    shown = intent(IntentStatus.REQUIRES_PAYMENT_METHOD, "insufficient_funds", **{ATTEMPT: "first"})
    assert classify(shown, attempt="first").state is AttemptState.DECLINED
    second = classify(shown, attempt="second")
    assert (second.state, second.next, second.decline_code) == (AttemptState.SUBMITTED, Next.CONFIRM, None)
    assert not may_replace(AttemptState.UNKNOWN, second.state)


def test_an_outcome_says_which_attempt_the_money_belongs_to() -> None:
    shown = intent(IntentStatus.SUCCEEDED, **{ATTEMPT: "first"})
    assert classify(shown, attempt="second").answers == "first"


def test_a_decline_carries_its_code_and_words_and_nothing_else_does() -> None:
    outcome = classify(intent(IntentStatus.REQUIRES_PAYMENT_METHOD, "stolen_card"))
    assert (outcome.decline_code, outcome.message) == ("stolen_card", "The card is blocked.")
    assert classify(GatewayRejected("bad", code="parameter_invalid")).decline_code is None
    assert classify(GatewayKeyInUse("busy")).retry_after == timedelta(seconds=2)
    assert "moon_phase" in words("moon_phase")


def test_the_decline_table_has_a_sentence_for_every_code() -> None:
    assert len(DECLINE_CODES) > 70
    for code, entry in DECLINE_CODES.items():
        assert entry.code == code
        assert entry.words.endswith(".")
    assert [code for code in ("R05", "R07", "R10", "R11", "R29", "R51") if not _never(code)] == []


def _never(code: str) -> bool:
    entry = known(code)
    return entry is not None and entry.finality is Finality.NEVER


# ------------------------------------------------------------------ what staff read

SENT = date(2026, 1, 1)


def label(
    state: str, *, days: int = 0, applied: bool = False, error: bool = False, code: str | None = None
) -> SettlementLabel:
    return settlement_label(
        state,
        applied=applied,
        apply_error=error,
        submitted_on=None if state == "created" else SENT,
        on=SENT + timedelta(days=days),
        timeout_days=5,
        code=code,
    )


@pytest.mark.parametrize(
    ("shown", "text", "red"),
    [
        (label("created"), "Awaiting Sync", False),  # I-49
        (label("created", days=9), "Awaiting Sync", False),
        (label("submitted"), "In Progress", False),  # I-51
        (label("unknown", days=4), "In Progress", False),
        (label("unknown", days=5), "Failed to reconcile – timed out", True),  # I-36, I-37
        (label("submitted", days=5), "Failed to reconcile – timed out", True),
        (label("unknown", code="moon_phase"), "Unknown", True),  # I-48
        (label("declined", code="moon_phase"), "Unknown", True),
        (label("declined", code="insufficient_funds"), "Not Settled", False),
        (label("needs_review"), "Unknown", True),
        (label("rejected", code="parameter_invalid"), "Unknown", True),
        (label("canceled"), "Not Settled", False),
        (label("processing", days=4), "In Progress", False),
        (label("processing", days=5), "Failed to reconcile – timed out", True),  # X22
        (label("requires_action", days=2), "In Progress", False),
        (label("succeeded"), "Not Settled", False),  # I-50
        (label("succeeded", error=True), "Failed to Settle", True),  # I-52
        (label("succeeded", applied=True), "Settled", False),  # I-53
        (label("succeeded", applied=True, days=400), "Settled", False),  # a late answer lands
    ],
)
def test_settlement_labels(shown: SettlementLabel, text: str, red: bool) -> None:
    assert (shown, shown.red) == (text, red)


@given(STATES, st.booleans(), st.booleans(), st.integers(0, 400))
def test_every_attempt_has_a_label(state: AttemptState, applied: bool, error: bool, days: int) -> None:
    shown = label(state, days=days, applied=applied, error=error)
    assert (shown is SettlementLabel.TIMED_OUT) == (
        days >= 5 and state in {AttemptState.SUBMITTED, AttemptState.UNKNOWN, AttemptState.PROCESSING}
    )


def test_results() -> None:  # I-58
    assert result_label("succeeded") == "Completed"
    assert {result_label(state) for state in ("declined", "canceled", "rejected")} == {"Failed"}
    assert {result_label(state) for state in OPEN_STATES} == {None}
