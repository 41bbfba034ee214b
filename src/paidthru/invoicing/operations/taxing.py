"""Lines get their tax: each a line of its own beside what it is the tax of, so that both are owed, paid and taken back
together (rules/tax.py)."""

from collections.abc import Sequence
from dataclasses import replace

from paidthru.invoicing.operations.issuing import Item
from paidthru.invoicing.rules.tax import Rate, Rounding, TaxLine, tax_line, taxes_of
from paidthru.ledger.rules.postings import TAX


def with_tax(
    items: Sequence[tuple[Item, Rate | None]], currency: str, rounding: Rounding
) -> tuple[Item, ...]:
    """The items of one invoice, each followed by its tax at the rate beside it (None: it bears none). An inclusive
    tax is taken out of the item's amount, so that both together come to what was asked."""
    rates = [rate for _, rate in items]
    taxes = taxes_of([item.amount_minor for item, _ in items], rates, rounding)
    found: list[Item] = []
    for (item, rate), tax_minor in zip(items, taxes, strict=True):
        if rate is None:
            found.append(item)
            continue
        tax = tax_line(item.fee_id, item.amount_minor, tax_minor, rate, currency)
        net = replace(item, amount_minor=tax.net_minor)
        found += [net, _tax(net, tax, rate)]
    return tuple(found)


def _tax(item: Item, tax: TaxLine, rate: Rate) -> Item:
    return replace(
        item,
        fee_id=tax.fee_id,
        description=tax.description,
        quantity=1,
        unit_amount_minor=tax.amount_minor,
        amount_minor=tax.amount_minor,
        derivation=tax.derivation,
        is_primary=False,
        income_code=TAX,
        tax_of=item.fee_id,
        tax_rate_id=rate.id,
    )
