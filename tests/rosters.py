"""Made-up rosters, as an association's export looks: a seeded one with planted faults, and endless ones.

The roster beside this file (`rosters/roster.csv`, with the counts of what was planted in it) came from elsewhere and
is kept as it is.
"""

import csv
import io
import random
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

GIVEN_ROSTER = Path(__file__).parent / "rosters" / "roster.csv"
GIVEN_COUNTS = Path(__file__).parent / "rosters" / "roster.planted.json"
TODAY = date(2026, 11, 22)
PLANS = ("Regular", "Student", "Family", "Corporate", "Life")
HEADERS = (
    "User ID", "First name", "Last name", "Organization", "e-Mail", "Phone", "Membership level",
    "Membership status", "Member since", "Renewal due", "Balance", "Notes",
)  # fmt: skip
_AT = {header: at for at, header in enumerate(HEADERS)}
_GIVEN = ("Amara", "Björn", "Chloé", "Mei", "Søren", "Yusuf", "Zoë", "Fatima", "Ines", "Kofi")
_FAMILY = ("D'Souza", "García-López", "Brontë", "O'Brien", "Peña", "Smith", "Wójcik", "Ōe", "Çelik")


def member(number: int, chance: random.Random) -> list[str]:
    """One faultless row; the number makes its id and its e-mail address."""
    joined = date(chance.randint(1990, 2025), chance.randint(1, 12), chance.randint(1, 28))
    plan = chance.choice(PLANS)
    status = chance.choice(("Active", "Active", "Active", "Overdue", "Lapsed"))
    renewal = joined.replace(year=2027 if status == "Active" else 2026)
    return [
        str(100_000 + number), chance.choice(_GIVEN), chance.choice(_FAMILY), "",
        f"member{number}@example.org", f"+1 555 {number % 1000:03d} 0100", plan, status, joined.isoformat(),
        "" if plan == "Life" else renewal.isoformat(), "0.00", "",
    ]  # fmt: skip


# What can be planted in a row: the fault's code, and the cells that make it.
PLANTS: dict[str, Callable[[random.Random], dict[str, str]]] = {
    "email_missing": lambda _: {"e-Mail": ""},
    "email_invalid": lambda chance: {"e-Mail": chance.choice(("not an address", "a@b", "x@y..org"))},
    "plan_missing": lambda _: {"Membership level": "", "Membership status": "Active"},
    "plan_unknown": lambda _: {"Membership level": "Platinum Plus"},
    "date_invalid": lambda chance: {
        "Renewal due": chance.choice(("soon", "31/02/2027", "2027-13-01", "2026-02-30"))
    },
    "joined_in_future": lambda _: {"Member since": "2031-05-01"},
    "formula_text": lambda chance: {"First name": chance.choice(("=1+1", "@SUM(A1)", "+cmd", "-2+3"))},
    "line_break": lambda _: {"Notes": 'Pays by check,\r\nasks for "paper" receipts'},
    "amount_read": lambda _: {"Balance": "$1,250.00"},
    "amount_invalid": lambda _: {"Balance": "12O.00"},
    "organization_without_person": lambda _: {
        "First name": "", "Last name": "", "Organization": "Harbour & Sons Ltd",
    },
    "text_too_long": lambda _: {"Last name": "x" * 4000},
    "status_unknown": lambda _: {"Membership status": "Blue"},
    "id_missing": lambda _: {"User ID": ""},
    "control_character": lambda _: {"Phone": "555\x00 0100"},
}  # fmt: skip


def planted_roster(seed: int, members: int = 300, each: int = 3) -> tuple[bytes, dict[str, int]]:
    """A roster (UTF-8 with its mark, CRLF) and how many rows of each fault, by code, it has."""
    chance = random.Random(seed)
    rows = [member(number, chance) for number in range(1, members + 1)]
    spots = iter(chance.sample(range(members), members))
    for make in PLANTS.values():
        for _ in range(each):
            row = rows[next(spots)]
            for header, text in make(chance).items():
                row[_AT[header]] = text
    clean = [rows[at] for at in spots]
    repeats = [list(row) for row in clean[:each]] + [_other_plan(row) for row in clean[each : 2 * each]]
    rows += chance.sample(repeats, len(repeats))
    counts = dict.fromkeys((*PLANTS, "row_repeated", "id_repeated"), each)
    return to_csv(rows, HEADERS), counts


def to_csv(rows: list[list[str]], headers: tuple[str, ...], delimiter: str = ",") -> bytes:
    """The rows as UTF-8 with its mark and CRLF."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(headers)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _other_plan(row: list[str]) -> list[str]:
    other = list(row)
    plan = other[_AT["Membership level"]]
    other[_AT["Membership level"]] = "Family" if plan != "Family" else "Student"
    return other


class RosterStream(io.RawIOBase):
    """A roster of any length made while it is read, so that a test of memory holds no file itself."""

    def __init__(self, members: int) -> None:
        super().__init__()
        self._members = members
        self._rows = self._made()
        self._rest = b""

    def _made(self) -> Iterator[bytes]:
        yield (",".join(HEADERS) + "\r\n").encode()
        for number in range(1, self._members + 1):
            yield (
                f"{100_000 + number},Ana,Pérez {number},,member{number}@example.org,+1 555 0100,Regular,Active,"
                f"2012-08-{number % 28 + 1:02d},2027-08-{number % 28 + 1:02d},0.00,\r\n"
            ).encode()

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def seekable(self) -> bool:
        """Back to the start, that is."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Start again."""
        if offset or whence:
            raise io.UnsupportedOperation("only to the start")
        self._rows, self._rest = self._made(), b""
        return 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with the next rows."""
        parts = [self._rest]
        size = len(self._rest)
        for row in self._rows:
            parts.append(row)
            size += len(row)
            if size >= len(buffer):
                break
        made = b"".join(parts)
        self._rest = made[len(buffer) :]
        made = made[: len(buffer)]
        buffer[: len(made)] = made
        return len(made)
