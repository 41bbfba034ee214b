"""How the sandbox decides what becomes of a confirmation. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from paidthru.payments.rules.decline_codes import DECLINE_CODES, Finality, known

#: A bank debit with the test code "auto" clears after so many business days (field-notes C.9).
CLEARING_DAYS = 4


class Behaviour(StrEnum):
    """What a script may say."""

    ACCEPT = "accept"
    DECLINE = "decline"
    AUTHENTICATE = "authenticate"
    SILENT = "silent"
    SILENT_BUT_CHARGES = "silent_but_charges"


SILENCES = frozenset({Behaviour.SILENT, Behaviour.SILENT_BUT_CHARGES})

#: Test codes besides the decline codes. `ok` succeeds, a bank debit waits for an answer; `auto`, for bank
#: accounts, clears by itself; `expired` is past its date; `authenticate` asks the payer; `timeout` loses the
#: first request, `timeout_charged` the first reply.
CARD_CODES = frozenset({"ok", "expired", "authenticate", "timeout", "timeout_charged"})
BANK_CODES = frozenset({"ok", "auto", "timeout", "timeout_charged"})


class Fate(StrEnum):
    """What becomes of a confirmation."""

    SUCCEED = "succeed"
    DECLINE = "decline"
    AUTHENTICATE = "authenticate"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A fate; with DECLINE its `code`, with PROCESS whether it ends by itself (`clears`) and how (`code`)."""

    fate: Fate
    code: str = ""
    clears: bool = False


@dataclass(frozen=True, slots=True)
class Fortune:
    """Of a thousand charges `declined` fail for want of money, of a thousand methods `lost` are closed in a year, from
    `since` on. `customer` names one and the same customer in every copy of the account."""

    customer: str
    declined: int
    lost: int
    since: date


def method_code_known(kind: str, test_code: str) -> bool:
    """Whether a method of that kind can have the test code."""
    own = CARD_CODES if kind == "card" else BANK_CODES
    return test_code in own or test_code in DECLINE_CODES


def decide(
    behaviour: Behaviour,
    script_code: str,
    *,
    kind: str,
    test_code: str,
    expires: tuple[int, int] | None,
    on: date,
    fortune: Fortune | None = None,
) -> Verdict:
    """The fate of a confirmation: the customer's script goes before the card's date, that before its test
    code, and that before misfortune.

    `expires` is (year, month), good through that month; `on` is the account's date.
    """
    clears = fortune is not None
    paid = Verdict(Fate.SUCCEED) if kind == "card" else Verdict(Fate.PROCESS, clears=clears)
    if behaviour is Behaviour.SILENT_BUT_CHARGES:
        return paid
    if behaviour is Behaviour.DECLINE:
        return _refusal(script_code)
    if behaviour is Behaviour.AUTHENTICATE:
        return Verdict(Fate.AUTHENTICATE)
    if expires is not None and expires < (on.year, on.month):
        return Verdict(Fate.DECLINE, "expired_card")
    if test_code == "authenticate":
        return Verdict(Fate.AUTHENTICATE)
    if test_code == "auto":
        return Verdict(Fate.PROCESS, clears=True)
    if test_code in DECLINE_CODES:
        # A bank finds out days later, a card at once.
        return _refusal(test_code) if kind == "card" else Verdict(Fate.PROCESS, test_code, clears=True)
    if fortune is not None and (code := misfortune(fortune, kind, on)) is not None:
        return _refusal(code) if kind == "card" else Verdict(Fate.PROCESS, code, clears=True)
    return paid


def misfortune(fortune: Fortune, kind: str, on: date) -> str | None:
    """The decline code of a charge on a date, None where it is paid. A die falls for each customer and month, whether
    their method is closed from then on, and for each customer and date: always the same."""
    closed, lacking = ("R02", "R01") if kind == "bank" else ("lost_card", "insufficient_funds")
    months = (on.year - fortune.since.year) * 12 + on.month - fortune.since.month
    for month in range(months + 1):
        if _die(f"{fortune.customer} month {month}") * 12 < fortune.lost * 1000:
            return closed
    return lacking if _die(f"{fortune.customer} {on}") < fortune.declined * 1000 else None


def _die(of: str) -> int:
    """One of a million numbers, always the same for the same text."""
    return int.from_bytes(sha256(of.encode()).digest()[:8], "big") % 1_000_000


def clearing_instant(sent_at: datetime) -> datetime:
    """When a bank debit sent then clears: the same time of day, CLEARING_DAYS business days later."""
    instant, left = sent_at, CLEARING_DAYS
    while left:
        instant += timedelta(days=1)
        if instant.weekday() < 5:  # Monday to Friday
            left -= 1
    return instant


def _refusal(code: str) -> Verdict:
    entry = known(code)
    if entry is not None and entry.finality is Finality.AUTHENTICATE:
        return Verdict(Fate.AUTHENTICATE)
    return Verdict(Fate.DECLINE, code)
