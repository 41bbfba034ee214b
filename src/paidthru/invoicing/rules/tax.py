"""Tax on lines: what it comes to, and how it goes along with what it is the tax of (A-14).

The tax of a line is owed beside it, as a receivable of its own that is booked to Tax. It is never paid, credited or
given back by itself: a part of a line takes the same part of its tax along, and the last part takes what is left. So
parts sum to the whole in whatever order they come.

A rate is a whole number of millionths: 20 % is 200,000, New York City's 8.875 % is 88,750.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID, uuid5

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import check_minor, plain, round_half_up, split_by_weights

WHOLE_PPM = 1_000_000
Rounding = Literal["per_line", "per_invoice"]
_RATE = re.compile(r"\s*([0-9]{1,4})(?:[.,]([0-9]{1,4})0*)?\s*%?\s*")


@dataclass(frozen=True, slots=True)
class Rate:
    """A tax as it is from a day on, until the next rate of the same tax begins."""

    id: UUID
    name: str
    inclusive: bool
    valid_from: date
    rate_ppm: int

    @property
    def percent(self) -> str:
        """The rate as people write it."""
        return percent_of(self.rate_ppm)


def percent_of(rate_ppm: int) -> str:
    """Millionths as people write a rate: `20 %`, `8.875 %`."""
    whole, rest = divmod(rate_ppm, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + " %"


def rate_on(rates: Sequence[Rate], on: date) -> Rate | None:
    """The rate that holds on a day; None before the first one begins."""
    begun = [rate for rate in rates if rate.valid_from <= on]
    return max(begun, key=lambda rate: rate.valid_from) if begun else None


def read_rate(text: str) -> int:
    """Millionths of a rate as people write it: `20`, `20%`, `8.875 %`, `5,5`.

    Raises `Refused('tax_rate_invalid')` for what is no number, has more than four decimals, or is above 100 %.
    """
    found = _RATE.fullmatch(text)
    if found is None:
        raise Refused(
            "tax_rate_invalid",
            f"{text.strip()[:40]!r} is not a tax rate.",
            field="rate",
            value=text[:40],
            fix="Write a percentage with at most four decimals, such as 20 or 8.875.",
        )
    ppm = int(found[1]) * 10_000 + int((found[2] or "").ljust(4, "0"))
    if ppm > WHOLE_PPM:
        raise Refused(
            "tax_rate_invalid",
            "A tax can't be more than what it is the tax of.",
            field="rate",
            value=text.strip()[:40],
            fix="Enter a rate from 0 to 100 %.",
        )
    return ppm


def tax_of(amount_minor: int, rate: Rate) -> int:
    """The tax of an amount in minor units, rounded half up: on top of it, or inside it where the tax is inclusive."""
    base = WHOLE_PPM + rate.rate_ppm if rate.inclusive else WHOLE_PPM
    return round_half_up(check_minor(amount_minor) * rate.rate_ppm, base)


def taxes_of(
    amounts_minor: Sequence[int], rates: Sequence[Rate | None], rounding: Rounding
) -> tuple[int, ...]:
    """The tax of each of an invoice's lines at the rate beside it, nothing where there is none. It is rounded line by
    line; or once for the sum of all lines under one rate, and shared out over them (largest remainder, ties to the
    first).
    """
    lines = list(zip(amounts_minor, rates, strict=True))
    if rounding == "per_line":
        return tuple(tax_of(amount, rate) if rate else 0 for amount, rate in lines)
    taxes = [0] * len(lines)
    for rate in dict.fromkeys(rates):
        mine = [place for place, own in enumerate(rates) if own == rate]
        weights = [amounts_minor[place] for place in mine]
        if rate is None or not sum(weights):
            continue
        for place, tax in zip(mine, split_by_weights(tax_of(sum(weights), rate), weights), strict=True):
            taxes[place] = tax
    return tuple(taxes)


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax of a line, as a line of its own beside it: the id under which it is owed, its words, and how it came
    about (`net_minor` is what the line asks for without it)."""

    fee_id: UUID
    description: str
    amount_minor: int
    net_minor: int
    derivation: dict[str, object]


def tax_line(fee_id: UUID, amount_minor: int, tax_minor: int, rate: Rate, currency: str) -> TaxLine:
    """The tax (minor units) of a fee that was priced at an amount, which has an inclusive tax in it."""
    net_minor = amount_minor - tax_minor if rate.inclusive else amount_minor
    where = "in the price" if rate.inclusive else "on top"
    text = f"{rate.name}, {rate.percent} of {plain(net_minor, currency)} {currency}, {where}: "
    return TaxLine(
        uuid5(fee_id, "tax"),
        f"{rate.name} {rate.percent}",
        tax_minor,
        net_minor,
        {
            "rule": "tax",
            "inputs": {
                "tax": rate.name,
                "rate_ppm": rate.rate_ppm,
                "inclusive": rate.inclusive,
                "net_minor": net_minor,
                "from": rate.valid_from.isoformat(),
            },
            "steps": [],
            "text": f"{text}{plain(tax_minor, currency)} {currency}.",
        },
    )


@dataclass(frozen=True, slots=True)
class Share:
    """Something of which a part can be taken: `left_minor` of the receivable `of`, which is the tax of another one or
    (None) is not. `id` is the caller's own name of it."""

    id: UUID
    of: UUID
    left_minor: int
    tax_of: UUID | None = None


def take_in_turn(amount_minor: int, shares: Sequence[Share]) -> tuple[tuple[tuple[UUID, int], ...], int]:
    """An amount (minor units) taken of `shares` in their order, and what is left of it after them.

    A tax goes with what it is the tax of, in proportion, rounded half up; it comes right after it. Nothing is taken
    beyond what is left of a share.
    """
    present = {one.of for one in shares if one.tax_of is None}
    taxes: dict[UUID, list[Share]] = {}
    for one in shares:
        if one.tax_of in present:
            taxes.setdefault(one.tax_of, []).append(one)
    taken: list[tuple[UUID, int]] = []
    left_minor = amount_minor
    alone = [one for one in shares if one.tax_of not in present]
    for one in alone:
        waiting = taxes.get(one.of)
        tax = waiting.pop(0) if waiting else None
        tax_minor = tax.left_minor if tax is not None else 0
        part_minor = min(left_minor, one.left_minor + tax_minor)
        of_tax = _share_of_tax(part_minor, one.left_minor, tax_minor)
        taken.append((one.id, part_minor - of_tax))
        if tax is not None:
            taken.append((tax.id, of_tax))
        left_minor -= part_minor
    for tax in (one for waiting in taxes.values() for one in waiting):
        part_minor = min(left_minor, tax.left_minor)
        taken.append((tax.id, part_minor))
        left_minor -= part_minor
    return tuple(one for one in taken if one[1] > 0), left_minor


def _share_of_tax(part_minor: int, net_minor: int, tax_minor: int) -> int:
    """How much of a part of net and tax together is tax: all of it goes with the last part."""
    if not tax_minor:
        return 0
    share = round_half_up(tax_minor * part_minor, net_minor + tax_minor)
    return min(max(share, part_minor - net_minor), tax_minor)
