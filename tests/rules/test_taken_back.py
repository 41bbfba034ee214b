"""What is booked when money is gone again, on both bases (I-65, I-70, G-02, field-notes D.4)."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.ledger.rules.postings import (
    DISPUTES,
    MONEY_ACCOUNTS,
    AllocatedLine,
    Basis,
    Draft,
    dispute_opened,
    money_in,
    reinstated,
    reverse,
    taken_back,
)

ANN, INVOICE = UUID(int=1), UUID(int=3)
DUES = UUID(int=4)


def balances(drafts: Iterable[Draft]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for draft in drafts:
        found[draft.account] += draft.amount_minor
    return {account: amount for account, amount in found.items() if amount}


def paid(basis: Basis, amount_minor: int = 132_00, tax_minor: int = 12_00) -> AllocatedLine:
    return AllocatedLine(ANN, INVOICE, DUES, basis, "Income:Dues", amount_minor, tax_minor=tax_minor)


@st.composite
def allocated(draw: st.DrawFn) -> list[AllocatedLine]:
    lines = []
    for n in range(draw(st.integers(0, 4))):
        amount_minor = draw(st.integers(1, 10**12))
        basis: Basis = draw(st.sampled_from(["accrual", "cash"]))
        lines.append(
            AllocatedLine(
                ANN,
                INVOICE,
                UUID(int=100 + n),
                basis,
                draw(st.sampled_from(["Income:Dues", "Income:Donations"])),
                amount_minor,
                draw(st.booleans()),
                draw(st.integers(0, amount_minor)),
            )
        )
    return lines


def test_a_return_on_accrual_opens_the_receivable_again() -> None:
    drafts = taken_back("Clearing", [paid("accrual")], ANN)
    assert balances(drafts) == {"Receivable": 132_00, "Clearing": -132_00}
    assert drafts[0] == Draft("Receivable", 132_00, ANN, INVOICE, DUES)


def test_a_return_on_cash_stands_against_income_and_opens_the_memo_again() -> None:
    assert balances(taken_back("Clearing", [paid("cash")], ANN)) == {
        "Returns": 120_00,
        "Tax": 12_00,
        "Memo billed": 132_00,
        "Memo contra": -132_00,
        "Clearing": -132_00,
    }


def test_credit_goes_first_and_is_the_partys() -> None:
    drafts = taken_back("Undeposited", [], ANN, credit_minor=30_00)
    assert drafts == (Draft("Credit", 30_00, ANN), Draft("Undeposited", -30_00, ANN))


def test_what_was_given_back_too_stands_against_returns() -> None:
    assert balances(taken_back(DISPUTES, [], ANN, excess_minor=100_00)) == {
        "Returns": 100_00,
        "Disputes": -100_00,
    }


def test_a_dispute_holds_its_amount_until_it_is_won_or_lost() -> None:
    opened = dispute_opened(132_00, ANN)
    assert balances(opened) == {"Disputes": 132_00, "Clearing": -132_00}
    assert balances([*opened, *reverse(opened)]) == {}
    lost = taken_back(DISPUTES, [paid("accrual")], ANN)
    assert balances([*opened, *lost]) == {"Receivable": 132_00, "Clearing": -132_00}


@pytest.mark.parametrize("account", ["Receivable", "Bad debt"])
def test_money_is_taken_from_where_it_was(account: str) -> None:
    with pytest.raises(ValueError, match="not taken back"):
        taken_back(account, [], ANN, credit_minor=1)


def test_a_line_with_more_tax_than_amount_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        taken_back("Clearing", [paid("cash", 10, 11)], ANN)
    assert refused.value.code == "amount_invalid"


@given(
    allocated(),
    st.sampled_from([*sorted(MONEY_ACCOUNTS), DISPUTES]),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
)
def test_every_taking_back_balances_and_takes_all_of_it_from_one_place(
    lines: list[AllocatedLine], account: str, credit_minor: int, excess_minor: int
) -> None:
    drafts = taken_back(account, lines, ANN, credit_minor=credit_minor, excess_minor=excess_minor)
    assert sum(draft.amount_minor for draft in drafts) == 0
    assert all(draft.amount_minor for draft in drafts)
    gone = credit_minor + excess_minor + sum(line.amount_minor for line in lines)
    assert balances(drafts).get(account, 0) == -gone
    memo = {account: amount for account, amount in balances(drafts).items() if account.startswith("Memo")}
    assert sum(memo.values()) == 0  # the memo book balances by itself


@given(allocated(), st.integers(0, 10**12))
def test_taking_back_mirrors_what_came(lines: list[AllocatedLine], surplus_minor: int) -> None:
    """On accrual nothing is left; on cash the income stays, and Returns stands against it, save for what staff reverse:
    of that nothing is left either (I-65)."""
    received = surplus_minor + sum(line.amount_minor for line in lines)
    came = money_in("Clearing", received, lines, ANN)
    reversed_ = taken_back("Clearing", lines, ANN, credit_minor=surplus_minor, mirrored=True)
    assert balances([*came, *reversed_]) == {}
    left = balances([*came, *taken_back("Clearing", lines, ANN, credit_minor=surplus_minor)])
    income = {account: amount for account, amount in left.items() if account.startswith("Income")}
    assert set(left) <= {*income, "Returns"}
    assert left.get("Returns", 0) == -sum(income.values())
    if all(line.basis == "accrual" and not line.voluntary for line in lines):
        assert left == {}


@given(allocated(), st.integers(0, 10**12))
def test_what_is_reinstated_undoes_it(lines: list[AllocatedLine], credit_minor: int) -> None:
    gone = taken_back("Clearing", lines, ANN, credit_minor=credit_minor)
    assert balances([*gone, *reinstated("Clearing", lines, ANN, credit_minor=credit_minor)]) == {}
