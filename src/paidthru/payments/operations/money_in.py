"""Write steps of the payments room, inside somebody's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import named as name_of
from paidthru.invoicing.operations import awaiting_of, live_documents, lower_balances
from paidthru.kernel.copying import array_of, copy_rows
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import check_entered
from paidthru.ledger.operations import JournalDraft, write_journals
from paidthru.ledger.rules.postings import AllocatedLine, Basis, apply_credit, money_in
from paidthru.organizations.operations import take_numbers
from paidthru.payments.models import Allocation, Attempt, Payment
from paidthru.payments.operations.leading import lead_on, owe_written_off
from paidthru.payments.operations.receipts import keep_receipts
from paidthru.payments.rules.allocation import OLDEST_FIRST, OpenReceivable, allocate, allocate_by_hand

ACCOUNT_OF = {
    "card": "Clearing",
    "bank": "Clearing",
    "check": "Undeposited",
    "cash": "Undeposited",
    "terminal": "Undeposited",
    "transfer": "Bank",
}


@dataclass(frozen=True, slots=True)
class Money:
    """Money that came from a party, by a means, taken at an instant (UTC) and received on a local date.

    `invoice_ids` are the invoices it is for, none meaning whatever the party owes, in the `order` of the policy
    `payment.allocation`. `parts` says instead how much of it (minor units) each invoice gets; the rest is credit.
    """

    party_id: UUID
    amount_minor: int
    currency: str
    means: str
    taken_at: datetime
    received_on: date
    invoice_ids: Sequence[UUID] | None = None
    gateway: str = "offline"
    gateway_ref: str | None = None
    attempt_id: UUID | None = None
    parts: Mapping[UUID, int] | None = None
    order: str = OLDEST_FIRST
    payer_id: UUID | None = None  # whose the receipt is, where somebody else paid (C-25)
    reference: str = ""  # by which it is found on the bank's statement: a check's number, say


@dataclass(frozen=True, slots=True)
class _Open:
    facts: OpenReceivable
    invoice_id: UUID
    source_id: UUID
    basis: Basis
    income_code: str


@dataclass(frozen=True, slots=True)
class Placed:
    """What money paid (receivable and part, in minor units) and the surplus that stands as credit.

    `named` are the invoices that it was for, as they stood before: number and state, in the order of their ids.
    """

    parts: tuple[tuple[UUID, int], ...]
    surplus_minor: int
    source_ids: tuple[UUID, ...]
    named: tuple[tuple[int | str | None, str], ...]
    owed: Mapping[UUID, _Open]


def _locked(
    organization_id: UUID, which: str, values: Mapping[str, Any]
) -> tuple[list[tuple[UUID, int | str | None, str, str]], list[_Open]]:
    """Invoices (id, number as events keep it, state, currency) and what is open on those that are sent; all locked:
    invoices first, in order of id, so that two payments can't cross."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id, number, label, state, currency FROM invoicing_invoice
                WHERE organization_id = %(organization)s AND {which} ORDER BY id FOR UPDATE""",
            {"organization": organization_id, **values},
        )
        locked = [
            (id_, name_of(number, label), state, currency)
            for id_, number, label, state, currency in cursor.fetchall()
        ]
        cursor.execute(
            """SELECT r.id, r.balance_minor, r.due_on, r.position, r.voluntary, r.is_primary, l.invoice_id, r.source_id,
                      r.basis, r.income_code, r.tax_of_id
               FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
               WHERE l.invoice_id = ANY(%s) AND r.state = 'open' AND r.balance_minor > 0 ORDER BY r.id
               FOR UPDATE OF r""",
            [[id_ for id_, _, state, _ in locked if state == "sent"]],
        )
        return locked, [
            _Open(OpenReceivable(row[0], row[1], row[2], row[3], row[4], row[5], row[-1]), *row[6:-1])
            for row in cursor.fetchall()
        ]


def _owing(
    organization_id: UUID, party_id: UUID, currency: str, *, on: date, now: datetime
) -> tuple[list[tuple[UUID, int | str | None, str, str]], list[_Open]]:
    """What a party owes in a currency, on its live invoices, locked. What waits for its next document gets it now, for
    there is money for it."""
    if waiting := awaiting_of(party_id, currency):
        live_documents(organization_id, waiting, on=on, now=now)
    which = "party_id = %(party)s AND currency = %(currency)s AND state = 'sent'"
    return _locked(organization_id, which, {"party": party_id, "currency": currency})


def place(organization_id: UUID, money: Money) -> Placed:
    """Pays the open balances of the invoices named, or of what the party owes, in the money's order.

    `book` comes next, in the same transaction. Refused `amount_invalid` for nothing or less, and with parts as
    `allocate_by_hand` and `invoice_closed`.
    """
    if money.parts is not None:
        return _place_by_hand(organization_id, money, money.parts)
    if money.invoice_ids is not None:
        return place_all(organization_id, [money])[0]
    _refuse_amount(money)
    owing = _owing(organization_id, money.party_id, money.currency, on=money.received_on, now=money.taken_at)
    placed = _placed(money, *owing)
    _lower([placed])
    return placed


def _place_by_hand(organization_id: UUID, money: Money, parts: Mapping[UUID, int]) -> Placed:
    """Pays each invoice the part that was said for it; the invoices are locked as everywhere."""
    _refuse_amount(money)
    named, found = _locked(organization_id, "id = ANY(%(invoices)s)", {"invoices": list(parts)})
    for _, number, state, currency in named:
        if state != "sent" or currency != money.currency:
            raise Refused(
                "invoice_closed" if state != "sent" else "currency_mismatch",
                f"Invoice {number} is {state}: nothing can be applied to it."
                if state != "sent"
                else f"Invoice {number} is in {currency}, the money in {money.currency}.",
                field="parts",
                value=number,
                fix="Choose an open invoice in the money's currency, or leave it as credit.",
            )
    owed = {one.facts.id: one for one in found}
    on_each = {id_: [one.facts for one in found if one.invoice_id == id_] for id_ in parts}
    names = dict.fromkeys(parts, "an invoice") | {id_: f"invoice {number}" for id_, number, _, _ in named}
    paid, surplus = allocate_by_hand(money.amount_minor, parts, on_each, names)
    sources = tuple({owed[id_].source_id for id_, _ in paid})
    placed = Placed(paid, surplus, sources, tuple((number, state) for _, number, state, _ in named), owed)
    _lower([placed])
    return placed


def place_all(organization_id: UUID, monies: Sequence[Money]) -> list[Placed]:
    """As `place`, for several at once, each of which names its invoices.

    Money for an invoice that is closed pays the document that stands for the same obligation now, made if there is none
    (X26). What was written off of it is owed again as far as money came for it.
    """
    for money in monies:
        _refuse_amount(money)
    asked = [list(money.invoice_ids or ()) for money in monies]
    named, open_ = _named(organization_id, asked)
    if any(one[2] == "closed" for one in named):
        asked = lead_on(organization_id, asked, monies)
        named, open_ = _named(organization_id, asked)
    placed = _shared_out(monies, asked, named, open_)
    if any(one.surplus_minor for one in placed):
        left = [one.surplus_minor for one in placed]
        if owe_written_off(organization_id, asked, monies, left):
            asked = lead_on(organization_id, asked, monies)
            placed = _shared_out(monies, asked, *_named(organization_id, asked))
    _lower(placed)
    return placed


_Named = Sequence[tuple[UUID, int | str | None, str, str]]


def _named(organization_id: UUID, asked: Sequence[Sequence[UUID]]) -> tuple[_Named, list[_Open]]:
    ids = [id_ for mine in asked for id_ in mine]
    return _locked(organization_id, "id = ANY(%(invoices)s)", {"invoices": ids})


def _shared_out(
    monies: Sequence[Money], asked: Sequence[Sequence[UUID]], named: _Named, open_: Sequence[_Open]
) -> list[Placed]:
    """What each money pays of the invoices that it is for; what one pays, the next finds paid."""
    placed, paid = list[Placed](), dict[UUID, int]()
    for money, mine in zip(monies, asked, strict=True):
        left = [
            replace(one, facts=replace(one.facts, balance_minor=one.facts.balance_minor - paid.get(one.facts.id, 0)))
            for one in open_
            if one.invoice_id in mine
        ]  # fmt: skip
        placed.append(_placed(money, [one for one in named if one[0] in mine], left))
        for id_, amount in placed[-1].parts:
            paid[id_] = paid.get(id_, 0) + amount
    return placed


def _refuse_amount(money: Money) -> None:
    if money.amount_minor <= 0:
        raise Refused(
            "amount_invalid",
            "A payment has to be more than nothing.",
            field="amount",
            value=money.amount_minor,
            fix="Enter the amount that came in.",
        )
    check_entered(money.amount_minor)


def _placed(
    money: Money, invoices: Sequence[tuple[UUID, int | str | None, str, str]], open_: Sequence[_Open]
) -> Placed:
    payable = {id_ for id_, _, state, currency in invoices if state == "sent" and currency == money.currency}
    owed = {one.facts.id: one for one in open_ if one.invoice_id in payable}
    parts, surplus = allocate(money.amount_minor, [one.facts for one in owed.values()], order=money.order)
    named = tuple((number, state) for _, number, state, _ in invoices)
    return Placed(parts, surplus, tuple({owed[id_].source_id for id_, _ in parts}), named, owed)


def _lower(placed: Sequence[Placed]) -> None:
    paid = dict[UUID, int]()
    for one in placed:
        for id_, amount in one.parts:
            paid[id_] = paid.get(id_, 0) + amount
    if paid:
        lower_balances(paid, [one.owed[id_].invoice_id for one in placed for id_, _ in one.parts])


_PAYMENT = ("id", "organization_id", "number", "party_id", "attempt_id", "batch_id", "gateway", "gateway_ref", "means",
            "reference", "currency", "amount_minor", "unallocated_minor", "taken_at", "received_on",
            "state")  # fmt: skip


def book(organization_id: UUID, batch_id: UUID, money: Money, placed: Placed, *, now: datetime) -> Payment:
    """Writes the payment of money that was placed, with its allocations and journal.

    Payments are numbered here and the series stays locked until the transaction ends, so this comes last. A
    gateway's charge is written once: the database refuses a second.
    """
    return book_all(organization_id, batch_id, [(money, placed)], now=now)[0]


def book_all(
    organization_id: UUID, batch_id: UUID, placed: Sequence[tuple[Money, Placed]], *, now: datetime
) -> list[Payment]:
    """As `book`, for several at once, numbered in their order."""
    first = take_numbers(organization_id, "payment", len(placed))
    payments = [
        Payment(
            organization_id=organization_id,
            number=number,
            party_id=money.party_id,
            attempt_id=money.attempt_id,
            batch_id=batch_id,
            gateway=money.gateway,
            gateway_ref=money.gateway_ref,
            means=money.means,
            reference=money.reference,
            currency=money.currency,
            amount_minor=money.amount_minor,
            unallocated_minor=one.surplus_minor,
            taken_at=money.taken_at,
            received_on=money.received_on,
        )
        for number, (money, one) in enumerate(placed, first)
    ]
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            Payment._meta.db_table,
            _PAYMENT,
            [[getattr(payment, name) for name in _PAYMENT] for payment in payments],
        )
    rows: list[tuple[object, ...]] = []
    drafts: dict[str, list[JournalDraft]] = {}
    for payment, (money, one) in zip(payments, placed, strict=True):
        lines = _lines(payment, one.parts, one.owed)
        rows += _allocations(payment, lines, money.received_on)
        drafts.setdefault(money.currency, []).append(
            JournalDraft(
                "payment",
                payment.id,
                "received",
                money.received_on,
                f"Payment {payment.number} by {money.means}",
                money_in(ACCOUNT_OF[money.means], money.amount_minor, lines, money.party_id),
            )
        )
    _write_allocations(rows)
    for currency, journals in drafts.items():
        write_journals(organization_id, batch_id, currency, journals, now=now)
    keep_receipts(
        {
            payment.id: money.payer_id or money.party_id
            for payment, (money, _) in zip(payments, placed, strict=True)
        }
    )
    return payments


def use_credit(
    organization_id: UUID, batch_id: UUID, party_ids: Sequence[UUID], *, on: date, now: datetime
) -> list[UUID]:
    """Pays what parties owe from their credit, oldest money first; returns the sources (memberships) it paid for."""
    sources: set[UUID] = set()
    with_credit = Payment.objects.raw(
        f"SELECT * FROM {Payment._meta.db_table} WHERE party_id = ANY(%s::uuid[]) AND unallocated_minor > 0"
        " ORDER BY party_id, id FOR UPDATE",
        [array_of(party_ids)],
    )
    for payment in with_credit:
        _, found = _owing(organization_id, payment.party_id, payment.currency, on=on, now=now)
        owed = {one.facts.id: one for one in found}
        # Nobody owes a voluntary line, so credit does not pay it by itself.
        parts, left = allocate(
            payment.unallocated_minor, [one.facts for one in found if not one.facts.voluntary]
        )
        if not parts:
            continue
        lower_balances(dict(parts), [owed[id_].invoice_id for id_, _ in parts])
        lines = _lines(payment, parts, owed)
        _write_allocations(_allocations(payment, lines, on))
        Payment.objects.filter(id=payment.id).update(unallocated_minor=left)
        write_journals(
            organization_id,
            batch_id,
            payment.currency,
            [
                JournalDraft(
                    "payment",
                    payment.id,
                    f"credit used {new_id()}",
                    on,
                    f"Credit of payment {payment.number} used",
                    apply_credit(payment.party_id, lines),
                )
            ],
            now=now,
        )
        sources |= {owed[id_].source_id for id_, _ in parts}
    return sorted(sources)


def allot(payment: Payment, placed: Placed, on: date) -> list[AllocatedLine]:
    """Writes what money of a payment that is there already pays (minor units): the allocations of `place`, without
    the journal."""
    lines = _lines(payment, placed.parts, placed.owed)
    _write_allocations(_allocations(payment, lines, on))
    return lines


_ALLOCATION = (
    "id",
    "organization_id",
    "payment_id",
    "receivable_id",
    "invoice_id",
    "amount_minor",
    "allocated_on",
)


def _lines(
    payment: Payment, parts: Sequence[tuple[UUID, int]], owed: Mapping[UUID, _Open]
) -> list[AllocatedLine]:
    return [
        AllocatedLine(
            payment.party_id,
            owed[id_].invoice_id,
            id_,
            owed[id_].basis,
            owed[id_].income_code,
            amount,
            owed[id_].facts.voluntary,
            amount if owed[id_].facts.tax_of else 0,
        )
        for id_, amount in parts
    ]


def _allocations(payment: Payment, lines: Sequence[AllocatedLine], on: date) -> list[tuple[object, ...]]:
    return [
        (
            new_id(),
            payment.organization_id,
            payment.id,
            line.receivable_id,
            line.invoice_id,
            line.amount_minor,
            on,
        )
        for line in lines
    ]


def _write_allocations(rows: Sequence[tuple[object, ...]]) -> None:
    with connection.cursor() as cursor:
        copy_rows(cursor, Allocation._meta.db_table, _ALLOCATION, rows)


def look_now(organization_id: UUID, *, now: datetime) -> int:
    """Makes every open question due at once, so that the worker asks the gateway again; returns how many."""
    return Attempt.objects.filter(
        organization_id=organization_id, state__in=["submitted", "unknown", "requires_action", "processing"]
    ).update(next_look_at=now)
