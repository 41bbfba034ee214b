"""What was left of earlier bills goes on to the next one: held while it is billed, and the earlier document closed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Invoice, Receivable
from paidthru.invoicing.operations import close_carried
from paidthru.ledger.operations import JournalDraft, write_journals
from paidthru.ledger.rules.credits import CreditedLine, credited
from paidthru.ledger.rules.postings import Basis
from paidthru.payments.models import IntentInvoice
from paidthru.timeline.operations import Happening


def hold_carried(lines: Mapping[UUID, Sequence[Mapping[str, Any]]]) -> set[UUID]:
    """Locks what the lines of memberships carry on, with the documents that ask for it; returns the memberships of
    which something is no longer as the lines have it (paid meanwhile, or being collected)."""
    wanted = {
        UUID(line["carried"]): (membership_id, line["amount_minor"])
        for membership_id, mine in lines.items()
        for line in mine
        if "carried" in line
    }
    if not wanted:
        return set()
    documents = _documents(wanted)
    left = dict(
        Receivable.objects.select_for_update()
        .filter(id__in=wanted, state="open")
        .order_by("id")
        .values_list("id", "balance_minor")
    )
    collected = set(
        IntentInvoice.objects.filter(invoice_id__in=set(documents.values()), open=True).values_list(
            "invoice_id", flat=True
        )
    )
    return {
        membership_id
        for id_, (membership_id, amount) in wanted.items()
        if left.get(id_) != amount or documents.get(id_) is None or documents[id_] in collected
    }


def _documents(receivable_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The documents that stand for receivables now, locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.receivable_id, i.id FROM invoicing_invoice i JOIN invoicing_line l ON l.invoice_id = i.id
               WHERE l.receivable_id = ANY(%s) AND (i.state = 'sent' OR i.awaits_reissue)
               ORDER BY i.id FOR UPDATE OF i""",
            [list(receivable_ids)],
        )
        return dict(cursor.fetchall())


def carry_over(
    organization_id: UUID,
    carried: Mapping[UUID, UUID],
    *,
    batch_id: UUID,
    currency: str,
    on: date,
    now: datetime,
) -> list[Happening]:
    """Closes the earlier documents of receivables (held by `hold_carried`) that new invoices ask for now: `carried`
    names the new one of each. What was voluntary on them is dropped (G-44). Returns what is to be recorded."""
    closed = close_carried(carried)
    numbers = {one.id: one.named for one in Invoice.objects.filter(id__in=set(carried.values()))}
    dropped = Receivable.objects.select_for_update().filter(
        lines__invoice__in=closed, voluntary=True, state="open"
    )
    lines: dict[UUID, list[CreditedLine]] = {}
    voluntary = list(dropped.order_by("id"))
    asked = dict(
        Receivable.objects.filter(
            id__in=[one.id for one in voluntary], lines__invoice__in=closed
        ).values_list("id", "lines__invoice_id")
    )
    for one in voluntary:
        part = CreditedLine(
            one.party_id,
            asked[one.id],
            one.id,
            cast("Basis", one.basis),
            one.balance_minor,
            one.income_code,
            voluntary=True,
        )
        lines.setdefault(asked[one.id], []).append(part)
    drafts = [
        JournalDraft(
            "invoice", id_, "voluntary dropped", on, f"Invoice {closed[id_].label}: voluntary lines dropped",
            credited(mine),
        )
        for id_, mine in lines.items()
    ]  # fmt: skip
    if drafts:
        write_journals(organization_id, batch_id, currency, drafts, now=now)
        Receivable.objects.filter(id__in=[one.id for one in voluntary]).update(state="void", balance_minor=0)
    return [
        Happening(
            "invoice_carried_over",
            "invoice",
            document.id,
            document.party_id,
            "What was left of it is on the next bill.",
            {"invoice": document.named, "onto": numbers[document.onto]},
        )
        for document in closed.values()
    ]
