"""The pages agree with the tree: links lead somewhere, and the commands they name exist."""

import re
from pathlib import Path

import pytest

from .house import TOP

PAGES = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
MAKE = re.compile(r"^\s*(?:\$ )?make ([a-z]+)\b|`make ([a-z]+)\b", re.MULTILINE)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    ways = [
        way for way in LINK.findall(page.read_text()) if "://" not in way and not way.startswith("mailto:")
    ]
    assert not [way for way in ways if not (page.parent / way).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_make_commands_it_names_exist(page: Path) -> None:
    targets = set(TARGET.findall((TOP / "Makefile").read_text()))
    assert {first or second for first, second in MAKE.findall(page.read_text())} <= targets


def test_ci_calls_what_a_person_calls() -> None:
    called = set(re.findall(r"\bmake ([a-z]+)", (TOP / ".ci" / "run").read_text()))
    assert {"test", "demo", "lint"} <= called <= set(TARGET.findall((TOP / "Makefile").read_text()))
