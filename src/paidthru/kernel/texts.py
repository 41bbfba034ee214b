"""Names that people give to things: what may stand in them, and how long they may be."""

import unicodedata

from paidthru.kernel.errors import Refused


def checked_name(text: str, *, field: str, most: int) -> str:
    """The name without blanks around it.

    Refused `name_missing` when nothing is left, `text_too_long` beyond `most` characters, and `text_invalid` for line
    breaks and other control characters, which would break a list or a file name.
    """
    name = text.strip()
    if not name:
        raise Refused("name_missing", "A name is needed.", field=field, fix="Give it one.")
    if len(name) > most:
        raise Refused(
            "text_too_long",
            f"That is {len(name)} characters long; {most} can be kept.",
            field=field,
            value=name[:40] + "…",
            fix="Shorten it.",
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise Refused(
            "text_invalid",
            "It has a line break or another control character in it.",
            field=field,
            value=name[:40].encode("unicode_escape").decode(),
            fix="Write it on one line.",
        )
    return name
