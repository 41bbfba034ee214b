"""What is owed besides memberships is asked for: a donation, a pledge's instalment, an assessment, a visit, a ticket,
a charge. Each is a receivable of its own source on an invoice like any other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from paidthru.invoicing.operations.issuing import Header, InvoiceDraft, Item, LineDraft, issue_invoices
from paidthru.invoicing.operations.numbering import take_invoice_numbers
from paidthru.kernel.ids import new_id
from paidthru.ledger.operations import open_batch
from paidthru.ledger.rules.postings import Basis


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What one party is asked for on one invoice, due on a local date.

    `lines` are pairs: the source that owes (a unit, a pledge, a visit) and what it owes; a source owes a fee of a
    period once. A line's tax follows it (`taxing.with_tax`), under the same source.
    """

    party_id: UUID
    lines: Sequence[tuple[UUID, Item]]
    due_on: date
    invoice_id: UUID = field(default_factory=new_id)


def ask(
    organization_id: UUID,
    kind: str,
    currency: str,
    demands: Sequence[Demand],
    *,
    batch: str,
    basis: Basis,
    bill_on: date,
    now: datetime,
) -> UUID | None:
    """Issues an invoice of a `kind` for each demand, billed on the local date `bill_on` into the open `batch` of that
    day, and returns the batch; None where nothing is demanded. The receivables are of the same kind.

    The series of invoice numbers stays locked until the transaction ends. Refused `amount_invalid`, `period_locked`.
    """
    if not demands:
        return None
    batch_id = open_batch(organization_id, batch, bill_on, now=now).id
    first = take_invoice_numbers(organization_id, len(demands), bill_on)
    headers: dict[date, Header] = {}
    issue_invoices(
        organization_id,
        batch_id,
        currency,
        [
            InvoiceDraft(
                number,
                demand.party_id,
                headers.setdefault(
                    demand.due_on, Header(kind, kind, bill_on, demand.due_on, basis, deferred=False)
                ),
                demand.lines[0][1].description,
                [LineDraft(source_id, item, new_id()) for source_id, item in demand.lines],
                demand.invoice_id,
            )
            for number, demand in enumerate(demands, start=first)
        ],
        now=now,
    )
    return batch_id
