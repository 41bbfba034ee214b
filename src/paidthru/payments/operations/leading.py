"""Where money goes whose invoice is not live: on to the document that stands for the obligation now, and to what was
written off."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations import (
    last_documents,
    live_documents,
    owe_again,
    wait_again,
    written_off_on,
)
from paidthru.ledger.operations import open_batch
from paidthru.payments.rules.allocation import OpenReceivable, allocate


class Came(Protocol):
    """Money, as far as it matters here."""

    @property
    def currency(self) -> str:
        """The currency it came in."""

    @property
    def received_on(self) -> date:
        """The local date."""

    @property
    def taken_at(self) -> datetime:
        """The instant (UTC)."""


def lead_on(
    organization_id: UUID, asked: Sequence[Sequence[UUID]], monies: Sequence[Came]
) -> list[list[UUID]]:
    """For each money the documents that stand for its invoices now: live ones, made where there is none; of an
    obligation of which nothing is open, the last."""
    led = []
    for money, mine in zip(monies, asked, strict=True):
        live = live_documents(organization_id, mine, on=money.received_on, now=money.taken_at)
        last = last_documents([id_ for id_ in mine if id_ not in live])
        led.append(list(dict.fromkeys(live.get(id_) or last.get(id_, id_) for id_ in mine)))
    return led


def owe_written_off(
    organization_id: UUID,
    asked: Sequence[Sequence[UUID]],
    monies: Sequence[Came],
    left_minor: Sequence[int],
) -> bool:
    """Lets what was written off of these invoices be owed again, for what is left of each money after it paid what was
    open; tells whether anything is. A closed one then waits for its successor."""
    any_ = False
    for money, mine, left in zip(monies, asked, left_minor, strict=True):
        given_up = written_off_on(mine) if left else {}
        for invoice_id, receivables in given_up.items():
            invoice = Invoice.objects.select_for_update().get(id=invoice_id)
            payable = invoice.currency == money.currency and invoice.state != "void"
            facts = [
                OpenReceivable(
                    one.id,
                    one.written_off_minor,
                    one.due_on,
                    one.position,
                    one.voluntary,
                    one.is_primary,
                    one.tax_of_id,
                )
                for one in receivables
            ]
            parts, left = allocate(left, facts) if payable else ((), left)
            if not parts:
                continue
            by_id = {one.id: one for one in receivables}
            batch = open_batch(organization_id, "adjustments", money.received_on, now=money.taken_at)
            owe_again(
                organization_id,
                {by_id[id_]: amount for id_, amount in parts},
                invoice_id,
                invoice.currency,
                batch_id=batch.id,
                text=f"Invoice {invoice.label}: money came for what was written off",
                on=money.received_on,
                now=money.taken_at,
            )
            if invoice.state == "closed":
                wait_again(invoice_id)
            any_ = True
    return any_
