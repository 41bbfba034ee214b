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
    """What is to come on the local date `on`: charged by itself if `autopay`, by `method` ("" for none on file) whose
    last month `expires` is over by then (""). `ends`: nothing is billed, it ends."""

    on: date
    autopay: bool
    method: str
    expires: str
    ends: bool = False


def told(coming: Coming) -> dict[str, str]:
    """What a member is told, as facts of a mail (`sentences.py`): what happens on which day, for how much, how it is
    paid; and the same in a few words."""
    last_day = (coming.on - timedelta(days=1)).isoformat()
    short = "ahead_ends_short" if coming.ends else "ahead_renewal_short"
    return {"last_day": last_day, "headline_as": short, "said_as": _said(coming)}


def _said(coming: Coming) -> str:
    if coming.ends:
        return "ahead_ends"
    if not coming.autopay:
        return "ahead_due"
    if not coming.method:
        return "ahead_no_method"
    return "ahead_charged ahead_expires" if coming.expires else "ahead_charged"
