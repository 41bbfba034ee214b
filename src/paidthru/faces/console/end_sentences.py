"""How memberships end and go on, in sentences; `sentences.py` says how they are chosen."""

from collections.abc import Mapping

ENDS: Mapping[str, tuple[str, ...]] = {
    "cancellation_asked": (
        "Canceled {plan}: its last day is {last_day}, then {into}.",
        "Canceled {plan}: its last day is {last_day}.",
        "Canceled.",
    ),
    "cancellation_undone": (
        "Took the cancellation back: {plan} goes on, and bills next on {next}.",
        "Took the cancellation back: {plan} goes on.",
        "Took the cancellation back.",
    ),
    "membership_canceled": ("{plan} ended; its last day was {last_day}.", "The membership ended."),
    "membership_lapsed": ("{plan} lapsed; its last day was {last_day}.", "The membership lapsed."),
    "membership_downgraded": (
        "Moved from {plan} to {into}; the last day there was {last_day}.",
        "Moved to the default plan.",
    ),
    "membership_switched": ("{plan} ended with {last_day}: another plan follows.", "Another plan follows."),
    "membership_over": ("{plan} is over; its last day was {last_day}.", "The membership is over."),
    "fell_back": ("Goes on with {plan}, from {on} on.", "Goes on with the default plan."),
    "access_changed": ("Access is {access}; it was {from}.", "Access is {access}."),
}
