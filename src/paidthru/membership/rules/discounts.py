"""What takes something off a price: a percentage, an amount, all of it for a time, one item waived. Pure.

Amounts come off first, then percentages, each of what is left; a price never falls below zero. All of it is exact and
is rounded where the price is. A part of a term (proration, another interval) costs that part of the reduced price.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal
from uuid import UUID

from paidthru.invoicing.rules.tax import read_rate
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

DiscountKind = Literal["percentage", "amount", "complimentary", "waiver"]
KINDS: tuple[DiscountKind, ...] = ("percentage", "amount", "complimentary", "waiver")
WHOLE_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount as it stands for one payer. `rate_ppm` is a whole number of millionths, `amount_minor` is in minor
    units of `currency` for one interval of the plan.

    It is for terms that begin on a day in [`from_on`, `until_on`), for the first `terms` of them (None: all), of which
    `used` have begun. `plan_id` and `fee_id` narrow it to one plan, one item.
    """

    id: UUID
    name: str
    kind: DiscountKind
    rate_ppm: int
    amount_minor: int
    currency: str
    plan_id: UUID | None
    fee_id: UUID | None
    from_on: date
    until_on: date | None = None
    terms: int | None = None
    used: int = 0

    def holds(self, start: date) -> bool:
        """Whether it is for a term that begins on a day, the next one that is billed."""
        begun = self.from_on <= start and (self.until_on is None or start < self.until_on)
        return begun and (self.terms is None or self.used < self.terms)

    @property
    def lasts(self) -> bool:
        """Whether it goes on until somebody ends it."""
        return self.terms is None and self.until_on is None

    def after_a_term(self, start: date) -> "Discount":
        """The discount once a term that starts on a day is billed: one term more has had it, or might have."""
        if self.terms is None or start < self.from_on:
            return self
        return replace(self, used=self.used + 1)

    def concerns(self, plan_id: UUID, currency: str, fee_id: UUID, *, primary: bool) -> bool:
        """Whether it is for an item of a plan. An amount is taken off the plan's price where no item is named."""
        if self.plan_id not in (None, plan_id) or (self.kind == "amount" and self.currency != currency):
            return False
        if self.fee_id is None:
            return primary or self.kind != "amount"
        return self.fee_id == fee_id

    @property
    def percent(self) -> str:
        """The rate as people write it: `20 %`."""
        whole, rest = divmod(self.rate_ppm, 10_000)
        return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + " %"

    @property
    def said(self) -> str:
        """What it takes off, in words: `20 %`, `5.00 USD`, `all`."""
        if self.kind == "percentage":
            return self.percent
        return (
            f"{plain(self.amount_minor, self.currency)} {self.currency}" if self.kind == "amount" else "all"
        )


def read_percent(text: str) -> int:
    """What somebody wrote for a percentage, in millionths. Refused `discount_invalid`: no number, nothing, or more than
    all of it."""
    try:
        rate_ppm = read_rate(text)
    except Refused:
        rate_ppm = 0
    if not rate_ppm:
        raise Refused(
            "discount_invalid",
            "A discount is more than 0 % and at most 100 %.",
            field="rate",
            value=text.strip()[:40],
            fix="Enter a percentage such as 20 or 12.5.",
        )
    return rate_ppm


@dataclass(frozen=True, slots=True)
class Reduced:
    """A price after what comes off it: `base_minor` × `factor`, exact; how it came about in steps, and `because`, the
    reason in words ("" where nothing comes off)."""

    base_minor: int
    factor: Fraction
    steps: tuple[str, ...]
    because: str


def reduced(price_minor: int, currency: str, discounts: Sequence[Discount]) -> Reduced:
    """A price (minor units) less the discounts that hold for a term."""
    base_minor, factor, steps = price_minor, Fraction(1), list[str]()
    for one in (one for one in discounts if one.kind == "amount"):
        base_minor = max(0, base_minor - one.amount_minor)
        left = f"{plain(base_minor, currency)} {currency}"
        steps.append(f"“{one.name}” takes {one.said} off: {left} is left.")
    for one in (one for one in discounts if one.kind == "percentage"):
        factor *= Fraction(WHOLE_PPM - one.rate_ppm, WHOLE_PPM)
        steps.append(f"“{one.name}” takes {one.percent} off what is left.")
    for one in (one for one in discounts if one.kind in ("complimentary", "waiver")):
        factor = Fraction(0)
        until = f" for terms that begin before {one.until_on}" if one.until_on else ""
        verb = "is complimentary" if one.kind == "complimentary" else "is waived"
        steps.append(f"It {verb}{until} (“{one.name}”): nothing is charged.")
    return Reduced(base_minor, factor, tuple(steps), _because(discounts))


def _because(discounts: Sequence[Discount]) -> str:
    for one in discounts:
        if one.kind == "complimentary":
            return f"complimentary until {one.until_on}" if one.until_on else "complimentary"
        if one.kind == "waiver":
            return f"waived (“{one.name}”)"
    amounts = [one for one in discounts if one.kind == "amount"]
    rates = [one for one in discounts if one.kind == "percentage"]
    return " and ".join(f"{one.said} off (“{one.name}”)" for one in (*amounts, *rates))
