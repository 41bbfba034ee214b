"""Asking a member for money that they have twice: it was given back and taken back, or taken back though not owed."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from paidthru.invoicing.models import Invoice, Receivable, named
from paidthru.invoicing.operations import (
    Header,
    InvoiceDraft,
    Item,
    LineDraft,
    issue_invoices,
    take_back,
    take_invoice_numbers,
)
from paidthru.invoicing.rules.states import DOCUMENT
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.ledger.rules.postings import RETURNS, basis_of
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Payment
from paidthru.payments.operations.refunds import Moment
from paidthru.timeline.operations import Happening

KIND = "recovery"


def bill_recovery(
    payment: Payment, amount_minor: int, source_id: UUID, why: str, at: Moment
) -> tuple[int, Happening]:
    """Issues an invoice, due at once, for money (minor units) that went out beyond what the payment had left; returns
    its number, and what to tell staff.

    `source_id` is the reversal or refund by which it went out: asked for once. What it books stands against Returns,
    where the money that went out was booked.
    """
    policies = policies_of(at.organization)
    basis = basis_of(policies)
    batch = open_batch(payment.organization_id, "returns", at.on, now=at.now)
    number = take_invoice_numbers(payment.organization_id, 1, at.on)
    derivation: Mapping[str, object] = {
        "rule": "recovery",
        "inputs": {"payment": payment.number, "amount": plain(amount_minor, payment.currency)},
        "steps": [],
        "text": why,
    }
    item = Item(
        fee_id=source_id,
        period_start=at.on,
        period_end=at.on + timedelta(days=1),
        description=f"Money of payment {payment.number} received twice",
        quantity=1,
        unit_amount_minor=amount_minor,
        amount_minor=amount_minor,
        derivation=derivation,
        is_primary=True,
        voluntary=False,
        income_code=RETURNS,
    )
    draft = InvoiceDraft(
        number,
        payment.party_id,
        Header(KIND, KIND, at.on, at.on, basis, deferred=False),
        f"recovery of payment {payment.number}",
        [LineDraft(source_id, item, new_id())],
        new_id(),
    )
    [label] = issue_invoices(payment.organization_id, batch.id, payment.currency, [draft], now=at.now)
    facts = {
        "invoice": named(number, label),
        "payment": payment.number,
        "amount": plain(amount_minor, payment.currency),
        "currency": payment.currency,
    }
    return number, Happening("recovery_billed", "invoice", draft.id, payment.party_id, why, facts)


def withdraw_recovery(source_id: UUID, why: str, at: Moment) -> list[Happening]:
    """Voids the invoice for money that the member has twice after all not: the refund by which it went out came back.
    What was paid on it stays; then staff give that back. Nothing to do where none was issued."""
    owed = Receivable.objects.select_for_update().filter(source_id=source_id, kind=KIND, state="open").first()
    if owed is None:
        return []
    invoice = Invoice.objects.select_for_update().get(lines__receivable=owed, state="sent")
    batch = open_batch(invoice.organization_id, "returns", at.on, now=at.now)
    text = f"Invoice {invoice.label} voided"
    take_back(
        invoice,
        {owed: owed.balance_minor},
        batch_id=batch.id,
        account=None,
        source=("invoice", invoice.id, "voided"),
        text=text,
        on=at.on,
        now=at.now,
    )
    Receivable.objects.filter(id=owed.id).update(state="canceled", balance_minor=0)
    Invoice.objects.filter(id=invoice.id).update(state=DOCUMENT.next("sent", "void"), balance_minor=0)
    facts = {
        "invoice": invoice.named,
        "amount": plain(owed.balance_minor, invoice.currency),
        "currency": invoice.currency,
    }
    return [Happening("invoice_voided", "invoice", invoice.id, invoice.party_id, why, facts)]
