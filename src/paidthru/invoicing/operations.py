"""Write steps of the invoicing room, inside somebody's transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Invoice, Line, Receivable
from paidthru.invoicing.rules.totals import total
from paidthru.kernel.copying import Encoded, copy_rows, encoded
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.ledger.operations import (
    Deferral,
    JournalDraft,
    cancel_deferred,
    write_deferrals,
    write_journals,
)
from paidthru.ledger.rules.credits import CreditedLine, credited
from paidthru.ledger.rules.postings import Basis, BilledLine, Draft, billing
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """What a line asks for: a fee for [start, end), in minor units. One serves however many invoices ask the same."""

    fee_id: UUID
    period_start: date
    period_end: date
    description: str
    quantity: int
    unit_amount_minor: int
    amount_minor: int
    derivation: Mapping[str, Any]
    is_primary: bool
    voluntary: bool
    income_code: str


class LineDraft(NamedTuple):
    """A line and the receivable behind it: what a source (a membership) owes for an item."""

    source_id: UUID
    item: Item
    receivable_id: UUID


@dataclass(frozen=True, slots=True, eq=False)
class Header:
    """What the invoices of one issue have in common.

    `basis` and `deferred` are fixed here for as long as the receivables live (field-notes D.3).
    """

    kind: str
    receivable_kind: str
    bill_on: date
    due_on: date
    basis: Basis
    deferred: bool
    run_id: UUID | None = None


class InvoiceDraft(NamedTuple):
    """An invoice to be issued under a number taken from the series. `text` goes into the journal."""

    number: int
    party_id: UUID
    header: Header
    text: str
    lines: Sequence[LineDraft]
    id: UUID


_RECEIVABLE = ("id", "party_id", "source_id", "organization_id", "kind", "fee_id", "period_start", "period_end",
               "currency", "amount_minor", "balance_minor", "due_on", "position", "is_primary", "voluntary", "basis",
               "deferred", "income_code", "state")  # fmt: skip
_INVOICE = ("id", "number", "party_id", "organization_id", "batch_id", "currency", "total_minor", "balance_minor",
            "state", "kind", "bill_on", "due_on", "run_id")  # fmt: skip
_LINE = ("id", "invoice_id", "receivable_id", "organization_id", "position", "description", "quantity",
         "unit_amount_minor", "amount_minor", "derivation")  # fmt: skip


def issue_invoices(
    organization_id: UUID, batch_id: UUID, currency: str, drafts: Iterable[InvoiceDraft], *, now: datetime
) -> None:
    """Writes invoices with their receivables, lines, journals and deferral schedules, a batch of any size at once.

    A draft that asks for nothing (total 0) is paid from the start and books nothing. Drafts of one header and the
    same items are worked out once. Refused `amount_invalid` when a total is beyond what can be kept.
    """
    issues: list[tuple[InvoiceDraft, _Shape]] = []

    def worked_out() -> Iterator[tuple[InvoiceDraft, _Shape]]:
        shapes: dict[tuple[int, ...], _Shape] = {}
        for draft in drafts:
            key = (id(draft.header), *[id(line.item) for line in draft.lines])
            shape = shapes.get(key)
            if shape is None:
                shape = shapes[key] = _shape(organization_id, batch_id, currency, draft)
            issues.append((draft, shape))
            yield draft, shape

    with connection.cursor() as cursor:
        copy_rows(  # the drafts are made while the first rows are stored
            cursor, Receivable._meta.db_table, _RECEIVABLE,
            (
                (line.receivable_id, draft.party_id, line.source_id, owed)
                for draft, shape in worked_out()
                for line, (owed, _) in zip(draft.lines, shape.lines, strict=True)
            ),
        )  # fmt: skip
        copy_rows(
            cursor, Invoice._meta.db_table, _INVOICE,
            ((draft.id, draft.number, draft.party_id, shape.invoice) for draft, shape in issues),
        )  # fmt: skip
        copy_rows(
            cursor, Line._meta.db_table, _LINE,
            (
                (new_id(), draft.id, line.receivable_id, asked)
                for draft, shape in issues
                for line, (_, asked) in zip(draft.lines, shape.lines, strict=True)
            ),
        )  # fmt: skip
    journals = (_journal(draft, shape) for draft, shape in issues if shape.entries)
    write_journals(organization_id, batch_id, currency, journals, now=now)
    write_deferrals(
        organization_id,
        currency,
        [each for draft, _ in issues if draft.header.deferred for each in _deferrals(draft)],
    )


def _journal(draft: InvoiceDraft, shape: "_Shape") -> JournalDraft:
    party_id, id_, lines = draft.party_id, draft.id, draft.lines
    return JournalDraft(
        "invoice", id_, "issued", draft.header.bill_on, draft.text,
        [
            Draft(account, amount_minor, party_id, id_, lines[place].receivable_id)
            for account, amount_minor, place in shape.entries
        ],
    )  # fmt: skip


def _deferrals(draft: InvoiceDraft) -> list[Deferral]:
    return [
        Deferral(line.receivable_id, draft.id, draft.party_id, line.item.amount_minor, line.item.period_start,
                 line.item.period_end, line.item.income_code)
        for line in draft.lines
        if line.item.amount_minor and not line.item.voluntary
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shape:
    """What invoices of one header and the same items share: columns, and entries with the place of their line."""

    invoice: Encoded
    lines: tuple[tuple[Encoded, Encoded], ...]
    entries: tuple[tuple[str, int, int], ...]


def _shape(organization_id: UUID, batch_id: UUID, currency: str, draft: InvoiceDraft) -> _Shape:
    header, items = draft.header, [line.item for line in draft.lines]
    sum_minor = total(item.amount_minor for item in items)
    invoice = encoded(
        organization_id, batch_id, currency, sum_minor, sum_minor, "sent" if sum_minor else "paid", header.kind,
        header.bill_on, header.due_on, header.run_id,
    )  # fmt: skip
    lines = [
        (
            encoded(
                organization_id, header.receivable_kind, item.fee_id, item.period_start, item.period_end, currency,
                item.amount_minor, item.amount_minor, header.due_on, place, item.is_primary, item.voluntary,
                header.basis, header.deferred and not item.voluntary, item.income_code,
                "open" if item.amount_minor else "settled",
            ),
            encoded(
                organization_id, place, item.description[:300], item.quantity, item.unit_amount_minor,
                item.amount_minor, item.derivation,
            ),
        )
        for place, item in enumerate(items)
    ]  # fmt: skip
    booked = [
        BilledLine(draft.party_id, draft.id, line.receivable_id, line.item.amount_minor, line.item.income_code,
                   line.item.voluntary)
        for line in draft.lines
        if line.item.amount_minor
    ]  # fmt: skip
    places = {line.receivable_id: place for place, line in enumerate(draft.lines)}
    entries = [
        (entry.account, entry.amount_minor, places[entry.receivable_id])
        for entry in billing(booked, header.basis, header.deferred)
        if entry.receivable_id is not None
    ]
    return _Shape(invoice, tuple(lines), tuple(entries))


def lower_balances(paid: Mapping[UUID, int], invoice_ids: Iterable[UUID]) -> None:
    """Takes allocated money (minor units, by receivable) off balances; what reaches zero is settled or paid.

    The invoices named are those on which the receivables stand live; their rows are locked by the caller.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE invoicing_receivable r SET balance_minor = r.balance_minor - p.amount,
                   state = CASE WHEN r.balance_minor = p.amount THEN 'settled' ELSE r.state END
               FROM unnest(%s::uuid[], %s::bigint[]) AS p(id, amount) WHERE r.id = p.id""",
            [list(paid), list(paid.values())],
        )
        cursor.execute(
            """UPDATE invoicing_invoice i SET balance_minor = s.balance,
                   state = CASE WHEN s.balance = 0 THEN 'paid' ELSE i.state END
               FROM (SELECT l.invoice_id, sum(r.balance_minor) AS balance FROM invoicing_line l
                     JOIN invoicing_receivable r ON r.id = l.receivable_id
                     WHERE l.invoice_id = ANY(%s) GROUP BY 1) s
               WHERE i.id = s.invoice_id AND i.state = 'sent'""",
            [list(set(invoice_ids))],
        )


def raise_balances(
    owed: Mapping[UUID, int], asked_on: Mapping[UUID, UUID], *, batch: Callable[[], UUID], on: date
) -> dict[UUID, UUID]:
    """Lets receivables be owed again by what was taken back (minor units, by receivable): settled becomes open, paid
    becomes sent. Returns the live invoice that asks for each: that of `asked_on`, on which it was paid, else the newest
    one that is sent or paid. Where none is (closed, void), a new invoice asks for it, due on the local date `on`, in
    the `batch` that is opened for it: late, so that nobody who opens one waits for us with an invoice in hand.

    What was canceled or written off is owed no more, and not in the answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.id, i.state, i.number, l.receivable_id FROM invoicing_invoice i
               JOIN invoicing_line l ON l.invoice_id = i.id
               WHERE l.receivable_id = ANY(%s) ORDER BY i.id FOR UPDATE OF i""",
            [list(owed)],
        )
        documents = cursor.fetchall()
        cursor.execute(
            "SELECT id FROM invoicing_receivable WHERE id = ANY(%s) AND state IN ('open', 'settled') ORDER BY id"
            " FOR UPDATE",
            [list(owed)],
        )
        again = [id_ for (id_,) in cursor.fetchall()]
        cursor.execute(
            """UPDATE invoicing_receivable r SET balance_minor = r.balance_minor + p.amount, state = 'open'
               FROM unnest(%s::uuid[], %s::bigint[]) AS p(id, amount) WHERE r.id = p.id""",
            [again, [owed[id_] for id_ in again]],
        )
    live: dict[UUID, UUID] = {}
    for invoice_id, state, _, receivable_id in sorted(documents, key=lambda row: row[2] or 0):
        if state in ("sent", "paid") and live.get(receivable_id) != asked_on[receivable_id]:
            live[receivable_id] = invoice_id
    homes = {id_: live[id_] for id_ in again if id_ in live}
    homeless = {id_: asked_on[id_] for id_ in again if id_ not in live}
    for invoice_id in sorted(set(homeless.values())):
        mine = [id_ for id_, asked in homeless.items() if asked == invoice_id]
        homes |= dict.fromkeys(mine, _asked_again(invoice_id, mine, batch(), on))
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE invoicing_invoice i SET balance_minor = s.balance, state = 'sent'
               FROM (SELECT l.invoice_id, sum(r.balance_minor) AS balance FROM invoicing_line l
                     JOIN invoicing_receivable r ON r.id = l.receivable_id
                     WHERE l.invoice_id = ANY(%s) GROUP BY 1) s
               WHERE i.id = s.invoice_id AND s.balance > 0""",
            [list(set(homes.values()))],
        )
    return homes


def _asked_again(invoice_id: UUID, receivable_ids: Sequence[UUID], batch_id: UUID, on: date) -> UUID:
    """A new invoice for open receivables whose own is no longer live. Its lines are what was billed, its balance what
    is owed of it now: more of it may be taken back yet."""
    old = Invoice.objects.get(id=invoice_id)
    lines = list(
        Line.objects.filter(invoice=old, receivable_id__in=receivable_ids)
        .select_related("receivable")
        .order_by("position", "id")
    )
    asked_minor = total(line.receivable.amount_minor for line in lines)
    new = Invoice.objects.create(
        organization_id=old.organization_id,
        number=take_numbers(old.organization_id, "invoice"),
        party_id=old.party_id,
        batch_id=batch_id,
        currency=old.currency,
        total_minor=asked_minor,
        balance_minor=total(line.receivable.balance_minor for line in lines),
        state="sent",
        kind=old.kind,
        bill_on=on,
        due_on=on,
    )
    for place, line in enumerate(lines):
        amount_minor = line.receivable.amount_minor
        Line.objects.create(
            organization_id=old.organization_id,
            invoice=new,
            receivable_id=line.receivable_id,
            position=place,
            description=line.description,
            unit_amount_minor=amount_minor,
            amount_minor=amount_minor,
            derivation={
                "rule": "asked again",
                "inputs": {"invoice": old.number},
                "steps": [],
                "text": f"Paid on invoice {old.number}, and the payment was taken back.",
            },
        )
    return new.id


def locked_for_credit(organization: Organization, invoice_id: UUID) -> Invoice:
    """An invoice that is sent, locked, so that what it asks for can be taken back. Refused `invoice_unknown`,
    `invoice_paid`, `invoice_closed`."""
    invoice = Invoice.objects.select_for_update().filter(id=invoice_id, organization=organization).first()
    if invoice is None:
        raise Refused(
            "invoice_unknown", "There is no such invoice.", field="invoice", fix="Look it up again."
        )
    if invoice.state == "paid":
        raise Refused(
            "invoice_paid",
            f"Invoice {invoice.number} is paid.",
            field="invoice",
            value=invoice.number,
            fix="Give the money back with a refund.",
        )
    if invoice.state != "sent":
        raise Refused(
            "invoice_closed",
            f"Invoice {invoice.number} is {invoice.state}.",
            field="invoice",
            value=invoice.number,
            fix="Only an invoice that is open can be taken back.",
        )
    return invoice


def take_back(
    invoice: Invoice,
    parts: Mapping[Receivable, int],
    *,
    batch_id: UUID,
    account: str | None,
    source: tuple[str, UUID, str],
    text: str,
    on: date,
    now: datetime,
) -> None:
    """Books that parts (minor units) of what a locked invoice asks for are no longer asked for; the caller changes the
    balances. What is not earned yet leaves Deferred, the rest is borne by `account`, or (None) by the income that was
    booked. `source` is the journal's: kind, id and event."""
    unearned = cancel_deferred({one.id: amount for one, amount in parts.items() if one.deferred})
    lines = [
        CreditedLine(
            one.party_id,
            invoice.id,
            one.id,
            "cash" if one.basis == "cash" else "accrual",
            amount,
            account or one.income_code,
            one.voluntary,
            unearned.get(one.id, 0),
        )
        for one, amount in parts.items()
    ]
    draft = JournalDraft(*source, on, text, credited(lines))
    if draft.entries:
        write_journals(invoice.organization_id, batch_id, invoice.currency, [draft], now=now)
