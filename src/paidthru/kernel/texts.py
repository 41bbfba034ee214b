"""Names that people give to things, and their addresses: what may stand in them, and how long they may be."""

import re
import unicodedata

from paidthru.kernel.errors import Refused

_EMAIL = re.compile(
    r"[^\s@,;:<>()\[\]\"\\\x00-\x1f]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])\Z"
)


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


def is_email(text: str) -> bool:
    """Whether a message could be addressed to `text`: one address, a domain with a dot, no line break."""
    return len(text) <= 254 and _EMAIL.match(text) is not None and ".." not in text


def sign_in_address(text: str) -> str:
    """An e-mail address as it is stored and looked up for signing in: without blanks around it, in small letters. One
    way for both, since a database folds some letters (such as İ) otherwise."""
    return text.strip().lower()


def checked_email(text: str, *, field: str = "email") -> str:
    """The address without blanks around it. Refused `email_invalid`."""
    address = text.strip()
    if not is_email(address):
        raise Refused(
            "email_invalid",
            f"“{address[:80]}” is not an e-mail address." if address else "An e-mail address is needed.",
            field=field,
            value=address[:80].encode("unicode_escape").decode(),
            fix="Write it as ann@example.org.",
        )
    return address
