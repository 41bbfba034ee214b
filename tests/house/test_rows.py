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
    """A-02 A-04 A-06 A-07 A-08 A-34 to A-36 A-45 C-01 C-02 C-04 C-05 C-07 C-09 to C-20 C-30 C-40 I-01 to I-71
    G-01 to G-39 G-42 P-01 P-15 P-16 P-18 to P-20 P-23 P-32 X7 X13 X20 X21 X22"""
)


def test_every_built_row_is_shown() -> None:
    told = set[str]()
    for path in [*TESTS.rglob("*.story"), *TESTS.rglob("test_*.py")]:
        if path != Path(__file__):
            told |= rows(path.read_text(encoding="utf-8"))
    assert sorted(BUILT - told) == []
