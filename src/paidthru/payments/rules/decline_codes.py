"""Why a payment was refused, code by code: the table from which soft and hard are told.

Card codes are in Stripe's words, bank debits have Nacha's return codes. Lists change: this one was drawn up on
2026-11-22 (field-notes C.8), and whoever changes it checks it against the processors' own. A code that is not in it
is never retried by itself (I-48).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Finality(StrEnum):
    """What a refusal means for the next try with the same method."""

    SOFT = "soft"  # may pass another day
    HARD = "hard"  # will not pass; another method is needed
    NEVER = "never"  # the payer's authorization is gone: trying again is forbidden, not only futile
    AUTHENTICATE = "authenticate"  # not a refusal: the payer has to act


@dataclass(frozen=True, slots=True)
class DeclineCode:
    """A code, what it means for a next try, and a sentence that staff and member may read."""

    code: str
    finality: Finality
    words: str


_CARD_SOFT = {
    "approve_with_id": "The bank could not approve the payment this time.",
    "call_issuer": "The bank declined and asks its customer to call.",
    "card_declined": "The bank declined without giving a reason.",
    "card_velocity_exceeded": "The card's limit for now is used up.",
    "do_not_honor": "The bank declined without giving a reason.",
    "duplicate_transaction": "The bank took the payment for a repetition of a recent one.",
    "generic_decline": "The bank declined without giving a reason.",
    "insufficient_funds": "There is not enough money in the account.",
    "issuer_not_available": "The bank could not be reached.",
    "no_action_taken": "The bank did not act on the payment.",
    "not_permitted": "The bank did not permit the payment.",
    "processing_error": "An error occurred while the card was charged.",
    "reenter_transaction": "The bank could not work on the payment and asks for it again.",
    "try_again_later": "The bank asks to try again later.",
    "withdrawal_count_limit_exceeded": "The card has been used too often for now.",
}

_CARD_HARD = {
    "card_not_supported": "The card does not allow this kind of payment.",
    "currency_not_supported": "The card does not allow this currency.",
    "disputed": "The payer disputed the payment.",  # ours: what a lost dispute says of its attempt
    "do_not_try_again": "The bank declined for good.",
    "expired_card": "The card has expired.",
    "fraudulent": "The payment was stopped for suspected fraud.",
    "highest_risk_level": "The payment was stopped for suspected fraud.",
    "incorrect_address": "The address does not match the card.",
    "incorrect_cvc": "The card's security code is wrong.",
    "incorrect_number": "The card number is wrong.",
    "incorrect_zip": "The postal code does not match the card.",
    "invalid_account": "The account behind the card is not valid.",
    "invalid_amount": "The bank does not allow this amount.",
    "invalid_cvc": "The card's security code is wrong.",
    "invalid_expiry_month": "The card's expiry month is wrong.",
    "invalid_expiry_year": "The card's expiry year is wrong.",
    "invalid_number": "The card number is wrong.",
    "lost_card": "The card is blocked.",  # a member is not told that it was reported lost or stolen
    "merchant_blacklist": "The payment was stopped by a block list.",
    "new_account_information_available": "The card's details have changed.",
    "pickup_card": "The card is blocked.",
    "restricted_card": "The card is blocked.",
    "security_violation": "The bank declined for reasons of security.",
    "service_not_allowed": "The card does not allow this kind of payment.",
    "stolen_card": "The card is blocked.",
    "testmode_decline": "A test card was used for a real payment.",
    "transaction_not_allowed": "The card does not allow this kind of payment.",
}

_CARD_NEVER = {
    "revocation_of_all_authorizations": "The payer has withdrawn the permission for all such payments.",
    "revocation_of_authorization": "The payer has withdrawn the permission for this payment.",
    "stop_payment_order": "The payer has stopped this payment.",
}

_AUTHENTICATE = {
    "authentication_required": "The bank asks the payer to confirm the payment.",
}

_BANK_SOFT = {
    "R01": "There is not enough money in the account.",
    "R09": "The money in the account is not available yet.",
}

_BANK_HARD = {
    "R02": "The account is closed.",
    "R03": "There is no such account, or the name does not match it.",
    "R04": "The account number is not valid.",
    "R06": "The debit was returned at the sending bank's request.",
    "R08": "The payer has stopped this payment.",  # only with a new authorization: network_rules.py
    "R12": "The account has moved to another bank.",
    "R13": "The routing number is not valid.",
    "R14": "The payee acting for the account's owner has died or can no longer act.",
    "R15": "The account's owner has died.",
    "R16": "The account is frozen.",
    "R17": "The bank could not work on the debit's details.",
    "R20": "The account does not allow debits.",
    "R24": "The bank took the debit for a duplicate.",
    "R31": "The debit was returned by agreement of the banks.",
    "account_closed": "The account is closed.",
    "bank_cannot_process": "The bank could not work on the debit.",
    "incorrect_account_details": "The account's details are wrong.",
    "no_account": "There is no such account.",
}

_BANK_NEVER = {
    "R05": "The debit was not authorized in the form that a private account needs.",
    "R07": "The payer has withdrawn the authorization.",
    "R10": "The payer says that the debit was not authorized.",
    "R11": "The payer says that the debit was not as authorized.",
    "R29": "The company says that the debit was not authorized.",
    "R51": "The debit was not allowed to be presented again.",
    "debit_not_authorized": "The payer says that the debit was not authorized.",
}


def _table() -> Mapping[str, DeclineCode]:
    groups = (
        (Finality.SOFT, _CARD_SOFT),
        (Finality.HARD, _CARD_HARD),
        (Finality.NEVER, _CARD_NEVER),
        (Finality.AUTHENTICATE, _AUTHENTICATE),
        (Finality.SOFT, _BANK_SOFT),
        (Finality.HARD, _BANK_HARD),
        (Finality.NEVER, _BANK_NEVER),
    )
    return MappingProxyType(
        {
            code: DeclineCode(code, finality, words)
            for finality, group in groups
            for code, words in group.items()
        }
    )


#: Every code that we know.
DECLINE_CODES: Mapping[str, DeclineCode] = _table()


def known(code: str) -> DeclineCode | None:
    """The table's entry for a code, or None for one that nobody has told us about."""
    return DECLINE_CODES.get(code)


def words(code: str) -> str:
    """A sentence for a code, fit for staff and member alike; an unknown code is quoted."""
    entry = known(code)
    return entry.words if entry else f"The payment was declined with a code that is not known here: {code}."
