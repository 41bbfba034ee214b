"""Exchange rates: what other currencies are worth in the organization's own, in reports and nowhere else (A-38)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money, converted

_RATE = re.compile(r"(\d{1,10})(?:[.,](\d{1,12}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """Units of the organization's currency for one unit of `currency`, from a local date on."""

    currency: str
    valid_on: date
    rate: Decimal
    source: str

    @property
    def figure(self) -> str:
        """The rate without zeros that say nothing: `1.085`."""
        return plain_rate(self.rate)


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Sums of several currencies as one amount, the rates it was made with, and the currencies that have none: then
    there is no amount."""

    money: Money | None
    rates: tuple[Rate, ...]
    missing: tuple[str, ...]


def plain_rate(rate: Decimal) -> str:
    """A rate as people write it, without an exponent or zeros at its end."""
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_exchange_rate(text: str) -> Decimal:
    """A rate as people write it: `1.085`, `0,0067`. Raises `Refused('rate_invalid')` for what is no number above 0, or
    has more than ten digits before or twelve behind the mark."""
    found = _RATE.fullmatch(text.strip())
    rate = Decimal(f"{found[1]}.{found[2] or 0}") if found else Decimal(0)
    if rate <= 0:
        raise Refused(
            "rate_invalid",
            f"{text.strip()[:40]!r} is not an exchange rate.",
            field="rate",
            value=text.strip()[:40],
            fix="Write a number above 0 with at most twelve decimals, such as 1.085.",
        )
    return rate


def equivalent(sums: Mapping[str, int], rates: Mapping[str, Rate], currency: str) -> Equivalent:
    """Sums (minor units by currency) in the organization's `currency`, each converted for itself and rounded half up.

    A currency without a rate isn't guessed: nothing is said then but which it is.
    """
    foreign = sorted(one for one in sums if one != currency)
    missing = tuple(one for one in foreign if one not in rates)
    if missing:
        return Equivalent(None, (), missing)
    total_minor = sums.get(currency, 0) + sum(
        converted(sums[one], one, rates[one].rate, currency) for one in foreign
    )
    return Equivalent(Money(total_minor, currency), tuple(rates[one] for one in foreign), ())
