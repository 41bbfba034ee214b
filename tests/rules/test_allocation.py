"""Which receivables money pays (I-19, X10, G-44, stories: Money in)."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.payments.rules.allocation import OpenReceivable, allocate, allocate_by_hand


def owed(
    number: int,
    balance_minor: int,
    due_on: date = date(2026, 1, 1),
    *,
    position: int = 0,
    voluntary: bool = False,
    primary: bool = False,
) -> OpenReceivable:
    return OpenReceivable(UUID(int=number), balance_minor, due_on, position, voluntary, primary)


def paid(received_minor: int, *receivables: OpenReceivable) -> tuple[dict[int, int], int]:
    parts, surplus = allocate(received_minor, receivables)
    return {id_.int: amount for id_, amount in parts}, surplus


JOURNAL = owed(2, 24_00, position=1)
DUES = owed(1, 100_00, position=2, primary=True)
GIFT = owed(3, 10_00, voluntary=True)


def test_the_primary_fee_is_paid_first_whatever_its_position_i19() -> None:
    assert paid(110_00, JOURNAL, GIFT, DUES) == ({1: 100_00, 2: 10_00}, 0)


def test_further_fees_in_order_and_voluntary_ones_last() -> None:
    badge = owed(4, 5_00, position=3)
    assert paid(130_00, GIFT, badge, JOURNAL, DUES) == ({1: 100_00, 2: 24_00, 4: 5_00, 3: 1_00}, 0)
    order = [id_.int for id_, _ in allocate(139_00, [GIFT, badge, JOURNAL, DUES])[0]]
    assert order == [1, 2, 4, 3]


def test_the_oldest_is_paid_first_x10() -> None:
    last_year = owed(5, 20_00, date(2025, 1, 1), position=9)
    assert paid(100_00, DUES, last_year) == ({5: 20_00, 1: 80_00}, 0)


def test_an_old_voluntary_line_waits_for_everything_that_is_owed_g44() -> None:
    old_gift = owed(6, 10_00, date(2024, 1, 1), voluntary=True)
    assert paid(100_00, old_gift, DUES) == ({1: 100_00}, 0)


def test_the_surplus_comes_back() -> None:
    assert paid(150_00, DUES) == ({1: 100_00}, 50_00)
    assert paid(10_00) == ({}, 10_00)


def test_the_newest_is_paid_first_or_nothing_by_policy() -> None:
    last_year = owed(5, 20_00, date(2025, 1, 1))
    gift = owed(6, 1_00, date(2027, 1, 1), voluntary=True)
    parts, left = allocate(110_00, [last_year, DUES, JOURNAL, gift], order="newest_first")
    assert [(id_.int, part) for id_, part in parts] == [(1, 100_00), (2, 10_00)], "primary first, gifts last"
    assert left == 0
    assert allocate(110_00, [DUES], order="on_account") == ((), 110_00)


def test_by_hand_each_invoice_gets_what_was_said_and_never_more_than_is_open() -> None:
    one, two = UUID(int=11), UUID(int=12)
    open_, named = {one: [DUES, GIFT], two: [JOURNAL]}, {one: "invoice 1", two: "invoice 2"}
    parts, left = allocate_by_hand(150_00, {two: 24_00, one: 105_00}, open_, named)
    assert {id_.int: part for id_, part in parts} == {2: 24_00, 1: 100_00, 3: 5_00}
    assert left == 21_00
    for asked, code in (
        ({two: 24_01}, "allocation_exceeds_balance"),
        ({one: 100_00, two: 24_00}, "allocation_exceeds_payment"),
        ({two: 0}, "amount_invalid"),
    ):
        with pytest.raises(Refused) as refused:
            allocate_by_hand(120_00, asked, open_, named)
        assert refused.value.code == code


def test_what_has_no_balance_gets_nothing() -> None:
    assert paid(5_00, owed(7, 0), DUES) == ({1: 5_00}, 0)
    assert paid(0, DUES) == ({}, 0)


def test_less_than_nothing_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        allocate(-1, [DUES])
    assert refused.value.code == "amount_invalid"


@given(
    st.integers(0, 10**9),
    st.lists(
        st.tuples(
            st.integers(0, 10**8),
            st.dates(date(2024, 1, 1), date(2024, 3, 1)),
            st.integers(0, 3),
            st.booleans(),
        ),
        max_size=12,
    ),
)
def test_parts_and_surplus_sum_and_no_balance_is_exceeded(
    received_minor: int, rows: list[tuple[int, date, int, bool]]
) -> None:
    receivables = [
        owed(number, balance, due_on, position=position, voluntary=voluntary)
        for number, (balance, due_on, position, voluntary) in enumerate(rows)
    ]
    parts, surplus = paid(received_minor, *receivables)
    assert sum(parts.values()) + surplus == received_minor
    for receivable in receivables:
        assert 0 <= parts.get(receivable.id.int, 0) <= receivable.balance_minor
    assert not surplus or sum(parts.values()) == sum(receivable.balance_minor for receivable in receivables)
