"""What the card networks, the processors and the banks' rules say about trying a payment again: a dated table.

Lists change, and acquirers pass them on in words that differ, so each rule carries its source and the day from which
the product obeys it; a rule that no longer holds gets a last day and stays (field-notes C.8). A rule is found by a code
that came with the refusal. Codes of the decline itself are in `decline_codes.py`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Literal

Field = Literal["decline_code", "advice_code", "network_advice_code", "network_decline_code"]


class Effect(IntEnum):
    """What a rule means for another try, the stricter the higher."""

    AGAIN = 0  # on the usual schedule
    WAIT = 1  # not before the rule's wait is over
    NEW_DETAILS = 2  # the same card under a new expiry date, another one, or staff's leave
    NEW_METHOD = 3  # another card or account, or staff's leave
    NEW_AUTHORIZATION = 4  # the payer has to agree anew; nobody else can lift it
    NEVER = 5  # with this card or account not at all; nobody can lift it


@dataclass(frozen=True, slots=True)
class NetworkRule:
    """A rule of a source about refusals whose field `reads` holds `code`, in force on [valid_from, valid_until).

    `brand` is the card brand it holds for, "" for all; a brand that is none of those we know obeys every one.
    `sentence` is what staff and member read; `wait` goes with WAIT.
    """

    source: str
    reads: Field
    code: str
    effect: Effect
    sentence: str
    valid_from: date
    wait: timedelta = timedelta(0)
    brand: str = ""
    valid_until: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether it holds on a local date."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)

    def concerns(self, brand: str) -> bool:
        """Whether it holds for a card of that brand, in the processor's words."""
        return not self.brand or brand.lower() == self.brand or brand.lower() not in BRANDS


@dataclass(frozen=True, slots=True)
class Cap:
    """So many failed tries with one card or account in so many days, over all invoices, and no more."""

    source: str
    most: int
    days: int
    sentence: str
    valid_from: date
    brand: str = ""
    valid_until: date | None = None

    def holds(self, brand: str, on: date) -> bool:
        """Whether it holds for a brand on a local date."""
        in_force = self.valid_from <= on and (self.valid_until is None or on < self.valid_until)
        return in_force and (not self.brand or brand.lower() == self.brand)


BRANDS = frozenset({"visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay"})

_ALWAYS = date(2000, 1, 1)  # rules of our own, and of the banks before the product was
_VISA = date(2021, 4, 1)  # Visa's categories of refusals, with fees for trying the first again
_MASTERCARD = date(2020, 1, 1)  # its advice codes 01 to 21
_MASTERCARD_WAITS = date(2022, 1, 1)  # its advice codes 24 to 43
_STRIPE = date(2024, 9, 1)  # its advice codes


def _visa(code: str, sentence: str) -> NetworkRule:
    return NetworkRule("Visa", "network_decline_code", code, Effect.NEVER, sentence, _VISA, brand="visa")


def _mastercard(
    code: str, effect: Effect, sentence: str, since: date, wait: timedelta = timedelta(0)
) -> NetworkRule:
    return NetworkRule(
        "Mastercard", "network_advice_code", code, effect, sentence, since, wait, brand="mastercard"
    )


def _stripe(code: str, effect: Effect, sentence: str) -> NetworkRule:
    return NetworkRule("Stripe", "advice_code", code, effect, sentence, _STRIPE)


def _bank(code: str, effect: Effect, sentence: str) -> NetworkRule:
    return NetworkRule("Nacha", "decline_code", code, effect, sentence, _ALWAYS)


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

NETWORK_RULES: tuple[NetworkRule, ...] = (
    _visa("04", "Visa: the card is blocked; the bank will never approve it."),
    _visa("07", "Visa: the card is blocked; the bank will never approve it."),
    _visa("12", "Visa: the bank will never approve such a payment with this card."),
    _visa("15", "Visa: no bank issues this card."),
    _visa("41", "Visa: the card is blocked; the bank will never approve it."),
    _visa("43", "Visa: the card is blocked; the bank will never approve it."),
    _visa("46", "Visa: the account is closed."),
    _visa("57", "Visa: the card does not allow such payments."),
    _visa("R0", "Visa: the payer has stopped this payment."),
    _visa("R1", "Visa: the payer has withdrawn the permission for this payment."),
    _visa("R3", "Visa: the payer has withdrawn the permission for all such payments."),
    _mastercard("01", Effect.NEW_DETAILS, "Mastercard: the card's details have changed.", _MASTERCARD),
    _mastercard("02", Effect.WAIT, "Mastercard: not again within 72 hours.", _MASTERCARD, 72 * _HOUR),
    _mastercard("03", Effect.NEVER, "Mastercard: this card must not be tried again.", _MASTERCARD),
    _mastercard("21", Effect.NEVER, "Mastercard: the payer has canceled these payments.", _MASTERCARD),
    _mastercard("24", Effect.WAIT, "Mastercard: not again within an hour.", _MASTERCARD_WAITS, _HOUR),
    _mastercard("25", Effect.WAIT, "Mastercard: not again within 24 hours.", _MASTERCARD_WAITS, _DAY),
    _mastercard("26", Effect.WAIT, "Mastercard: not again within 2 days.", _MASTERCARD_WAITS, 2 * _DAY),
    _mastercard("27", Effect.WAIT, "Mastercard: not again within 4 days.", _MASTERCARD_WAITS, 4 * _DAY),
    _mastercard("28", Effect.WAIT, "Mastercard: not again within 6 days.", _MASTERCARD_WAITS, 6 * _DAY),
    _mastercard("29", Effect.WAIT, "Mastercard: not again within 8 days.", _MASTERCARD_WAITS, 8 * _DAY),
    _mastercard("30", Effect.WAIT, "Mastercard: not again within 10 days.", _MASTERCARD_WAITS, 10 * _DAY),
    _mastercard(
        "40", Effect.NEW_METHOD, "Mastercard: a prepaid card that can't be refilled.", _MASTERCARD_WAITS
    ),
    _mastercard("41", Effect.NEW_METHOD, "Mastercard: a card number for one use only.", _MASTERCARD_WAITS),
    _mastercard("42", Effect.NEW_METHOD, "Mastercard: stopped by a check for sanctions.", _MASTERCARD_WAITS),
    _mastercard("43", Effect.NEW_METHOD, "Mastercard: a virtual card number.", _MASTERCARD_WAITS),
    _stripe("do_not_try_again", Effect.NEW_METHOD, "The processor advises not to try this card again."),
    _stripe(
        "confirm_card_data", Effect.NEW_DETAILS, "The processor advises to have the card's details checked."
    ),
    _stripe("try_again_later", Effect.AGAIN, "The processor advises to try again later."),
    _bank("R05", Effect.NEVER, "The debit was not authorized in the form that a private account needs."),
    _bank("R07", Effect.NEVER, "The payer has withdrawn the authorization."),
    _bank(
        "R08", Effect.NEW_AUTHORIZATION, "The payer has stopped this payment and would have to agree anew."
    ),
    _bank("R10", Effect.NEVER, "The payer says that the debit was not authorized."),
    _bank("R11", Effect.NEVER, "The payer says that the debit was not as authorized."),
    _bank("R29", Effect.NEVER, "The company says that the debit was not authorized."),
    _bank("R51", Effect.NEVER, "The debit was not allowed to be presented again."),
)

CAPS: tuple[Cap, ...] = (
    Cap("Paidthru", 8, 30, "One card or account is tried no more than 8 times in 30 days.", _ALWAYS),
    Cap("Visa", 15, 30, "Visa allows no more than 15 tries in 30 days.", _VISA, brand="visa"),
    Cap("Mastercard", 35, 30, "Mastercard allows no more than 35 tries in 30 days.", _MASTERCARD, brand="mastercard"),
)  # fmt: skip

#: A bank debit that was returned may be presented so often again (Nacha; C.8, B-46) …
REPRESENTMENTS = 2
#: … and only within so many days of the first.
REPRESENTMENT_DAYS = 180
