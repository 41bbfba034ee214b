"""How somebody signed in, as it is kept and as people read it."""

import pytest

from paidthru.organizations.rules.ways_in import FIRST, SECOND, way_in_words, with_second


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("", ""),
        ("password", "password"),
        ("password+passkey", "password + passkey"),
        ("password+code", "password + app code"),
        ("provider+recovery", "single sign-on + recovery code"),
        ("passkey", "passkey alone"),
    ],
)
def test_a_way_in_is_said(how: str, said: str) -> None:
    assert way_in_words(how) == said


def test_what_is_kept_has_its_words_and_its_room() -> None:
    both = [with_second(first, second) for first in FIRST for second in SECOND]
    assert all(way_in_words(how) and len(how) <= 20 for how in [*FIRST, *both])
    for first, second in (("password", "wink"), ("wink", "code"), ("password", "")):
        with pytest.raises(KeyError):
            with_second(first, second)
    with pytest.raises(KeyError):
        way_in_words("wink")
