"""The mails of the ladder, from the first reminder to the end, each with a link by which a member puts it right."""

from collections.abc import Mapping
from types import MappingProxyType

#: Subject and text, by kind. `ask` is empty, or begins with a blank.
_OWED = "{amount} {currency} for {plan} (invoice {invoices}, due {due})"
_LINK = "With this link you can save another card or bank account, and see what is owed:\n\n{link}\n\n{organization}\n"

DUNNING_MAILS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "reminder": (
            "Reminder: {amount} {currency} for {plan}",
            f"Dear {{name}},\n\n{_OWED} has not been paid yet.{{ask}}\n\n{_LINK}",
        ),
        "second_reminder": (
            "Second reminder: {amount} {currency} for {plan}",
            f"Dear {{name}},\n\nwe wrote to you before: {_OWED} is still unpaid.{{ask}}\n\n{_LINK}",
        ),
        "final_notice": (
            "Final notice: {amount} {currency} for {plan}",
            f"Dear {{name}},\n\nthis is our final notice: {_OWED} is still unpaid.{{ask}}\n\n{_LINK}",
        ),
        "past_due": (
            "Past due: {amount} {currency} for {plan}",
            f"Dear {{name}},\n\n{_OWED} is past due.{{ask}}\n\n{_LINK}",
        ),
        "lapsed": (
            "Your membership {plan} has lapsed",
            (
                f"Dear {{name}},\n\nyour membership {{plan}} has lapsed, as {_OWED} was not paid. It is still owed.\n\n"
                f"{_LINK}"
            ),
        ),
        "downgraded": (  # by the tries' end, or by a cancellation whose day has come
            "Your membership {plan} has ended",
            (
                "Dear {name},\n\nyour membership {plan} has ended. {said}\n\n"
                "Should you want it back, this link is the way to save another card or bank account:\n\n{link}\n\n"
                "{organization}\n"
            ),
        ),
    }
)
