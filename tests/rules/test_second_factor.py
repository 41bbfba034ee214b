"""Codes of an app, by the vectors of RFC 6238; recovery codes; browsers in words."""

from datetime import UTC, datetime, timedelta

import pytest

from paidthru.organizations.rules.browsers import browser_in_words
from paidthru.organizations.rules.second_factor import (
    code_at,
    matching_step,
    recovery_digest,
    spaced,
    step_of,
)

KEY = b"12345678901234567890"  # of the RFC's appendix B


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert code_at(KEY, step_of(now)) == code
    assert matching_step(KEY, f" {code[:3]} {code[3:]}", now, after=0) == step_of(now)


def test_a_code_is_good_around_its_half_minute_and_once() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    code, step = code_at(KEY, step_of(now)), step_of(now)
    for seconds, good in ((-31, False), (-30, True), (0, True), (59, True), (60, False)):
        found = matching_step(KEY, code, now + timedelta(seconds=seconds), after=0)
        assert (found == step) is good, seconds
    assert matching_step(KEY, code, now, after=step) is None, "used"
    assert matching_step(KEY, code_at(KEY, step - 1), now, after=step) is None, "older than one that was used"


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "٢٨٧٠٨٢", "287082 287082", "-87082"])
def test_what_is_no_code(typed: str) -> None:
    assert matching_step(KEY, typed, datetime.fromtimestamp(59, UTC), after=0) is None


def test_a_recovery_code_may_be_typed_in_any_way() -> None:
    plain = "abcd2345efgh67ij"
    assert spaced(plain) == "abcd-2345-efgh-67ij"
    assert (
        recovery_digest(" ABCD 2345-efgh 67IJ ")
        == recovery_digest(spaced(plain))
        != recovery_digest("a" * 16)
    )
    assert recovery_digest(plain[:-1]) is None


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0",
         "Edge on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Version/17.5 Safari/604.1",
         "Safari on an iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome on Android"),
        ("<script>", "A browser"),
        ("", "A browser"),
    ],
)  # fmt: skip
def test_browsers_in_words(agent: str, words: str) -> None:
    assert browser_in_words(agent) == words
