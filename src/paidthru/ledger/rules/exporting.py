"""The journal as text for other bookkeeping programs: beancount and hledger.

Both are written from the same few things, so that they can't say different things: accounts to open, what accounts held
before, transactions in order of date, and what accounts must hold at the end of months. Amounts are minor units, debit
positive; both programs write it so too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Protocol
from uuid import UUID

from paidthru.kernel.money import exponent, plain
from paidthru.ledger.rules.book_names import OPENING

FORMATS = ("csv", "beancount", "hledger")
SUFFIXES = {"csv": "csv", "beancount": "beancount", "hledger": "journal"}
FROM_THE_START = date(1970, 1, 1)
"""The day on which accounts are opened: before anything that a later export may still bring."""


@dataclass(frozen=True, slots=True)
class Posting:
    """An entry of a posted batch as it leaves: its journal's local date and text, and the account by its code."""

    journal_id: UUID
    on: date
    batch: int
    text: str
    account: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Held:
    """What an account holds (debit positive) in a currency, with everything up to and with a local date."""

    account: str
    currency: str
    amount_minor: int
    through: date


@dataclass(frozen=True, slots=True)
class Opened:
    """An account that the file opens: with the currencies that it may have, or with none, and it may have any."""

    account: str
    currencies: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Books:
    """What goes into a file. `notes` are sentences for its head; `held_before` opens a file that begins in the middle
    of the books, dated the day `starts_on`; `held` are checked by whoever reads the file. Postings are in order of date
    and journal."""

    title: str
    notes: Sequence[str]
    names: Mapping[str, str]
    opened: Sequence[Opened]
    currencies: Sequence[str]
    held_before: Sequence[Held]
    starts_on: date | None
    postings: Iterable[Posting]
    held: Sequence[Held]


class Writer(Protocol):
    """Writes books in a format."""

    def __call__(self, books: Books) -> Iterator[str]:
        """The lines, each with its end."""


def beancount(books: Books) -> Iterator[str]:
    """Books in beancount's language, version 3. A balance holds at the beginning of its day, so what an account holds
    through a day is said of the next."""
    yield from (f"; {_line(note)}\n" for note in (books.title, *books.notes))
    yield "\n"
    if books.held_before:
        yield f"{FROM_THE_START} open {OPENING}\n"
    for one in books.opened:
        yield f"{FROM_THE_START} open {books.names[one.account]} {','.join(one.currencies)}".rstrip() + "\n"
    for currency, held in _by_currency(books.held_before):
        yield f'\n{books.starts_on} * "Opening balances"\n'
        yield from _sides([(books.names[one.account], one.amount_minor) for one in held], currency, "  ")
        yield from _sides([(OPENING, -sum(one.amount_minor for one in held))], currency, "  ")
    for journal in _journals(books.postings):
        first = journal[0]
        yield f'\n{first.on} * "Batch {first.batch}" "{_quoted(first.text)}"\n'
        yield f'  journal: "{first.journal_id}"\n'
        yield from _sides(
            [(books.names[one.account], one.amount_minor) for one in journal], first.currency, "  "
        )
    if books.held:
        yield "\n"
    for held_then in books.held:
        yield (
            f"{held_then.through + timedelta(days=1)} balance {books.names[held_then.account]}"
            f"  {plain(held_then.amount_minor, held_then.currency)} {held_then.currency}\n"
        )


def hledger(books: Books) -> Iterator[str]:
    """Books in hledger's journal format. What an account holds through a day is asserted by a posting of nothing, last
    on that day."""
    yield from (f"; {_line(note)}\n" for note in (books.title, *books.notes))
    yield "\n"
    yield from (f"commodity 1000.{'0' * exponent(currency)} {currency}\n" for currency in books.currencies)
    if books.held_before:
        yield f"account {OPENING}\n"
    yield from (f"account {books.names[one.account]}\n" for one in books.opened)
    for currency, held in _by_currency(books.held_before):
        yield f"\n{books.starts_on} * Opening balances\n"
        yield from _sides([(books.names[one.account], one.amount_minor) for one in held], currency, "    ")
        yield from _sides([(OPENING, -sum(one.amount_minor for one in held))], currency, "    ")
    for journal in _journals(books.postings):
        first = journal[0]
        # A semicolon would begin a comment, a bar would part the payee from the note.
        text = _line(first.text).replace(";", ",").replace("|", "/")
        yield f"\n{first.on} * (B{first.batch}) {text}  ; journal:{first.journal_id}\n"
        yield from _sides(
            [(books.names[one.account], one.amount_minor) for one in journal], first.currency, "    "
        )
    for day, held_then in groupby(books.held, key=lambda one: one.through):
        yield f"\n{day} * What accounts hold\n"
        for one in held_then:
            yield (
                f"    {books.names[one.account]}  {plain(0, one.currency)} {one.currency}"
                f" = {plain(one.amount_minor, one.currency)} {one.currency}\n"
            )


WRITERS: Mapping[str, Writer] = {"beancount": beancount, "hledger": hledger}


def month_ends(start: date, through: date) -> list[date]:
    """The last days of the months that end in [start, through], in order."""
    found: list[date] = []
    day = start
    while True:
        first_of_next = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        if first_of_next - timedelta(days=1) > through:
            return found
        found.append(first_of_next - timedelta(days=1))
        day = first_of_next


def _journals(postings: Iterable[Posting]) -> Iterator[list[Posting]]:
    for _, journal in groupby(postings, key=lambda one: one.journal_id):
        yield list(journal)


def _by_currency(held: Sequence[Held]) -> Iterator[tuple[str, list[Held]]]:
    for currency, some in groupby(sorted(held, key=lambda one: one.currency), key=lambda one: one.currency):
        yield currency, list(some)


def _sides(sides: Iterable[tuple[str, int]], currency: str, indent: str) -> Iterator[str]:
    for account, amount_minor in sides:
        yield f"{indent}{account}  {plain(amount_minor, currency)} {currency}\n"


def _line(text: str) -> str:
    """A text in one line: what breaks lines or prints nothing is a space."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _quoted(text: str) -> str:
    return _line(text).replace("\\", "\\\\").replace('"', '\\"')
