"""Money as integer minor units. The only file of the product that rounds.

A minor unit is the smallest one that ISO 4217 gives a currency: a US cent, a yen, a Kuwaiti fils. Amounts
may be negative. Rounding is half up, and away from zero for negative amounts, so that a refund is the exact
mirror of its charge. Splits always sum to the whole.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from paidthru.kernel.errors import Refused

MAX_MINOR = 2**63 - 1
"""The largest amount in minor units: what a `bigint` column holds."""

MOST_ENTERED_MINOR = 10**15
"""The most, in minor units, that is billed or paid at once: so that sums over thousands of them still fit."""

_LONGEST_AMOUNT = 64  # characters; more than any real amount, so that a pasted page is refused at once

_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
        CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ
        GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD
        MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON
        RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
        UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS: dict[str, int] = {code: digits for digits, codes in _BY_EXPONENT.items() for code in codes.split()}
"""ISO 4217: decimals of every active currency. Our own, because locale data counts decimals in use instead.
BGN stays for books kept until Bulgaria's change to the euro (2026-01-01)."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of an ISO 4217 currency.

    Raises `Refused('currency_unknown')`, and `Refused('amount_invalid')` beyond `MAX_MINOR`. Adding and
    subtracting across currencies raises `Refused('currency_mismatch')`.
    """

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)
        check_minor(self.amount_minor)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)

    def __str__(self) -> str:
        return f"{plain(self.amount_minor, self.currency)} {self.currency}"

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise Refused(
                "currency_mismatch",
                f"{self.currency} and {other.currency} cannot be added up.",
                value=other.currency,
                fix="Keep amounts of different currencies apart.",
            )
        return other.amount_minor


def exponent(currency: str) -> int:
    """Decimals of a currency: USD 2, JPY 0, KWD 3. Raises `Refused('currency_unknown')`."""
    digits = EXPONENTS.get(currency)
    if digits is None:
        raise Refused(
            "currency_unknown",
            f"{currency!r} is not a currency that we know.",
            field="currency",
            value=currency,
            fix="Use the three capital letters of ISO 4217, such as USD, EUR or JPY.",
        )
    return digits


def each_for_itself(sums: Mapping[str, int]) -> tuple[Money, ...]:
    """Sums (minor units by currency) as amounts in their order, none of them 0 unless it is the only one."""
    return tuple(Money(amount, currency) for currency, amount in sums.items() if amount or len(sums) == 1)


def check_minor(amount_minor: int) -> int:
    """The amount itself, or `Refused('amount_invalid')` when no column could hold it."""
    if not -MAX_MINOR <= amount_minor <= MAX_MINOR:
        raise _invalid(amount_minor, "The amount is larger than can be kept.", "Check the number of digits.")
    return amount_minor


def check_entered(amount_minor: int) -> int:
    """The amount itself, or `Refused('amount_invalid')` when it is more than is billed or paid at once."""
    if amount_minor > MOST_ENTERED_MINOR:
        raise _invalid(amount_minor, "The amount is larger than can be kept.", "Check the number of digits.")
    return amount_minor


def plain(amount_minor: int, currency: str) -> str:
    """The amount without sign or grouping, as files and stories write it: `1250.00`, `-3.50`, JPY `1000`."""
    digits = exponent(currency)
    sign = "-" if amount_minor < 0 else ""
    whole, rest = divmod(abs(amount_minor), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def parse_amount(text: str, currency: str, decimal_mark: str | None = None) -> int:
    """Minor units of an amount as people and exports write it.

    Reads `1250`, `1250.00`, `$1,250.00`, `1.250,00`, `1 250,00 EUR`, `1'250.00`, `-3.50` and `(3.50)`. When
    both marks occur the last one is the decimal one. A single comma before three digits groups thousands; a
    single dot there has two readings and is refused, unless `decimal_mark` (`.` or `,`) says which is meant
    or the currency has three decimals. Decimals that the currency lacks are refused unless they are zeros.

    Raises `Refused('amount_invalid')`, or `Refused('currency_unknown')` for the currency.
    """
    digits = exponent(currency)
    body, negative = _bare(text, currency)
    mark = decimal_mark or _decimal_mark(body, digits, text)
    grouping = "," if mark == "." else "."
    whole, found, rest = body.partition(mark)
    groups = whole.split(grouping)
    if grouping in rest or mark in rest or not all(_is_digits(group) for group in groups):
        raise _unreadable(text)
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        raise _unreadable(text)
    if found and not _is_digits(rest):
        raise _unreadable(text)
    if rest[digits:].strip("0"):
        raise _invalid(text, f"{currency} has {digits} decimals, this amount has more.", "Round it first.")
    amount_minor = int("".join(groups) + rest[:digits].ljust(digits, "0"))
    return check_minor(-amount_minor if negative else amount_minor)


def round_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, halves away from zero. A zero denominator is a
    `ZeroDivisionError`: a fault of the caller, not of a person."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -size if numerator < 0 else size


def converted(amount_minor: int, currency: str, rate: Decimal, into: str) -> int:
    """Minor units of `into` that an amount is worth, at so many units of `into` for one of `currency`, rounded half up
    once. For reports only: no amount in the books comes from it (A-38)."""
    top, bottom = rate.as_integer_ratio()
    return check_minor(
        round_half_up(amount_minor * top * 10 ** exponent(into), bottom * 10 ** exponent(currency))
    )


def split_evenly(total: int, parts: int) -> list[int]:
    """`total` in `parts` shares that sum to it and differ by at most one minor unit; the first ones are the
    larger. Raises `Refused('split_invalid')` for fewer than one part."""
    if parts < 1:
        raise _cannot_split(parts)
    share, rest = divmod(abs(total), parts)
    shares = [share + 1] * rest + [share] * (parts - rest)
    return [-each for each in shares] if total < 0 else shares


def split_last(total: int, parts: int) -> list[int]:
    """`total` in equal shares of which the last takes the whole remainder. Raises `Refused('split_invalid')` for fewer
    than one part."""
    if parts < 1:
        raise _cannot_split(parts)
    share = abs(total) // parts
    shares = [share] * (parts - 1) + [abs(total) - share * (parts - 1)]
    return [-each for each in shares] if total < 0 else shares


def split_by_weights(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in proportion to `weights`, summing to it: largest remainder, ties to the first.

    Raises `Refused('split_invalid')` when a weight is negative or they sum to nothing.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise _cannot_split(list(weights))
    size = abs(total)
    shares = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: -(size * weights[at] % whole))
    for at in by_remainder[: size - sum(shares)]:
        shares[at] += 1
    return [-share for share in shares] if total < 0 else shares


def _bare(text: str, currency: str) -> tuple[str, bool]:
    """Digits and marks alone, and whether the amount is negative."""
    body = text.strip()
    if len(body) > _LONGEST_AMOUNT:
        raise _unreadable(body[:_LONGEST_AMOUNT] + "…")
    negative = body.startswith("(") and body.endswith(")")
    if negative:
        body = body[1:-1]
    if body[:3] == currency or body[-3:] == currency:
        body = body.replace(currency, "", 1)
    body = body.replace("\N{MINUS SIGN}", "-")
    kept = [sign for sign in body if unicodedata.category(sign) != "Sc"]  # $ € £ ¥ and the like
    if len(kept) < len(body) - 1:
        raise _unreadable(text)
    body = "".join(kept).strip()
    if body.startswith("-") or body.endswith("-"):
        if negative:
            raise _unreadable(text)
        negative = True
        body = (body[1:] if body.startswith("-") else body[:-1]).strip()
    for space in " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'\N{RIGHT SINGLE QUOTATION MARK}":
        body = body.replace(space, "")
    if not body or not all(_is_digits(sign) or sign in ".," for sign in body):
        raise _unreadable(text)
    return body, negative


def _decimal_mark(body: str, digits: int, text: str) -> str:
    """Which of `.` and `,` separates the decimals, when nobody said so."""
    dots, commas = body.count("."), body.count(",")
    if dots and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    if dots > 1:
        return ","
    if commas > 1:
        return "."
    mark = "," if commas else "."
    before, _, rest = body.partition(mark)
    if dots + commas == 0 or len(rest) != 3 or not 1 <= len(before) <= 3 or before.startswith("0"):
        return mark
    if mark == "." and digits == 3:
        return "."
    if mark == "," and digits != 3:
        return "."
    raise _invalid(
        text,
        f"{text.strip()!r} can be read in two ways: as thousands or as decimals.",
        "Write it with decimals and without grouping, such as 1250.00.",
    )


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _unreadable(text: str) -> Refused:
    return _invalid(
        text, f"{text.strip()!r} is not an amount.", "Write digits and a decimal mark, such as 1250.00."
    )


def _invalid(value: object, message: str, fix: str) -> Refused:
    return Refused("amount_invalid", message, field="amount", value=value, fix=fix)


def _cannot_split(value: object) -> Refused:
    return Refused(
        "split_invalid",
        "An amount can only be split over at least one share that counts.",
        value=value,
        fix="Give at least one share greater than zero, and none below zero.",
    )
