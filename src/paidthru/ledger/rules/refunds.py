"""The entries of money given back, by the table of field-notes D.4, on both bases.

Drafts as in `postings.py`: account codes and minor units of one currency, debit positive, summing to zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from paidthru.ledger.rules.postings import BANK, CLEARING, CREDIT, DEFERRED, TAX, UNDEPOSITED, Draft

RETURNS = "Returns"
REFUNDS_PAYABLE = "Refunds payable"

#: Where money leaves from, by the way in which it is given back.
PAID_FROM = {
    "gateway": CLEARING,
    "check": BANK,
    "cash": UNDEPOSITED,
    "transfer": BANK,
    "elsewhere": BANK,
}


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """A part of a refund that takes back what a receivable was paid: `amount_minor`, of it `deferred_minor` not yet
    earned and `tax_minor` tax."""

    invoice_id: UUID
    receivable_id: UUID
    amount_minor: int
    deferred_minor: int = 0
    tax_minor: int = 0


def refund_owed(
    party_id: UUID, credit_minor: int, lines: Sequence[RefundedLine], beyond_minor: int = 0
) -> tuple[Draft, ...]:
    """The entries of a refund that is approved: Dr Credit for what comes out of it, Dr Deferred for dues not yet
    earned, Dr Returns for the earned, Dr Tax, Cr Refunds payable. On a cash basis there is no Deferred.

    `beyond_minor` was given back although it had been taken back already: Dr Returns, and a claim on the member.
    """
    drafts = [Draft(CREDIT, credit_minor, party_id)]
    for line in lines:
        who = (party_id, line.invoice_id, line.receivable_id)
        drafts.append(Draft(DEFERRED, line.deferred_minor, *who))
        drafts.append(Draft(TAX, line.tax_minor, *who))
        drafts.append(Draft(RETURNS, line.amount_minor - line.deferred_minor - line.tax_minor, *who))
    drafts.append(Draft(RETURNS, beyond_minor, party_id))
    total_minor = credit_minor + beyond_minor + sum(line.amount_minor for line in lines)
    drafts.append(Draft(REFUNDS_PAYABLE, -total_minor, party_id))
    return tuple(draft for draft in drafts if draft.amount_minor)


def refund_paid(via: str, amount_minor: int, party_id: UUID) -> tuple[Draft, ...]:
    """The entries of a refund whose money has left: Dr Refunds payable, Cr where it leaves from (`PAID_FROM`)."""
    return (
        Draft(REFUNDS_PAYABLE, amount_minor, party_id),
        Draft(PAID_FROM[via], -amount_minor, party_id),
    )
