"""Stripe's decline codes of cards and failure codes of bank debits, as its errors show them.

The codes are Stripe's; the network's codes beside them are the usual ones of Visa and Nacha. Advice is present where
Stripe gives it, absent where it does not.
"""

from dataclasses import dataclass

from tests.stripe_stand_in.errors import DOCS, Json


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a charge failed. `code` is the error's, `decline_code` the issuer's reason behind it (cards only)."""

    code: str
    message: str
    decline_code: str | None = None
    advice_code: str | None = None
    network_decline_code: str | None = None
    network_advice_code: str | None = None

    def fields(self) -> Json:
        """As they stand in an error and in `last_payment_error`."""
        named = {
            "code": self.code,
            "doc_url": DOCS + self.code.replace("_", "-"),
            "decline_code": self.decline_code,
            "advice_code": self.advice_code,
            "network_decline_code": self.network_decline_code,
            "network_advice_code": self.network_advice_code,
        }
        return {name: value for name, value in named.items() if value is not None}


STOP, LATER, CHECK = "do_not_try_again", "try_again_later", "confirm_card_data"
_DECLINED = "Your card was declined."

#: decline_code → (advice, network decline code, network advice code)
_CARDS: dict[str, tuple[str | None, str | None, str | None]] = {
    "approve_with_id": (LATER, "08", None),
    "call_issuer": (LATER, "01", None),
    "card_not_supported": (STOP, "57", None),
    "card_velocity_exceeded": (LATER, "65", "02"),
    "currency_not_supported": (STOP, "57", None),
    "do_not_honor": (LATER, "05", "02"),
    "do_not_try_again": (STOP, "05", "03"),
    "duplicate_transaction": (None, "94", None),
    "fraudulent": (STOP, "59", "03"),
    "generic_decline": (LATER, "05", None),
    "insufficient_funds": (LATER, "51", "02"),
    "invalid_account": (STOP, "14", "03"),
    "invalid_amount": (None, "13", None),
    "issuer_not_available": (LATER, "91", "02"),
    "lost_card": (STOP, "41", "03"),
    "merchant_blacklist": (None, None, None),
    "new_account_information_available": (CHECK, "14", "01"),
    "no_action_taken": (LATER, "21", None),
    "not_permitted": (None, "57", None),
    "pickup_card": (STOP, "04", "03"),
    "reenter_transaction": (LATER, "19", None),
    "restricted_card": (STOP, "62", "03"),
    "revocation_of_all_authorizations": (STOP, "R3", "21"),
    "revocation_of_authorization": (STOP, "R1", "21"),
    "security_violation": (STOP, "63", None),
    "service_not_allowed": (None, "57", None),
    "stolen_card": (STOP, "43", "03"),
    "stop_payment_order": (STOP, "R0", "21"),
    "testmode_decline": (None, None, None),
    "transaction_not_allowed": (STOP, "57", "03"),
    "try_again_later": (LATER, "96", "24"),
    "withdrawal_count_limit_exceeded": (LATER, "61", "02"),
}

#: Codes that are the error's own, not reasons of card_declined.
_OWN = {
    "expired_card": ("Your card has expired.", CHECK, "54", "01"),
    "incorrect_cvc": ("Your card's security code is incorrect.", CHECK, "N7", None),
    "incorrect_number": ("Your card number is incorrect.", CHECK, "14", None),
    "incorrect_zip": ("Your card's postal code is incorrect.", CHECK, None, None),
    "processing_error": ("An error occurred while processing your card. Try again in a little bit.", LATER, "96", None),
    "authentication_required": (
        "Your card was declined. This transaction requires authentication.", None, "1A", None,
    ),
}  # fmt: skip

#: Nacha's codes and Stripe's failure codes for them: R-code → (code, message)
NACHA = {
    "R01": ("insufficient_funds", "The customer's account has insufficient funds to cover this payment."),
    "R02": ("account_closed", "The customer's bank account has been closed."),
    "R03": ("no_account", "The bank account could not be located."),
    "R04": ("invalid_account_number", "The bank account number is invalid."),
    "R05": ("debit_not_authorized", "The customer has told their bank that this debit was not authorized."),
    "R07": ("debit_not_authorized", "The customer has revoked the authorization of this debit."),
    "R08": ("debit_not_authorized", "The customer has stopped this payment."),
    "R09": ("insufficient_funds", "The customer's funds are not available yet."),
    "R10": ("debit_not_authorized", "The customer has told their bank that this debit was not authorized."),
    "R11": ("debit_not_authorized", "The debit was not in accordance with its authorization."),
    "R16": ("bank_account_restricted", "The customer's bank account is frozen."),
    "R20": ("bank_account_restricted", "The customer's bank account does not allow debits."),
    "R29": ("debit_not_authorized", "The company has told its bank that this debit was not authorized."),
    "R31": ("could_not_process", "The bank could not process this debit."),
}
#: The other way round: what a failure code stands for when no R-code is given.
USUAL = {
    "insufficient_funds": "R01", "account_closed": "R02", "no_account": "R03", "invalid_account_number": "R04",
    "debit_not_authorized": "R10", "bank_account_restricted": "R16", "could_not_process": "R31",
    "incorrect_account_details": "R03", "bank_cannot_process": "R31", "customer_initiated": "R07",
}  # fmt: skip
#: After these Stripe blocks the bank account until its owner has been asked: R-code → reason.
BLOCKING = {
    "R02": "bank_account_closed", "R03": "bank_account_invalid_details", "R04": "bank_account_invalid_details",
    "R05": "debit_not_authorized", "R07": "debit_not_authorized", "R08": "debit_not_authorized",
    "R10": "debit_not_authorized", "R11": "debit_not_authorized", "R16": "bank_account_frozen",
    "R20": "bank_account_restricted", "R29": "debit_not_authorized", "R31": "bank_account_unusable",
}  # fmt: skip


def of_card(outcome: str) -> Decline:
    """By Stripe's decline code; an unknown one is passed on as it is, as Stripe passes on new ones."""
    if outcome in _OWN:
        message, advice, network, network_advice = _OWN[outcome]
        return Decline(outcome, message, outcome, advice, network, network_advice)
    if outcome == "card_declined":
        outcome = "generic_decline"
    advice, network, network_advice = _CARDS.get(outcome, (None, None, None))
    message = "Your card has insufficient funds." if outcome == "insufficient_funds" else _DECLINED
    return Decline("card_declined", message, outcome, advice, network, network_advice)


def of_debit(outcome: str) -> Decline:
    """By Stripe's failure code or by Nacha's."""
    network = outcome if outcome in NACHA else USUAL.get(outcome)
    code, message = NACHA.get(network or "", (outcome, "The bank could not process this debit."))
    if outcome in NACHA:
        return Decline(code, message, network_decline_code=network)
    return Decline(outcome, message, network_decline_code=network)
