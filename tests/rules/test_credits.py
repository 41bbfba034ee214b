"""What is booked when an invoice is voided or credited (field-notes D.4; I-34)."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from paidthru.ledger.rules.credits import ADJUSTMENTS, CreditedLine, credited
from paidthru.ledger.rules.postings import Basis, BilledLine, Draft, billing

BASES: st.SearchStrategy[Basis] = st.sampled_from(("accrual", "cash"))
WHO = (UUID(int=1), UUID(int=2), UUID(int=3))


def _line(amount: int, basis: Basis = "accrual", unearned: int = 0, voluntary: bool = False) -> CreditedLine:
    return CreditedLine(
        *WHO, "cash" if basis == "cash" else "accrual", amount, ADJUSTMENTS, voluntary, unearned
    )


def test_what_is_not_earned_yet_leaves_deferred_and_the_rest_is_an_adjustment() -> None:
    assert credited([_line(12_000, unearned=11_000)]) == (
        Draft("Deferred", 11_000, *WHO),
        Draft("Adjustments", 1_000, *WHO),
        Draft("Receivable", -12_000, *WHO),
    )


def test_on_cash_basis_only_the_memo_goes_away() -> None:
    assert credited([_line(500, "cash")]) == (
        Draft("Memo contra", 500, *WHO),
        Draft("Memo billed", -500, *WHO),
    )
    assert credited([_line(500, voluntary=True)]) == credited([_line(500, "cash")])


def test_nothing_makes_no_entry() -> None:
    assert credited([_line(0)]) == ()


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 100), st.booleans(), BASES)))
def test_entries_sum_to_zero(rows: list[tuple[int, int, bool, Basis]]) -> None:
    lines = [_line(amount, basis, amount * part // 100, voluntary) for amount, part, voluntary, basis in rows]
    assert sum(draft.amount_minor for draft in credited(lines)) == 0


@given(st.integers(1, 10**9), BASES, st.booleans(), st.booleans())
def test_a_void_takes_exactly_the_billing_back(
    amount: int, basis: Basis, deferred: bool, voluntary: bool
) -> None:
    """Before anything was earned, a void of what was billed leaves every account where it was."""
    billed = billing([BilledLine(*WHO, amount, "Income:Dues", voluntary)], basis, deferred)
    unearned = amount if deferred and basis == "accrual" and not voluntary else 0
    void = credited([CreditedLine(*WHO, basis, amount, "Income:Dues", voluntary, unearned)])
    left: dict[str, int] = {}
    for draft in (*billed, *void):
        left[draft.account] = left.get(draft.account, 0) + draft.amount_minor
    assert set(left.values()) == {0}
