"""The entries of every event, by the table of field-notes D.4, on both bases (G-10, G-11).

Accrual books what is owed when it is billed. Cash books a memo pair then, kept out of exports, and income
when money comes; so that on either basis what an invoice still owes can be read from the books. A voluntary
line is not owed, and takes the memo way on both bases.

Entries are drafts: account codes and minor units of one currency, debit positive. Each function's result sums
to zero. Zero amounts make no entry, so a journal that would move nothing comes back empty: don't write one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.policies import Policies

Basis = Literal["accrual", "cash"]

RECEIVABLE = "Receivable"
DEFERRED = "Deferred"
MEMO_BILLED = "Memo billed"
MEMO_CONTRA = "Memo contra"
CREDIT = "Credit"
TAX = "Tax"
CLEARING = "Clearing"
UNDEPOSITED = "Undeposited"
BANK = "Bank"
DISPUTES = "Disputes"
RETURNS = "Returns"

MONEY_ACCOUNTS = frozenset({CLEARING, UNDEPOSITED, BANK})
"""Where money arrives: a gateway's clearing, undeposited cash and checks, the bank itself."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written: an account's code and an amount, debit positive."""

    account: str
    amount_minor: int
    party_id: UUID | None = None
    invoice_id: UUID | None = None
    receivable_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BilledLine:
    """What a line bills: `amount_minor` including `tax_minor`, for the account `income`."""

    party_id: UUID
    invoice_id: UUID | None
    receivable_id: UUID
    amount_minor: int
    income: str
    voluntary: bool = False
    tax_minor: int = 0


@dataclass(frozen=True, slots=True)
class AllocatedLine:
    """A part of some money that pays a receivable: `amount_minor` including `tax_minor`. `basis`, `income`
    and `voluntary` are those that the receivable was billed with (field-notes D.3)."""

    party_id: UUID
    invoice_id: UUID | None
    receivable_id: UUID
    basis: Basis
    income: str
    amount_minor: int
    voluntary: bool = False
    tax_minor: int = 0


def basis_of(policies: Policies) -> Basis:
    """The basis on which an organization books what it bills from now on (`accounting.method`)."""
    return "cash" if policies.word("accounting.method") == "cash" else "accrual"


def billing(lines: Iterable[BilledLine], basis: Basis, deferred: bool) -> tuple[Draft, ...]:
    """The entries of an invoice's issue.

    Accrual: Dr Receivable, Cr Deferred when `deferred` (see `deferral.defers`), else Cr income; Cr Tax. Cash,
    and voluntary lines: the memo pair. Raises `Refused('amount_invalid')` for a negative line.
    """
    drafts: list[Draft] = []
    for line in lines:
        _check(line.amount_minor, line.tax_minor)
        who = (line.party_id, line.invoice_id, line.receivable_id)
        if basis == "cash" or line.voluntary:
            drafts.append(Draft(MEMO_BILLED, line.amount_minor, *who))
            drafts.append(Draft(MEMO_CONTRA, -line.amount_minor, *who))
        else:
            drafts.append(Draft(RECEIVABLE, line.amount_minor, *who))
            earned = DEFERRED if deferred else line.income
            drafts.append(Draft(earned, line.tax_minor - line.amount_minor, *who))
            drafts.append(Draft(TAX, -line.tax_minor, *who))
    return _without_zeros(drafts)


def money_in(
    account: str, received_minor: int, allocations: Sequence[AllocatedLine], party_id: UUID
) -> tuple[Draft, ...]:
    """The entries of money that came: Dr `account` (one of `MONEY_ACCOUNTS`) for all of it, Cr what it pays,
    and Cr Credit of `party_id` for the surplus.

    Accrual pays Receivable; cash pays income and tax, and takes the memo pair back. Raises `Refused`:
    `allocation_exceeds_payment`, `amount_invalid`.
    """
    if account not in MONEY_ACCOUNTS:
        raise ValueError(f"money does not arrive in {account!r}")
    allocated_minor = sum(line.amount_minor for line in allocations)
    surplus_minor = received_minor - allocated_minor
    if surplus_minor < 0:
        raise Refused(
            "allocation_exceeds_payment",
            "More would be allocated than was received.",
            field="amount",
            value=allocated_minor,
            fix="Allocate at most what the payment has left.",
        )
    drafts = [Draft(account, received_minor, party_id)]
    drafts += _paid(allocations)
    drafts.append(Draft(CREDIT, -surplus_minor, party_id))
    return _without_zeros(drafts)


def apply_credit(party_id: UUID, allocations: Sequence[AllocatedLine]) -> tuple[Draft, ...]:
    """The entries of a party's credit that pays receivables: Dr Credit, and as in `money_in` for the rest.
    Raises `Refused('amount_invalid')`."""
    drafts = [Draft(CREDIT, sum(line.amount_minor for line in allocations), party_id)]
    return _without_zeros(drafts + _paid(allocations))


def taken_back(
    account: str,
    allocations: Sequence[AllocatedLine],
    party_id: UUID,
    *,
    credit_minor: int = 0,
    excess_minor: int = 0,
    mirrored: bool = False,
) -> tuple[Draft, ...]:
    """The entries of money that is gone again (reversed, returned, a dispute that was lost): Cr `account`, where it
    was (one of `MONEY_ACCOUNTS`, or `DISPUTES`), for all of it.

    What it had paid is owed again: Dr Receivable on accrual; on cash Dr Returns and Tax, and the memo pair anew. With
    `mirrored` cash takes back the income that was booked, and not Returns: staff say that the money never came, so the
    entry reverses the first one (G-02, I-65). `credit_minor` of it was still the credit of `party_id`: Dr Credit.
    `excess_minor` was not there any more, for it had been given back too, or is no longer owed: Dr Returns, against
    which a recovery is billed.
    """
    if account not in MONEY_ACCOUNTS | {DISPUTES}:
        raise ValueError(f"money is not taken back from {account!r}")
    drafts: list[Draft] = []
    for line in allocations:
        _check(line.amount_minor, line.tax_minor)
        who = (line.party_id, line.invoice_id, line.receivable_id)
        if line.basis == "cash" or line.voluntary:
            from_account = line.income if mirrored else RETURNS
            drafts.append(Draft(from_account, line.amount_minor - line.tax_minor, *who))
            drafts.append(Draft(TAX, line.tax_minor, *who))
            drafts.append(Draft(MEMO_BILLED, line.amount_minor, *who))
            drafts.append(Draft(MEMO_CONTRA, -line.amount_minor, *who))
        else:
            drafts.append(Draft(RECEIVABLE, line.amount_minor, *who))
    gone_minor = credit_minor + excess_minor + sum(line.amount_minor for line in allocations)
    drafts.append(Draft(CREDIT, credit_minor, party_id))
    drafts.append(Draft(RETURNS, excess_minor, party_id))
    drafts.append(Draft(account, -gone_minor, party_id))
    return _without_zeros(drafts)


def reinstated(
    account: str, allocations: Sequence[AllocatedLine], party_id: UUID, *, credit_minor: int = 0
) -> tuple[Draft, ...]:
    """The entries of money that comes back after it was taken (a dispute won in a second round): Dr `account`, what
    it pays again the other way round than in `taken_back`, and the rest the party's credit."""
    return reverse(taken_back(account, allocations, party_id, credit_minor=credit_minor))


def dispute_opened(amount_minor: int, party_id: UUID) -> tuple[Draft, ...]:
    """The entries of a dispute, on both bases: Dr Disputes, Cr Clearing. Won, or settled for less, they are reversed;
    what is lost of it is `taken_back` from Disputes."""
    return _without_zeros([Draft(DISPUTES, amount_minor, party_id), Draft(CLEARING, -amount_minor, party_id)])


def reverse(entries: Iterable[Draft]) -> tuple[Draft, ...]:
    """The entries that take others back: the same accounts, the other side."""
    return tuple(replace(entry, amount_minor=-entry.amount_minor) for entry in entries)


def recognition(
    amount_minor: int,
    deferred: str,
    income: str,
    party_id: UUID | None = None,
    invoice_id: UUID | None = None,
    receivable_id: UUID | None = None,
) -> tuple[Draft, ...]:
    """The entries of a month's part taken to income: Dr `deferred`, Cr `income`."""
    who = (party_id, invoice_id, receivable_id)
    return _without_zeros([Draft(deferred, amount_minor, *who), Draft(income, -amount_minor, *who)])


def _paid(allocations: Sequence[AllocatedLine]) -> list[Draft]:
    drafts: list[Draft] = []
    for line in allocations:
        _check(line.amount_minor, line.tax_minor)
        who = (line.party_id, line.invoice_id, line.receivable_id)
        if line.basis == "cash" or line.voluntary:
            drafts.append(Draft(line.income, line.tax_minor - line.amount_minor, *who))
            drafts.append(Draft(TAX, -line.tax_minor, *who))
            drafts.append(Draft(MEMO_CONTRA, line.amount_minor, *who))
            drafts.append(Draft(MEMO_BILLED, -line.amount_minor, *who))
        else:
            drafts.append(Draft(RECEIVABLE, -line.amount_minor, *who))
    return drafts


def _without_zeros(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    return tuple(draft for draft in drafts if draft.amount_minor)


def _check(amount_minor: int, tax_minor: int) -> None:
    if not 0 <= tax_minor <= amount_minor:
        raise Refused(
            "amount_invalid",
            "A line is zero or more, and its tax is a part of it.",
            field="amount",
            value=amount_minor,
            fix="Reverse what was booked, where something has to be taken back.",
        )
