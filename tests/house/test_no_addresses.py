"""What is committed names no machine's folders and no place that packages are fetched from."""

import re

from .house import TOP, kept_files

HOSTS = (
    "files.python" + "hosted",
    "py" + "pi.org",
    "registry.npm" + "js",
    "npm" + "js.com",
    "crates" + ".io/api",
)
PLACES = (
    "/wo" + "rk/",
    "/fa" + "rm/",
    "/tmp/bash" + "_jobs",
    "/Us" + "ers/",
    "/home/run" + "ner",
    "/opt/py" + "pi",
)
WRONG = re.compile("|".join(map(re.escape, HOSTS + PLACES)).encode())


def test_no_registry_and_no_machine_is_named() -> None:
    wrong = []
    for path in kept_files():
        for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
            if WRONG.search(line):
                wrong.append(f"{path.relative_to(TOP)}:{number}")
    assert not wrong


def test_requirements_are_pinned_and_hashed_and_name_no_place() -> None:
    for name in ("base.txt", "dev.txt"):
        text = (TOP / "requirements" / name).read_text()
        pins = re.findall(r"^[a-z0-9].*$", text, re.MULTILINE)
        assert len(pins) > 10
        for pin in pins:
            assert re.match(r"[a-z0-9._-]+==\S+.* \\$", pin), f"{name}: {pin}"
        assert not re.search(r"^\s*-(?!-hash)|://|^-", text, re.MULTILINE), name
