"""Sentences that deeper floors have written in English and a member reads, said again in the language of the page.

Rules and actions know no language: a price tells how it came about, a line what it is for, a refusal what to do. Those
of them that members meet are listed here (`sentences.py`), with what varies in braces; one that isn't listed stays as
it is. A test finds each again where it was written.
"""

import re
from functools import cache

from django.conf import settings
from django.utils.translation import gettext

from paidthru.faces.portal.languages import language
from paidthru.faces.portal.sentences import SENTENCES
from paidthru.faces.portal.spoken import every, lasting
from paidthru.kernel.periods import Interval, Unit

_PLACE = re.compile(r"\{(\w+)\}")
_INTERVAL = re.compile(rf"(\d{{1,6}}) ({'|'.join(Unit)})s?")
_DAY, _COUNT = r"\d{4}-\d{2}-\d{2}", r"\d+"
_EVERY = re.compile(rf"every (?:(\d{{1,6}}) )?({'|'.join(Unit)})s?")
_SHAPES = {
    "every": r"every (?:\d{1,6} )?[a-z]+",
    "amount": r"-?\d+(?:\.\d+)? [A-Z]{3}",
    "invoice": r"\S+",
    **dict.fromkeys(("day", "late", "start", "through"), _DAY),
    **dict.fromkeys(("all", "count", "left", "month", "most", "n", "used", "weight", "whole"), _COUNT),
}
_WITHIN = frozenset(
    {"why", "and_why", "what", "weights"}
)  # what these stand for is a sentence, or a part of one, itself


def reworded(text: str) -> str:
    """The same in the reader's language, as far as it is known."""
    if not text or language() == settings.LANGUAGE_CODE:
        return text
    for pattern, sentence in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return gettext(sentence).format(
                **{name: _put(name, said) for name, said in found.groupdict().items()}
            )
    return text


def _put(name: str, said: str) -> str:
    interval = _INTERVAL.fullmatch(said)
    if interval is not None and int(interval[1]):
        return lasting(Interval(int(interval[1]), Unit(interval[2])))
    often = _EVERY.fullmatch(said)
    if often is not None:
        return every(Interval(int(often[1] or 1), Unit(often[2])))
    return reworded(said) if name in _WITHIN else said


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(_as_pattern(sentence), re.DOTALL), sentence) for sentence in SENTENCES)


def _as_pattern(sentence: str) -> str:
    parts = _PLACE.split(sentence)
    names = [f"(?P<{name}>{_SHAPES.get(name, '.+?')})" for name in parts[1::2]]
    return "".join(
        part
        for pair in zip([re.escape(text) for text in parts[::2]], [*names, ""], strict=True)
        for part in pair
    )
