"""Slows down whoever guesses passwords: after some wrong ones, signing in has to wait (ASVS 6.3.1).

Counted in a cache of its own (config/settings.py), so there is no table to fill up, and large enough that strangers
can't push a count out of it: each wrong password costs the server a slow hash. It is a process's own: with several
server processes each counts for itself, which allows so many times as many tries and no more. One pair of address and
place waits soonest, so that a stranger can't keep the treasurer out from elsewhere; many addresses tried from one
place, or one address from many places, wait too.
"""

import hashlib
from collections.abc import Iterator

from django.core.cache import caches
from django.http import HttpRequest

from paidthru.organizations.models import User

MINUTES = 15
_TRIES = "sign_in_tries"
OF_A_PAIR, OF_AN_ADDRESS, OF_A_PLACE = 5, 50, 50
OF_CODES = 5


def must_wait(request: HttpRequest, email: str) -> bool:
    """Whether so many wrong passwords came that this sign-in isn't even looked at."""
    return any(caches[_TRIES].get(key, 0) >= most for key, most in _counters(request, email))


def was_wrong(request: HttpRequest, email: str) -> None:
    """Counts a wrong password. The first one starts the wait's clock."""
    for key, _ in _counters(request, email):
        _count(key)


def was_right(request: HttpRequest, email: str) -> None:
    """Forgets the wrong ones of this person in this place: they had only mistyped."""
    key, _ = next(_counters(request, email))
    caches[_TRIES].delete(key)


def must_wait_for_code(user: User) -> bool:
    """Whether so many wrong codes of a second factor came that none is looked at, wherever they came from: nobody gets
    as far as a code without the password, so no stranger can keep somebody out by it."""
    return bool(caches[_TRIES].get(_code_key(user), 0) >= OF_CODES)


def was_wrong_code(user: User) -> None:
    """Counts a wrong code, or a wrong proof of who changes how they sign in."""
    _count(_code_key(user))


def was_right_code(user: User) -> None:
    """Forgets the wrong ones."""
    caches[_TRIES].delete(_code_key(user))


def _code_key(user: User) -> str:
    return f"code:{user.id}"


def _count(key: str) -> None:
    tries = caches[_TRIES]
    if not tries.add(key, 1, MINUTES * 60):
        try:
            tries.incr(key)
        except ValueError:  # it ran out in between
            tries.add(key, 1, MINUTES * 60)


def _counters(request: HttpRequest, email: str) -> Iterator[tuple[str, int]]:
    address, place = email.strip().casefold(), request.META.get("REMOTE_ADDR", "")
    for of, most in ((f"{address} {place}", OF_A_PAIR), (address, OF_AN_ADDRESS), (f"@{place}", OF_A_PLACE)):
        yield f"sign-in:{hashlib.sha256(of.encode()).hexdigest()}", most
