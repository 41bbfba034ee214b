"""Habits that a reader of the syntax can check (docs/design.md, habits and smells)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from paidthru.kernel.errors import Refused

from .house import SOURCE, modules, pure_modules, rooms

ROUNDS = {"kernel/money.py"}
TELLS_THE_TIME = {"kernel/clock.py"}
#: How long something took, which is no date: waiting for an answer, a progress bar's rate.
MEASURES_TIME = {"adapters/", "faces/cli/", "faces/stories/", "faces/worker/"}

CLOCKS = (
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now", "timezone.localdate",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime",
)  # fmt: skip
TIMERS = ("time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.perf_counter_ns")


def found(name: str, line: int, what: str) -> str:
    return f"src/paidthru/{name}:{line} {what}"


def test_only_the_kernel_rounds() -> None:
    wrong = []
    for name, tree in modules():
        if name in ROUNDS:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in {"round", "float", "math.floor", "math.ceil"} or called.endswith(".quantize"):
                    wrong.append(found(name, node.lineno, called))
    assert not wrong, "money rounds in kernel/money.py and nowhere else"


def test_only_the_kernel_reads_the_clock() -> None:
    wrong = []
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                read = ast.unparse(node)
                clock = name not in TELLS_THE_TIME and any(
                    read == c or read.endswith("." + c) for c in CLOCKS
                )
                timer = read in TIMERS and not name.startswith(tuple(MEASURES_TIME | TELLS_THE_TIME))
                if clock or timer:
                    wrong.append(found(name, node.lineno, read))
            elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
                wrong.append(found(name, node.value.lineno, str(node.arg)))
            elif isinstance(node, ast.ImportFrom) and node.module == "time":
                wrong.append(found(name, node.lineno, "from time import"))
    assert not wrong, "time is an argument; the real clock is kernel/clock.py, handed in by the doors"


def test_nothing_sleeps() -> None:
    wrong = [
        found(name, node.lineno, "sleep")
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}
    ]
    assert not wrong


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every absolute import: its line, and the dotted name that it brings in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)


def test_there_are_no_signals() -> None:
    wrong = [
        found(name, line, what)
        for name, tree in modules()
        for line, what in imports(tree)
        if what.startswith("django.dispatch") or ".signals" in what
    ]
    assert not wrong, "what happens is written where it happens"


def test_tables_save_as_django_saves() -> None:
    wrong = [
        found(name, member.lineno, f"{node.name}.{member.name}")
        for name, tree in modules()
        if name.endswith("models.py")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for member in node.body
        if isinstance(member, ast.FunctionDef) and member.name in {"save", "delete"}
    ]
    assert not wrong, "models decide nothing"


#: What the pure floors may use of the standard library: nothing that reads or writes the world.
PURE = {
    "abc", "bisect", "calendar", "collections", "contextlib", "dataclasses", "datetime", "decimal", "enum",
    "functools", "hashlib", "heapq", "hmac", "itertools", "json", "math", "operator", "re", "string", "threading",
    "types", "typing", "unicodedata", "fractions", "uuid", "zoneinfo", "csv", "io", "codecs", "struct", "html",
}  # fmt: skip
#: The clock's own file; random bits and the fork hook of ids; locale data; a parser of text that it is handed.
ALSO = {
    "kernel/clock.py": {"time"},
    "kernel/ids.py": {"os"},
    "kernel/formats.py": {"babel", "copy"},
    "kernel/territories.py": {"babel"},
    "organizations/rules/logos.py": {"xml"},
}


def test_the_kernel_and_the_rules_touch_nothing() -> None:
    wrong = []
    for name, tree in pure_modules():
        allowed = PURE | ALSO.get(name, set()) | {"paidthru"}
        wrong += [
            found(name, line, what) for line, what in imports(tree) if what.split(".")[0] not in allowed
        ]
        wrong += [
            found(name, node.lineno, ast.unparse(node.func))
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"open", "print", "input"}
        ]
    assert not wrong


def is_thawed(node: ast.ClassDef) -> bool:
    """A dataclass that is not frozen, or has no slots."""
    return any(
        text.split("(")[0] in {"dataclass", "dataclasses.dataclass"}
        and not ("frozen=True" in text and "slots=True" in text)
        for text in map(ast.unparse, node.decorator_list)
    )


def test_their_dataclasses_are_frozen() -> None:
    wrong = [
        found(name, node.lineno, node.name)
        for name, tree in pure_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and is_thawed(node)
    ]
    assert not wrong


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_a_room_has_its_furniture(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    assert len(said) > 60, "what this room knows, its nouns, what it never does"
    assert "never" in said.lower()
    assert (room / "models.py").exists() or (room / "models" / "__init__.py").exists()
    assert (room / "migrations" / "__init__.py").exists()
    strange = {entry.stem for entry in room.glob("*.py")} - {
        "__init__", "apps", "models", "queries", "operations", "gateway", "mailer", "vault",
    }  # fmt: skip
    assert not strange, "the furniture of a room is the same everywhere"


#: The one verb of several transactions is a folder of its steps, whose `__init__` names what others use of them.
IN_STEPS = {"charge", "follow_up"}


def test_actions_are_a_flat_corridor() -> None:
    files = {path.relative_to(SOURCE / "actions").as_posix() for path in (SOURCE / "actions").rglob("*.py")}
    deep = [name for name in files if "/" in name and name.split("/")[0] not in IN_STEPS]
    assert not deep, "one verb, one file: `ls` is the list of verbs"
    for verb in IN_STEPS:
        assert f"{verb}/__init__.py" in files and not [name for name in files if name.count("/") > 1]


def test_files_and_functions_say_what_they_are_for() -> None:
    wrong = []
    for name, tree in modules():
        if "/migrations/" in name:
            continue
        if not ast.get_docstring(tree) and tree.body:
            wrong.append(found(name, 1, "the file"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if name.endswith("apps.py") or ast.get_docstring(node):
                    continue
                wrong.append(found(name, node.lineno, node.name))
    assert not wrong


def test_names_and_sizes() -> None:
    vague = {
        "utils",
        "util",
        "helpers",
        "helper",
        "manager",
        "managers",
        "data",
        "misc",
        "common",
        "handle",
        "process",
    }
    wrong = [name for name, _ in modules() if vague & {part.removesuffix(".py") for part in name.split("/")}]
    wrong += [
        f"{path.relative_to(SOURCE)} has grown past 500 lines"
        for path in SOURCE.rglob("*.py")
        if path.parent.name != "migrations"
        and len(path.read_text().splitlines()) > 500  # nobody writes those
    ]
    assert not wrong


def test_a_code_of_refusal_is_a_word_that_stays() -> None:
    wrong = []
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == Refused.__name__ and node.args:
                code = node.args[0]
                if isinstance(code, ast.JoinedStr) or (
                    isinstance(code, ast.Constant) and not str(code.value).replace("_", "").islower()
                ):
                    wrong.append(found(name, node.lineno, ast.unparse(code)))
    assert not wrong
