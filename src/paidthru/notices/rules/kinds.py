"""The kinds of mail: what each is for, whether it can be declined, and what fills its text. Pure.

A mail that somebody needs (what they paid, what failed, what ends, what they asked for) always comes. Notices ahead and
the first reminders can be declined by whoever gets them (A-53, field-notes C.12 "E-mail").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: What can be declined, by the word for it in addresses and rows.
TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "renewals": "Notices before a renewal, and before a card expires",
        "reminders": "The first reminders of what is unpaid",
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mail: its name, when it is sent, the topic under which it can be declined ("" for none), whether
    somebody waits for it now (`at_once`: it keeps no hours), and whether it belongs to a case, whose text it keeps."""

    title: str
    when: str
    topic: str = ""
    at_once: bool = False
    of_case: bool = False


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "welcome": Kind("Welcome", "somebody has joined", at_once=True),
        "invoice": Kind("Invoice", "an invoice is sent"),
        "receipt": Kind("Receipt", "money was received", at_once=True),
        "renewal_ahead": Kind("Renewal notice", "a renewal is so many days away", topic="renewals"),
        "renewal_notice": Kind("Renewal bill", "staff send the notices of a renewal run"),
        "card_expiring": Kind(
            "Card expires", "a card expires before what it is to pay next", topic="renewals"
        ),
        "payment_failed": Kind("Payment failed", "a payment did not go through"),
        "action_required": Kind(
            "Payment to confirm", "the payer's bank asks for a confirmation", at_once=True
        ),
        "reminder": Kind(
            "Reminder", "the first mail day of something unpaid has come", "reminders", of_case=True
        ),
        "second_reminder": Kind(
            "Second reminder", "the second mail day of something unpaid has come", "reminders", of_case=True
        ),
        "final_notice": Kind("Final notice", "the third mail day of something unpaid has come", of_case=True),
        "past_due": Kind("Past due", "a further mail day of something unpaid has come", of_case=True),
        "lapsed": Kind("Lapsed", "unpaid dues have ended a membership", of_case=True),
        "downgraded": Kind("Moved to the default plan", "a membership was moved to the default plan"),
        "canceled": Kind("Canceled", "a membership was canceled"),
        "goes_on": Kind("Goes on", "a cancellation that was mailed is undone"),
        "payer_stopped": Kind("Payer stopped", "somebody no longer pays for a member"),
        "refund": Kind("Refund", "money was given back"),
        "gift_begun": Kind("Gift begun", "somebody begins to give again and again", at_once=True),
        "gift_paused": Kind("Gift paused", "a gift could not be charged, and is tried no more"),
        "gift_stopped": Kind("Gift stopped", "a gift is stopped", at_once=True),
        "tax_receipt": Kind("Tax receipt", "a donation is acknowledged"),
        "given_year": Kind("Year's statement of gifts", "staff mail donors what they gave in a year"),
        "tickets": Kind("Tickets", "somebody has tickets for an event", at_once=True),
        "method_link": Kind("Link to save a payment method", "staff send somebody a link", at_once=True),
        "member_link": Kind("Link to one's membership", "a member asks for their link", at_once=True),
        "sign_up": Kind("Way on to join", "somebody asks to join through a link", at_once=True),
        "billing_contact": Kind("To the billing contact", "somebody has bought something"),
        "sign_in_changed": Kind(
            "Sign-in changed", "the way in which somebody of the staff signs in has changed", at_once=True
        ),
    }
)

#: What a placeholder is filled with, and an example of it.
PLACEHOLDERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "organization": ("The organization's name", "Maple Club"),
        "name": ("The name of whoever gets the mail", "Ann Archer"),
        "link": ("A secret address, made when the mail is sent; alone on its line it is a button", ""),
        "until": ("The last day on which the link works", "2026-03-15"),
        "code": ("A code that is entered where the link was asked for", "4719 0355"),
        "amount": ("The amount", "120.00"),
        "currency": ("Its currency", "USD"),
        "payment": ("The payment's number", "17"),
        "invoices": ("The numbers of the invoices", "1042"),
        "invoice": ("The invoice's number", "1042"),
        "reason": ("Why a payment failed", "There is not enough money in the account."),
        "plan": ("What the membership is called", "Regular"),
        "term": ("The term that was joined", "It runs from 2026-01-01 to 2026-12-31."),
        "due": ("The day on which it is due", "2026-03-01"),
        "ask": (
            "What would let it be paid, with a blank before it, or nothing",
            " The card on file, Visa 4242, has expired: please enter its new date, or another card.",
        ),
        "said": ("What happens, in a sentence", "Its last day is 2026-12-31; nothing is charged after it."),
        "run": ("The renewal run's name", "2026"),
        "notice": (
            "The lines of the bill",
            "Regular, 2026-01-01 to 2026-12-31: 120.00 USD\nTotal: 120.00 USD\nTo be paid by 2026-01-01: 120.00 USD",
        ),
        "lines": ("The lines of the invoice", "Regular, 2026: 120.00 USD\nTotal: 120.00 USD"),
        "on": ("The day on which it is renewed or charged", "2026-03-01"),
        "headline": ("What comes, in a few words", "renewal on 2026-03-01"),
        "method": ("The way to pay on file", "Visa ending in 4242"),
        "expires": ("The month in which the card expires", "02/2026"),
        "payer": ("Who pays, or paid, for a member", "Works Ltd"),
        "buyer": ("Who bought something", "Ann Archer"),
        "bought": ("What was bought", "Regular, 2026"),
        "event": ("What the tickets are for", "Summer ball"),
        "tickets": ("The codes of the tickets", "K7QX2M9PLR, 4HTW8NBZCE"),
        "number": ("The receipt's number", "2026-017"),
        "manage": ("How a gift is changed, with a blank before it, or nothing", ""),
        "year": ("The calendar year", "2025"),
        "given_on": ("The day of the donation", "2025-12-24"),
        "moment": ("Day and time at which it was", "2026-03-01T15:04:00+00:00"),
    }
)
#: These fill lines of a table, each "what: figure".
BLOCKS = frozenset({"notice", "lines"})
SAMPLE_LINK = "https://example.org/m/a-secret-address/"


#: The sentences of an example, and what fills them, by the placeholder that they stand for.
_SPOKEN: Mapping[str, str] = MappingProxyType(
    {
        "said_as": "end_asked",
        "headline_as": "ahead_renewal_short",
        "term_as": "term_first",
        "ask_as": "ask_expired",
        "last_day": "2026-12-31",
        "term_starts": "2026-01-01",
        "term_through": "2026-12-31",
        "shown": "Visa 4242",
    }
)
_SAID: Mapping[str, str] = MappingProxyType(
    {
        "renewal_ahead": "ahead_charged",
        "downgraded": "unpaid_downgraded",
        "sign_in_changed": "sign_in_code_generator_kept",
    }
)


def samples(kind: str = "") -> dict[str, str]:
    """An example of everything that fills a text, in particular one of a kind."""
    found = {name: example for name, (_, example) in PLACEHOLDERS.items()} | {"link": SAMPLE_LINK}
    found |= _SPOKEN
    return found | ({"said_as": _SAID[kind]} if kind in _SAID else {})
