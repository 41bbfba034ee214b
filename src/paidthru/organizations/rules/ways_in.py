"""How somebody signed in: the first thing that they showed, and the second where one was asked. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

#: By the word that is stored, as people read it.
FIRST: Mapping[str, str] = MappingProxyType(
    {
        "password": "password",
        "link": "link to set a password",
        "passkey": "passkey alone",
        "provider": "single sign-on",
    }
)
SECOND: Mapping[str, str] = MappingProxyType(
    {"passkey": "passkey", "code": "app code", "recovery": "recovery code"}
)


def with_second(first: str, second: str) -> str:
    """What is stored of a sign-in in two steps. Raises KeyError for steps that there are not."""
    return f"{_checked(first, FIRST)}+{_checked(second, SECOND)}"


def way_in_words(how: str) -> str:
    """What is stored, as people read it, such as `password + app code`; nothing for nothing. Raises KeyError."""
    if not how:
        return ""
    first, plus, second = how.partition("+")
    return f"{FIRST[first]} + {SECOND[second]}" if plus else FIRST[first]


def _checked(step: str, known: Mapping[str, str]) -> str:
    if step not in known:
        raise KeyError(step)
    return step
