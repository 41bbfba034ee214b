"""How fast a gateway may be asked, and when it is left alone (field-notes C.3 step 2, C.4; B-30, B-31)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.payments.gateway import (
    GatewayKeyInUse,
    GatewayKeyReused,
    GatewayNotExecuted,
    GatewayRejected,
    GatewayUnknown,
)
from paidthru.payments.rules.throttle import (
    MICRO,
    PAUSES,
    SILENT_IN_A_ROW,
    USED_PERCENT,
    Word,
    after,
    jittered,
    take,
    word_of,
)


def test_a_full_bucket_gives_one_token_at_once_and_others_in_their_turn() -> None:
    taken = take(MICRO, 0, 100, 3)
    apart = MICRO * 100 // (100 * USED_PERCENT)  # microseconds
    assert [wait // 10 for wait in taken.waits] == [0, apart // 10, 2 * apart // 10]
    assert taken.tokens_micro == -2 * MICRO and taken.again == 0


def test_what_was_overdrawn_is_paid_back_before_more_is_given() -> None:
    taken = take(MICRO, 0, 25, 100)
    assert 1 < len(taken.waits) < 25
    more = take(taken.tokens_micro, 0, 25, 1)
    assert more.waits == () and more.again > 0
    assert len(take(more.tokens_micro, more.again + 1, 25, 1).waits) == 1


def test_a_long_rest_gives_no_burst_and_a_clock_that_ran_back_gives_nothing() -> None:
    assert len(take(MICRO, 10**12, 25, 100).waits) == len(take(MICRO, 0, 25, 100).waits)
    assert take(-6 * MICRO, -(10**9), 25, 5).waits == ()


@given(
    st.integers(1, 200),
    st.lists(st.tuples(st.integers(0, 300_000), st.integers(0, 40)), min_size=5, max_size=60),
)
def test_whoever_asks_however_often_no_second_holds_more_than_the_limit(
    per_second: int, asked: list[tuple[int, int]]
) -> None:
    tokens, now, at = MICRO, 0, list[int]()
    for elapsed, wanted in asked:
        now += elapsed
        taken = take(tokens, elapsed, per_second, wanted)
        tokens = taken.tokens_micro
        at += [now + wait for wait in taken.waits]
    assert at == sorted(at)
    for first, instant in enumerate(at):
        assert sum(1 for later in at[first:] if later < instant + MICRO) <= per_second


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (GatewayNotExecuted("401", opens_circuit=True), Word.REFUSED),
        (GatewayNotExecuted("429"), Word.TURNED_AWAY),
        (GatewayUnknown("500"), Word.SILENT),
        (GatewayRejected("400"), Word.HEARD),
        (GatewayKeyInUse("409"), Word.HEARD),
        (GatewayKeyReused("400"), Word.HEARD),
    ],
)
def test_what_an_answer_says_about_the_gateway(answer: Exception, word: Word) -> None:
    assert word_of(answer) is word


def test_a_refused_account_is_left_alone_for_longer_each_time_b31() -> None:
    failures, pauses = 0, []
    for _ in range(6):
        circuit = after(Word.REFUSED, failures)
        failures = circuit.failures
        pauses.append(circuit.pause)
    assert pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    assert after(Word.HEARD, failures).failures == 0 and after(Word.HEARD, failures).pause is None


def test_silence_opens_the_circuit_after_many_in_a_row_and_again_after_each_probe() -> None:
    failures = 0
    for _ in range(SILENT_IN_A_ROW - 1):
        circuit = after(Word.SILENT, failures)
        assert circuit.pause is None
        failures = circuit.failures
    opened = after(Word.SILENT, failures)
    assert opened.pause == PAUSES[0]
    assert after(Word.SILENT, opened.failures, probe=True).pause == PAUSES[1]
    assert after(Word.SILENT, 1, probe=True).pause == PAUSES[1]  # of an account that was refused before


def test_a_429_is_no_failure_and_those_who_were_turned_away_come_back_apart_b30() -> None:
    assert after(Word.TURNED_AWAY, 3).failures == 3
    pauses = {jittered(timedelta(seconds=8), draw) for draw in range(1024)}
    assert len(pauses) == 1024
    assert min(pauses) == timedelta(seconds=8) and max(pauses) < timedelta(seconds=10)
