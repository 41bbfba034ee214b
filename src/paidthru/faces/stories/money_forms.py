"""The forms around money that is applied by hand, taken off again, and what it is worth in another currency."""

import re
from typing import Annotated, Literal

from .forms import Step, step
from .slots import AMOUNT, Amount, Member, Number, Slot, read_amount
from .values import AmountText


def _read_parts(written: str) -> tuple[tuple[AmountText, int], ...]:
    found = re.findall(rf"({AMOUNT}) for invoice (\d+)", written)
    return tuple((read_amount(one[0]), int(one[-1])) for one in found)


ByHand = Annotated[
    tuple[tuple[AmountText, int], ...],
    Slot(
        rf"{AMOUNT} for invoice \d+(?:, {AMOUNT} for invoice \d+)*",
        _read_parts,
        "AMOUNT for invoice N, AMOUNT for invoice N",
    ),
]


@step("MEMBER pays AMOUNT by METHOD: PARTS")
class MemberPaysParts(Step):
    """Money recorded by staff, who say how much of it each invoice gets; the rest is credit."""

    member: Member
    amount: Amount
    method: Literal["check", "cash", "transfer"]
    parts: ByHand


@step("MEMBER pays AMOUNT by METHOD on account")
class MemberPaysOnAccount(Step):
    """Money recorded by staff that pays nothing yet: all of it is credit."""

    member: Member
    amount: Amount
    method: Literal["check", "cash", "transfer"]


@step("staff unapplies payment PAYMENT [from invoice INVOICE]")
class StaffUnapplies(Step):
    """Staff take a payment off what it paid: it is credit, and that is owed again."""

    payment: Number
    invoice: Number | None = None


@step("staff applies credit of MEMBER: PARTS")
class StaffAppliesCredit(Step):
    """Staff let a member's credit pay the invoices they choose."""

    member: Member
    parts: ByHand
