"""The members' pages are complete in every language, and what is read is what was translated (docs/languages.md)."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from tests.house.house import modules

from paidthru.documents.rules.words import LANGUAGES as OF_DOCUMENTS
from paidthru.faces.portal.sentences import SENTENCES
from paidthru.membership.rules.status import LABELS
from paidthru.notices.rules.catalogue import LANGUAGES as OF_MAILS
from paidthru.notices.rules.kinds import TOPICS

ROOT = Path(__file__).parents[2]
_PLACE = re.compile(r"\{(\w*)\}|%\((\w+)\)s")


def _script() -> Any:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "scripts" / "messages.py")
    assert spec is not None and spec.loader is not None
    messages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(messages)
    return messages


messages = _script()


def _placed(text: str) -> set[tuple[str, ...]]:
    return {found.groups() for found in _PLACE.finditer(text)}


def test_pages_mails_and_documents_have_the_same_languages() -> None:
    known = {code for code, _ in settings.LANGUAGES}
    assert known == set(OF_DOCUMENTS) == set(OF_MAILS) == {"en", *messages.LANGUAGES}


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_catalogue_has_what_the_sources_say_and_nothing_else(language: str) -> None:
    assert set(messages.kept(language)) == messages.gathered(), "run: python scripts/messages.py"
    assert messages.file_of(language).read_bytes() == messages.written(messages.catalogue(language))


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_everything_is_translated_with_the_same_placeholders(language: str) -> None:
    assert not messages.untranslated(language)
    for (_, one, many), message in messages.kept(language).items():
        said = message.string if many else (message.string,)
        assert _placed(said[-1]) == _placed(many or one), (language, one)
        assert all(_placed(form) <= _placed(many or one) for form in said), (language, one)
        assert all(form == form.strip() and form for form in said), (language, one)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_what_is_read_is_what_was_compiled(language: str) -> None:
    found = messages.file_of(language).with_suffix(".mo").read_bytes()
    assert found == messages.compiled(language), "run: python scripts/messages.py"


def _marked(path: Path) -> Iterator[str]:
    """The first words of every marked message of a module, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if isinstance(node, ast.Call) and name in messages.KEYWORDS:
            said = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield from map(str, said[1:2] if name.startswith("pgettext") else said[:1])


def test_no_marked_word_is_missed() -> None:
    """Babel doesn't see what stands inside an f-string."""
    known = {one for _, one, _ in messages.gathered()}
    for path in messages.sources():
        if path.suffix == ".py":
            assert set(_marked(path)) <= known, path.name


def test_states_and_topics_that_members_read_are_known() -> None:
    gathered = messages.gathered()
    assert {("membership", label, "") for labels in LABELS.values() for label in labels} <= gathered
    for name in TOPICS.values():
        assert {("", name, ""), ("", name[0].lower() + name[1:], "")} <= gathered


def _written() -> list[str]:
    """Every text in the sources outside of the portal, with `{}` for what varies."""
    found = []
    for name, tree in modules():
        if not name.startswith("faces/"):
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
                elif isinstance(node, ast.JoinedStr):
                    parts = (one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
                    found.append("".join(map(str, parts)))
    return found


def test_what_is_said_again_was_said_in_these_words() -> None:
    """A refusal or a reason that is worded anew deeper down is worded anew for the other languages, too."""
    everything = "\n".join(_written()).lower()
    for sentence in SENTENCES:
        for piece in re.split(r"\{\w+\}", sentence):
            told = piece.strip(" .:;,“”()").lower()
            assert told in everything, f"{sentence!r} is said nowhere: {told!r}"
