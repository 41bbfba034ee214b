"""Sums of documents, in minor units of one currency."""

from collections.abc import Iterable

from paidthru.kernel.money import check_minor


def line_amount(quantity: int, unit_amount_minor: int) -> int:
    """What a line comes to (A-13). Raises `Refused('amount_invalid')` beyond what a column holds."""
    return check_minor(quantity * unit_amount_minor)


def total(amounts_minor: Iterable[int]) -> int:
    """What the lines come to. Raises `Refused('amount_invalid')` beyond what a column holds."""
    return check_minor(sum(amounts_minor))
