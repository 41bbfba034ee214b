"""Amounts as people and exports write them, with the decimal mark decided for a whole column.

`1,250` in a file that writes `12,50` elsewhere is one and a quarter; in a file that writes `12.50` it is a
thousand. The kernel parses; this file knows the column and the foreign signs.
"""

import re
from functools import lru_cache

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import exponent, parse_amount

_SIGNS = (
    ("US$", ("USD",)), ("CA$", ("CAD",)), ("C$", ("CAD", "NIO")), ("AU$", ("AUD",)), ("A$", ("AUD",)),
    ("NZ$", ("NZD",)), ("R$", ("BRL",)), ("HK$", ("HKD",)), ("S$", ("SGD",)), ("MX$", ("MXN",)),
    ("€", ("EUR",)), ("£", ("GBP", "EGP", "LBP", "SYP", "GIP", "FKP", "SHP", "SSP", "SDG")),
    ("¥", ("JPY", "CNY")), ("₹", ("INR",)), ("₪", ("ILS",)), ("₺", ("TRY",)), ("₩", ("KRW", "KPW")),
    ("₽", ("RUB",)), ("₴", ("UAH",)), ("₦", ("NGN",)), ("₱", ("PHP",)), ("₫", ("VND",)), ("฿", ("THB",)),
    ("zł", ("PLN",)), ("Kč", ("CZK",)), ("Ft", ("HUF",)), ("kr.", ("DKK", "NOK", "SEK", "ISK")),
    ("kr", ("DKK", "NOK", "SEK", "ISK")), ("Fr.", ("CHF",)), ("SFr", ("CHF",)), ("Rs.", ("INR", "PKR",
    "LKR")),
)  # fmt: skip
_DOLLARS = frozenset(
    {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "DOP", "CUP",
    "BBD", "BSD",
     "BZD", "BMD", "BND", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "XCD", "NIO", "BRL"}
)  # fmt: skip
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_AMBIGUOUS = re.compile(r"\D*[1-9]\d{0,2}([.,])\d{3}(?!\d)[^\d.,]*$")
_DECORATED = re.compile(r"[^\d.,-]")
LARGEST_MINOR = 10**15
"""Beyond it (ten trillion dollars) the cell holds something else, such as a phone number."""
_LONGEST = 64  # characters
_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,2})?$")


class AmountEvidence:
    """What the cells of one column say about its decimal mark. Feed it every cell."""

    def __init__(self, points: int = 0, commas: int = 0) -> None:
        self.points = points
        self.commas = commas
        self.ambiguous = 0
        self.example = ""  # the first amount that can be read both ways
        self.not_zero = False

    def note(self, text: str) -> None:
        """Take one cell into account."""
        if text in ("", "0", "0.00") or len(text) > _LONGEST:
            self.points += text == "0.00"
            return
        self.not_zero = self.not_zero or any(sign in "123456789" for sign in text)
        if _AMBIGUOUS.match(text):
            self.ambiguous += 1
            self.example = self.example or text.strip()
            return
        point, comma = text.rfind("."), text.rfind(",")
        if point < 0 and comma < 0:
            return
        mark = "." if point > comma else ","
        if text.count(mark) > 1:  # it groups, so the other one is decimal
            mark = "," if mark == "." else "."
        self.points += mark == "."
        self.commas += mark == ","

    @property
    def mark(self) -> str | None:
        """The decimal mark that most cells prove, or None without any proof."""
        if self.points == self.commas:
            return None
        return "." if self.points > self.commas else ","


def read_amount(text: str, currency: str, mark: str) -> int:
    """Minor units of `currency`; `mark` decides only what has two readings, such as `1,250`. `(12.50)`,
    `12.50-` and `12.50 CR` are negative.

    Raises `Refused('amount_invalid')`, or `Refused('currency_mismatch')` for a sign of another currency.
    """
    body = text.strip()
    if len(body) > _LONGEST:
        raise _invalid(body, "The text is far too long to be an amount.", currency)
    amount_minor = _read_amount(body, currency, mark)
    if abs(amount_minor) > LARGEST_MINOR:
        raise _invalid(body, f"{body!r} is more money than a member can owe.", currency)
    return amount_minor


@lru_cache(maxsize=4096)  # a few amounts make up most of a column
def _read_amount(body: str, currency: str, mark: str) -> int:
    try:
        if _PLAIN.match(body):
            return parse_amount(body, currency, ".")
        body = _without_sign(body, currency)
        if body[-2:].upper() in ("CR", "DR") and body[:-2].strip()[-1:].isdigit():
            body, credit = body[:-2].strip(), body[-2:].upper() == "CR"
            body = f"-{body}" if credit else body
        found = _AMBIGUOUS.match(body)
        if found and not exponent(currency):  # three digits cannot be decimals of a currency that has none
            mark = "," if found[1] == "." else "."
        return parse_amount(body, currency, mark if found else None)
    except Refused as refused:
        if refused.code == "amount_invalid":
            raise _invalid(body, refused.message, currency) from None
        raise


def has_currency_sign(text: str) -> bool:
    """Whether an amount is written with more than digits, marks and a leading minus."""
    return _DECORATED.search(text.strip()) is not None


def looks_like_amount(text: str) -> bool:
    """Whether a cell is mostly digits with a mark or a sign; for guessing what a column holds."""
    text = text.strip()
    digits = sum(1 for sign in text if sign.isdigit())
    separated = "-" in text[1:-1] or ":" in text  # as dates and times are
    return 0 < len(text) <= 24 and digits > 0 and digits * 3 >= len(text) and not separated


def _sample(currency: str) -> str:
    return "1250" if not exponent(currency) else "1250.00"


def _without_sign(body: str, currency: str) -> str:
    for sign, currencies in _SIGNS:
        if sign in body:
            if currency not in currencies:
                raise _other_currency(body, currency)
            return body.replace(sign, "", 1).strip()
    if "$" in body and currency not in _DOLLARS:
        raise _other_currency(body, currency)
    for code in _CODE.findall(body):
        if code != currency:
            raise _other_currency(body, currency)
        body = body.replace(code, "", 1).strip()
    return body


def _invalid(body: str, message: str, currency: str) -> Refused:
    return Refused(
        "amount_invalid",
        message,
        value=body,
        fix=f"Write the amount with digits and a decimal mark only, such as {_sample(currency)}.",
    )


def _other_currency(body: str, currency: str) -> Refused:
    return Refused(
        "currency_mismatch",
        f"{body!r} is not an amount in {currency}.",
        value=body,
        fix=f"Give the amount in {currency}, the currency of the organization.",
    )
