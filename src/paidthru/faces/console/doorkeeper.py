"""Slows down whoever guesses passwords: after some wrong ones, signing in has to wait (ASVS 6.3.1).

Counted in the database: every server process sees the same, and no stranger's tries make another's forgotten. One
pair of address and place waits soonest, so that a stranger can't keep the treasurer out from elsewhere; many addresses
tried from one place, or one address from many places, wait too.
"""

from collections.abc import Iterator

from django.http import HttpRequest

from paidthru.kernel.texts import sign_in_address
from paidthru.organizations.models import User
from paidthru.organizations.operations import count_try, forget_tries
from paidthru.organizations.queries import tries_of

MINUTES = 15
OF_A_PAIR, OF_AN_ADDRESS, OF_A_PLACE = 5, 50, 50
OF_CODES = 5


def must_wait(request: HttpRequest, email: str) -> bool:
    """Whether so many wrong passwords came that this sign-in isn't even looked at."""
    return any(tries_of(key) >= most for key, most in _counters(request, email))


def was_wrong(request: HttpRequest, email: str) -> None:
    """Counts a wrong password. The first one starts the wait's clock."""
    for key, _ in _counters(request, email):
        count_try(key, MINUTES * 60)


def was_right(request: HttpRequest, email: str) -> None:
    """Forgets the wrong ones of this person in this place: they had only mistyped."""
    key, _ = next(_counters(request, email))
    forget_tries(key)


def must_wait_for_code(user: User) -> bool:
    """Whether so many wrong codes of a second factor came that none is looked at, wherever they came from: nobody gets
    as far as a code without the password, so no stranger can keep somebody out by it."""
    return tries_of(_code_key(user)) >= OF_CODES


def was_wrong_code(user: User) -> None:
    """Counts a wrong code, or a wrong proof of who changes how they sign in."""
    count_try(_code_key(user), MINUTES * 60)


def was_right_code(user: User) -> None:
    """Forgets the wrong ones."""
    forget_tries(_code_key(user))


def _code_key(user: User) -> str:
    return f"code:{user.id}"


def _counters(request: HttpRequest, email: str) -> Iterator[tuple[str, int]]:
    address, place = sign_in_address(email), request.META.get("REMOTE_ADDR", "")
    for of, most in ((f"{address} {place}", OF_A_PAIR), (address, OF_AN_ADDRESS), (f"@{place}", OF_A_PLACE)):
        yield f"sign-in:{of}", most
