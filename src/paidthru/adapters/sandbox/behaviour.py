"""How the sandbox decides what becomes of a confirmation. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

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
) -> Verdict:
    """The fate of a confirmation: the customer's script goes before the card's date, that before its test
    code.

    `expires` is (year, month), good through that month; `on` is the account's date.
    """
    paid = Verdict(Fate.SUCCEED) if kind == "card" else Verdict(Fate.PROCESS)
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
    return paid


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
