"""How often strangers may ask at a public page: counted in a cache of its own, so that there is no table to fill up.

It is a process's own: with several server processes each counts for itself, which allows so many times
as many and no more.
"""

import hashlib

from django.core.cache import caches
from django.http import HttpRequest

HOUR = 3600


def place_of(request: HttpRequest) -> str:
    """What stands for where a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def asked_too_often(what: str, most: int, within: int = HOUR) -> bool:
    """Counts one more of `what`, and says whether that is more than `most` within so many seconds since the first."""
    key = _key(what)
    if caches["asked"].add(key, 1, within):
        return most < 1
    try:
        return int(caches["asked"].incr(key)) > most
    except ValueError:  # it ran out in between
        caches["asked"].add(key, 1, within)
        return most < 1


def counted(what: str) -> int:
    """How often `what` was asked lately, without counting this time."""
    return int(caches["asked"].get(_key(what), 0))


def _key(what: str) -> str:
    """Under what it is counted: no address or name stands in the cache."""
    return f"asked:{hashlib.sha256(what.encode()).hexdigest()}"
