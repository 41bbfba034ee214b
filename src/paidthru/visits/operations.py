"""Write steps of the visits room, inside somebody's transaction."""

from datetime import timedelta

from paidthru.invoicing.operations import Item
from paidthru.kernel.money import plain
from paidthru.visits.models import Visit

_WORDS = {
    "overage": ("Visit beyond the plan", "Overage price of"),
    "non_member": ("Visit", "Non-member price of"),
}


def item_of(visit: Visit) -> Item:
    """What a visit is billed as: a line of its own."""
    price = visit.price
    text, by = _WORDS[visit.verdict]
    return Item(
        fee_id=visit.id,  # a visit is its own source and fee: it is owed once
        period_start=visit.on,
        period_end=visit.on + timedelta(days=1),
        description=f"{text}, {price.name}, {visit.on}",
        quantity=1,
        unit_amount_minor=visit.amount_minor,
        amount_minor=visit.amount_minor,
        derivation={
            "rule": "visit",
            "text": f"{by} {price.name}: {plain(visit.amount_minor, price.currency)} {price.currency}. {visit.why}",
        },
        is_primary=True,
        voluntary=False,
        income_code=price.income_code,
        fund=price.fund,
    )
