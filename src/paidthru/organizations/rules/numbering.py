"""How invoices are numbered: the pattern of the series, such as `INV-{year}-{n:5}` (policy `invoice.numbering`).

The number stands last, and no digit right before it: so no two series can ever read the same.
"""

import re
from dataclasses import dataclass
from datetime import date

from paidthru.kernel.periods import Period, fixed_period

LONGEST = 40  # characters
_NUMBER, _YEAR, _TOKEN = re.compile(r"\{n(?::([1-9]))?\}"), "{year}", re.compile(r"\{[^{}]*\}|[{}]")
_PLAIN = re.compile(r"[A-Za-z0-9\-/._ ]*")


@dataclass(frozen=True, slots=True)
class Numbering:
    """A pattern in its parts: what stands before the number, with `{year}` still in it, and how many digits the number
    has at least."""

    before: str
    width: int

    def prefix(self, year: int) -> str:
        """What stands before the numbers of a fiscal year: it names the series."""
        return self.before.replace(_YEAR, f"{year:04d}")

    @property
    def yearly(self) -> bool:
        """Whether numbers begin again with each fiscal year."""
        return _YEAR in self.before


def numbering(pattern: str) -> Numbering:
    """A pattern read. Raises ValueError with the reason in a sentence when it can't number invoices."""
    if len(pattern) > LONGEST:
        raise ValueError(f"It is longer than {LONGEST} characters.")
    tokens = _TOKEN.findall(pattern)
    numbers = [token for token in tokens if _NUMBER.fullmatch(token)]
    unknown = [token for token in tokens if token not in numbers and token != _YEAR]
    if unknown:
        raise ValueError(f"“{unknown[0]}” means nothing there: {{n}}, {{n:5}} and {{year}} do.")
    if len(numbers) != 1:
        raise ValueError("The number, {n}, stands in it once.")
    if tokens.count(_YEAR) > 1:
        raise ValueError("{year} stands in it once at most.")
    if not _PLAIN.fullmatch(_TOKEN.sub("", pattern)):
        raise ValueError("Beside {n} and {year} it has letters from A to Z, digits, spaces and - / . _ only.")
    before, after = pattern.split(numbers[0])
    if after:
        raise ValueError("The number, {n}, stands last.")
    if before.endswith((_YEAR, *"0123456789")):
        raise ValueError("A sign has to stand between {n} and the digits before it, as in {year}-{n}.")
    found = _NUMBER.fullmatch(numbers[0])
    return Numbering(before, int(found[1] or 1) if found else 1)


def fault(pattern: str) -> str:
    """What is wrong with a pattern, in a sentence; '' when it can number invoices."""
    try:
        numbering(pattern)
    except ValueError as why:
        return str(why)
    return ""


def labelled(prefix: str, width: int, value: int) -> str:
    """The number of an invoice as people read it."""
    return f"{prefix}{value:0{width}d}"


def fiscal_year(on: date, first_month: int) -> Period:
    """The fiscal year of a local date, named by the year it begins in; a calendar year where `first_month` is left
    open (0)."""
    return fixed_period(on, first_month or 1)
