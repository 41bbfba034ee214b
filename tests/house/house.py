"""What the tests of the house look at: its files, its floors and its tables."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db.models import Model

TOP = Path(__file__).resolve().parents[2]
SOURCE = TOP / "src" / "paidthru"


def floors() -> list[set[str]]:
    """The packages of each floor, the lowest first, as import-linter's contract has them."""
    settings = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(
        contract["layers"] for contract in settings["contracts"] if contract["name"] == "The floors"
    )
    return [{name.strip(" ()") for name in layer.split("|")} for layer in reversed(layers)]


def floor_of(package: str) -> int:
    return next(number for number, names in enumerate(floors()) if package in names)


def rooms() -> list[Path]:
    """The folders of the noun rooms: those with tables between `organizations` and `actions`."""
    names = set().union(*floors()[floor_of("organizations") : floor_of("notices")])
    return sorted(SOURCE / name for name in names if (SOURCE / name).is_dir())


def modules(*under: Path) -> Iterator[tuple[str, ast.Module]]:
    """Every Python file below the folders (all of the source without one), by its path from the source's top."""
    for folder in under or (SOURCE,):
        for path in sorted(folder.rglob("*.py")):
            yield path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text(), filename=str(path))


def pure_modules() -> Iterator[tuple[str, ast.Module]]:
    """kernel/ and every rules/."""
    for name, tree in modules():
        if name.startswith("kernel/") or "rules" in name.split("/"):
            yield name, tree


def tables() -> list[type[Model]]:
    """Every model of ours, those that Django makes for a many-to-many too."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("paidthru.")
    ]


def package_of(model: type[Model]) -> str:
    return model.__module__.split(".")[1]


def kept_files() -> list[Path]:
    """The files under version control, and those that are about to be; all of them in a copy without it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=TOP,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0:
        return [
            TOP / name for name in sorted(set(listed.stdout.split("\0")) - {""}) if (TOP / name).is_file()
        ]
    made = {".venv", ".git", "__pycache__", "node_modules"}
    return sorted(
        path
        for path in TOP.rglob("*")
        if path.is_file() and not any(p in made or p.endswith("_cache") for p in path.parts)
    )
