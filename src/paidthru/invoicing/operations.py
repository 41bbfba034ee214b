"""Write steps of the invoicing room, inside somebody's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Invoice, Line, Receivable
from paidthru.invoicing.rules.totals import total
from paidthru.kernel.copying import copy_rows
from paidthru.kernel.ids import new_id
from paidthru.ledger.operations import Deferral, JournalDraft, write_deferrals, write_journals
from paidthru.ledger.rules.postings import Basis, BilledLine, billing


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line and the receivable behind it: what is owed for [period_start, period_end) of a source and fee."""

    source_id: UUID
    fee_id: UUID
    period_start: date
    period_end: date
    description: str
    quantity: int
    unit_amount_minor: int
    amount_minor: int
    derivation: dict[str, Any]
    is_primary: bool
    voluntary: bool
    income_code: str
    receivable_id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """An invoice to be issued under a number taken from the series. `text` goes into the journal.

    `basis` and `deferred` are fixed here for as long as the receivables live (field-notes D.3).
    """

    number: int
    party_id: UUID
    kind: str
    receivable_kind: str
    bill_on: date
    due_on: date
    text: str
    basis: Basis
    deferred: bool
    lines: Sequence[LineDraft]
    run_id: UUID | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def total_minor(self) -> int:
        """The sum of the lines. Refused `amount_invalid` when it is beyond what can be kept."""
        return total(line.amount_minor for line in self.lines)


_RECEIVABLE = ("id", "organization_id", "party_id", "kind", "source_id", "fee_id", "period_start", "period_end",
               "currency", "amount_minor", "balance_minor", "due_on", "position", "is_primary", "voluntary", "basis",
               "deferred", "income_code", "state")
_INVOICE = ("id", "organization_id", "number", "party_id", "batch_id", "currency", "total_minor", "balance_minor",
            "state", "kind", "bill_on", "due_on", "run_id")
_LINE = ("id", "organization_id", "invoice_id", "receivable_id", "position", "description", "quantity",
         "unit_amount_minor", "amount_minor", "derivation")


def issue_invoices(
    organization_id: UUID, batch_id: UUID, currency: str, drafts: Sequence[InvoiceDraft], *, now: datetime
) -> None:
    """Writes invoices with their receivables, lines, journals and deferral schedules, a batch of any size at once.

    A draft that asks for nothing (total 0) is paid from the start and books nothing.
    """
    receivables: list[tuple[object, ...]] = []
    invoices: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    journals: list[JournalDraft] = []
    deferrals: list[Deferral] = []
    for draft in drafts:
        sum_minor = draft.total_minor
        invoices.append((draft.id, organization_id, draft.number, draft.party_id, batch_id, currency, sum_minor,
                         sum_minor, "sent" if sum_minor else "paid", draft.kind, draft.bill_on, draft.due_on,
                         draft.run_id))
        booked = []
        for position, line in enumerate(draft.lines):
            receivables.append((
                line.receivable_id, organization_id, draft.party_id, draft.receivable_kind, line.source_id,
                line.fee_id, line.period_start, line.period_end, currency, line.amount_minor, line.amount_minor,
                draft.due_on, position, line.is_primary, line.voluntary, draft.basis,
                draft.deferred and not line.voluntary, line.income_code,
                "open" if line.amount_minor else "settled",
            ))
            lines.append((new_id(), organization_id, draft.id, line.receivable_id, position, line.description[:300],
                          line.quantity, line.unit_amount_minor, line.amount_minor, line.derivation))
            if line.amount_minor:
                booked.append(BilledLine(draft.party_id, draft.id, line.receivable_id, line.amount_minor,
                                         line.income_code, line.voluntary))
                if draft.deferred and not line.voluntary:
                    deferrals.append(Deferral(line.receivable_id, draft.id, draft.party_id, line.amount_minor,
                                              line.period_start, line.period_end, line.income_code))
        if booked:
            journals.append(JournalDraft("invoice", draft.id, "issued", draft.bill_on, draft.text,
                                         billing(booked, draft.basis, draft.deferred)))
    with connection.cursor() as cursor:
        copy_rows(cursor, Receivable._meta.db_table, _RECEIVABLE, receivables)
        copy_rows(cursor, Invoice._meta.db_table, _INVOICE, invoices)
        copy_rows(cursor, Line._meta.db_table, _LINE, lines)
    write_journals(organization_id, batch_id, currency, journals, now=now)
    write_deferrals(organization_id, currency, deferrals)


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
