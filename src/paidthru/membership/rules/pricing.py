"""What a term costs, and why: every line comes with its derivation.

An amount is computed exactly and rounded once, half up, at the end.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal
from uuid import UUID

from paidthru.invoicing.rules.tax import Rate, Rounding, rate_on, tax_line, taxes_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import check_minor, plain, round_half_up
from paidthru.kernel.periods import Interval, Period, fixed_period
from paidthru.membership.rules.discounts import Discount, Reduced, reduced
from paidthru.membership.rules.terms import TermRules

ProrationKind = Literal["none", "months", "days", "table"]

HIGHEST_PRICE_MINOR = 10**12
_WHOLE = Fraction(1)
_FACTOR = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,12}|/[1-9][0-9]{0,5})?")


@dataclass(frozen=True, slots=True)
class Taxation:
    """The tax that a plan's fees bear: its rates, of which that of a term's first day holds; where it is rounded."""

    rates: tuple[Rate, ...]
    rounding: Rounding


@dataclass(frozen=True, slots=True)
class Fee:
    """An item billed with a plan, in minor units of the plan's currency for one interval of the plan.

    The primary one is the plan's price. A complimentary one is shown and costs nothing; a voluntary one is
    asked for, not owed, and never prorated. `later` are amounts for terms that start on a day or after it, in order. A
    gift bears no tax, so a voluntary fee has none. `discounts` are the payer's on this item; which of them hold is seen
    when a term is priced.
    """

    id: UUID
    name: str
    amount_minor: int
    primary: bool
    voluntary: bool
    complimentary: bool
    position: int
    later: tuple[tuple[date, int], ...] = ()
    tax: Taxation | None = None
    discounts: tuple[Discount, ...] = ()

    def at(self, start: date) -> "Fee":
        """The fee as it is for a term that starts on a day."""
        due = [amount for on, amount in self.later if on <= start]
        return replace(self, amount_minor=due[-1], later=()) if due else self


def after_a_term(fees: tuple[Fee, ...], start: date) -> tuple[Fee, ...]:
    """The fees as they are once a term that starts on a day is billed: it counts for the discounts that are for so many
    terms."""
    if not any(one.terms is not None for fee in fees for one in fee.discounts):
        return fees
    return tuple(
        replace(fee, discounts=tuple(one.after_a_term(start) for one in fee.discounts)) for fee in fees
    )


def without_discounts(fees: tuple[Fee, ...]) -> tuple[Fee, ...]:
    """The fees at the plan's own price."""
    return tuple(replace(fee, discounts=()) for fee in fees)


def for_good(fees: tuple[Fee, ...]) -> tuple[Fee, ...]:
    """The fees once every discount that ends by itself is over."""
    return tuple(replace(fee, discounts=tuple(one for one in fee.discounts if one.lasts)) for fee in fees)


@dataclass(frozen=True, slots=True)
class Proration:
    """How the fee of a term that begins inside a fixed one is reduced. Make it with `proration`."""

    kind: ProrationKind
    first_month: int
    factors: tuple[Fraction, ...] = ()


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of an invoice to be. `derivation` is JSON-able: `rule`, `inputs`, `steps` (sentences) and
    `text`, the sentence that the member reads. Equal prices share one derivation: don't change it. `carried` is the
    receivable of an earlier bill that the line asks for again; `tax_of` the fee whose tax it is, at a rate.
    """

    fee_id: UUID
    description: str
    quantity: int
    unit_amount_minor: int
    amount_minor: int
    derivation: dict[str, object]
    carried: UUID | None = None
    tax_of: UUID | None = None
    tax_rate_id: UUID | None = None


def priced_line(line: PricedLine) -> dict[str, object]:
    """A priced line as it is stored with a proposal and billed later (see operations.TermBill)."""
    stored: dict[str, object] = {
        "fee_id": str(line.fee_id),
        "description": line.description,
        "quantity": line.quantity,
        "unit_amount_minor": line.unit_amount_minor,
        "amount_minor": line.amount_minor,
        "derivation": line.derivation,
    }
    if line.tax_of is not None:
        stored |= {"tax_of": str(line.tax_of), "tax_rate_id": str(line.tax_rate_id)}
    return stored if line.carried is None else stored | {"carried": str(line.carried)}


def checked_price(amount_minor: int) -> int:
    """A price in minor units that a plan or fee may have. Raises `Refused('amount_invalid')` below zero and beyond
    `HIGHEST_PRICE_MINOR`: so that the sum of a run over millions of members still fits."""
    if not 0 <= amount_minor <= HIGHEST_PRICE_MINOR:
        raise Refused(
            "amount_invalid",
            "A price can't be less than nothing." if amount_minor < 0 else "That is too high for a price.",
            field="amount",
            value=amount_minor,
            fix="Enter zero or more." if amount_minor < 0 else "Check the number of digits.",
        )
    return amount_minor


def proration(
    rules: TermRules, kind: ProrationKind, factors: Sequence[str] | None = None
) -> Proration | None:
    """The proration that holds for an organization's terms; None when a full price is due.

    Only fixed terms are prorated (G-34), so anniversary terms and an open fiscal year give None, as does a
    table that the plan doesn't have (G-38). Raises `Refused('prorate_table_invalid')`.
    """
    table = prorate_table(factors) if factors else ()
    if kind == "none" or rules.basis != "annual" or not rules.first_month or (kind == "table" and not table):
        return None
    return Proration(kind, rules.first_month, table if kind == "table" else ())


def prorate_table(factors: Sequence[str]) -> tuple[Fraction, ...]:
    """Twelve exact factors, `0.92` or `11/12`, the fiscal year's first month first (G-38).
    Raises `Refused('prorate_table_invalid')` for another number of rows or a row that is no factor."""
    if len(factors) != 12:
        raise Refused(
            "prorate_table_invalid",
            f"A prorate table has 12 factors, one for each month; this one has {len(factors)}.",
            field="factors",
            value=len(factors),
            fix="Give 12 factors, the fiscal year's first month first.",
        )
    for row, factor in enumerate(factors, start=1):
        if not _FACTOR.fullmatch(factor):
            raise Refused(
                "prorate_table_invalid",
                f"The factor of month {row} is not a number: {factor!r}.",
                field="factors",
                row=row,
                value=factor,
                fix="Write factors such as 1.00, 0.5 or 5/12.",
            )
    return tuple(Fraction(factor) for factor in factors)


def price_term(
    fees: Sequence[Fee],
    period: Period,
    plan_interval: Interval,
    interval: Interval,
    currency: str,
    prorate: Proration | None,
) -> tuple[PricedLine, ...]:
    """The lines of a term: primary fee first, further fees by position, voluntary ones last; each with its tax.

    A fee is priced for `plan_interval`; another `interval` scales it, when both are counted in months or both
    in days. Raises `Refused`: `currency_unknown`, `amount_invalid` beyond what can be kept.
    """
    scale, scaled = _scale(plan_interval, interval)
    share, shared = _share(period, interval, prorate)
    then = [fee.at(period.start) for fee in fees]
    ordered = sorted(then, key=lambda fee: (fee.voluntary, not fee.primary, fee.position))
    lines = []
    for fee in ordered:
        inputs: dict[str, object] = {
            "fee": fee.name,
            "price_minor": fee.amount_minor,
            "currency": currency,
            "start": period.start.isoformat(),
            "through": period.through.isoformat(),
            "plan_interval": str(plan_interval),
            "interval": str(interval),
        }
        steps = [f"{fee.name} costs {_money(fee.amount_minor, currency)} for {plan_interval}."]
        factor, rule = scale, "full_price" if scale == _WHOLE else "interval"
        if scaled:
            steps.append(scaled)
        if shared and not fee.voluntary:
            factor, rule = scale * share, shared.rule
            inputs |= shared.inputs
            steps.append(shared.step)
        elif prorate is not None and fee.voluntary:
            steps.append("It is voluntary and therefore not prorated.")
        held = [one for one in fee.discounts if one.holds(period.start)]
        less = reduced(fee.amount_minor, currency, held)
        if fee.complimentary:
            factor, rule = Fraction(0), "complimentary"
            steps.append("It is complimentary: nothing is charged.")
        elif held:
            factor, rule = factor * less.factor, "discount"
            steps += less.steps
            inputs["discounts"] = [
                {"id": str(one.id), "name": one.name, "kind": one.kind, "off": one.said} for one in held
            ]
        amount_minor = check_minor(round_half_up(less.base_minor * factor.numerator, factor.denominator))
        inputs["factor"] = str(factor)
        if factor != _WHOLE:
            rounded = "" if less.base_minor * factor == amount_minor else ", rounded half up"
            steps.append(
                f"{plain(less.base_minor, currency)} × {factor} = {_money(amount_minor, currency)}{rounded}."
            )
        part = shared if rule != "complimentary" else None
        if rule == "discount":
            text = _reduced_sentence(fee, period, currency, amount_minor, less, scaled, part)
        else:
            text = _sentence(fee, period, currency, amount_minor, scaled, part)
        lines.append(
            PricedLine(
                fee_id=fee.id,
                description=f"{fee.name}, {period.start} to {period.through}",
                quantity=1,
                unit_amount_minor=amount_minor,
                amount_minor=amount_minor,
                derivation={"rule": rule, "inputs": inputs, "steps": steps, "text": text},
            )
        )
    return _taxed(lines, ordered, period.start, currency)


def _taxed(
    lines: Sequence[PricedLine], fees: Sequence[Fee], on: date, currency: str
) -> tuple[PricedLine, ...]:
    """The lines, each followed by its tax at the rate of a day (A-14)."""
    rates = [rate_on(fee.tax.rates, on) if fee.tax and not fee.voluntary else None for fee in fees]
    rounding: Rounding = next((fee.tax.rounding for fee in fees if fee.tax), "per_line")
    taxes = taxes_of([line.amount_minor for line in lines], rates, rounding)
    found: list[PricedLine] = []
    for line, rate, tax_minor in zip(lines, rates, taxes, strict=True):
        if rate is None:
            found.append(line)
            continue
        tax = tax_line(line.fee_id, line.amount_minor, tax_minor, rate, currency)
        found.append(replace(line, amount_minor=tax.net_minor))
        found.append(
            PricedLine(
                tax.fee_id, tax.description, 1, tax.amount_minor, tax.amount_minor, tax.derivation,
                tax_of=line.fee_id, tax_rate_id=rate.id,
            )
        )  # fmt: skip
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Share:
    """Why only a part is charged: the rule's name, what it looked at, and the step in words."""

    rule: str
    inputs: dict[str, object]
    step: str
    because: str


def _scale(plan_interval: Interval, interval: Interval) -> tuple[Fraction, str]:
    """What an interval other than the plan's makes of its price."""
    if interval == plan_interval:
        return _WHOLE, ""
    asked, priced = interval.months, plan_interval.months
    if asked is None or priced is None:
        asked, priced = interval.days, plan_interval.days
    if asked is None or priced is None:
        return (
            _WHOLE,
            f"The term lasts {interval}, which no price for {plan_interval} can be scaled to: it is kept.",
        )
    if asked == priced:
        return _WHOLE, ""
    return Fraction(asked, priced), f"The term lasts {interval} instead of {plan_interval}."


def _share(period: Period, interval: Interval, prorate: Proration | None) -> tuple[Fraction, _Share | None]:
    """The part of the full fixed term that is charged (G-37, G-38). A term that isn't the rest of a fixed one
    is charged in full (G-34)."""
    months = interval.months
    if prorate is None or prorate.kind == "none" or months is None:
        return _WHOLE, None
    full = fixed_period(period.start, prorate.first_month, months)
    if full.end != period.end:
        return _WHOLE, None
    if prorate.kind == "months":
        index = _months_between(full.start, period.start) + 1
        left = months - index + 1
        return Fraction(left, months), _Share(
            "prorate_months",
            {"month": index, "months_left": left, "months": months},
            f"It starts in month {index} of {months}: {left} of {months} months are charged.",
            f"{left} of {months} months",
        )
    if prorate.kind == "days":
        left = (full.end - period.start).days
        return Fraction(left, full.days), _Share(
            "prorate_days",
            {"days_left": left, "days": full.days},
            f"It starts on {period.start}: {left} of {full.days} days are charged.",
            f"{left} of {full.days} days",
        )
    if not prorate.factors:
        return _WHOLE, None
    year = fixed_period(period.start, prorate.first_month)
    index = _months_between(year.start, period.start) + 1
    factor = prorate.factors[index - 1]
    return factor, _Share(
        "prorate_table",
        {"month": index, "table_factor": str(factor)},
        f"It starts in month {index} of the fiscal year: the table's factor is {factor}.",
        f"{factor} of the full price, by the table for month {index}",
    )


def _sentence(
    fee: Fee, period: Period, currency: str, amount_minor: int, scaled: str, shared: _Share | None
) -> str:
    """The price in one sentence, for the member."""
    dates = f"{period.start} to {period.through}"
    if fee.complimentary:
        return f"{fee.name} from {dates} is complimentary: nothing is charged."
    asked = "is a voluntary contribution of" if fee.voluntary else "costs"
    price = f"{fee.name} from {dates} {asked} {_money(amount_minor, currency)}"
    full = _money(fee.amount_minor, currency)
    if shared and not fee.voluntary:
        return (
            f"{price}: {shared.because} of the full {full}." if not scaled else f"{price}: {shared.because}."
        )
    return f"{price}: {scaled[0].lower()}{scaled[1:]}" if scaled else f"{price}."


def _reduced_sentence(
    fee: Fee,
    period: Period,
    currency: str,
    amount_minor: int,
    less: Reduced,
    scaled: str,
    shared: _Share | None,
) -> str:
    """A price with something off it, in one sentence, for the member."""
    said = f"{fee.name} from {period.start} to {period.through} costs {_money(amount_minor, currency)}"
    reasons = [f"{_money(fee.amount_minor, currency)}, {less.because}"]
    if less.factor and scaled:
        reasons.append(scaled[0].lower() + scaled[1:].rstrip("."))
    if less.factor and shared:
        reasons.append(shared.because)
    return f"{said}: {'; '.join(reasons)}."


def _months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def _money(amount_minor: int, currency: str) -> str:
    return f"{plain(amount_minor, currency)} {currency}"
