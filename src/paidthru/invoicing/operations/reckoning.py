"""What an invoice that is being written would come to, line by line and by tax; nothing is kept."""

from dataclasses import dataclass
from uuid import UUID

from paidthru.invoicing.operations.writing import Books, Paper, items_of


@dataclass(frozen=True, slots=True)
class ReckonedLine:
    """A line without its tax, the tax in words ("" for none) and what it comes to (minor units)."""

    description: str
    quantity: int
    net_minor: int
    tax: str = ""
    tax_minor: int = 0


@dataclass(frozen=True, slots=True)
class TaxSum:
    """The lines under one tax and rate: what they come to without it, and the tax (minor units)."""

    tax: str
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The lines in their order; by tax; all together."""

    lines: tuple[ReckonedLine, ...]

    @property
    def taxes(self) -> tuple[TaxSum, ...]:
        """A sum for each tax and rate, in the order of the lines."""
        found: dict[str, TaxSum] = {}
        for line in self.lines:
            if line.tax:
                so_far = found.get(line.tax, TaxSum(line.tax, 0, 0))
                found[line.tax] = TaxSum(
                    line.tax, so_far.net_minor + line.net_minor, so_far.tax_minor + line.tax_minor
                )
        return tuple(found.values())

    @property
    def net_minor(self) -> int:
        """All lines without tax."""
        return sum(line.net_minor for line in self.lines)

    @property
    def total_minor(self) -> int:
        """What the invoice would ask for."""
        return sum(line.net_minor + line.tax_minor for line in self.lines)


def reckoned(organization_id: UUID, paper: Paper, books: Books) -> Reckoned:
    """What the paper would come to if it were issued on its bill date. Refused as `items_of`."""
    items = items_of(organization_id, paper, books)
    taxes = {item.tax_of: item for item in items if item.tax_of is not None}
    return Reckoned(
        tuple(
            ReckonedLine(item.description, item.quantity, item.amount_minor)
            if (tax := taxes.get(item.fee_id)) is None
            else ReckonedLine(
                item.description, item.quantity, item.amount_minor, tax.description, tax.amount_minor
            )
            for item in items
            if item.tax_of is None
        )
    )
