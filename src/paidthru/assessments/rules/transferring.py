"""What each of two owners bears of a period in which a unit changes hands (A-32). Pure."""

from dataclasses import dataclass
from datetime import date

from paidthru.kernel.money import plain, split_by_weights
from paidthru.kernel.periods import Period


@dataclass(frozen=True, slots=True)
class Parted:
    """An assessment's period parted by days, in minor units: the former owner bears the days before the transfer, the
    new one those from it on. Both sum to the whole."""

    former_minor: int
    new_minor: int
    sentence: str


def parted(amount_minor: int, period: Period, on: date, currency: str) -> Parted:
    """How an amount for a period is parted on a local date: by days, to the cent (largest remainder)."""
    days = min(max((on - period.start).days, 0), period.days)
    former_minor, new_minor = split_by_weights(amount_minor, [days, period.days - days])
    return Parted(
        former_minor,
        new_minor,
        f"{plain(amount_minor, currency)} {currency} for {period.start} to {period.through} ({period.days} days):"
        f" {days} days are the former owner's, {plain(former_minor, currency)};"
        f" {period.days - days} the new one's, {plain(new_minor, currency)}.",
    )
