"""How often strangers may ask at a public page: counted in Django's cache, so that there is no table to fill up.

The default cache is a process's own: with several server processes each counts for itself, which allows so many times
as many and no more.
"""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600


def place_of(request: HttpRequest) -> str:
    """What stands for where a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def asked_too_often(what: str, most: int) -> bool:
    """Counts one more of `what`, and says whether that is more than `most` within the hour since the first."""
    key = f"asked:{hashlib.sha256(what.encode()).hexdigest()}"
    if cache.add(key, 1, HOUR):
        return most < 1
    try:
        return int(cache.incr(key)) > most
    except ValueError:  # it ran out in between
        cache.add(key, 1, HOUR)
        return most < 1
