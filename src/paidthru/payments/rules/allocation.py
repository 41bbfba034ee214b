"""Which receivables some money pays (stories.md, Money in)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from paidthru.invoicing.rules.tax import Share, take_in_turn
from paidthru.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class OpenReceivable:
    """What is still owed, in minor units of one currency. `position` counts a plan's further fees. `tax_of` is the
    receivable whose tax this one is."""

    id: UUID
    balance_minor: int
    due_on: date
    position: int
    voluntary: bool
    primary: bool = False
    tax_of: UUID | None = None


def allocate(
    received_minor: int, open_receivables: Sequence[OpenReceivable]
) -> tuple[tuple[tuple[UUID, int], ...], int]:
    """How much of the money pays which receivable, and the surplus.

    The oldest is paid first, of one date the primary fee and then further fees in order; voluntary ones come last of
    all, because nobody owes them (G-44). A tax goes with what it is the tax of (A-14). Nothing is paid beyond its
    balance, and parts and surplus sum to what was received. Raises `Refused('amount_invalid')` for a negative amount.
    """
    if received_minor < 0:
        raise Refused(
            "amount_invalid",
            "Money that comes in cannot be less than nothing.",
            field="amount",
            value=received_minor,
            fix="Record a refund or a reversal instead.",
        )
    in_order = sorted(open_receivables, key=_turn)
    return take_in_turn(
        received_minor, [Share(one.id, one.id, one.balance_minor, one.tax_of) for one in in_order]
    )


def _turn(receivable: OpenReceivable) -> tuple[bool, date, bool, int]:
    return receivable.voluntary, receivable.due_on, not receivable.primary, receivable.position
