"""What is booked, on both bases (G-10, G-11, C-19, I-65, field-notes D.3, D.4, D.6)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.kernel.errors import Refused
from paidthru.ledger.rules.postings import (
    MONEY_ACCOUNTS,
    AllocatedLine,
    Basis,
    BilledLine,
    Draft,
    apply_credit,
    billing,
    money_in,
    recognition,
    reverse,
)

ANN, BOB, INVOICE = UUID(int=1), UUID(int=2), UUID(int=3)
BASES = st.sampled_from(["accrual", "cash"])
DUES = BilledLine(ANN, INVOICE, UUID(int=4), 120_00, "Income:Dues")
TAXED = replace(DUES, amount_minor=132_00, tax_minor=12_00)
GIFT = BilledLine(ANN, INVOICE, UUID(int=5), 10_00, "Income:Donations", voluntary=True)


def balances(drafts: Iterable[Draft]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for draft in drafts:
        found[draft.account] += draft.amount_minor
    return {account: amount for account, amount in found.items() if amount}


def paying(
    line: BilledLine, basis: Basis, amount_minor: int | None = None, tax_minor: int | None = None
) -> AllocatedLine:
    return AllocatedLine(
        line.party_id,
        line.invoice_id,
        line.receivable_id,
        basis,
        line.income,
        line.amount_minor if amount_minor is None else amount_minor,
        line.voluntary,
        line.tax_minor if tax_minor is None else tax_minor,
    )


@st.composite
def billed_lines(draw: st.DrawFn) -> list[BilledLine]:
    ids = count(100)
    lines = []
    for _ in range(draw(st.integers(0, 5))):
        amount_minor = draw(st.integers(0, 10**12))
        lines.append(
            BilledLine(
                ANN,
                INVOICE,
                UUID(int=next(ids)),
                amount_minor,
                draw(st.sampled_from(["Income:Dues", "Income:Fees"])),
                draw(st.booleans()),
                draw(st.integers(0, amount_minor)),
            )
        )
    return lines


def test_accrual_bills_a_running_term_to_income_g10() -> None:
    assert balances(billing([DUES], "accrual", False)) == {"Receivable": 120_00, "Income:Dues": -120_00}


def test_accrual_defers_a_future_term() -> None:
    assert balances(billing([TAXED], "accrual", True)) == {
        "Receivable": 132_00,
        "Deferred": -120_00,
        "Tax": -12_00,
    }


def test_cash_bills_the_memo_pair_and_no_income_g11() -> None:
    expected = {"Memo billed": 132_00, "Memo contra": -132_00}
    assert balances(billing([TAXED], "cash", False)) == expected
    assert balances(billing([TAXED], "cash", True)) == expected


@pytest.mark.parametrize("basis", ["accrual", "cash"])
def test_a_voluntary_line_is_not_owed_and_becomes_income_when_paid(basis: Basis) -> None:
    asked = billing([GIFT], basis, False)
    assert balances(asked) == {"Memo billed": 10_00, "Memo contra": -10_00}
    given = money_in("Clearing", 10_00, [paying(GIFT, basis)], ANN)
    assert balances([*asked, *given]) == {"Clearing": 10_00, "Income:Donations": -10_00}


def test_money_in_on_accrual_pays_the_receivable() -> None:
    drafts = money_in("Clearing", 132_00, [paying(TAXED, "accrual")], ANN)
    assert balances(drafts) == {"Clearing": 132_00, "Receivable": -132_00}


def test_money_in_on_cash_is_income_and_takes_the_memo_back() -> None:
    drafts = money_in("Undeposited", 132_00, [paying(TAXED, "cash")], ANN)
    assert balances(drafts) == {
        "Undeposited": 132_00,
        "Income:Dues": -120_00,
        "Tax": -12_00,
        "Memo billed": -132_00,
        "Memo contra": 132_00,
    }


@pytest.mark.parametrize("basis", ["accrual", "cash"])
def test_a_surplus_becomes_the_partys_credit(basis: Basis) -> None:
    drafts = money_in("Bank", 150_00, [paying(DUES, basis)], BOB)
    assert [draft for draft in drafts if draft.account == "Credit"] == [Draft("Credit", -30_00, BOB)]
    assert [draft for draft in drafts if draft.account == "Bank"] == [Draft("Bank", 150_00, BOB)]


def test_money_without_anything_to_pay_is_all_credit() -> None:
    assert balances(money_in("Undeposited", 50_00, [], ANN)) == {"Undeposited": 50_00, "Credit": -50_00}


@pytest.mark.parametrize("basis", ["accrual", "cash"])
def test_credit_pays_like_money(basis: Basis) -> None:
    billed = billing([DUES], basis, False)
    surplus = money_in("Clearing", 120_00, [], ANN)
    applied = apply_credit(ANN, [paying(DUES, basis)])
    assert balances([*billed, *surplus, *applied]) == {"Clearing": 120_00, "Income:Dues": -120_00}


def test_more_than_was_received_cannot_be_allocated() -> None:
    with pytest.raises(Refused) as refused:
        money_in("Clearing", 119_99, [paying(DUES, "accrual")], ANN)
    assert refused.value.code == "allocation_exceeds_payment"


@pytest.mark.parametrize("wrong", [replace(DUES, amount_minor=-1), replace(DUES, tax_minor=120_01)])
def test_a_line_below_nothing_or_with_more_tax_than_amount_is_refused(wrong: BilledLine) -> None:
    with pytest.raises(Refused) as refused:
        billing([wrong], "accrual", False)
    assert refused.value.code == "amount_invalid"
    with pytest.raises(Refused) as refused:
        apply_credit(ANN, [paying(wrong, "cash")])
    assert refused.value.code == "amount_invalid"


def test_money_only_arrives_in_money_accounts() -> None:
    with pytest.raises(ValueError, match="Income:Dues"):
        money_in("Income:Dues", 1, [], ANN)


def test_a_complimentary_line_books_nothing() -> None:
    assert billing([replace(DUES, amount_minor=0)], "accrual", False) == ()
    assert billing([replace(DUES, amount_minor=0)], "cash", False) == ()


def test_entries_name_who_and_what() -> None:
    for draft in (*billing([TAXED], "accrual", True), *billing([TAXED], "cash", False)):
        assert (draft.party_id, draft.invoice_id, draft.receivable_id) == (ANN, INVOICE, TAXED.receivable_id)


def test_recognition_moves_from_deferred_to_income() -> None:
    drafts = recognition(10_00, "Deferred", "Income:Dues", ANN, INVOICE, DUES.receivable_id)
    assert balances(drafts) == {"Deferred": 10_00, "Income:Dues": -10_00}
    assert drafts[0].receivable_id == DUES.receivable_id


def test_a_reversal_leaves_nothing_and_keeps_names_i65() -> None:
    drafts = money_in("Clearing", 132_00, [paying(TAXED, "cash")], ANN)
    assert balances([*drafts, *reverse(drafts)]) == {}
    assert [draft.invoice_id for draft in reverse(drafts)] == [draft.invoice_id for draft in drafts]
    assert reverse(reverse(drafts)) == drafts


@given(billed_lines(), BASES, st.booleans())
def test_every_billing_sums_to_zero_and_asks_for_the_total(
    lines: list[BilledLine], basis: Basis, deferred: bool
) -> None:
    drafts = billing(lines, basis, deferred)
    assert sum(draft.amount_minor for draft in drafts) == 0
    assert all(draft.amount_minor for draft in drafts)
    asked = balances(drafts)
    total = sum(line.amount_minor for line in lines)
    assert asked.get("Receivable", 0) + asked.get("Memo billed", 0) == total


@given(billed_lines(), BASES, st.sampled_from(sorted(MONEY_ACCOUNTS)), st.integers(0, 10**12))
def test_every_receipt_sums_to_zero_and_settles_what_was_billed(
    lines: list[BilledLine], basis: Basis, account: str, surplus: int
) -> None:
    """D.6: after the money, neither receivable nor memo is left, on either basis."""
    total = sum(line.amount_minor for line in lines)
    billed = billing(lines, basis, False)
    received = money_in(account, total + surplus, [paying(line, basis) for line in lines], ANN)
    assert sum(draft.amount_minor for draft in received) == 0
    left = balances([*billed, *received])
    assert not left.keys() & {"Receivable", "Memo billed", "Memo contra"}
    assert left.get(account, 0) == total + surplus
    assert left.get("Credit", 0) == -surplus


@given(billed_lines())
def test_both_bases_end_with_the_same_books_d6(lines: list[BilledLine]) -> None:
    """Income over the lifetime of a settled invoice does not depend on the basis, except that a voluntary
    line's tax is a matter of its payment on both."""
    ends = []
    bases: tuple[Basis, ...] = ("accrual", "cash")
    for basis in bases:
        total = sum(line.amount_minor for line in lines)
        drafts = [
            *billing(lines, basis, False),
            *money_in("Bank", total, [paying(line, basis) for line in lines], ANN),
        ]
        ends.append(balances(drafts))
    assert ends[0] == ends[1]


@given(billed_lines(), BASES)
def test_every_credit_and_reversal_sums_to_zero(lines: list[BilledLine], basis: Basis) -> None:
    drafts = apply_credit(BOB, [paying(line, basis) for line in lines])
    assert sum(draft.amount_minor for draft in drafts) == 0
    assert sum(draft.amount_minor for draft in reverse(drafts)) == 0
    assert balances([*drafts, *reverse(drafts)]) == {}


@given(st.integers(-(10**12), 10**12))
def test_every_recognition_sums_to_zero(amount_minor: int) -> None:
    assert sum(draft.amount_minor for draft in recognition(amount_minor, "Deferred", "Income:Dues")) == 0
