"""The catalogue: which event of a member's money is told by mail, and the words of each mail.

Templates are plain text with `{tokens}` out of the message's facts; nothing in them is executed (field-notes E.6). A
token that the facts lack is an error when the mail is written, not when it is read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from paidthru.notices.rules.dunning_mails import DUNNING_MAILS

_TOKEN = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of mail: its subject, its text, and the tokens that both use."""

    subject: str
    text: str

    @property
    def tokens(self) -> frozenset[str]:
        """What the facts of a message have to hold; the rest is known when it is sent."""
        return self._named - {"organization", "name", "link", "until"}

    @property
    def has_link(self) -> bool:
        """Whether a secret link is made for it when it is sent."""
        return "link" in self._named

    @property
    def _named(self) -> frozenset[str]:
        return frozenset(_TOKEN.findall(self.subject + self.text))


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is sent. `occasion` is the same however often it is sent, so that it can be told from another."""

    to: str
    subject: str
    text: str
    occasion: str


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "receipt": Template(
            "Receipt: {amount} {currency}",
            "Dear {name},\n\nthank you. We received {amount} {currency} (payment {payment}).\n\n{organization}\n",
        ),
        "payment_failed": Template(
            "Your payment of {amount} {currency} did not go through",
            "Dear {name},\n\nwe could not collect {amount} {currency} for invoice {invoices}.\n{reason}\n\n"
            "With this link you can save another card or bank account:\n\n{link}\n\n{organization}\n",
        ),
        "action_required": Template(
            "Please confirm your payment of {amount} {currency}",
            "Dear {name},\n\nyour bank asks you to confirm the payment of {amount} {currency} for invoice"
            " {invoices}. Nothing has been taken yet. With this link you can confirm it:\n\n{link}\n\n{organization}\n",
        ),
        "method_link": Template(
            "Your payment method at {organization}",
            "Dear {name},\n\nwith this link you can save a card or a bank account for your payments:\n\n{link}\n\n"
            "It is meant for you alone and works until {until}. What you type is seen by the payment processor only,"
            " never by us.\n\n{organization}\n",
        ),
        "sign_up": Template(
            "Go on joining {organization}",
            "Dear {name},\n\nyou asked to join {plan} at {organization}. With this link you can go on:\n\n{link}\n\n"
            "It works until {until}. Nothing has been charged. If it wasn't you who asked, you can leave this mail.\n\n"
            "{organization}\n",
        ),
        "welcome": Template(
            "Welcome to {organization}",
            "Dear {name},\n\nyou have joined {plan}. {term}\n\nWith this link you can see your membership and what will"
            " be charged next, or change how you pay:\n\n{link}\n\nIt is meant for you alone and works until {until}."
            "\n\n{organization}\n",
        ),
        # whoever looks after what is bought hears of it in the same form, be it a membership or something else (G-47)
        "billing_contact": Template(
            "{buyer}: {bought}, {amount} {currency}",
            "Dear {name},\n\n{buyer} has bought: {bought}.\n\nAmount: {amount} {currency}\nInvoice: {invoice}\n\n"
            "You get this mail because you are the billing contact of {organization}.\n\n{organization}\n",
        ),
        **{kind: Template(*texts) for kind, texts in DUNNING_MAILS.items()},
        "canceled": Template(
            "Your membership {plan} is canceled",
            "Dear {name},\n\nyour membership {plan} is canceled. {said}\n\n{organization}\n",
        ),
        "renewal_notice": Template(
            "Your renewal at {organization}",
            "Dear {name},\n\nyour membership is renewed ({run}). Invoice {invoice}:\n\n{notice}\n\n{organization}\n",
        ),
        "refund": Template(
            "Refund of {amount} {currency}",
            "Dear {name},\n\nwe have given back {amount} {currency} of your payment {payment}. It can take some days"
            " to arrive.\n\n{organization}\n",
        ),
    }
)


def composed(kind: str, facts: Mapping[str, str], *, organization: str, name: str, to: str, key: str) -> Mail:
    """The mail of a kind, with its tokens filled. Line breaks in what fills a subject become blanks, so that nobody's
    name can add a header (B-71). Raises KeyError for a token that the facts lack."""
    template = TEMPLATES[kind]
    filling = {"organization": organization, "name": name, **facts}

    def fill(text: str) -> str:
        return _TOKEN.sub(lambda found: filling[found[1]], text)

    return Mail(to, " ".join(fill(template.subject).split()), fill(template.text), key)
