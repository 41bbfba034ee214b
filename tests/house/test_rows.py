"""Every requirement row that is said to be built is named by a story or a test."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]


def rows(text: str) -> set[str]:
    """Ids such as I-02 or X13, with ranges written out (`I-02 to I-27`)."""
    found: set[str] = set()
    for letter, first, last in re.findall(r"\b([ACGIP])-(\d\d)(?:(?: to |\.\.)[ACGIP]-(\d\d))?", text):
        found |= {f"{letter}-{n:02d}" for n in range(int(first), int(last or first) + 1)}
    return found | set(re.findall(r"\bX\d+\b", text))


BUILT = rows(
    """A-02 A-04 A-06 A-07 A-08 A-34 to A-36 A-44 to A-53 C-01 C-02 C-04 C-05 C-07 C-09 to C-20 C-30 to C-33 C-40
    I-01 to I-71
    G-01 to G-39 G-42 P-01 P-04 P-05 P-15 P-16 P-18 to P-20 P-23 P-32 X3 X5 to X7 X9 X13 X20 X21 X22
    C-24 C-31 C-33 C-36 to C-39 C-49 to C-51 P-09 to P-14 P-22 P-24 P-27 to P-31 X11 X12 X15
    C-21 to C-23 C-25 C-41 to C-43 C-45 C-46 G-40 G-41 G-43 to G-47 P-22 P-26 P-28 X14 X16 to X18 X23
    P-01 to P-03 P-13 P-30 A-51 I-25 I-46 I-71 X1 X2 X11
    A-19 to A-24 A-43 C-06 A-29 to A-33 C-03 C-26 to C-29
    A-01 A-03 A-05 A-09 to A-28 A-40 to A-42 X24 X25
    A-37 to A-39 A-54 C-08 C-34 C-35 C-44 C-47 C-48 P-06 to P-08 P-17 P-21 P-25 X4 X6 X8 X10 X17 X19 X26"""
)


def test_every_built_row_is_shown() -> None:
    told = set[str]()
    for path in [*TESTS.rglob("*.story"), *TESTS.rglob("test_*.py")]:
        if path != Path(__file__):
            told |= rows(path.read_text(encoding="utf-8"))
    assert sorted(BUILT - told) == []
