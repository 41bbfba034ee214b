"""Which receivables some money pays (stories.md, Money in)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from paidthru.invoicing.rules.tax import Share, take_in_turn
from paidthru.kernel.errors import Refused

OLDEST_FIRST, NEWEST_FIRST, ON_ACCOUNT = "oldest_first", "newest_first", "on_account"


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
    received_minor: int, open_receivables: Sequence[OpenReceivable], *, order: str = OLDEST_FIRST
) -> tuple[tuple[tuple[UUID, int], ...], int]:
    """How much of the money pays which receivable, and the surplus.

    The oldest is paid first, of one date the primary fee and then further fees in order; voluntary ones come last of
    all, because nobody owes them (G-44). `order` is the policy `payment.allocation`: newest first turns the dates
    about and nothing else, on account pays nothing. A tax goes with what it is the tax of (A-14). Nothing is paid
    beyond its balance, and parts and surplus sum to what was received. Raises `Refused('amount_invalid')` for a
    negative amount.
    """
    if received_minor < 0:
        raise Refused(
            "amount_invalid",
            "Money that comes in cannot be less than nothing.",
            field="amount",
            value=received_minor,
            fix="Record a refund or a reversal instead.",
        )
    if order == ON_ACCOUNT:
        return (), received_minor
    sign = -1 if order == NEWEST_FIRST else 1
    in_order = sorted(open_receivables, key=lambda one: _turn(one, sign))
    return take_in_turn(
        received_minor, [Share(one.id, one.id, one.balance_minor, one.tax_of) for one in in_order]
    )


def allocate_by_hand(
    received_minor: int,
    parts: Mapping[UUID, int],
    open_receivables: Mapping[UUID, Sequence[OpenReceivable]],
    named: Mapping[UUID, str],
) -> tuple[tuple[tuple[UUID, int], ...], int]:
    """As `allocate`, with the amount for each invoice said by a person: `parts`, minor units by invoice.

    `open_receivables` are those on each invoice, `named` what the person calls it. What is not said for any is surplus.
    Raises `Refused`: `amount_invalid`, `allocation_exceeds_payment`, `allocation_exceeds_balance` (naming the invoice).
    """
    paid: list[tuple[UUID, int]] = []
    for invoice_id, amount_minor in parts.items():
        if amount_minor <= 0:
            raise Refused(
                "amount_invalid",
                f"What is applied to {named[invoice_id]} has to be more than nothing.",
                field="parts",
                value=amount_minor,
                fix="Enter an amount, or leave the invoice out.",
            )
        taken, beyond = allocate(amount_minor, open_receivables.get(invoice_id, ()))
        if beyond:
            raise Refused(
                "allocation_exceeds_balance",
                f"More would be applied to {named[invoice_id]} than is open of it.",
                field="parts",
                value=amount_minor,
                fix="Apply at most what is open. The rest stays as credit.",
            )
        paid += taken
    surplus_minor = received_minor - sum(parts.values())
    if surplus_minor < 0:
        raise Refused(
            "allocation_exceeds_payment",
            "More would be applied than there is.",
            field="parts",
            value=sum(parts.values()),
            fix="Lower an amount, or leave an invoice out.",
        )
    return tuple(paid), surplus_minor


def _turn(receivable: OpenReceivable, sign: int) -> tuple[bool, int, bool, int]:
    due = sign * receivable.due_on.toordinal()
    return receivable.voluntary, due, not receivable.primary, receivable.position
