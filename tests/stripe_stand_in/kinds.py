"""Which kinds of payment method an intent or a session takes: computed, narrowed by the request (Endive's rule).

`payment_method_types` can no longer be written; `allowed_payment_method_types` and `excluded_payment_method_types`
narrow what the currency allows, and the computed list is shown as `payment_method_types`.
"""

from tests.stripe_stand_in.errors import Json, invalid

#: What the account takes, with the currency that each needs; None for any.
ALL: dict[str, str | None] = {"card": None, "us_bank_account": "usd", "sepa_debit": "eur"}


def computed(params: Json, currency: str | None) -> list[str]:
    """Raises 400 when nothing is left."""
    allowed = _listed(params.get("allowed_payment_method_types")) or list(ALL)
    excluded = _listed(params.get("excluded_payment_method_types"))
    left = [
        kind
        for kind, needs in ALL.items()
        if kind in allowed and kind not in excluded and (currency is None or needs in {None, currency})
    ]
    if not left:
        raise invalid(
            "No valid payment method types for this request. Please ensure that you have activated payment methods "
            "compatible with your chosen parameters.",
            param="allowed_payment_method_types",
        )
    return left


def _listed(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) and value else list(value or [])
