"""Every requirement row that is said to be built is named by a story or a test."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]


def rows(text: str) -> set[str]:
    """Ids such as I-02, with ranges written out (`I-02 to I-27`)."""
    found: set[str] = set()
    for letter, first, last in re.findall(r"\b([ACGIP])-(\d\d)(?:(?: to |\.\.)[ACGIP]-(\d\d))?", text):
        found |= {f"{letter}-{n:02d}" for n in range(int(first), int(last or first) + 1)}
    return found


BUILT = rows(
    """A-02 A-04 A-06 A-07 A-34 to A-36 A-45 C-01 C-02 C-04 C-05 C-07 C-09 to C-18 C-20 C-30 I-02 to I-33
    I-35 I-38 to I-64 I-65 to I-67 I-70 G-01 to G-03 G-06 to G-11 G-13 G-17 to G-29 G-34 to G-39 P-01 P-15 P-18 P-23"""
)


def test_every_built_row_is_shown() -> None:
    told = set[str]()
    for path in [*TESTS.rglob("*.story"), *TESTS.rglob("test_*.py")]:
        if path != Path(__file__):
            told |= rows(path.read_text(encoding="utf-8"))
    assert sorted(BUILT - told) == []
