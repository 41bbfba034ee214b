"""The mails in English: by kind the subject, the text, and what its button says. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from paidthru.notices.rules.dunning_mails import DUNNING_MAILS

_BYE = "{{ organization }}\n"

ENGLISH: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "welcome": (
            "Welcome to {{ organization }}",
            (
                "Dear {{ name }},\n\nyou have joined {{ plan }}. {{ term }}\n\nWith this link you can see your"
                " membership"
                " and what will be charged next, or change how you pay:\n\n{{ link }}\n\nIt is meant for you"
                " alone and"
                f" works until {{{{ until }}}}.\n\n{_BYE}"
            ),
            "See your membership",
        ),
        "invoice": (
            "Invoice {{ invoice }}: {{ amount }} {{ currency }}",
            (
                "Dear {{ name }},\n\nthis is invoice {{ invoice }} of {{ organization }}.\n\n{{ lines }}\n\n"
                "{{ amount }} {{ currency }} is open, due on {{ due }}. With this link you can pay it"
                " online:\n\n"
                f"{{{{ link }}}}\n\n{_BYE}"
            ),
            "See and pay the invoice",
        ),
        "receipt": (
            "Receipt: {{ amount }} {{ currency }}",
            (
                "Dear {{ name }},\n\nthank you. We received {{ amount }} {{ currency }} (payment {{ payment"
                " }}).{{ manage }}\n\n"
                f"{_BYE}"
            ),
            "",
        ),
        "renewal_ahead": (
            "{{ plan }} at {{ organization }}: {{ headline }}",
            (
                "Dear {{ name }},\n\n{{ said }}\n\nWith this link you can see your membership, change how you"
                " pay, or"
                f" cancel it:\n\n{{{{ link }}}}\n\n{_BYE}"
            ),
            "See your membership",
        ),
        # staff send it, with the bill: a renewal that is due, not one that is ahead (G-45)
        "renewal_notice": (
            "Your renewal at {{ organization }}",
            (
                "Dear {{ name }},\n\nyour membership is renewed ({{ run }}). Invoice {{ invoice }}:\n\n{{"
                " notice }}\n\nWith this link you can see it, and how it is paid:\n\n{{ link }}\n\n"
                f"{_BYE}"
            ),
            "See and pay the invoice",
        ),
        "card_expiring": (
            "Your card expires before {{ on }}",
            (
                "Dear {{ name }},\n\n{{ amount }} {{ currency }} for {{ plan }} is to be charged to {{ method"
                " }} on"
                " {{ on }}. That card expires at the end of {{ expires }}. With this link you can save another"
                " one before"
                f" then:\n\n{{{{ link }}}}\n\n{_BYE}"
            ),
            "Save another card",
        ),
        "payment_failed": (
            "Your payment of {{ amount }} {{ currency }} did not go through",
            (
                "Dear {{ name }},\n\nwe could not collect {{ amount }} {{ currency }} for invoice {{ invoices"
                " }}.\n"
                "{{ reason }}\n\nWith this link you can save a card or bank account to pay with:\n\n"
                f"{{{{ link }}}}\n\n{_BYE}"
            ),
            "Save another card",
        ),
        "action_required": (
            "Please confirm your payment of {{ amount }} {{ currency }}",
            (
                "Dear {{ name }},\n\nyour bank asks you to confirm the payment of {{ amount }} {{ currency }}"
                " for invoice"
                " {{ invoices }}. Nothing has been taken yet. With this link you can confirm it:\n\n"
                f"{{{{ link }}}}\n\n{_BYE}"
            ),
            "Confirm the payment",
        ),
        "method_link": (
            "Your payment method at {{ organization }}",
            (
                "Dear {{ name }},\n\nwith this link you can save a card or a bank account for your"
                " payments:\n\n"
                "{{ link }}\n\nIt is meant for you alone and works until {{ until }}. What you type is seen by"
                " the payment"
                f" processor only, never by us.\n\n{_BYE}"
            ),
            "Save a payment method",
        ),
        "member_link": (
            "Your link to {{ organization }}",
            (
                "Dear {{ name }},\n\nyou asked for the link to your membership:\n\n{{ link }}\n\nIt is meant"
                " for you alone"
                " and works until {{ until }}. Or enter this code on the page where you asked: {{ code }}. If it wasn't"
                " you who asked, you can leave this mail, and tell the code to nobody: nothing has"
                " changed."
                f"\n\n{_BYE}"
            ),
            "See your membership",
        ),
        "sign_up": (
            "Go on joining {{ organization }}",
            (
                "Dear {{ name }},\n\nyou asked to join {{ plan }} at {{ organization }}. With this link you can"
                " go on:\n\n"
                "{{ link }}\n\nIt works until {{ until }}. Nothing has been charged. If it wasn't you who"
                " asked, you can"
                f" leave this mail.\n\n{_BYE}"
            ),
            "Go on",
        ),
        # whoever looks after what is bought hears of it in the same form, be it a membership or something else (G-47)
        "billing_contact": (
            "{{ buyer }}: {{ bought }}, {{ amount }} {{ currency }}",
            (
                "Dear {{ name }},\n\n{{ buyer }} has bought: {{ bought }}.\n\nAmount: {{ amount }} {{ currency"
                " }}\n"
                "Invoice: {{ invoice }}\n\nYou get this mail because you are the billing contact of {{"
                " organization }}."
                f"\n\n{_BYE}"
            ),
            "",
        ),
        "sign_in_changed": (
            "Your sign-in at {{ organization }} has changed",
            (
                "Dear {{ name }},\n\n{{ said }}\n\nWhen: {{ moment }}\n\nIf that was you, or you asked for it,"
                " there is nothing to do.\n\nIf it wasn’t you: sign in, open Your sign-in behind your name and sign"
                " all others out; then tell an admin of {{ organization }} at once, who can sign you out everywhere and"
                f" give you a link to a new password. If you can’t get in any more, tell the admin first.\n\n{_BYE}"
            ),
            "",
        ),
        **DUNNING_MAILS,
        "canceled": (
            "Your membership {{ plan }} is canceled",
            f"Dear {{{{ name }}}},\n\nyour membership {{{{ plan }}}} is canceled. {{{{ said }}}}\n\n{_BYE}",
            "",
        ),
        "goes_on": (
            "Your membership {{ plan }} goes on",
            (
                f"Dear {{{{ name }}}},\n\nyour membership {{{{ plan }}}} is no longer canceled: it goes on as before."
                f" Nothing is charged for that.\n\n{_BYE}"
            ),
            "",
        ),
        "payer_stopped": (
            "{{ payer }} no longer pays for {{ plan }}",
            (
                "Dear {{ name }},\n\n{{ payer }} no longer pays for your membership {{ plan }}. What it costs from now"
                " on is asked of you; what was billed so far is not.\n\nWith this link you can see your membership and"
                f" save a way to pay:\n\n{{{{ link }}}}\n\n{_BYE}"
            ),
            "See your membership",
        ),
        "refund": (
            "Refund of {{ amount }} {{ currency }}",
            (
                "Dear {{ name }},\n\nwe have given back {{ amount }} {{ currency }} of your payment {{ payment"
                " }}. It can"
                f" take some days to arrive.\n\n{_BYE}"
            ),
            "",
        ),
        "gift_begun": (
            "Your gift of {{ amount }} {{ currency }}, again and again",
            (
                "Dear {{ name }},\n\nthank you: you give {{ amount }} {{ currency }} again and again, next on {{ on }},"
                " until you stop it. With this link you can see it, change it or stop it at any time:\n\n"
                f"{{{{ link }}}}\n\n{_BYE}"
            ),
            "See or stop the gift",
        ),
        "gift_paused": (
            "Your gift of {{ amount }} {{ currency }} is paused",
            (
                "Dear {{ name }},\n\nwe could not collect your gift of {{ amount }} {{ currency }}. You owe nothing,"
                " and we will not try again by ourselves. If you would like to go on, this link lets you take it up"
                f" again, with another card if need be, or stop it:\n\n{{{{ link }}}}\n\n{_BYE}"
            ),
            "See the gift",
        ),
        "gift_stopped": (
            "Your gift of {{ amount }} {{ currency }} is stopped",
            (
                "Dear {{ name }},\n\nyour gift of {{ amount }} {{ currency }} is stopped: nothing more is charged for"
                f" it. Thank you for what you gave.\n\n{_BYE}"
            ),
            "",
        ),
        "given_year": (
            "What you gave in {{ year }}",
            (
                "Dear {{ name }},\n\nthank you for what you gave in {{ year }}. The statement that goes with this mail"
                f" lists it, with the receipts that you were sent.\n\n{_BYE}"
            ),
            "",
        ),
        "tickets": (
            "Your tickets for {{ event }}",
            (
                "Dear {{ name }},\n\nhere is what lets you in at {{ event }}: {{ tickets }}. You find your tickets here"
                f" at any time:\n\n{{{{ link }}}}\n\n{_BYE}"
            ),
            "See the tickets",
        ),
        "tax_receipt": (
            "Receipt {{ number }} for your donation",
            (
                "Dear {{ name }},\n\nthank you for your donation of {{ amount }} {{ currency }} on {{ given_on"
                " }}. This is"
                f" receipt {{{{ number }}}}; please keep it for your taxes.\n\n{_BYE}"
            ),
            "",
        ),
    }
)
