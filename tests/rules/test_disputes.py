"""Disputes and late returns: whatever is told in whichever order, the end is the same (B-48, I-70)."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.payments.rules.decline_codes import DECLINE_CODES
from paidthru.payments.rules.disputes import (
    DISPUTE_MACHINE,
    Position,
    Standing,
    ends_mandate,
    is_news,
    next_state,
    next_step,
    position,
    words_of,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

told = st.builds(
    Standing,
    st.just("open"),
    st.integers(1, 5),
) | st.builds(
    Standing,
    st.sampled_from(["won", "lost"]),
    st.integers(1, 5),
    st.integers(0, 3).map(lambda day: START + timedelta(days=day)),
)


def end_of(story: list[Standing]) -> Standing:
    stands = story[0]
    for one in story[1:]:
        if is_news(stands, one):
            next_state(stands.state, one.state)  # the machine allows it
            stands = one
    return stands


@given(st.lists(told, min_size=1, max_size=5))
def test_any_order_of_what_is_told_gives_the_same_end(story: list[Standing]) -> None:
    ends = {end_of(list(order)) for order in permutations(story)}
    assert len(ends) == 1


@given(st.lists(told, min_size=1, max_size=5))
def test_what_is_told_again_changes_nothing(story: list[Standing]) -> None:
    end = end_of(story)
    assert end_of([*story, *story]) == end
    assert not is_news(end, end)


@given(told, told)
def test_of_two_one_goes_beyond_the_other(one: Standing, other: Standing) -> None:
    assert one == other or is_news(one, other) != is_news(other, one)


def test_an_end_without_a_date_can_only_get_better() -> None:
    assert is_news(Standing("lost", 5, START), Standing("won", 5))
    assert not is_news(Standing("won", 5, START), Standing("lost", 5))
    assert is_news(Standing("lost", 5, START), Standing("lost", 3))


def test_where_the_money_is() -> None:
    assert position(Standing("open", 5)) == Position(held_minor=5)
    assert position(Standing("lost", 5)) == Position(gone_minor=5)
    assert position(Standing("won", 5)) == Position()


def test_an_end_is_never_opened_again() -> None:
    with pytest.raises(KeyError):
        next_state("won", "open")
    with pytest.raises(Refused):
        DISPUTE_MACHINE.next("won", "win")


@pytest.mark.parametrize(
    ("code", "ends"),
    [("R01", False), ("R02", False), ("R05", True), ("R07", True), ("R10", True), ("R29", True),
     ("debit_not_authorized", True), ("insufficient_funds", False), ("fraudulent", False), ("R99", False)],
)  # fmt: skip
def test_an_unauthorised_return_ends_the_mandate(code: str, ends: bool) -> None:
    assert ends_mandate(code) is ends


@pytest.mark.parametrize(
    ("kind", "state", "code", "owed", "has_method", "said"),
    [
        ("dispute", "open", "fraudulent", True, True, "evidence"),
        ("dispute", "lost", "fraudulent", True, True, "speak with the member"),
        ("return", "lost", "R10", True, True, "Don't debit this account again"),
        ("return", "lost", "R01", True, True, "presented again"),
        ("return", "lost", "R02", True, True, "another one"),
        ("return", "lost", "R02", True, False, "link"),
        ("return", "lost", "R99", True, True, "Look the reason up"),
        ("reversal", "reversed", "", True, True, "open again"),
        ("return", "lost", "R01", False, True, "Nothing"),
    ],
)
def test_staff_are_told_the_next_step_i70(
    kind: str, state: str, code: str, owed: bool, has_method: bool, said: str
) -> None:
    assert said in next_step(kind, state, code, owed=owed, has_method=has_method)


def test_every_code_has_its_words() -> None:
    assert all(words_of(code).endswith(".") for code in [*DECLINE_CODES, "fraudulent", "duplicate", ""])
    assert "R99" in words_of("R99")
