"""The values that a story's lines carry, as read and not yet interpreted."""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal


@dataclass(frozen=True, slots=True)
class AmountText:
    """An amount as written. How many digits are minor units is known only with the currency, so the runner
    reads it, with `kernel.money.parse_amount`; `currency` None means the organization's."""

    text: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """How often: `every month` is (1, "month"), `every 2 weeks` is (2, "week")."""

    count: int
    unit: Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class YearMonth:
    """A month of a year, as a card's expiry is written."""

    year: int
    month: int


@dataclass(frozen=True, slots=True)
class Call:
    """A policy value with arguments: `lapse(30)`, `monthly(5.00, 10, 50.00)`."""

    name: str
    arguments: tuple["PolicyValue", ...]


# Whole numbers are int; every other word or amount stays text; [..] is a tuple.
PolicyValue = str | int | Call | tuple["PolicyValue", ...]


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy's value: as written, and taken apart."""

    text: str
    value: PolicyValue


@dataclass(frozen=True, slots=True)
class Window:
    """When a visit price holds: weekdays (0 is Monday), from the first minute of the day to before the last
    (`24:00` is 1440)."""

    days: tuple[int, ...]
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an invoice is for: a member by name, or anybody with an e-mail address."""

    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceItem:
    """One line of an invoice that staff write: QTY x AMOUNT "TEXT" [tax NAME]."""

    quantity: int
    amount: AmountText
    description: str
    tax: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptText:
    """One attempt as expected; `at` None when the story names the day alone."""

    on: date
    at: time | None
    outcome: str


@dataclass(frozen=True, slots=True)
class MailCount:
    """So many mails of a kind."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What an account holds, debit positive. `account` is `Receivable` and `of` the member or unit for
    `Receivable:Ann`; `Income:Dues` is an account by itself."""

    account: str
    of: str | None
    amount: AmountText
    line: int
    text: str
