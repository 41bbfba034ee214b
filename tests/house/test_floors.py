"""Who may import whom (docs/design.md, the house): the contracts in pyproject.toml, kept."""

import os

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from .house import SOURCE, TOP, floors


def test_the_floors_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(TOP)
    status = lint_imports(config_filename=str(TOP / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_every_folder_has_its_floor() -> None:
    known = set().union(*floors())
    strays = {entry.name for entry in os.scandir(SOURCE) if entry.is_dir()} - known - {"__pycache__"}
    assert not strays, (
        "a folder without a floor: say in docs/design.md what it is, or put its contents where they belong"
    )
