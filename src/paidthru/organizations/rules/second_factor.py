"""Codes of a second factor: those that an app makes every half minute (RFC 6238), and those kept for a lost phone."""

import hashlib
import hmac
from datetime import datetime

STEP = 30  # seconds
DIGITS = 6
NEAR = 1  # so many steps early or late are taken: a phone's clock is a little off, and people type slowly
RECOVERY_CODES = 10
_RECOVERY_SIGNS = 16  # of 32 possible ones: 80 bits, so that a plain digest is enough


def step_of(instant: datetime) -> int:
    """The half minute in which an instant lies, counted from 1970."""
    return int(instant.timestamp()) // STEP


def code_at(key: bytes, step: int) -> str:
    """The six digits that an app with this key shows in a half minute."""
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(key: bytes, typed: str, now: datetime, *, after: int) -> int | None:
    """The half minute whose code was typed; None where it is wrong, or not newer than `after`, the last one used."""
    given = "".join(typed.split())
    if not (given.isascii() and given.isdigit()):
        return None
    present = step_of(now)
    for step in range(present - NEAR, present + NEAR + 1):
        if step > after and hmac.compare_digest(code_at(key, step), given):
            return step
    return None


def recovery_digest(typed: str) -> str | None:
    """What is kept of a recovery code, however it was typed; None for what can't be one."""
    plain = "".join(sign for sign in typed.lower() if sign.isascii() and sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest() if len(plain) == _RECOVERY_SIGNS else None


def spaced(text: str) -> str:
    """Letters and digits in groups of four, as people read them."""
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
