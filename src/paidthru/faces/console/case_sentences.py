"""What was done about something unpaid, in sentences; `sentences.py` says how they are chosen."""

from collections.abc import Mapping

CASES: Mapping[str, tuple[str, ...]] = {
    "case_opened": ("Unpaid since {since}: it is followed up.", "It is followed up as unpaid."),
    "case_step": (
        "Follow-up: {mail}, not mailed, as {withheld}.",
        "Follow-up: {mail}.",
        "A step of the follow-up was done.",
    ),
    "past_due": ("Is past due; {amount} is unpaid.", "Is past due."),
    "case_closed": ("The follow-up ended: {reason}.", "The follow-up ended."),
    "case_paused": ("The follow-up is paused until {until}.", "The follow-up is paused."),
    "pause_over": ("The pause is over; the follow-up goes on.",),
    "case_resumed": ("The follow-up goes on.",),
    "payment_arranged": (
        "Agreed on {parts} payments, the last by {until}.",
        "Agreed on an arrangement.",
    ),
    "arrangement_broken": ("The arrangement was not kept; the follow-up goes on.",),
    "step_skipped": ("The next step of the follow-up was skipped.",),
    "ladder_adopted": ("The follow-up goes on by the present settings.",),
}
