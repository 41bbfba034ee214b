"""Everything that a person can set, run or call has its line in docs/."""

import re
from collections.abc import Iterator

import pytest
import typer

from paidthru.config import main
from paidthru.faces import cli
from paidthru.organizations.rules import policies

from .house import SOURCE, TOP

POLICIES = TOP / "docs" / "policies.md"
COMMANDS = TOP / "docs" / "cli.md"
CONFIGURATION = TOP / "docs" / "configuration.md"


@pytest.mark.parametrize("key", sorted(policies.CATALOGUE))
def test_every_policy_key_is_documented(key: str) -> None:
    assert f"`{key}`" in POLICIES.read_text()


def commands(app: typer.Typer, before: str = "paidthru") -> Iterator[tuple[str, str]]:
    """Each command as it is typed, and its help."""
    for command in app.registered_commands:
        assert command.callback
        name = command.name or command.callback.__name__.replace("_", "-")
        yield f"{before} {name}", command.help or command.callback.__doc__ or ""
    for group in app.registered_groups:
        if group.typer_instance:
            yield from commands(group.typer_instance, f"{before} {group.name}")


ALL = dict([*commands(cli.app), *commands(main.own)])


@pytest.mark.parametrize("command", sorted(ALL))
def test_every_command_is_documented_and_says_what_it_does(command: str) -> None:
    assert ALL[command].strip(), "its --help is empty"
    assert command in COMMANDS.read_text()


def test_every_environment_variable_is_documented() -> None:
    used = {
        name
        for path in SOURCE.rglob("*.py")
        for name in re.findall(r"\b(?:PAIDTHRU_[A-Z_]+|DATABASE_URL)\b", path.read_text())
    }
    said = CONFIGURATION.read_text()
    assert not {name for name in used if f"`{name}`" not in said}
