"""What was refused, in the reader's language, as far as a member can meet it; anything else stays in English."""

from paidthru.faces.portal.reworded import reworded
from paidthru.kernel.errors import Refused


def said_of(refused: Refused) -> str:
    """What was refused and what to do about it."""
    return f"{message_of(refused)} {fix_of(refused)}".strip()


def message_of(refused: Refused) -> str:
    """What was refused."""
    return reworded(refused.message)


def fix_of(refused: Refused) -> str:
    """What to do about it; "" where nothing can be said."""
    return reworded(refused.fix or "")
