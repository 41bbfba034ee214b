"""Money that a payer's bank takes back: disputes and late returns (field-notes B.4, C.9).

A gateway's word about a dispute can come late, twice and in any order, so what it says is ranked: of all that was
ever told of a dispute the same standing is left in the end, whatever came when.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paidthru.kernel.states import Machine
from paidthru.payments.rules.decline_codes import Finality, known, words


class DisputeState(StrEnum):
    """Where a dispute stands, from the organization's side."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


DISPUTE_MACHINE = Machine(
    "dispute",
    "open",
    {
        ("open", "win"): "won",
        ("open", "lose"): "lost",
        ("lost", "win"): "won",  # a second round: the money is given back after all
        ("won", "lose"): "lost",  # the payer's bank goes on to arbitration
    },
)

_EVENTS = {DisputeState.WON: "win", DisputeState.LOST: "lose"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What was told of a dispute: its state, of what amount (minor units), and when it ended, as far as is known."""

    state: str
    amount_minor: int
    ended_at: datetime | None = None


def is_news(known_as: Standing, told: Standing) -> bool:
    """Whether what is told goes beyond what is known.

    An end goes beyond an open dispute, a later end beyond an earlier one. Of two ends at one time (or at none) that
    one holds which leaves us more: won before lost, less taken before more. Of an open one the greater amount holds.
    """
    if told == known_as:
        return False
    if (told.state == DisputeState.OPEN) != (known_as.state == DisputeState.OPEN):
        return known_as.state == DisputeState.OPEN
    if told.state == DisputeState.OPEN:
        return told.amount_minor > known_as.amount_minor
    if told.ended_at is not None and known_as.ended_at is not None and told.ended_at != known_as.ended_at:
        return told.ended_at > known_as.ended_at
    if told.state != known_as.state:
        return told.state == DisputeState.WON
    return told.amount_minor < known_as.amount_minor


@dataclass(frozen=True, slots=True)
class Position:
    """Where the money of a dispute is (minor units): held back while it is open, or gone."""

    held_minor: int = 0
    gone_minor: int = 0


def position(standing: Standing) -> Position:
    """Where the money is by what is told."""
    if standing.state == DisputeState.OPEN:
        return Position(held_minor=standing.amount_minor)
    return Position(gone_minor=standing.amount_minor if standing.state == DisputeState.LOST else 0)


def next_state(state: str, told: str) -> str:
    """The state after what is told. Raises `Refused('illegal_transition')`."""
    if state == told:
        return state
    return DISPUTE_MACHINE.next(state, _EVENTS[DisputeState(told)])


def ends_mandate(code: str) -> bool:
    """Whether a return says that the payer never authorized the debit, or no longer does: then the bank account may
    not be debited again without a new authorization (B-47)."""
    entry = known(code)
    return entry is not None and entry.finality is Finality.NEVER


_DISPUTES = {
    "bank_cannot_process": "The bank could not work on the payment.",
    "credit_not_processed": "The payer says that a refund was promised and did not come.",
    "customer_initiated": "The payer asked the bank for the money back.",
    "debit_not_authorized": "The payer says that the debit was not authorized.",
    "duplicate": "The payer says that the payment was taken twice.",
    "fraudulent": "The payer says that the payment was not made by them.",
    "general": "The bank gave no particular reason.",
    "incorrect_account_details": "The account's details are wrong.",
    "insufficient_funds": "There is not enough money in the account.",
    "product_not_received": "The payer says that nothing was received for it.",
    "product_unacceptable": "The payer says that it was not as described.",
    "subscription_canceled": "The payer says that the membership was canceled before.",
    "unrecognized": "The payer does not recognize the payment.",
}


def words_of(code: str) -> str:
    """A sentence for the reason of a dispute or return, fit for staff and member; an unknown code is quoted."""
    if not code:
        return "The bank gave no reason."
    return _DISPUTES.get(code) or (
        words(code) if known(code) else f"The bank's reason is not known here: {code}."
    )


def next_step(kind: str, state: str, code: str, *, owed: bool, has_method: bool) -> str:
    """What staff do next about money that was taken back (I-70). `kind` is dispute, return or reversal; `owed`: what
    it had paid is still owed; `has_method`: there is a way to pay on file."""
    if kind == "dispute" and state == DisputeState.OPEN:
        return "Send the evidence at the processor before its deadline; nothing is owed again until it is decided."
    if not owed:
        return "Nothing: it is paid, or nothing is owed."
    if kind == "reversal":
        return "The invoice is open again: collect it, or agree with the member how it is paid."
    if kind == "dispute":
        return "The invoice is open again: speak with the member before it is collected; a card may refuse again."
    entry = known(code)
    finality = entry.finality if entry else None
    if finality is Finality.NEVER:
        return (
            "Don't debit this account again. Ask the member for a new authorization or another way to pay; autopay is"
            " off."
        )
    if finality is Finality.SOFT:
        return "The debit may be presented again, at most twice; or ask the member to pay another way."
    if finality is Finality.HARD and not has_method:
        return "Send the member a link to save a way to pay."
    if finality is Finality.HARD:
        return "The account can't be debited: ask the member for another one, or send a payment link."
    return "Look the reason up at the processor, then ask the member how they will pay."
