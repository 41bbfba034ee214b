"""Dates as people and exports write them.

`03/04/2027` has two readings, so its order is decided for a whole column, from every cell of it that can
only be read one way. A time of day behind a date is dropped: the date counts as written.
"""

import re
from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

from paidthru.kernel.errors import Refused
from paidthru.membership.rules.cell_words import fold

EARLIEST_YEAR, LATEST_YEAR = 1850, 2200
_SLIPS = 3  # so many cells that say otherwise than the rest of the file are a way of writing
_YEARS_AHEAD = 30  # how far a two-digit year may lie in the future before it means the last century
_EXCEL_EPOCH = date(1899, 12, 30)
_LONGEST = 60


class DateOrder(StrEnum):
    """How the numbers of a date without a leading year are ordered."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


_NAMES = (
    "january januar janvier enero januari gennaio janeiro jänner",
    "february februar fevrier febrero februari febbraio fevereiro",
    "march märz mars marzo maart marco mrz",
    "april avril abril aprile",
    "may mai mayo mei maggio maio maj",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho juil",
    "august aout agosto augustus augusti",
    "september septembre septiembre settembre setembro setiembre",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro desember",
)


def _month_numbers() -> dict[str, int]:
    """Month by name in any of the languages above, or by its first three or four letters where that is
    clear."""
    numbers: dict[str, set[int]] = {}
    for number, names in enumerate(_NAMES, start=1):
        for name in map(fold, names.split()):
            for short in (name, name[:3], name[:4]):
                numbers.setdefault(short, set()).add(number)
    return {name: min(found) for name, found in numbers.items() if len(found) == 1}


_MONTHS = _month_numbers()
_TIME = (
    r"(?:(?:T|,?\s+(?:at\s+|um\s+)?)\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,9})?)?\s?(?:[ap]\.?m\.?)?"
    r"\s?(?:Z|[A-Z]{2,4}|[+-]\d{2}:?\d{2})?)?$"
)
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,2})\.?" + _TIME, re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,2})\s?([-/. ])\s?(\d{1,2})\s?[-/. ]\s?(\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?$")
_WEEKDAY = r"(?:[^\W\d]{2,12}\.?,?\s)?"
_DAY_NAME = re.compile(
    _WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?[\s-]{1,2}(?:de\s)?([^\W\d]{3,12})\.?,?"
    r"[\s-](?:del?\s)?(\d{4}|\d{2})" + _TIME, re.IGNORECASE,
)  # fmt: skip
_NAME_DAY = re.compile(
    _WEEKDAY + r"([^\W\d]{3,12})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})" + _TIME, re.IGNORECASE
)
_YEAR_NAME = re.compile(r"(\d{4})[\s-]([^\W\d]{3,12})\.?[\s-](\d{1,2})" + _TIME, re.IGNORECASE)

_WITH_NAMES = (
    (_DAY_NAME, 3, 2, 1),
    (_NAME_DAY, 3, 1, 2),
    (_YEAR_NAME, 1, 2, 3),
)  # and where year, month, day are


class DateEvidence:
    """What the cells of one column say about the order of its dates. Feed it every cell."""

    def __init__(self, day_first: int = 0, month_first: int = 0) -> None:
        self.day_first = day_first
        self.month_first = month_first
        self.ambiguous = 0
        self.example = ""  # the first date that can be read both ways
        self.serials = 0
        self.serial_example = ""

    def note(self, text: str) -> None:
        """Take one cell into account; anything that is no date in numbers says nothing."""
        if text[4:5] == "-" or not text or len(text) > _LONGEST:
            return
        text = text.strip()
        if found := _NUMBERS.match(text):
            first, second = int(found[1]), int(found[3])
            if first > 12 or (found[2] == "." and second <= 12):  # nobody writes the month first with dots
                self.day_first += 1
            elif second > 12:
                self.month_first += 1
            elif first != second:
                self.ambiguous += 1
                self.example = self.example or text
        elif (found := _SERIAL.match(text)) and _is_serial(found[1]):
            self.serials += 1
            self.serial_example = self.serial_example or text

    @property
    def proofs(self) -> int:
        """How many cells can be read in one way only."""
        return self.day_first + self.month_first

    @property
    def is_thin(self) -> bool:
        """Whether so few cells prove an order that they may be slips: of days all over the month three of five do."""
        return self.proofs * 5 < self.ambiguous

    @property
    def may_be_slips(self) -> bool:
        """Whether what proves this column's order is so little that the other columns know better."""
        return self.is_thin or self.proofs < _SLIPS

    @property
    def order(self) -> DateOrder | None:
        """The order that most cells prove, or None without any proof."""
        if self.day_first == self.month_first:
            return None
        return DateOrder.DAY_FIRST if self.day_first > self.month_first else DateOrder.MONTH_FIRST


def read_date(text: str, order: DateOrder, *, today: date) -> date:
    """The date that `text` says. Two-digit years lie between 70 years ago and 30 years ahead of `today`.

    Raises `Refused('date_invalid')`, saying which part is impossible.
    """
    text = text.strip()
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return _plausible(date.fromisoformat(text), text)
        except ValueError:
            pass  # the longer way round says why
    year, month, day = _parts(text, order, today)
    if not 1 <= month <= 12:
        how = "" if text[:4].isdigit() else f", and the column is read {order.replace('_', ' ')}"
        raise _invalid(text, f"{text!r} is not a date: there is no month {month}{how}.")
    if year < 1:
        raise _invalid(text, f"{text!r} is not a date: there is no year 0.")
    last = monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise _invalid(text, f"{text!r} is not a date: {date(year, month, 1):%B %Y} has {last} days.")
    return _plausible(date(year, month, day), text)


def _parts(text: str, order: DateOrder, today: date) -> tuple[int, int, int]:
    if len(text) <= _LONGEST:
        if found := _YEAR_FIRST.match(text) or _COMPACT.match(text):
            return int(found[1]), int(found[2]), int(found[3])
        if found := _NUMBERS.match(text):
            first, second, year = int(found[1]), int(found[3]), _full_year(found[4], today)
            return (year, second, first) if order is DateOrder.DAY_FIRST else (year, first, second)
        if (found := _SERIAL.match(text)) and _is_serial(found[1]):
            day = _EXCEL_EPOCH + timedelta(days=int(found[1]))
            return day.year, day.month, day.day
        for pattern, year_at, month_at, day_at in _WITH_NAMES:
            if (found := pattern.match(text)) and (month := _MONTHS.get(fold(found[month_at]))):
                return _full_year(found[year_at], today), month, int(found[day_at])
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    raise _invalid(text, f"{short!r} is not a date.")


def looks_like_date(text: str) -> bool:
    """Whether a cell is written like a date, possible or not; for guessing what a column holds."""
    text = text.strip()
    patterns = (_YEAR_FIRST, _NUMBERS, _COMPACT, _DAY_NAME, _NAME_DAY, _YEAR_NAME)
    return len(text) <= _LONGEST and any(pattern.match(text) for pattern in patterns)


def _full_year(text: str, today: date) -> int:
    if len(text) == 4:
        return int(text)
    year = today.year - today.year % 100 + int(text)
    return year - 100 if year > today.year + _YEARS_AHEAD else year


def _is_serial(text: str) -> bool:
    return 10_000 <= int(text) <= 80_000  # 1927 to 2119


def _plausible(day: date, text: str) -> date:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise _invalid(text, f"{text!r} cannot be meant: the year is {day.year}.")
    return day


def _invalid(text: str, message: str) -> Refused:
    return Refused(
        "date_invalid", message, value=text, fix="Write the date as year-month-day, such as 2027-11-27."
    )
