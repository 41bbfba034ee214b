"""Sentences that fill placeholders of mails, said in the reader's language when a mail is put together. Pure.

A message keeps what is to be said and not how: `said_as` holds the keys of the sentences that fill `{{ said }}`, with a
blank between two, and the message's other facts fill those. Dates, amounts and reasons are kept as the books have
them. A fact that holds the words themselves, from an earlier version of ours, stands as it is.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from types import MappingProxyType

from paidthru.kernel.errors import Refused
from paidthru.kernel.formats import amount_text, day_text, instant_text, reader_text
from paidthru.kernel.money import Money, parse_amount
from paidthru.payments.rules.decline_codes import words
from paidthru.payments.rules.retries import REASONS

AS = "_as"
_DAYS = frozenset({"until", "due", "on", "given_on", "last_day", "term_starts", "term_through"})
_WHY = frozenset({"reason", "tried"})
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIGURE = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
_TERM = re.compile(r"(\d{4}-\d{2}-\d{2}) to (\d{4}-\d{2}-\d{2})")
_TO_PAY = "To be paid by "

ENGLISH_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "ahead_ends_short": "ends on {last_day}",
        "ahead_renewal_short": "renewal on {on}",
        "ahead_ends": (
            "your membership {plan} runs through {last_day} and ends then. Nothing is charged by itself; to go on, join"
            " again before that day."
        ),
        "ahead_due": (
            "your membership {plan} is renewed on {on}. {amount} {currency} is due then; nothing is charged by itself."
        ),
        "ahead_no_method": (
            "your membership {plan} is renewed on {on}. {amount} {currency} is to be charged then, and there is no card"
            " or bank account on file: please save one before that day."
        ),
        "ahead_charged": (
            "your membership {plan} is renewed on {on}. {amount} {currency} will be charged to {method} on that day."
        ),
        "ahead_paid_by": "your membership {plan} is renewed on {on}. {payer} pays for it; nothing is asked of you.",
        "ahead_expires": "That card expires at the end of {expires}: please save another one before.",
        "term_never": "It has no terms, and nothing is charged by itself.",
        "term_paid": "It is paid through {term_through}.",
        "term_later": "Your first term begins on {term_starts}.",
        "term_trial": "The days before {term_starts} are a trial and cost nothing; your first term begins then.",
        "term_first": "Your first term is {term_starts} to {term_through}.",
        "end_asked": "Its last day is {last_day}; nothing is charged for what comes after.",
        "end_downgraded": "Its last day was {last_day}; you go on with {into}.",
        "end_canceled": "Its last day was {last_day}; nothing more is charged for it.",
        "end_then": "Then you go on with {into}.",
        "unpaid": "{amount} {currency} could not be collected.",
        "unpaid_downgraded": (
            "{amount} {currency} for it could not be collected. You go on without it, and nothing is owed any more."
        ),
        "unpaid_owed": "{amount} {currency} for it could not be collected; that is still owed.",
        "ask_no_method": "There is no card or bank account on file.",
        "ask_expired": "The card on file, {shown}, has expired: please enter its new date, or another card.",
        "ask_failed": "The last try with {shown} failed: {tried}",
        "gift_manage": "You give it again and again. To see, change or stop it: {gift_link}",
        "sign_in_code_generator_kept": "an app that makes codes was set up for your sign-in.",
        "sign_in_code_generator_dropped": "the app that makes codes was removed from your sign-in.",
        "sign_in_passkey_kept": "the passkey “{passkey}” was added to your sign-in.",
        "sign_in_passkey_dropped": "the passkey “{passkey}” was removed from your sign-in.",
        "sign_in_recovery_codes_renewed": "new recovery codes were made; the earlier ones are good no more.",
        "sign_in_recovery_code_used": "one of your recovery codes was used; {left} are left.",
        "sign_in_second_factor_removed": (
            "your second factor was removed: app, passkeys and recovery codes. The password alone signs you in now."
        ),
        "sign_in_password_changed": "your password was set anew.",
        "sign_in_by": "This was done by {by}.",
        "row_total": "Total",
        "row_credit": "Credit",
        "row_to_pay": "To be paid by {day}",
    }
)

#: Why a payment failed, in the few ways in which other languages than English put it, by the processors' codes.
_CODES: Mapping[str, str] = MappingProxyType(
    {
        "why_money": "insufficient_funds R01 R09",
        "why_expired": "expired_card",
        "why_blocked": "lost_card pickup_card restricted_card stolen_card R16",
        "why_wrong": (
            "incorrect_address incorrect_cvc incorrect_number incorrect_zip invalid_cvc invalid_expiry_month"
            " invalid_expiry_year invalid_number invalid_account R03 R04 R13 incorrect_account_details"
            " new_account_information_available"
        ),
        "why_kind": "card_not_supported currency_not_supported service_not_allowed transaction_not_allowed R20",
        "why_limit": "card_velocity_exceeded withdrawal_count_limit_exceeded",
        "why_later": "issuer_not_available try_again_later processing_error reenter_transaction",
        "why_closed": "R02 account_closed no_account R12",
        "why_withdrawn": (
            "revocation_of_all_authorizations revocation_of_authorization stop_payment_order R05 R07 R08 R10 R11 R29"
            " debit_not_authorized"
        ),
        "why_confirm": "authentication_required",
    }
)
_KEY_OF_WHY: Mapping[str, str] = MappingProxyType(
    {words(code): key for key, codes in _CODES.items() for code in codes.split()}
    | {
        REASONS["no_payment_method"].sentence: "why_no_method",
        REASONS["card_expired"].sentence: "why_expired",
        REASONS["authorization_revoked"].sentence: "why_withdrawn",
    }
)
WHYS = frozenset({*_CODES, "why_no_method", "why_declined"})


def spoken(
    facts: Mapping[str, str], sentences: Mapping[str, str], locale: str, *, blocks: Collection[str]
) -> dict[str, str]:
    """The facts of a message as they are told with a language's `sentences`, dates and amounts as its `locale` writes
    them. `blocks` are the facts that are rows. Raises KeyError for a fact that a sentence lacks."""
    told = {name: _told(name, value, facts, sentences, locale) for name, value in facts.items()}
    for name in facts.keys() & set(blocks):
        told[name] = "\n".join(_row(line, sentences, locale) for line in facts[name].splitlines())
    for name, keys in facts.items():
        if name.endswith(AS):
            filled = name.removesuffix(AS)
            said = " ".join(sentences[key].format_map(told) for key in keys.split())
            told[filled] = (
                f" {said}" if filled in ("ask", "manage") and said else said
            )  # it follows a sentence
    return told


def why(sentence: str, sentences: Mapping[str, str]) -> str:
    """Why a payment failed, which is kept in English, with a language's `sentences`."""
    return sentence if _is_english(sentences) else sentences[_KEY_OF_WHY.get(sentence, "why_declined")]


def known_in(facts: Collection[str]) -> set[str]:
    """The placeholders that a message's facts fill."""
    return {name.removesuffix(AS) for name in facts}


def _told(name: str, value: str, facts: Mapping[str, str], sentences: Mapping[str, str], locale: str) -> str:
    if name in _DAYS and _ISO_DAY.fullmatch(value):
        return day_text(date.fromisoformat(value), locale, "long")
    if name == "moment":
        zone = facts.get("zone", "UTC")
        return f"{instant_text(datetime.fromisoformat(value), zone, locale)} ({zone})"
    if name == "amount":
        return _figure(value, facts.get("currency", ""), locale)
    if name in _WHY and value:
        return why(value, sentences)
    if name == "method" and not _is_english(sentences):
        return value.replace(" ending in ", " •••• ")
    return value


def _is_english(sentences: Mapping[str, str]) -> bool:
    """Reasons and ways to pay are kept in English."""
    return sentences is ENGLISH_SENTENCES


def _figure(text: str, currency: str, locale: str) -> str:
    try:
        return amount_text(Money(parse_amount(text, currency, "."), currency), locale)
    except Refused:
        return text


def _row(line: str, sentences: Mapping[str, str], locale: str) -> str:
    label, colon, figure = line.rpartition(": ")
    found = _FIGURE.fullmatch(figure)
    if not colon or not found:
        return line
    day = label.removeprefix(_TO_PAY)
    if label in ("Total", "Credit"):
        label = sentences[f"row_{label.lower()}"]
    elif day != label and _ISO_DAY.fullmatch(day):
        label = sentences["row_to_pay"].format(day=day_text(date.fromisoformat(day), locale, "long"))
    else:
        label = reader_text(label if _is_english(sentences) else _TERM.sub(r"\1 – \2", label), locale)
    return f"{label}: {_figure(found[1], found[2], locale)} {found[2]}"
