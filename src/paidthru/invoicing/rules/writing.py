"""What staff write on an invoice: its lines, before anything is owed (A-10 to A-14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from paidthru.invoicing.rules.totals import line_amount, total
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import check_entered
from paidthru.kernel.texts import checked_name

MOST_LINES = 500
MOST_QUANTITY = 1_000_000
MOST_DUE_DAYS = 3_660
DESCRIPTION_LENGTH = 300
INCOME = "Income:Other"


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """A line as it is written: `unit_amount_minor` in minor units, the name of its tax ("" for none), the account that
    it is income of, and the fund that it is for. With an inclusive tax the amount has the tax in it."""

    description: str
    quantity: int
    unit_amount_minor: int
    tax: str = ""
    income_code: str = INCOME
    fund: str = ""

    @property
    def amount_minor(self) -> int:
        """What the line comes to, without a tax on top."""
        return line_amount(self.quantity, self.unit_amount_minor)


def checked_lines(lines: Sequence[WrittenLine]) -> tuple[WrittenLine, ...]:
    """The lines with their texts trimmed. Refused, each naming the row: `lines_missing` for none, `lines_too_many`,
    `quantity_invalid`, `amount_invalid` (less than nothing, beyond what can be kept, or all of them nothing), and as
    `checked_name`."""
    if not lines:
        raise Refused("lines_missing", "An invoice needs a line.", field="lines", fix="Add what it is for.")
    if len(lines) > MOST_LINES:
        raise Refused(
            "lines_too_many",
            f"An invoice has at most {MOST_LINES} lines; this one has {len(lines)}.",
            field="lines",
            value=len(lines),
            fix="Write several invoices.",
        )
    checked = tuple(_checked(line, row) for row, line in enumerate(lines, start=1))
    if not check_entered(total(line.amount_minor for line in checked)):
        raise Refused(
            "amount_invalid",
            "The invoice comes to nothing.",
            field="amount",
            value=0,
            fix="Give at least one line an amount.",
        )
    return checked


def _checked(line: WrittenLine, row: int) -> WrittenLine:
    if not 0 < line.quantity <= MOST_QUANTITY:
        raise Refused(
            "quantity_invalid",
            f"The quantity has to be from 1 to {MOST_QUANTITY:,}.",
            field="quantity",
            row=row,
            value=line.quantity,
            fix="Enter how many.",
        )
    try:
        description = checked_name(line.description, field="description", most=DESCRIPTION_LENGTH)
        fund = checked_name(line.fund, field="fund", most=60) if line.fund.strip() else ""
        check_entered(line.amount_minor)
    except Refused as refusal:
        refusal.row = row
        raise
    if line.unit_amount_minor < 0:
        raise Refused(
            "amount_invalid",
            "A line can't ask for less than nothing.",
            field="amount",
            row=row,
            value=line.unit_amount_minor,
            fix="Take something back with a credit note once the invoice is sent.",
        )
    return WrittenLine(
        description, line.quantity, line.unit_amount_minor, line.tax, line.income_code or INCOME, fund
    )


def check_due(bill_on: date, due_on: date) -> None:
    """Refuses a due date that comes before the bill (`due_before_bill`) or years after it (`due_too_late`); both are
    local dates."""
    if due_on < bill_on:
        raise Refused(
            "due_before_bill",
            f"It is billed on {bill_on} and can't be due before.",
            field="due",
            value=due_on.isoformat(),
            fix=f"Choose {bill_on} or a later day.",
        )
    if (due_on - bill_on).days > MOST_DUE_DAYS:
        raise Refused(
            "due_too_late",
            f"It is billed on {bill_on} and would be due more than ten years later.",
            field="due",
            value=due_on.isoformat(),
            fix="Choose an earlier day.",
        )


def stored(lines: Sequence[WrittenLine]) -> list[dict[str, Any]]:
    """The lines as a draft keeps them."""
    return [
        {
            "description": line.description,
            "quantity": line.quantity,
            "unit_amount_minor": line.unit_amount_minor,
            "tax": line.tax,
            "income_code": line.income_code,
            "fund": line.fund,
        }
        for line in lines
    ]


def restored(kept: Sequence[Mapping[str, Any]]) -> tuple[WrittenLine, ...]:
    """The lines of a draft."""
    return tuple(WrittenLine(**line) for line in kept)
