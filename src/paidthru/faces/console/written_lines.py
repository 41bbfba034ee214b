"""The lines of an invoice that staff wrote and that is not issued: what they would ask for."""

from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Column, Row, Table, Text
from paidthru.invoicing.operations.reckoning import Reckoned
from paidthru.kernel.money import Money


def written_lines(come_to: Reckoned, currency: str) -> Section:
    """Each line with its tax beside it."""
    columns = (
        Column("what", "For"),
        Column("quantity", "Quantity", "number"),
        Column("amount", "Amount", "money"),
        Column("tax", "Tax", "money"),
    )
    rows = tuple(
        Row(
            (
                Text(one.description, one.tax),
                one.quantity,
                Money(one.net_minor, currency),
                Money(one.tax_minor, currency) if one.tax else None,
            )
        )
        for one in come_to.lines
    )
    return Section("lines", "Lines", Table(columns, rows, "Lines"))
