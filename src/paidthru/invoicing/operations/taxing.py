"""Lines get their tax: each a line of its own beside what it is the tax of, so that both are owed, paid and taken back
together (rules/tax.py)."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from paidthru.invoicing.operations.issuing import Item
from paidthru.invoicing.rules.tax import Rate, Rounding, taxes_of
from paidthru.kernel.money import plain
from paidthru.ledger.rules.postings import TAX


def with_tax(
    items: Sequence[tuple[Item, Rate | None]], currency: str, rounding: Rounding
) -> tuple[Item, ...]:
    """The items of one invoice, each followed by its tax at the rate beside it (None: it bears none). An inclusive
    tax is taken out of the item's amount, so that both together come to what was asked."""
    places: dict[Rate, list[int]] = {}
    for place, (_, rate) in enumerate(items):
        if rate is not None:
            places.setdefault(rate, []).append(place)
    taxes: dict[int, int] = {}
    for own, mine in places.items():
        amounts = [items[place][0].amount_minor for place in mine]
        taxes |= dict(zip(mine, taxes_of(amounts, own, rounding), strict=True))
    found: list[Item] = []
    for place, (item, rate) in enumerate(items):
        if rate is None:
            found.append(item)
            continue
        tax_minor = taxes[place]
        net = replace(item, amount_minor=item.amount_minor - tax_minor) if rate.inclusive else item
        found += [net, _tax(net, rate, tax_minor, currency)]
    return tuple(found)


def tax_fee_id(fee_id: UUID) -> UUID:
    """The id under which the tax of a fee is owed."""
    return uuid5(fee_id, "tax")


def _tax(item: Item, rate: Rate, tax_minor: int, currency: str) -> Item:
    words = "in it" if rate.inclusive else "on top"
    amount = plain(item.amount_minor, currency)
    text = f"{rate.name}, {rate.percent} of {amount} {currency} ({words}): {plain(tax_minor, currency)} {currency}."
    return replace(
        item,
        fee_id=tax_fee_id(item.fee_id),
        description=f"{rate.name} {rate.percent}",
        quantity=1,
        unit_amount_minor=tax_minor,
        amount_minor=tax_minor,
        derivation={
            "rule": "tax",
            "inputs": {
                "tax": rate.name,
                "rate_ppm": rate.rate_ppm,
                "inclusive": rate.inclusive,
                "net_minor": item.amount_minor,
                "from": rate.valid_from.isoformat(),
            },
            "steps": [],
            "text": text,
        },
        is_primary=False,
        income_code=TAX,
        tax_of=item.fee_id,
        tax_rate_id=rate.id,
    )
