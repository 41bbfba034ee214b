"""The pages agree with the tree: links lead somewhere, and the commands they name exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from paidthru.config.main import own
from paidthru.faces import cli

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


def test_every_page_is_found_from_the_first_one() -> None:
    first = (TOP / "README.md").read_text()
    pages = {page.name for page in (TOP / "docs").glob("*.md")}
    assert {name for name in pages if f"(docs/{name}" not in first} == set()


def test_every_decision_has_a_number_of_its_own_and_its_line() -> None:
    folder = TOP / "docs" / "decisions"
    pages = sorted(folder.glob("0*.md"))
    listed = (folder / "README.md").read_text()
    for n, page in enumerate(pages, start=1):
        title = page.read_text().splitlines()[0]
        assert page.name.startswith(f"{n:04}-")
        assert title.startswith(f"# {n}. ")
        assert f"- [{n}]({page.name}) {title.removeprefix(f'# {n}. ')}" in listed


COMMAND = re.compile(r"^    paidthru ([^\n]+)|`paidthru ([^`\n]+)`", re.MULTILINE)
FLAG = re.compile(r"(?<!\S)--[a-z][a-z-]*")


def commands(app: typer.Typer) -> dict[str, Any]:
    found: Any = typer.main.get_command(app)
    return dict(found.commands)


def test_the_commands_and_options_that_pages_show_exist() -> None:
    known = {**commands(cli.app), **commands(own)}
    unknown = []
    for page in PAGES:
        for block, inline in COMMAND.findall(page.read_text()):
            text = (block or inline).split("  #")[0].rstrip("\\")
            words = text.replace("…", " ").split()
            at: Any = known.get(words.pop(0))
            if at is None:
                unknown.append((page.name, text))
                continue
            while hasattr(at, "commands") and words and words[0] in at.commands:
                at = at.commands[words.pop(0)]
            flags = {flag for one in at.params for flag in (*one.opts, *one.secondary_opts)} | {"--help"}
            if (words and hasattr(at, "commands")) or not set(FLAG.findall(" ".join(words))) <= flags:
                unknown.append((page.name, text))
    assert unknown == []
