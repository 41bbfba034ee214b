"""Notices ahead: when one is due before a renewal, and what it says (A-53). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


def notice_due(days_left: int, notice_days: Sequence[int]) -> int | None:
    """Which notice is due so many days before a renewal: the nearest of `notice_days` that has come, so that after an
    outage nobody gets two at once; None while none has come, and on the day itself, when it is billed."""
    if days_left < 1:
        return None
    return min((days for days in notice_days if days >= days_left), default=None)


@dataclass(frozen=True, slots=True)
class Coming:
    """What is to come: on the local date `on`, `amount` with its currency as text, by `method` ("" for none on file)
    whose last month `expires` is over by then (""). `ends`: nothing is billed, it ends."""

    plan: str
    on: date
    amount: str
    autopay: bool
    method: str
    expires: str
    ends: bool = False


def headline(coming: Coming) -> str:
    """What comes, in a few English words."""
    if coming.ends:
        return f"ends on {(coming.on - timedelta(days=1)).isoformat()}"
    return f"renewal on {coming.on.isoformat()}"


def said(coming: Coming) -> str:
    """What a member is told, in English: what happens on which day, for how much, and how it is paid."""
    on = coming.on.isoformat()
    if coming.ends:
        last = (coming.on - timedelta(days=1)).isoformat()
        return (
            f"your membership {coming.plan} runs through {last} and ends then. Nothing is charged by itself; to go on,"
            " join again before that day."
        )
    renewed = f"your membership {coming.plan} is renewed on {on}. {coming.amount}"
    if not coming.autopay:
        return f"{renewed} is due then; nothing is charged by itself."
    if not coming.method:
        return (
            f"{renewed} is to be charged then, and there is no card or bank account on file: please save one before"
            " that day."
        )
    told = f"{renewed} will be charged to {coming.method} on that day."
    if coming.expires:
        told += f" That card expires at the end of {coming.expires}: please save another one before."
    return told
