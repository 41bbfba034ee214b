"""The entries of a gateway's balance: its fees, its payouts, and money there that nobody can place (field-notes D.4).

Entries are drafts, as in `postings`: minor units of one currency, debit positive, zero amounts left out. Clearing holds
what the gateway holds for us, so every movement of that balance is booked there exactly once: charges, refunds and
disputes by their own rows, the rest here.
"""

from paidthru.ledger.rules.postings import BANK, CLEARING, Draft

PROCESSOR_FEES = "Processor fees"
DISPUTE_FEES = "Dispute fees"
SUSPENSE = "Suspense"
EXCHANGE = "Exchange"

#: The kinds of a balance line whose amount has a row of its own, which posts it; only their fee is booked by the line.
POSTED_ELSEWHERE = frozenset({"charge", "refund", "refund_failed", "dispute", "dispute_won"})
_DISPUTES = frozenset({"dispute", "dispute_won"})
_PAYOUTS = frozenset({"payout", "payout_failed"})


def balance_line(kind: str, amount_minor: int, fee_minor: int) -> tuple[Draft, ...]:
    """What a line of a gateway's balance means for the books; empty when other rows say all of it.

    `amount_minor` is signed as it moves the gateway's balance, before `fee_minor` was kept of it. A payout is Dr Bank /
    Cr Clearing, a failed one the reverse; a fee Dr Processor fees (of a dispute Dr Dispute fees) / Cr Clearing; what
    isn't any of these is Suspense's until a person has looked.
    """
    moved_minor = 0 if kind in POSTED_ELSEWHERE else amount_minor
    fees = DISPUTE_FEES if kind in _DISPUTES else PROCESSOR_FEES
    against = BANK if kind in _PAYOUTS else PROCESSOR_FEES if kind == "fee" else SUSPENSE
    amounts = {CLEARING: moved_minor - fee_minor}
    amounts[against] = amounts.get(against, 0) - moved_minor
    amounts[fees] = amounts.get(fees, 0) + fee_minor
    return tuple(Draft(account, minor) for account, minor in amounts.items() if minor)


def exchanged(charged_minor: int, settled_minor: int) -> tuple[tuple[Draft, ...], tuple[Draft, ...]]:
    """What a line whose money the gateway converted means beside (A-39): a journal in the currency that was charged and
    one in the currency of the settlement, through Exchange (field-notes D.1: one currency a journal). Clearing then
    holds what the gateway holds, in the currency in which it does. Exchange shows what was given for what, so that a
    gain or loss is there to be seen and nothing is lost. Amounts are signed as they moved the balance.
    """
    return (
        (Draft(EXCHANGE, charged_minor), Draft(CLEARING, -charged_minor)),
        (Draft(CLEARING, settled_minor), Draft(EXCHANGE, -settled_minor)),
    )


def unplaced(kind: str, amount_minor: int) -> tuple[Draft, ...]:
    """Money at the gateway that nobody can place (D.4, unmatched money): a charge is Dr Clearing / Cr Suspense, a
    refund or a dispute of such a charge the reverse. `amount_minor` is positive."""
    sign = 1 if kind == "charge" else -1
    return (Draft(CLEARING, sign * amount_minor), Draft(SUSPENSE, -sign * amount_minor))


def kept(amount_minor: int, account: str) -> tuple[Draft, ...]:
    """Money in suspense that a person knows after all: Dr Suspense / Cr `account`."""
    return (Draft(SUSPENSE, amount_minor), Draft(account, -amount_minor))
