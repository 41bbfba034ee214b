"""What has become of money that came: the state of a payment, in the words that staff read."""

from typing import Literal

PaymentState = Literal["succeeded", "partly_refunded", "refunded", "returned", "reversed", "disputed"]


def payment_state(
    amount_minor: int,
    *,
    refunded_minor: int,
    disputed_minor: int,
    reversed_minor: int,
    last_reversal: str | None = None,
) -> PaymentState:
    """The state of a payment of `amount_minor` (minor units, as all amounts here).

    `refunded_minor` is what is or will be given back: approved refunds, not those that are only asked for.
    `last_reversal` is the kind of the latest reversal; a lost dispute reads as a return does (stories.md). What is
    in dispute comes first, then what is gone, then what was given back.
    """
    if disputed_minor > 0:
        return "disputed"
    if reversed_minor > 0:
        return "reversed" if last_reversal == "reversal" else "returned"
    if refunded_minor >= amount_minor:
        return "refunded"
    return "partly_refunded" if refunded_minor > 0 else "succeeded"
