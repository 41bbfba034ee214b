"""Invoices are issued: with their receivables, lines, journals and deferral schedules, a batch of any size at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Invoice, Line, Receivable
from paidthru.invoicing.operations.freezing import keep_issued
from paidthru.invoicing.operations.numbering import labels_for
from paidthru.invoicing.rules.totals import total
from paidthru.kernel.copying import Encoded, copy_rows, encoded
from paidthru.kernel.ids import new_id
from paidthru.ledger.operations import Deferral, JournalDraft, write_deferrals, write_journals
from paidthru.ledger.rules.postings import Basis, BilledLine, Draft, billing


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """What a line asks for: a fee for [start, end), in minor units. One serves however many invoices ask the same.

    `carried` is the receivable of an earlier invoice that is asked for again: it is owed and booked already. `tax_of`
    is the fee of the line on the same invoice whose tax this is, at the rate `tax_rate_id` (`taxing.with_tax`).
    """

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
    carried: UUID | None = None
    tax_of: UUID | None = None
    tax_rate_id: UUID | None = None
    fund: str = ""


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
    """An invoice to be issued under a number taken from the series. `text` goes into the journal, after the number."""

    number: int
    party_id: UUID
    header: Header
    text: str
    lines: Sequence[LineDraft]
    id: UUID


_RECEIVABLE = ("id", "party_id", "source_id", "tax_of_id", "organization_id", "kind", "fee_id", "period_start",
               "period_end", "currency", "amount_minor", "balance_minor", "due_on", "position", "is_primary",
               "voluntary", "basis", "deferred", "income_code", "state", "tax_rate_id", "fund")  # fmt: skip
_INVOICE = ("id", "number", "label", "party_id", "organization_id", "batch_id", "currency", "total_minor",
            "balance_minor", "state", "kind", "bill_on", "due_on", "run_id")  # fmt: skip
_LINE = ("id", "invoice_id", "receivable_id", "organization_id", "position", "description", "quantity",
         "unit_amount_minor", "amount_minor", "derivation")  # fmt: skip


def issue_invoices(
    organization_id: UUID, batch_id: UUID, currency: str, drafts: Iterable[InvoiceDraft], *, now: datetime
) -> list[str]:
    """Writes invoices with their receivables, lines, journals and deferral schedules, a batch of any size at once, and
    returns what people read for their numbers, in the order of the drafts.

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
                (line.receivable_id, draft.party_id, line.source_id, _taxed(draft, line), owed)
                for draft, shape in worked_out()
                for line, (owed, _) in zip(draft.lines, shape.lines, strict=True)
                if line.item.carried is None
            ),
        )  # fmt: skip
        labels = labels_for(organization_id, [draft.number for draft, _ in issues])
        copy_rows(
            cursor, Invoice._meta.db_table, _INVOICE,
            (
                (draft.id, draft.number, label, draft.party_id, shape.invoice)
                for (draft, shape), label in zip(issues, labels, strict=True)
            ),
        )  # fmt: skip
        copy_rows(
            cursor, Line._meta.db_table, _LINE,
            (
                (new_id(), draft.id, line.receivable_id, asked)
                for draft, shape in issues
                for line, (_, asked) in zip(draft.lines, shape.lines, strict=True)
            ),
        )  # fmt: skip
    keep_issued("invoice", [draft.id for draft, _ in issues])
    journals = (
        _journal(draft, shape, label)
        for (draft, shape), label in zip(issues, labels, strict=True)
        if shape.entries
    )
    write_journals(organization_id, batch_id, currency, journals, now=now)
    write_deferrals(
        organization_id,
        currency,
        [each for draft, _ in issues if draft.header.deferred for each in _deferrals(draft)],
    )
    return labels


def _journal(draft: InvoiceDraft, shape: "_Shape", label: str) -> JournalDraft:
    party_id, id_, lines = draft.party_id, draft.id, draft.lines
    return JournalDraft(
        "invoice", id_, "issued", draft.header.bill_on,
        f"Invoice {label}: {draft.text}"[:300],
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
        if line.item.amount_minor and not line.item.voluntary and line.item.carried is None and not line.item.tax_of
    ]  # fmt: skip


def _taxed(draft: InvoiceDraft, line: LineDraft) -> UUID | None:
    """The receivable whose tax a line is."""
    if line.item.tax_of is None:
        return None
    return next(
        other.receivable_id
        for other in draft.lines
        if other.source_id == line.source_id and other.item.fee_id == line.item.tax_of
    )


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
                header.basis, header.deferred and not item.voluntary and item.tax_of is None, item.income_code,
                "open" if item.amount_minor else "settled", item.tax_rate_id,
                item.fund,
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
                   line.item.voluntary, line.item.amount_minor if line.item.tax_of else 0)
        for line in draft.lines
        if line.item.amount_minor and line.item.carried is None
    ]  # fmt: skip
    places = {line.receivable_id: place for place, line in enumerate(draft.lines)}
    entries = [
        (entry.account, entry.amount_minor, places[entry.receivable_id])
        for entry in billing(booked, header.basis, header.deferred)
        if entry.receivable_id is not None
    ]
    return _Shape(invoice, tuple(lines), tuple(entries))
