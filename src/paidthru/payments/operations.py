"""Write steps of the payments room, inside somebody's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations import lower_balances
from paidthru.kernel.copying import array_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.ledger.operations import JournalDraft, write_journals
from paidthru.ledger.rules.postings import AllocatedLine, apply_credit, money_in
from paidthru.organizations.operations import take_numbers
from paidthru.payments.models import Allocation, Attempt, Payment
from paidthru.payments.rules.allocation import OpenReceivable, allocate

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

    `invoice_ids` are the invoices it is for, none meaning whatever the party owes.
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
    attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What became of money: its payment, what it paid, and the surplus that stands as credit."""

    payment: Payment
    paid: dict[UUID, int]
    source_ids: tuple[UUID, ...]
    surplus_minor: int


@dataclass(frozen=True, slots=True)
class _Open:
    facts: OpenReceivable
    invoice_id: UUID
    source_id: UUID
    basis: str
    income_code: str


def _open_receivables(party_id: UUID, currency: str, invoice_ids: Sequence[UUID] | None) -> list[_Open]:
    """What a party owes on live invoices, locked: invoices first, in order of id, so that two payments can't cross."""
    if invoice_ids is None:
        locked = Invoice.objects.filter(party_id=party_id, currency=currency, state="sent")
    else:
        locked = Invoice.objects.filter(id__in=invoice_ids, currency=currency, state="sent")
    ids = [invoice.id for invoice in locked.order_by("id").select_for_update()]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.id, r.balance_minor, r.due_on, r.position, r.voluntary, r.is_primary, l.invoice_id, r.source_id,
                      r.basis, r.income_code
               FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
               WHERE l.invoice_id = ANY(%s) AND r.state = 'open' AND r.balance_minor > 0 ORDER BY r.id
               FOR UPDATE OF r""",
            [ids],
        )
        return [
            _Open(
                OpenReceivable(id_, balance, due_on, position, voluntary, primary),
                invoice_id,
                source_id,
                basis,
                code,
            )
            for (
                id_,
                balance,
                due_on,
                position,
                voluntary,
                primary,
                invoice_id,
                source_id,
                basis,
                code,
            ) in cursor.fetchall()
        ]


def receive(organization_id: UUID, batch_id: UUID, money: Money, *, now: datetime) -> Received:
    """Writes a payment with its allocations and journal; what is beyond the open balances becomes credit.

    Refused `amount_invalid` for nothing or less. A gateway's charge is written once: the database refuses a second.
    """
    if money.amount_minor <= 0:
        raise Refused(
            "amount_invalid",
            "A payment has to be more than nothing.",
            field="amount",
            value=money.amount_minor,
            fix="Enter the amount that came in.",
        )
    owed = {one.facts.id: one for one in _open_receivables(money.party_id, money.currency, money.invoice_ids)}
    parts, surplus = allocate(money.amount_minor, [one.facts for one in owed.values()])
    payment = Payment.objects.create(
        organization_id=organization_id,
        number=take_numbers(organization_id, "payment"),
        party_id=money.party_id,
        attempt=money.attempt,
        batch_id=batch_id,
        gateway=money.gateway,
        gateway_ref=money.gateway_ref,
        means=money.means,
        currency=money.currency,
        amount_minor=money.amount_minor,
        unallocated_minor=surplus,
        taken_at=money.taken_at,
        received_on=money.received_on,
    )
    lines = _allocate(payment, parts, owed, money.received_on)
    write_journals(
        organization_id,
        batch_id,
        money.currency,
        [
            JournalDraft(
                "payment",
                payment.id,
                "received",
                money.received_on,
                f"Payment {payment.number} by {money.means}",
                money_in(ACCOUNT_OF[money.means], money.amount_minor, lines, money.party_id),
            )
        ],
        now=now,
    )
    return Received(payment, dict(parts), tuple({owed[id_].source_id for id_, _ in parts}), surplus)


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
        owed = {one.facts.id: one for one in _open_receivables(payment.party_id, payment.currency, None)}
        # Nobody owes a voluntary line, so credit does not pay it by itself.
        parts, left = allocate(
            payment.unallocated_minor, [one.facts for one in owed.values() if not one.facts.voluntary]
        )
        if not parts:
            continue
        lines = _allocate(payment, parts, owed, on)
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


def _allocate(
    payment: Payment, parts: Sequence[tuple[UUID, int]], owed: dict[UUID, _Open], on: date
) -> list[AllocatedLine]:
    Allocation.objects.bulk_create(
        [
            Allocation(
                organization_id=payment.organization_id,
                payment=payment,
                receivable_id=id_,
                invoice_id=owed[id_].invoice_id,
                amount_minor=amount,
                allocated_on=on,
            )
            for id_, amount in parts
        ]
    )
    if parts:
        lower_balances(dict(parts), [owed[id_].invoice_id for id_, _ in parts])
    return [
        AllocatedLine(
            payment.party_id,
            owed[id_].invoice_id,
            id_,
            owed[id_].basis,
            owed[id_].income_code,
            amount,  # type: ignore[arg-type]
            owed[id_].facts.voluntary,
        )
        for id_, amount in parts
    ]


def look_now(organization_id: UUID, *, now: datetime) -> int:
    """Makes every open question due at once, so that the worker asks the gateway again; returns how many."""
    return Attempt.objects.filter(
        organization_id=organization_id, state__in=["submitted", "unknown", "requires_action", "processing"]
    ).update(next_look_at=now)
