"""Stripe's test tokens: which card or bank account each stands for, and what happens when it is charged.

Outcomes: "succeed"; "authenticate" (asks for the payer each time); "authenticate_unless_set_up";
"authenticate_on_session" (set up for off session use); a decline code of declines.py; for refunds "refund_fails" and
"refund_pends"; for debits also "never" (stays processing) and "dispute" (clears, then is returned). Names with and
without `_visa_` are both accepted, as Stripe's pages use both.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TestMethod:
    """What a token stands for. `setup`: what happens when it is saved; Stripe refuses most declining cards then."""

    __test__ = False  # not a class of tests

    kind: str
    outcome: str
    last4: str
    brand: str = "visa"
    setup: str = "succeed"


def _card(outcome: str, last4: str, brand: str = "visa", setup: str | None = None) -> TestMethod:
    if setup is None:
        kept = ("succeed", "authenticate", "refund")
        setup = "succeed" if outcome.startswith(kept) else outcome
    return TestMethod("card", outcome, last4, brand, setup)


def _bank(outcome: str, last4: str) -> TestMethod:
    return TestMethod("us_bank_account", outcome, last4, "STRIPE TEST BANK")


def _sepa(outcome: str, last4: str) -> TestMethod:
    return TestMethod("sepa_debit", outcome, last4, "19043")


_CARDS = {
    "": _card("succeed", "4242"),
    "visa": _card("succeed", "4242"),
    "visa_debit": _card("succeed", "5556"),
    "mastercard": _card("succeed", "4444", "mastercard"),
    "amex": _card("succeed", "8431", "amex"),
    "discover": _card("succeed", "9424", "discover"),
    "diners": _card("succeed", "0004", "diners"),
    "jcb": _card("succeed", "0505", "jcb"),
    "unionpay": _card("succeed", "0005", "unionpay"),
    "chargeDeclined": _card("generic_decline", "0002"),
    "chargeDeclinedInsufficientFunds": _card("insufficient_funds", "9995"),
    "chargeDeclinedLostCard": _card("lost_card", "9987"),
    "chargeDeclinedStolenCard": _card("stolen_card", "9979"),
    "chargeDeclinedExpiredCard": _card("expired_card", "0069"),
    "chargeDeclinedIncorrectCvc": _card("incorrect_cvc", "0127"),
    "chargeDeclinedProcessingError": _card("processing_error", "0119"),
    "chargeDeclinedFraudulent": _card("fraudulent", "0019"),
    "chargeDeclinedVelocityLimitExceeded": _card("card_velocity_exceeded", "6975"),
    "chargeCustomerFail": _card("generic_decline", "0341", setup="succeed"),
    "authenticationRequired": _card("authenticate", "3184"),
    "authenticationRequiredOnSetup": _card("authenticate_unless_set_up", "3155"),
    "authenticationRequiredSetupForOffSession": _card("authenticate_on_session", "0446"),
    "threeDSecure2Required": _card("authenticate", "3220"),
    "refundFail": _card("refund_fails", "5126"),
    "pendingRefund": _card("refund_pends", "7726"),
}
_BANKS = {
    "success": _bank("succeed", "6789"),
    "accountClosed": _bank("R02", "1113"),
    "noAccount": _bank("R03", "1116"),
    "insufficientFunds": _bank("R01", "2227"),
    "debitNotAuthorized": _bank("R10", "3335"),
    "processing": _bank("never", "0009"),
    "dispute": _bank("dispute", "5559"),
}
_SEPA = {
    "success": _sepa("succeed", "3000"),
    "insufficientFunds": _sepa("insufficient_funds", "3003"),
    "accountClosed": _sepa("account_closed", "3005"),
    "debitNotAuthorized": _sepa("debit_not_authorized", "3007"),
    "dispute": _sepa("dispute", "3009"),
}

TOKENS: dict[str, TestMethod] = {
    **{f"pm_card_{name}": method for name, method in _CARDS.items() if name},
    **{f"pm_card_visa_{name}": method for name, method in _CARDS.items() if "harge" in name},
    **{f"pm_usBankAccount_{name}": method for name, method in _BANKS.items()},
    "pm_usBankAccount": _BANKS["success"],
    **{f"pm_sepaDebit_{name}": method for name, method in _SEPA.items()},
}
