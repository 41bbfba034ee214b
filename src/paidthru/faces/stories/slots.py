"""What can stand in a form's slots: the field types of the forms, each with how it is written and read.

A form's field is annotated with one of these types (or with a `Literal` of the words allowed). The
annotation is all that the pattern compiler in `forms` needs.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Literal

from .lexer import QUOTED, unquote
from .values import (
    AmountText,
    AttemptText,
    Call,
    Every,
    InvoiceItem,
    MailCount,
    PolicyText,
    PolicyValue,
    Recipient,
    Window,
    YearMonth,
)

# ---------------------------------------------------------------- how they are written

WORD = r'[^\s",:;=()\[\]]+'
_CAPITALIZED = r"[^\W\d_a-zß-öø-ÿ][^\s\",:;=()\[\]]*"
# One word, or quoted. Several capitalized words (New Roof) can only be a name, so they are let through.
NAME = rf"(?:{QUOTED}|{_CAPITALIZED}(?: {_CAPITALIZED})+|{WORD})"
RESERVED = ("staff", "visitor", "gateway", "worker")
MEMBER = rf"(?!(?:{'|'.join(RESERVED)})(?![^\s\",:;=()\[\]])){NAME}"
DATE = r"\d{4}-\d{2}-\d{2}"
TIME = r"\d{1,2}:\d{2}"
AMOUNT = r"-?\d+(?:\.\d+)?(?: [A-Z]{3}(?![\w-]))?"
UNIT = r"(?:day|week|month|quarter|year)s?"
OUTCOME = r"(?:succeeded|declined|processing|unknown|returned|requires_action)"
_ITEM = rf"\d+ ?[x×] ?{AMOUNT} {QUOTED}(?: tax {NAME})?"
_ATTEMPT = rf"{DATE}(?: {TIME})? {OUTCOME}"
_MAIL = r"[a-z_]+(?: (?:once|twice|\d+ times))?"
_WEEKDAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"
_DAYS = rf"{_WEEKDAY}(?: ?[-–] ?{_WEEKDAY})?"
_WINDOW = rf"{_DAYS}(?:(?:,| and)? {_DAYS})* {TIME} ?[-–] ?{TIME}"

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SETTLEMENTS = (
    "Awaiting Sync",
    "In Progress",
    "Not Settled",
    "Settled",
    "Failed to Settle",
    "Unknown",
    "Failed to reconcile – timed out",
)
_MOST_BRACKETS = 100
ACCOUNTS_OF_SOMEBODY = ("Receivable", "Credit")


@dataclass(frozen=True, slots=True)
class Slot:
    """How a field's text is recognized and read; `shown` is its word in the documentation."""

    regex: str
    read: Callable[[str], object]
    shown: str


def _list_of(regex: str) -> str:
    return rf"{regex}(?:, {regex})*"


def read_date(written: str) -> date:
    """An ISO date; ValueError names a date that is not in the calendar."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ValueError(f"{written} is not a day of the calendar") from None


def read_time(written: str) -> time:
    """HH:MM; ValueError names a time that no clock shows."""
    hour, minute = map(int, written.split(":"))
    try:
        return time(hour, minute)
    except ValueError:
        raise ValueError(f"{written} is not a time of day") from None


def read_amount(written: str) -> AmountText:
    """`100.00` or `100.00 EUR`, unread."""
    text, _, currency = written.partition(" ")
    return AmountText(text, currency or None)


def _read_price(written: str) -> AmountText | None:
    return None if written == "free" else read_amount(written)


def _read_every(written: str) -> Every:
    *count, unit = written.split(" ")
    every = Every(int(count[0]) if count else 1, unit.removesuffix("s"))  # type: ignore[arg-type]
    if every.count < 1:
        raise ValueError("something happens every 1 or more, not every 0")
    return every


def _read_year_month(written: str) -> YearMonth:
    month = YearMonth(*map(int, written.split("-")))
    if not 1 <= month.month <= 12:
        raise ValueError(f"{written} is not a month")
    return month


def _read_names(written: str) -> tuple[str, ...]:
    return tuple(unquote(name) for name in re.findall(NAME, written))


def _read_recipient(written: str) -> Recipient:
    name = unquote(written)
    match = re.fullmatch(r"\s*(.*?)\s*<\s*(\S+@\S+?)\s*>\s*", name)
    return Recipient(match[1] or match[2], match[2]) if match else Recipient(name)


def _read_items(written: str) -> tuple[InvoiceItem, ...]:
    parts = re.compile(rf"(\d+) ?[x×] ?({AMOUNT}) ({QUOTED})(?: tax ({NAME}))?")
    return tuple(
        InvoiceItem(int(quantity), read_amount(amount), unquote(text), unquote(tax) if tax else None)
        for quantity, amount, text, tax in parts.findall(written)
    )


def _read_attempts(written: str) -> tuple[AttemptText, ...]:
    parts = re.compile(rf"({DATE})(?: ({TIME}))? ({OUTCOME})")
    return tuple(
        AttemptText(read_date(on), read_time(at) if at else None, outcome)
        for on, at, outcome in parts.findall(written)
    )


def _read_mail(written: str) -> tuple[MailCount, ...]:
    words = {"": 1, "once": 1, "twice": 2}
    parts = re.compile(r"([a-z_]+)(?: (once|twice|\d+(?= times)))?(?: times)?(?:, |$)")
    return tuple(
        MailCount(kind, words[count] if count in words else int(count))
        for kind, count in parts.findall(written)
    )


def _read_invoice_numbers(written: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", written))


def _read_factors(written: str) -> tuple[str, ...]:
    count, _, listed = written.rpartition(":")
    factors = tuple(re.findall(r"\d+(?:\.\d+)?", listed))
    if count and int(count.split(" ")[0]) != len(factors):
        raise ValueError(f"it says {count.split(' ')[0]} factors and lists {len(factors)}")
    return factors


def _minute(written: str) -> int:
    hour, minute = map(int, written.split(":"))
    if hour > 24 or minute > 59 or hour * 60 + minute > 24 * 60:
        raise ValueError(f"{written} is not a time of day")
    return hour * 60 + minute


def _read_windows(written: str) -> tuple[Window, ...]:
    return tuple(_read_window(window) for window in re.findall(_WINDOW, written))


def _read_window(written: str) -> Window:
    first, last = (_minute(at) for at in re.findall(TIME, written))
    if first >= last:
        raise ValueError("the hours of a visit price end after they begin")
    days: set[int] = set()
    for start, end in re.findall(rf"({_WEEKDAY})(?: ?[-–] ?({_WEEKDAY}))?", written):
        day, through = WEEKDAYS.index(start[:3]), WEEKDAYS.index((end or start)[:3])
        days.update((day + step) % 7 for step in range((through - day) % 7 + 1))
    return Window(tuple(sorted(days)), first, last)


def _read_settlement(written: str) -> str:
    def folded(label: str) -> str:
        return re.sub(r"\s*[-–—]+\s*", " - ", label)

    for label in SETTLEMENTS:
        if folded(label) == folded(unquote(written)):
            return label
    raise ValueError("a settlement reads " + ", ".join(f'"{label}"' for label in SETTLEMENTS))


def _read_batch(written: str) -> int | str:
    return int(written) if written.isdecimal() else unquote(written)


def read_account(written: str) -> tuple[str, str | None]:
    """`Receivable:"Ann Lee"` is ("Receivable", "Ann Lee"); `Income:Dues` is ("Income:Dues", None)."""
    if written.startswith('"'):
        return unquote(written), None
    head, _, of = (part.strip() for part in written.partition(":"))
    if of and head in ACCOUNTS_OF_SOMEBODY:
        return head, unquote(of)
    return f"{head}:{unquote(of)}" if of else head, None


def read_policy_value(written: str) -> PolicyText:
    """A policy's value: a word or amount, a list, or a call. ValueError when it is not closed."""
    if len(re.findall(r"[\[(]", written)) > _MOST_BRACKETS:
        raise ValueError(f"a policy value has at most {_MOST_BRACKETS} brackets")
    value, rest = _policy_value(written)
    if rest and written[0] in '["':
        raise ValueError(f"a policy value ends before {rest!r}")
    return PolicyText(written, written if rest else value)


def _policy_value(written: str) -> tuple[PolicyValue, str]:
    if quoted := re.match(QUOTED, written):
        return unquote(quoted.group()), written[quoted.end() :].strip()
    if written.startswith("["):
        return _policy_values(written[1:], "]")
    if call := re.match(r"([A-Za-z_]\w*) ?\(", written):
        arguments, rest = _policy_values(written[call.end() :], ")")
        return Call(call[1], arguments), rest
    bare = re.match(r"[^,\[\]()]*", written)
    word = bare.group().strip() if bare else ""
    if not word:
        raise ValueError("a policy value is missing before " + (repr(written) if written else "the end"))
    return (int(word) if re.fullmatch(r"-?\d+", word) else word), written[len(bare.group()) if bare else 0 :]


def _policy_values(written: str, closing: str) -> tuple[tuple[PolicyValue, ...], str]:
    values: list[PolicyValue] = []
    rest = written.strip()
    while not rest.startswith(closing):
        value, rest = _policy_value(rest)
        values.append(value)
        if not rest.startswith((closing, ",")):
            raise ValueError(f"a policy value is not closed with {closing!r}")
        rest = rest.removeprefix(",").strip()
    return tuple(values), rest[1:].strip()


# ---------------------------------------------------------------- the field types

Name = Annotated[str, Slot(NAME, unquote, "NAME")]
Member = Annotated[str, Slot(MEMBER, unquote, "NAME")]
# Before a colon nothing is ambiguous, so `organization Maple Club:` needs no quotes.
Heading = Annotated[str, Slot(rf'(?:{QUOTED}|[^":\s](?:[^":]*[^":\s])?)', unquote, "NAME")]
Text = Annotated[str, Slot(QUOTED, unquote, '"TEXT"')]
Words = Annotated[str, Slot(rf'(?:{QUOTED}|[^",]+)', unquote, "TEXT")]
Label = Annotated[str, Slot(rf"(?:{QUOTED}|(?!on ){WORD}(?: {WORD})*)", unquote, "LABEL")]
Code = Annotated[str, Slot(r"[A-Za-z0-9_]+", str, "CODE")]
Preset = Annotated[str, Slot(r"[a-z_]+", str, "PRESET")]
Currency = Annotated[str, Slot(r"[A-Z]{3}", str, "CUR")]
Zone = Annotated[str, Slot(r"[A-Za-z0-9_+/-]+", str, "TZ")]
Locale = Annotated[str, Slot(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*", str, "L")]
Email = Annotated[str, Slot(rf'(?:{QUOTED}|[^\s",]+@[^\s",]+)', unquote, "E")]
Key = Annotated[str, Slot(r"[a-z][a-z0-9_.]*", str, "KEY")]
Account = Annotated[
    str,
    Slot(
        rf"(?:{QUOTED}|{WORD}(?: ?: ?{WORD})?(?: {_CAPITALIZED})*|Refunds payable|Bad debt|Processor fees)",
        lambda written: read_account(written)[0],
        "ACCOUNT",
    ),
]
Day = Annotated[date, Slot(DATE, read_date, "DATE")]
Number = Annotated[int, Slot(r"\d+", int, "N")]
Percent = Annotated[int, Slot(r"\d+(?= ?%)", int, "PERCENT")]
Rate = Annotated[str, Slot(r"\d+(?:\.\d+)?(?= ?%)", str, "20")]
Amount = Annotated[AmountText, Slot(AMOUNT, read_amount, "AMOUNT")]
Price = Annotated[AmountText | None, Slot(rf"(?:free|{AMOUNT})", _read_price, "AMOUNT|free")]
Often = Annotated[Every, Slot(rf"(?:\d+ )?{UNIT}", _read_every, "[N] day|week|month|quarter|year")]
Expiry = Annotated[YearMonth, Slot(r"\d{4}-\d{2}", _read_year_month, "YYYY-MM")]
OnOff = Annotated[bool, Slot(r"(?:on|off)", lambda written: written == "on", "on|off")]
Method = Annotated[
    Literal["card", "bank account", "no method"],
    Slot(
        r"(?:by )?(?:card|bank account|no method)",
        lambda written: written.removeprefix("by "),
        "by card|bank account|no method",
    ),
]
Value = Annotated[PolicyText, Slot(r"\S.*", read_policy_value, "VALUE")]
Factors = Annotated[
    tuple[str, ...],
    Slot(
        r"(?:\d+ factors?, month 1 first ?: )?\d+(?:\.\d+)?(?:,? \d+(?:\.\d+)?)*",
        _read_factors,
        "12 factors, month 1 first: 1.00 0.92 ...",
    ),
]
Windows = Annotated[tuple[Window, ...], Slot(_list_of(_WINDOW), _read_windows, "DAYS HH:MM-HH:MM")]
Names = Annotated[tuple[str, ...], Slot(_list_of(NAME), _read_names, "TYPE, TYPE")]
Payee = Annotated[Recipient, Slot(MEMBER, _read_recipient, 'MEMBER|"NAME <email>"')]
Items = Annotated[
    tuple[InvoiceItem, ...], Slot(_list_of(_ITEM), _read_items, 'QTY x AMOUNT "TEXT" [tax NAME], ...')
]
Attempts = Annotated[
    tuple[AttemptText, ...], Slot(_list_of(_ATTEMPT), _read_attempts, "DATE OUTCOME, DATE OUTCOME, ...")
]
Mails = Annotated[tuple[MailCount, ...], Slot(_list_of(_MAIL), _read_mail, "KIND [twice|N times]")]
InvoiceNumbers = Annotated[
    tuple[int, ...],
    Slot(
        r"(?:empty|invoice \d+(?:, (?:invoice )?\d+)*)", _read_invoice_numbers, "invoice N, invoice N|empty"
    ),
]
Settlement = Annotated[
    str, Slot(rf'(?:{QUOTED}|[^",]+)', _read_settlement, "|".join(f'"{label}"' for label in SETTLEMENTS))
]
BatchName = Annotated[int | str, Slot(NAME, _read_batch, 'N|"NAME"')]
