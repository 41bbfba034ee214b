"""Asking a member for money that they have twice: it was given back and taken back, or taken back though not owed."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from paidthru.invoicing.operations import Header, InvoiceDraft, Item, LineDraft, issue_invoices
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.ledger.rules.postings import RETURNS, Basis
from paidthru.organizations.operations import take_numbers
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
    basis: Basis = "cash" if policies.word("accounting.method") == "cash" else "accrual"
    batch = open_batch(payment.organization_id, "returns", at.on, now=at.now)
    number = take_numbers(payment.organization_id, "invoice")
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
        f"Invoice {number}: recovery of payment {payment.number}",
        [LineDraft(source_id, item, new_id())],
        new_id(),
    )
    issue_invoices(payment.organization_id, batch.id, payment.currency, [draft], now=at.now)
    facts = {
        "invoice": number,
        "payment": payment.number,
        "amount": plain(amount_minor, payment.currency),
        "currency": payment.currency,
    }
    return number, Happening("recovery_billed", "invoice", draft.id, payment.party_id, why, facts)
