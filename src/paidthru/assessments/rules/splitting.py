"""How a levy is split over units, exactly (A-31). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import check_entered, plain, split_by_weights

Method = Literal["share", "equally", "area"]
#: What the units' weights are called, by method.
WEIGHTS: dict[Method, str] = {"share": "(shares)", "equally": "(units)", "area": "(area)"}


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit as a split sees it: its share and its area, weights of any size, 0 where it has none."""

    id: UUID
    name: str
    share: int
    area: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What a unit bears of a levy, in minor units, and the sentence that proves it."""

    unit_id: UUID
    name: str
    weight: int
    amount_minor: int
    sentence: str


def shares_of(
    amount_minor: int, units: Sequence[UnitFacts], method: Method, currency: str
) -> tuple[Share, ...]:
    """Each unit's share of an amount: in proportion to its weight, by the largest remainder, ties to the first. They
    sum to the amount. Units without weight bear nothing and come without a share.

    Refused `amount_invalid`, `levy_without_units`, `shares_sum_to_zero`.
    """
    if amount_minor <= 0:
        raise Refused(
            "amount_invalid",
            "A levy has to be more than nothing.",
            field="amount",
            value=plain(amount_minor, currency),
            fix="Enter what is to be raised.",
        )
    check_entered(amount_minor)
    if not units:
        raise Refused(
            "levy_without_units",
            "There is no unit to levy anything on.",
            field="units",
            fix="Add the units first, with their shares.",
        )
    weights = [1 if method == "equally" else unit.share if method == "share" else unit.area for unit in units]
    whole = sum(weights)
    if whole <= 0:
        raise Refused(
            "shares_sum_to_zero",
            f"No unit has {'an area' if method == 'area' else 'a share'}, so nothing can be split by it.",
            field="method",
            value=method,
            fix=f"Enter the units' {'areas' if method == 'area' else 'shares'}, or split equally.",
        )
    parts = split_by_weights(amount_minor, weights)
    return tuple(
        Share(
            unit.id,
            unit.name,
            weight,
            part,
            f"{plain(amount_minor, currency)} {currency} × {weight} of {whole} {WEIGHTS[method]}"
            f" = {_proved(part, amount_minor * weight // whole, currency)}",
        )
        for unit, weight, part in zip(units, weights, parts, strict=True)
        if weight
    )


def _proved(part_minor: int, whole_minor: int, currency: str) -> str:
    """A share, as its whole minor units and what it has of those that are left over (`split_by_weights`)."""
    if part_minor == whole_minor:
        return f"{plain(part_minor, currency)} {currency}"
    over = plain(part_minor - whole_minor, currency)
    return (
        f"{plain(whole_minor, currency)} {currency}, with {over} {currency} of what is left over:"
        f" {plain(part_minor, currency)} {currency}"
    )
