"""How often strangers may ask at a public page: counted in the database, for every server process alike."""

from django.http import HttpRequest

from paidthru.organizations.operations import count_try
from paidthru.organizations.queries import tries_of

HOUR = 3600


def place_of(request: HttpRequest) -> str:
    """What stands for where a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def asked_too_often(what: str, most: int, within: int = HOUR) -> bool:
    """Counts one more of `what`, and says whether that is more than `most` within so many seconds since the first."""
    return count_try(f"asked:{what}", within) > most


def counted(what: str) -> int:
    """How often `what` was asked lately, without counting this time."""
    return tries_of(f"asked:{what}")
