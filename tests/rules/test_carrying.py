"""What is left unpaid and goes on to the next bill: whose, and with what words (G-40 to G-44, X10)."""

from datetime import date
from uuid import UUID

import pytest

from paidthru.membership.rules.carrying import Carried, carries, previous_balance
from paidthru.organizations.rules.policies import Policies, parse

CASH, ACCRUAL = ("accounting.method", "cash"), ("accounting.method", "accrual")
ON, CARRY, CURRENT = (
    ("balance.carry_previous", "on"),
    ("collect.arrears", "carry_balance"),
    ("collect.arrears", "current_only"),
)


@pytest.mark.parametrize(
    ("preset", "set_", "expected"),
    [
        (
            "association",
            (),
            "by_hand",
        ),  # autopay collects the current term only, and staff resolve the other (I-38)
        ("association", (ON,), "everybody"),
        ("association", (ON, CURRENT), "by_hand"),
        ("association", (CARRY,), "everybody"),
        ("association", (ACCRUAL, ON), "nobody"),  # it is seen in accounts receivable (G-42)
        ("association", (("balance.carry_previous", "off"),), "nobody"),
        ("recommended", (CASH,), "nobody"),
        ("recommended", (CASH, ON), "everybody"),
    ],
)
def test_whose_balance_is_carried_g40_g42_x10(
    preset: str, set_: tuple[tuple[str, str], ...], expected: str
) -> None:
    rows = [("organization", "", key, parse(key, value)) for key, value in set_]
    assert carries(Policies.of(preset, rows)) == expected


def test_the_line_explains_itself_g41() -> None:
    fee, owed = UUID(int=1), UUID(int=2)
    carried = Carried(owed, fee, 10_000, 2_000, date(2018, 1, 1), date(2019, 1, 1), 7)
    line = previous_balance(carried, "USD")
    assert (line.amount_minor, line.carried) == (2_000, owed)
    assert line.derivation["steps"] == ["100.00 − 80.00 = 20.00"]
    said = "100.00 USD was billed for 2018-01-01 to 2018-12-31, 80.00 of it is settled: 20.00 is left."
    assert line.derivation["text"] == said
    unpaid = previous_balance(Carried(owed, fee, 10_000, 10_000, carried.start, carried.end, 7), "USD")
    assert str(unpaid.derivation["text"]).endswith("and is not paid.")
