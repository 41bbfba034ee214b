"""Which receivables some money pays (stories.md, Money in)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from paidthru.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class OpenReceivable:
    """What is still owed, in minor units of one currency. `position` counts a plan's further fees."""

    id: UUID
    balance_minor: int
    due_on: date
    position: int
    voluntary: bool
    primary: bool = False


def allocate(
    received_minor: int, open_receivables: Sequence[OpenReceivable]
) -> tuple[tuple[tuple[UUID, int], ...], int]:
    """How much of the money pays which receivable, and the surplus.

    The oldest is paid first, of one date the primary fee and then further fees in order. Voluntary ones come
    last of all, because nobody owes them (G-44). Nothing is paid beyond its balance, and parts and surplus
    sum to what was received. Raises `Refused('amount_invalid')` for a negative amount.
    """
    if received_minor < 0:
        raise Refused(
            "amount_invalid",
            "Money that comes in cannot be less than nothing.",
            field="amount",
            value=received_minor,
            fix="Record a refund or a reversal instead.",
        )
    left_minor = received_minor
    parts: list[tuple[UUID, int]] = []
    for receivable in sorted(open_receivables, key=_turn):
        part_minor = min(left_minor, receivable.balance_minor)
        if part_minor > 0:
            parts.append((receivable.id, part_minor))
            left_minor -= part_minor
    return tuple(parts), left_minor


def _turn(receivable: OpenReceivable) -> tuple[bool, date, bool, int]:
    return receivable.voluntary, receivable.due_on, not receivable.primary, receivable.position
