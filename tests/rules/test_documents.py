"""Totals and states of documents (A-13, A-17, A-18)."""

from datetime import date

import pytest

from paidthru.invoicing.rules.states import DOCUMENT, shown_state
from paidthru.invoicing.rules.totals import line_amount, total
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import MAX_MINOR


def test_lines_and_total_a13() -> None:
    assert total([line_amount(2, 12_50), line_amount(1, 5_00)]) == 30_00
    assert total([]) == 0


def test_a_sum_beyond_a_bigint_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        total([MAX_MINOR, 1])
    assert refused.value.code == "amount_invalid"
    with pytest.raises(Refused) as refused:
        line_amount(2, MAX_MINOR)
    assert refused.value.code == "amount_invalid"
    assert total([MAX_MINOR, 1, -1]) == MAX_MINOR


def test_a_draft_is_sent_and_paid_a17() -> None:
    assert DOCUMENT.initial == "draft"
    assert DOCUMENT.next(DOCUMENT.next("draft", "send"), "pay") == "paid"
    assert set(DOCUMENT.states) == {"draft", "sent", "paid", "closed", "void", "uncollectible"}


@pytest.mark.parametrize(
    ("state", "event"),
    [
        ("draft", "pay"),
        ("paid", "send"),
        ("paid", "void"),
        ("closed", "pay"),
        ("closed", "void"),
        ("void", "send"),
    ],
)
def test_illegal_jumps_are_refused_a17_p08(state: str, event: str) -> None:
    with pytest.raises(Refused) as refused:
        DOCUMENT.next(state, event)
    assert refused.value.code == "illegal_transition"


@pytest.mark.parametrize("event", DOCUMENT.events)
@pytest.mark.parametrize("state", ["closed", "void"])
def test_nothing_follows_closed_and_void(state: str, event: str) -> None:
    assert not DOCUMENT.allows(state, event)


@pytest.mark.parametrize(
    ("state", "balance_minor", "on", "shown"),
    [
        ("sent", 1, date(2026, 1, 31), "sent"),
        ("sent", 1, date(2026, 2, 1), "overdue"),
        ("sent", 0, date(2026, 2, 1), "sent"),
        ("paid", 0, date(2026, 2, 1), "paid"),
        ("draft", 1, date(2026, 2, 1), "draft"),
        ("void", 1, date(2026, 2, 1), "void"),
    ],
)
def test_overdue_is_a_matter_of_the_date_a18(state: str, balance_minor: int, on: date, shown: str) -> None:
    assert shown_state(state, date(2026, 1, 31), balance_minor, on) == shown
