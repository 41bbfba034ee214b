"""What a roster says that its plans cost: offered for a plan to be created, compared with one that is there.

What a member is billed is the plan's price; the file's is never booked."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval
from paidthru.membership.rules.cell_amounts import read_amount
from paidthru.membership.rules.pricing import Fee
from paidthru.membership.rules.roster_items import Fault, RosterRow


def level_prices(found: Mapping[tuple[str, str], int], currency: str, mark: str) -> dict[str, int]:
    """The price, in minor units, that more than half of the rows of a level with a price name. `found` counts rows by
    level and price as they are written; `mark` is the decimal mark of the column."""
    levels: dict[str, Counter[int]] = {}
    for (level, text), rows in found.items():
        try:
            amount_minor = read_amount(text, currency, mark)
        except Refused:
            continue  # a fault of its row
        levels.setdefault(level, Counter())[amount_minor] += rows
    most = {level: amounts.most_common(1)[0] for level, amounts in levels.items()}
    return {
        level: amount_minor
        for level, (amount_minor, rows) in most.items()
        if amount_minor >= 0 and rows * 2 > levels[level].total()
    }


def costs_of(fees: Iterable[Fee], today: date) -> frozenset[int]:
    """What a roster may call a plan's price, in minor units: its first item, or all that is owed with it."""
    owed = [fee.at(today) for fee in fees if not fee.voluntary and not fee.complimentary]
    if not owed:
        return frozenset()
    return frozenset(
        (sum(fee.amount_minor for fee in owed), *(fee.amount_minor for fee in owed if fee.primary))
    )


def other_price(
    row: RosterRow, heading: str, costs: Collection[int], interval: Interval, currency: str
) -> Fault | None:
    """A warning where a row has another price than its plan, which bills every `interval`; None for one that isn't to
    be billed, or for another interval."""
    if row.price_minor is None or not costs or row.price_minor in costs:
        return None
    if row.status == "canceled" or row.interval not in (None, interval):
        return None
    said = plain(row.price_minor, currency)
    return Fault(
        row.row,
        heading,
        said,
        "price_differs",
        f"The row says {said}, and {row.plan} costs {plain(min(costs), currency)} {currency}.",
        "Billed is what the plan costs. Give the member a discount afterwards, or the row a plan of its own.",
        "warning",
    )
