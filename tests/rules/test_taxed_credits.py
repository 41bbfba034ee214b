"""Credit notes of a taxed invoice, among whatever else happens to it (A-14, A-15): parts sum to the whole, the books
balance at every step, and the tax account ends where it must.

Amounts are minor units, so a currency's decimals make no difference here: small ones stand for JPY, large for KWD.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.invoicing.rules.tax import Rate, Rounding, Share, take_in_turn, tax_line, taxes_of
from paidthru.ledger.rules.credits import ADJUSTMENTS, CreditedLine, credited
from paidthru.ledger.rules.postings import (
    CLEARING,
    MEMO_BILLED,
    MEMO_CONTRA,
    RECEIVABLE,
    TAX,
    AllocatedLine,
    Basis,
    BilledLine,
    Draft,
    billing,
    money_in,
    reverse,
    taken_back,
)

PARTY, INVOICE = UUID(int=1), UUID(int=2)
INCOME, BAD_DEBT = "Income:Dues", "Bad debt"

Act = tuple[Literal["pay", "reverse", "credit", "credit a line", "write off", "recover"], int]

rates = st.builds(
    Rate,
    st.just(UUID(int=3)),
    st.just("VAT"),
    st.booleans(),
    st.just(date(2020, 1, 1)),
    st.integers(0, 1_000_000),
)
lines = st.lists(st.tuples(st.integers(1, 10**9), st.none() | rates), min_size=1, max_size=8)
acts = st.lists(
    st.tuples(
        st.sampled_from(["pay", "reverse", "credit", "credit a line", "write off", "recover"]),
        st.integers(1, 2 * 10**9),
    ),
    max_size=10,
)
roundings = st.sampled_from(["per_line", "per_invoice"])


def owed(
    priced: list[tuple[int, Rate | None]], rounding: Rounding
) -> tuple[dict[UUID, int], dict[UUID, UUID]]:
    """What an invoice asks for by receivable, and which of them is the tax of which."""
    asked, tax_of = dict[UUID, int](), dict[UUID, UUID]()
    taxes = taxes_of([amount for amount, _ in priced], [rate for _, rate in priced], rounding)
    for place, ((amount, rate), tax) in enumerate(zip(priced, taxes, strict=True)):
        id_ = UUID(int=100 + place)
        asked[id_] = amount
        if rate is not None:
            of = tax_line(id_, amount, tax, rate, "USD")
            asked[id_] = of.net_minor
            asked[of.fee_id], tax_of[of.fee_id] = of.amount_minor, id_
    return asked, tax_of


@dataclass
class Taxed:
    """An invoice with its books."""

    asked: dict[UUID, int]
    tax_of: dict[UUID, UUID]
    basis: Basis
    left: dict[UUID, int] = field(default_factory=dict)
    paid: list[dict[UUID, int]] = field(default_factory=list)
    credited: Counter[UUID] = field(default_factory=Counter)
    written_off: list[dict[UUID, int]] = field(default_factory=list)
    books: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.left = dict(self.asked)
        billed = [
            BilledLine(PARTY, INVOICE, id_, amount, self.income(id_)) for id_, amount in self.asked.items()
        ]
        self.book(billing(billed, self.basis, deferred=False))

    def income(self, id_: UUID) -> str:
        return TAX if id_ in self.tax_of else INCOME

    def book(self, drafts: Iterable[Draft]) -> None:
        drafts = tuple(drafts)
        assert sum(one.amount_minor for one in drafts) == 0
        for one in drafts:
            self.books[one.account] += one.amount_minor

    def take(self, amount: int, ids: Iterable[UUID]) -> dict[UUID, int]:
        parts, over = take_in_turn(
            amount, [Share(id_, id_, self.left[id_], self.tax_of.get(id_)) for id_ in ids]
        )
        assert sum(part for _, part in parts) + over == amount
        for id_, part in parts:
            self.left[id_] -= part
        return dict(parts)

    def allocated(self, parts: dict[UUID, int]) -> list[AllocatedLine]:
        return [
            AllocatedLine(PARTY, INVOICE, id_, self.basis, self.income(id_), part)
            for id_, part in parts.items()
        ]

    def pay(self, amount: int) -> None:
        parts = self.take(amount, self.asked)
        self.paid.append(parts)
        self.book(money_in(CLEARING, sum(parts.values()), self.allocated(parts), PARTY))

    def reverse(self, which: int) -> None:
        """Staff say that one of the payments never came."""
        if self.paid:
            parts = self.paid.pop(which % len(self.paid))
            self.owe_again(parts)
            self.book(taken_back(CLEARING, self.allocated(parts), PARTY, mirrored=True))

    def credit(self, amount: int, ids: Iterable[UUID]) -> None:
        """The tax of a line goes along, and is owed no more."""
        parts = self.take(amount, ids)
        self.credited.update(parts)
        self.book(self.given_up(parts, TAX))

    def write_off(self, amount: int) -> None:
        """Bad debt bears the tax too: it stays owed to the tax office."""
        parts = self.take(amount, reversed(self.asked))
        self.written_off.append(parts)
        self.book(self.given_up(parts, BAD_DEBT))

    def recover(self, which: int) -> None:
        """What was written off is owed again."""
        if self.written_off:
            parts = self.written_off.pop(which % len(self.written_off))
            self.owe_again(parts)
            self.book(reverse(self.given_up(parts, BAD_DEBT)))

    def owe_again(self, parts: dict[UUID, int]) -> None:
        for id_, part in parts.items():
            self.left[id_] += part

    def given_up(self, parts: dict[UUID, int], tax: str) -> tuple[Draft, ...]:
        net = ADJUSTMENTS if tax == TAX else BAD_DEBT
        return credited(
            CreditedLine(PARTY, INVOICE, id_, self.basis, part, tax if id_ in self.tax_of else net)
            for id_, part in parts.items()
        )

    def act(self, act: Act) -> None:
        what, number = act
        if what == "pay":
            self.pay(number)
        elif what == "reverse":
            self.reverse(number)
        elif what == "credit a line":
            heads = [id_ for id_ in self.asked if id_ not in self.tax_of]
            head = heads[number % len(heads)]
            self.credit(number, [head, *(id_ for id_, of in self.tax_of.items() if of == head)])
        elif what == "credit":
            self.credit(number, reversed(self.asked))  # the reverse of how money pays
        elif what == "write off":
            self.write_off(number)
        else:
            self.recover(number)

    def of_tax(self, parts: dict[UUID, int] | Counter[UUID]) -> int:
        return sum(part for id_, part in parts.items() if id_ in self.tax_of)

    def check(self) -> None:
        """Nothing is lost or overdrawn, and the books say what the invoice says."""
        paid, lost = Counter[UUID](), Counter[UUID]()
        for parts in self.paid:
            paid.update(parts)
        for parts in self.written_off:
            lost.update(parts)
        for id_, amount in self.asked.items():
            assert 0 <= self.left[id_] == amount - paid[id_] - self.credited[id_] - lost[id_]
        for tax, line in self.tax_of.items():
            # never a tax of which nothing is left to be the tax of, unless the line came to nothing from the start
            assert self.left[line] > 0 or self.left[tax] == 0
        open_minor = sum(self.left.values())
        assert sum(self.books.values()) == 0
        assert self.books[CLEARING] == sum(paid.values())
        if self.basis == "cash":
            assert self.books[MEMO_BILLED] == -self.books[MEMO_CONTRA] == open_minor
            assert -self.books[TAX] == self.of_tax(paid)
            assert -self.books[INCOME] == sum(paid.values()) - self.of_tax(paid)
            assert self.books[ADJUSTMENTS] == self.books[BAD_DEBT] == self.books[RECEIVABLE] == 0
        else:
            assert self.books[RECEIVABLE] == open_minor
            assert -self.books[TAX] == self.of_tax(self.asked) - self.of_tax(self.credited) >= 0
            assert self.books[ADJUSTMENTS] == sum(self.credited.values()) - self.of_tax(self.credited)
            assert self.books[BAD_DEBT] == sum(lost.values())


@pytest.mark.parametrize("basis", ["accrual", "cash"])
@given(priced=lines, rounding=roundings, done=acts)
def test_whatever_happens_to_a_taxed_invoice_its_books_are_what_it_says_a14_a15(
    basis: Basis, priced: list[tuple[int, Rate | None]], rounding: Rounding, done: list[Act]
) -> None:
    invoice = Taxed(*owed(priced, rounding), basis)
    assert sum(invoice.asked.values()) == sum(amount for amount, _ in priced) + sum(
        tax
        for (_, rate), tax in zip(
            priced, taxes_of([one for one, _ in priced], [one for _, one in priced], rounding), strict=True
        )
        if rate and not rate.inclusive
    )
    invoice.check()
    for one in done:
        invoice.act(one)
        invoice.check()
    invoice.credit(sum(invoice.left.values()), reversed(invoice.asked))
    invoice.check()
    assert not any(invoice.left.values())


@pytest.mark.parametrize("basis", ["accrual", "cash"])
@given(priced=lines, rounding=roundings, parts=st.lists(st.integers(1, 10**9), max_size=6), data=st.data())
def test_credited_as_a_whole_nothing_of_it_is_left_in_whatever_parts_a15(
    basis: Basis,
    priced: list[tuple[int, Rate | None]],
    rounding: Rounding,
    parts: list[int],
    data: st.DataObject,
) -> None:
    """The same credits in another order, by line and of the whole, end alike: no tax is owed, no income kept."""
    done: list[Act] = [("credit a line" if part % 2 else "credit", part) for part in parts]
    ends = []
    for order in (done, data.draw(st.permutations(done))):
        invoice = Taxed(*owed(priced, rounding), basis)
        for one in [*order, ("credit", sum(invoice.asked.values()))]:
            invoice.act(one)
            invoice.check()
        assert invoice.credited == Counter(invoice.asked)
        assert invoice.books[TAX] == 0 and invoice.books[INCOME] + invoice.books[ADJUSTMENTS] == 0
        ends.append({account: amount for account, amount in invoice.books.items() if amount})
    assert ends[0] == ends[1]


@given(priced=lines, rounding=roundings, parts=st.lists(st.integers(1, 10**9), max_size=6), data=st.data())
def test_paid_in_whatever_parts_and_order_the_tax_is_the_same_on_both_bases_a14(
    priced: list[tuple[int, Rate | None]], rounding: Rounding, parts: list[int], data: st.DataObject
) -> None:
    ends = set()
    for basis in ("accrual", "cash"):
        for order in (parts, data.draw(st.permutations(parts))):
            invoice = Taxed(*owed(priced, rounding), basis)
            for part in [*order, sum(invoice.asked.values())]:
                invoice.pay(part)
                invoice.check()
            ends.add((invoice.books[TAX], invoice.books[INCOME], invoice.books[CLEARING]))
    assert len(ends) == 1
