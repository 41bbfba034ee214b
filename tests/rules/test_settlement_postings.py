"""What a line of a gateway's balance means for the books (field-notes D.4)."""

import pytest

from paidthru.ledger.rules.chart import CHART
from paidthru.ledger.rules.settlement import POSTED_ELSEWHERE, balance_line, kept, unplaced


@pytest.mark.parametrize(
    ("kind", "amount", "fee", "entries"),
    [
        ("charge", 13200, 413, {"Processor fees": 413, "Clearing": -413}),
        ("charge", 13200, 0, {}),
        ("refund", -5000, 0, {}),
        ("refund", -5000, -20, {"Processor fees": -20, "Clearing": 20}),
        ("dispute", -13200, 1500, {"Dispute fees": 1500, "Clearing": -1500}),
        ("dispute_won", 13200, -1500, {"Dispute fees": -1500, "Clearing": 1500}),
        ("fee", -200, 0, {"Processor fees": 200, "Clearing": -200}),
        ("fee", -200, 10, {"Processor fees": 210, "Clearing": -210}),
        ("payout", -10000, 0, {"Bank": 10000, "Clearing": -10000}),
        ("payout", -10000, 25, {"Bank": 10000, "Processor fees": 25, "Clearing": -10025}),
        ("payout_failed", 10000, 0, {"Bank": -10000, "Clearing": 10000}),
        ("other", 700, 0, {"Clearing": 700, "Suspense": -700}),
        ("other", -700, 0, {"Clearing": -700, "Suspense": 700}),
    ],
)
def test_a_line(kind: str, amount: int, fee: int, entries: dict[str, int]) -> None:
    found = balance_line(kind, amount, fee)
    assert {one.account: one.amount_minor for one in found} == entries
    assert sum(one.amount_minor for one in found) == 0
    assert all(one.account in CHART for one in found)
    moved = 0 if kind in POSTED_ELSEWHERE else amount
    assert sum(one.amount_minor for one in found if one.account == "Clearing") == moved - fee


def test_money_that_nobody_can_place() -> None:
    assert [(one.account, one.amount_minor) for one in unplaced("charge", 500)] == [
        ("Clearing", 500),
        ("Suspense", -500),
    ]
    for kind in ("refund", "dispute"):
        assert [one.amount_minor for one in unplaced(kind, 500)] == [-500, 500]
    assert [(one.account, one.amount_minor) for one in kept(500, "Income:Other")] == [
        ("Suspense", 500), ("Income:Other", -500),
    ]  # fmt: skip
