"""Card numbers that somebody typed where they don't belong: they are never stored (A-02, field-notes B-72)."""

import re

_RUN = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


def holds_card_number(text: str) -> bool:
    """Whether a text holds 13 to 19 digits, blanks and hyphens between them or not, that check as a card's do."""
    return any(_checks(re.sub(r"\D", "", found)) for found in _RUN.findall(text))


def _checks(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        worth = int(digit) * (1 + place % 2)
        total += worth - 9 if worth > 9 else worth
    return total % 10 == 0
