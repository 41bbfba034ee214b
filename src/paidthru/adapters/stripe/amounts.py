"""Amounts between our minor units (ISO 4217's) and Stripe's, which differ for a few currencies.

Source: Stripe's page on currencies. It has no decimals for MGA, where ISO has two; two for ISK, where ISO has none
(their last two digits are always 00); amounts with three decimals have to end in 0. For UGX its two statements
contradict each other, a hundredfold, so UGX is refused.
"""

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import exponent
from paidthru.payments.gateway import GatewayRejected

_OURS_PER_THEIRS = {"MGA": 100}
_THEIRS_PER_OURS = {"ISK": 100}
_CONTRADICTED = frozenset({"UGX"})


def to_stripe(amount_minor: int, currency: str) -> int:
    """Stripe's integer for an amount in minor units. Raises `GatewayRejected`: `amount_invalid` for what Stripe can't
    take to the last unit, `currency_unsupported`."""
    _refuse_unsupported(currency)
    step = _OURS_PER_THEIRS.get(currency) or (10 if exponent(currency) == 3 else 1)
    if amount_minor <= 0 or amount_minor % step:
        raise GatewayRejected(
            f"Stripe takes amounts in {currency} that are a multiple of {step} minor units; this is {amount_minor}.",
            code="amount_invalid",
        )
    if currency in _OURS_PER_THEIRS:
        return amount_minor // step
    return amount_minor * _THEIRS_PER_OURS.get(currency, 1)


def from_stripe(amount: int, currency: str) -> int:
    """Minor units of Stripe's integer, signed as it is. Raises ValueError for one that no amount of ours stands for."""
    if currency in _OURS_PER_THEIRS:
        return amount * _OURS_PER_THEIRS[currency]
    ours, rest = divmod(amount, _THEIRS_PER_OURS.get(currency, 1))
    if rest:
        raise ValueError(f"{amount} is no whole amount in {currency}")
    return ours


def _refuse_unsupported(currency: str) -> None:
    try:
        decimals = exponent(currency)
    except Refused:
        decimals = None
    if decimals is None or decimals > 3 or currency in _CONTRADICTED:
        raise GatewayRejected(f"{currency} can't be collected through Stripe.", code="currency_unsupported")
