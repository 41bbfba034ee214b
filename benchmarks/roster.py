"""A roster to import, and the floor of importing it: COPY into a temporary table, then one statement a table."""

from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks.seeding import NOW
from paidthru.membership.models import Plan
from paidthru.organizations.models import Organization

_HEAD = "Member ID,First name,Last name,Email,Phone,Level,Member since,Paid through\n"
_FLOOR = Path(__file__).with_name("roster.sql")


def write(path: Path, rows: int) -> None:
    """A roster of so many members of one level, without a fault."""
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for n in range(1, rows + 1):
            through = "2026-12-31" if n % 10 == 0 else "2025-12-31"
            file.write(
                f"M{n},Given{n % 997},Family{n},member{n}@example.org,+1 555 {n % 10_000:04},Regular member,"
                f"2020-01-01,{through}\n"
            )


def write_floor(path: Path) -> None:
    """Reads the roster with COPY and writes what an import writes, in plain SQL and one transaction."""
    organization, plan = Organization.objects.get(), Plan.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "CREATE TEMPORARY TABLE roster (id text, given text, family text, email text, phone text, level text,"
            " since date, through date, n bigserial) ON COMMIT DROP"
        )
        with (
            path.open("rb") as file,
            cursor.copy(
                "COPY roster (id, given, family, email, phone, level, since, through) FROM STDIN (FORMAT csv, HEADER)"
            ) as copy,
        ):
            while block := file.read(1 << 16):
                copy.write(block)
        values: dict[str, Any] = {"organization": organization.id, "plan": plan.id, "now": NOW}
        cursor.execute(_FLOOR.read_text(), values)
        cursor.execute("COMMIT")
