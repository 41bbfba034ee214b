"""What is left unpaid of a member's earlier bills and goes on to the next one (G-40 to G-44, X10).

Cash accounting only: where income is booked when it is billed, what is left is seen in accounts receivable (G-42).
A voluntary line is never carried (G-44). Who is collected automatically has `collect.arrears` deciding what becomes of
an earlier term, unless carrying was chosen more deliberately; with `current_only` it is left to staff (I-38).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from paidthru.kernel.money import plain
from paidthru.kernel.periods import Period
from paidthru.membership.rules.pricing import PricedLine
from paidthru.organizations.rules.policies import SCOPES, Effective, Policies

Carries = Literal["nobody", "by_hand", "everybody"]


def carries(policies: Policies) -> Carries:
    """Whose unpaid balance goes on to the next bill: nobody's, that of members who aren't on autopay, everybody's."""
    if policies.word("accounting.method") != "cash":
        return "nobody"
    arrears, previous = policies.effective("collect.arrears"), policies.effective("balance.carry_previous")
    if arrears.value == "carry_balance":
        return "everybody"
    if previous.value != "on":
        return "nobody"
    return "everybody" if _nearness(previous) < _nearness(arrears) else "by_hand"


def _nearness(found: Effective) -> int:
    return SCOPES.index(found.source) if found.source in SCOPES else len(SCOPES)


@dataclass(frozen=True, slots=True)
class Carried:
    """What is left of a fee that was billed before, in minor units: `balance_minor` of `amount_minor`, for
    [start, end), asked for last on the invoice `number`."""

    receivable_id: UUID
    fee_id: UUID
    amount_minor: int
    balance_minor: int
    start: date
    end: date
    number: int | str


def carried_from(rows: Sequence[Mapping[str, Any]]) -> tuple[Carried, ...]:
    """From the objects that the database makes of them."""
    return tuple(
        Carried(
            UUID(row["id"]),
            UUID(row["fee"]),
            row["amount"],
            row["balance"],
            date.fromisoformat(row["start"]),
            date.fromisoformat(row["end"]),
            row["number"],
        )
        for row in rows
    )


def previous_balance(carried: Carried, currency: str) -> PricedLine:
    """The line of the next bill that asks for it again, and says why (G-41, G-45)."""
    period = Period(carried.start, carried.end)
    billed, left = plain(carried.amount_minor, currency), plain(carried.balance_minor, currency)
    paid = plain(carried.amount_minor - carried.balance_minor, currency)
    if carried.balance_minor == carried.amount_minor:
        text = f"{billed} {currency} was billed for {period.start} to {period.through} and is not paid."
    else:
        text = (
            f"{billed} {currency} was billed for {period.start} to {period.through}, {paid} of it is settled:"
            f" {left} is left."
        )
    return PricedLine(
        carried.fee_id,
        f"Previous balance, {period.start} to {period.through}",
        1,
        carried.balance_minor,
        carried.balance_minor,
        {
            "rule": "previous balance",
            "inputs": {
                "fee": "Previous balance",
                "invoice": carried.number,
                "billed": billed,
                "settled": paid,
            },
            "steps": [f"{billed} − {paid} = {left}"],
            "text": text,
        },
        carried.receivable_id,
    )
