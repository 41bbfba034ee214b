"""The mails of the ladder, from the first reminder to the end, each with a link by which a member puts it right."""

from collections.abc import Mapping
from types import MappingProxyType

#: Subject, text and the button's words, by kind. `ask` is empty, or begins with a blank.
_OWED = "{{ amount }} {{ currency }} for {{ plan }} (invoice {{ invoices }}, due {{ due }})"
_LINK = (
    "With this link you can save another card or bank account, and see what is owed:\n\n{{ link }}\n\n"
    "{{ organization }}\n"
)
_PAY = "See and pay what is owed"

DUNNING_MAILS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "reminder": (
            "Reminder: {{ amount }} {{ currency }} for {{ plan }}",
            f"Dear {{{{ name }}}},\n\n{_OWED} has not been paid yet.{{{{ ask }}}}\n\n{_LINK}",
            _PAY,
        ),
        "second_reminder": (
            "Second reminder: {{ amount }} {{ currency }} for {{ plan }}",
            f"Dear {{{{ name }}}},\n\nwe wrote to you before: {_OWED} is still unpaid.{{{{ ask }}}}\n\n{_LINK}",
            _PAY,
        ),
        "final_notice": (
            "Final notice: {{ amount }} {{ currency }} for {{ plan }}",
            f"Dear {{{{ name }}}},\n\nthis is our final notice: {_OWED} is still unpaid.{{{{ ask }}}}\n\n{_LINK}",
            _PAY,
        ),
        "past_due": (
            "Past due: {{ amount }} {{ currency }} for {{ plan }}",
            f"Dear {{{{ name }}}},\n\n{_OWED} is past due.{{{{ ask }}}}\n\n{_LINK}",
            _PAY,
        ),
        "lapsed": (
            "Your membership {{ plan }} has lapsed",
            (
                f"Dear {{{{ name }}}},\n\nyour membership {{{{ plan }}}} has lapsed, as {_OWED} was not paid."
                f" It is still owed.\n\n{_LINK}"
            ),
            _PAY,
        ),
        "downgraded": (  # by the tries' end, or by a cancellation whose day has come
            "Your membership {{ plan }} has ended",
            (
                "Dear {{ name }},\n\nyour membership {{ plan }} has ended. {{ said }}\n\n"
                "Should you want it back, this link is the way to save another card or bank account:\n\n{{ link }}\n\n"
                "{{ organization }}\n"
            ),
            "Save another card",
        ),
    }
)
