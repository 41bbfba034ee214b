"""When a gift that was declined is tried again, and when it is given up (A-20). Pure."""

from collections.abc import Sequence
from datetime import date, timedelta


def next_try_on(tried: int, offsets: Sequence[int], failed_on: date, *, most: int) -> date | None:
    """The local date of the next try after `tried` failures, the last on `failed_on`, by `collect.offsets` (the first
    is that of the first try); None when the offsets, or the `most` tries, are used up. Never twice on one day."""
    if tried >= min(len(offsets), most):
        return None
    return failed_on + timedelta(days=max(offsets[tried], 1))
