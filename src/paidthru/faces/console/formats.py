"""Amounts, dates and counts in the reader's words: the kernel's, under the name that pages know."""

from paidthru.kernel.formats import (
    MINUS,
    day_text,
    instant_text,
    known_locale,
    money_text,
    number_text,
    period_text,
    reader_text,
)

__all__ = [
    "MINUS",
    "day_text",
    "instant_text",
    "known_locale",
    "money_text",
    "number_text",
    "period_text",
    "reader_text",
]
