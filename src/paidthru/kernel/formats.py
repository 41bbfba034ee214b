"""Amounts, dates and counts in the reader's words, for pages, documents and mails. Display only: Babel formats,
nothing here computes.

`locale` is a language code as Django writes it (`en-us`, `de`); one that is not known reads as English.
"""

import re
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.localedata import locale_identifiers
from babel.numbers import NumberPattern, format_decimal, format_percent

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money, exponent, parse_amount
from paidthru.kernel.periods import Period

MINUS = "\N{MINUS SIGN}"
"""As wide as a digit in tabular figures, and read out as "minus", which a hyphen is not."""

_LOCALES = frozenset(name.lower() for name in locale_identifiers())
_CODE_AGAINST_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")  # CLDR spaces it, Babel does not


def money_text(amount: Money, locale: str = "en") -> str:
    """`Money(125000, "USD")` as `$1,250.00`; decimals by ISO 4217 (Babel's differ for 13 currencies)."""
    digits = exponent(amount.currency)
    value = Decimal(amount.amount_minor).scaleb(-digits)
    pattern = _currency_pattern(locale, digits)
    text = pattern.apply(value, known_locale(locale), currency=amount.currency, currency_digits=False)
    return _CODE_AGAINST_DIGIT.sub("\N{NO-BREAK SPACE}", text).replace("-", MINUS)


def amount_text(amount: Money, locale: str = "en") -> str:
    """The figure alone, beside which its currency's code stands: `Money(125000, "USD")` as `1,250.00`."""
    digits = exponent(amount.currency)
    pattern: NumberPattern = copy(known_locale(locale).decimal_formats[None])
    pattern.frac_prec = (digits, digits)
    text: str = pattern.apply(Decimal(amount.amount_minor).scaleb(-digits), known_locale(locale))
    return text.replace("-", MINUS)


def day_text(day: date, locale: str = "en", style: str = "medium") -> str:
    """A business date, such as `Mar 1, 2026`; `style` is short, medium, long or full (with the weekday)."""
    return _first(format_date(day, style, locale=known_locale(locale)), locale)


def _first(text: str, locale: str) -> str:
    """In French the first of a month is *le 1er*, which Unicode's patterns leave out; other days are as they are."""
    return _FRENCH_FIRST.sub("1er ", text, count=1) if locale.lower().startswith("fr") else text


def month_text(day: date, locale: str = "en", *, short: bool = False) -> str:
    """The month of a date: `March 2026`, or `Mar` where it is short."""
    return format_skeleton("MMM" if short else "yMMMM", day, locale=known_locale(locale))


def short_day_text(day: date, locale: str = "en") -> str:
    """A date without its year, such as `Mar 1`."""
    return format_skeleton("MMMd", day, locale=known_locale(locale))


def instant_text(at: datetime, zone: str = "UTC", locale: str = "en") -> str:
    """An aware instant on the organization's clock: `Mar 1, 2026, 9:14 AM`."""
    local = at.astimezone(ZoneInfo(zone))
    day = day_text(local.date(), locale)
    return f"{day}, {format_time(local.time(), 'short', locale=known_locale(locale))}"


def period_text(period: Period, locale: str = "en") -> str:
    """First and last day of a half-open period: first day, dash, last day."""
    return format_interval(period.start, period.through, "yMMMd", locale=known_locale(locale))


def number_text(number: int, locale: str = "en") -> str:
    """A count with the reader's grouping: `10,000`."""
    return format_decimal(number, locale=known_locale(locale)).replace("-", MINUS)


_FRENCH_FIRST = re.compile(r"(?<!\d)1 (?=[^\W\d])")
_ISO_DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")
_PLAIN_MONEY = re.compile(r"(?<![\w.,-])(-?\d+(?:\.\d+)?) ([A-Z]{3})(?!\w)")


def decimal_text(number: Decimal, locale: str = "en") -> str:
    """A number with all its decimals: 1,250.5."""
    return str(format_decimal(number, format="#,##0.#########", locale=known_locale(locale)))


def decimal_mark(locale: str) -> str:
    """The sign between a number and its decimals, a point or a comma."""
    return "," if format_decimal(Decimal("0.5"), locale=known_locale(locale)).strip("05") == "," else "."


def reader_text(text: str, locale: str = "en") -> str:
    """A sentence that a rule wrote, with its dates (`2026-01-31`) and amounts (`120.00 USD`) in the reader's way."""

    def day(found: re.Match[str]) -> str:
        try:
            return day_text(date.fromisoformat(found[0]), locale)
        except ValueError:
            return found[0]

    def amount(found: re.Match[str]) -> str:
        try:
            return money_text(Money(parse_amount(found[1], found[2], "."), found[2]), locale)
        except Refused:
            return found[0]

    return _PLAIN_MONEY.sub(amount, _ISO_DAY.sub(day, text))


@lru_cache(maxsize=64)
def known_locale(code: str) -> Locale:
    """The Babel locale of a language code, or English."""
    try:
        return Locale.parse(code.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def percent_text(ppm: int, locale: str = "en") -> str:
    """A rate in millionths, with the decimals that it has: 190,000 as `19%`, 88,750 as `8.875%`."""
    known = known_locale(locale)
    pattern = (
        known.percent_formats[None]
        .pattern.replace("0%", "0.####%")
        .replace("0\N{NO-BREAK SPACE}%", "0.####\N{NO-BREAK SPACE}%")
    )
    return format_percent(Decimal(ppm).scaleb(-6), pattern, locale=known, decimal_quantization=False)


def best_locale(language: str, organization_locale: str) -> str:
    """How a reader of that language writes in the organization's region (`de_CH`), if that is known, else as the
    language alone (`de`); without a language as the organization does."""
    own = organization_locale.replace("-", "_")
    if not language or own.split("_")[0].lower() == language.lower():
        return own
    region = own.partition("_")[2].upper()
    both = f"{language}_{region}"
    return both if region and both.lower() in _LOCALES else language


@lru_cache(maxsize=256)
def _currency_pattern(locale: str, digits: int) -> NumberPattern:
    """The locale's currency pattern, showing exactly `digits` decimals."""
    pattern: NumberPattern = copy(known_locale(locale).currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return pattern
