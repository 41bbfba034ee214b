"""The entries of what is no longer asked for: an invoice voided, or credited as a whole or in part (field-notes D.4).

Pure, as `postings.py`: account codes and minor units, debit positive; each result sums to zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from paidthru.ledger.rules.postings import (
    CREDIT,
    DEFERRED,
    MEMO_BILLED,
    MEMO_CONTRA,
    RECEIVABLE,
    Basis,
    Draft,
)

ADJUSTMENTS = "Adjustments"


@dataclass(frozen=True, slots=True)
class CreditedLine:
    """A part of a receivable that is taken back: `amount_minor`, of it `unearned_minor` that still waits in Deferred.
    `account` bears the rest: Adjustments for a credit, the income itself for what should never have been billed."""

    party_id: UUID
    invoice_id: UUID
    receivable_id: UUID
    basis: Basis
    amount_minor: int
    account: str
    voluntary: bool = False
    unearned_minor: int = 0


def credited(lines: Iterable[CreditedLine]) -> tuple[Draft, ...]:
    """Accrual: Dr Deferred and `account`, Cr Receivable. Cash, and voluntary lines: the memo pair is taken back."""
    drafts: list[Draft] = []
    for line in lines:
        who = (line.party_id, line.invoice_id, line.receivable_id)
        if line.basis == "cash" or line.voluntary:
            drafts.append(Draft(MEMO_CONTRA, line.amount_minor, *who))
            drafts.append(Draft(MEMO_BILLED, -line.amount_minor, *who))
        else:
            drafts.append(Draft(DEFERRED, line.unearned_minor, *who))
            drafts.append(Draft(line.account, line.amount_minor - line.unearned_minor, *who))
            drafts.append(Draft(RECEIVABLE, -line.amount_minor, *who))
    return tuple(draft for draft in drafts if draft.amount_minor)


def credit_given(party_id: UUID, lines: Iterable[CreditedLine]) -> tuple[Draft, ...]:
    """Parts of what was paid become the party's credit, because what they paid for is not used: Dr Deferred and
    `account` (the income it was booked to), Cr Credit. Cash had no Deferred; the documents stay paid."""
    drafts: list[Draft] = []
    total = 0
    for line in lines:
        who = (line.party_id, line.invoice_id, line.receivable_id)
        drafts.append(Draft(DEFERRED, line.unearned_minor, *who))
        drafts.append(Draft(line.account, line.amount_minor - line.unearned_minor, *who))
        total += line.amount_minor
    drafts.append(Draft(CREDIT, -total, party_id))
    return tuple(draft for draft in drafts if draft.amount_minor)
