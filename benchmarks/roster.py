"""The floor of importing a roster: COPY into a temporary table, then one statement a table."""

from pathlib import Path

from django.db import connection, transaction

from benchmarks.importing import FILE_NAME
from benchmarks.seeding import BILL_ON, NOW
from paidthru.membership.models import Plan
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor

_SQL = Path(__file__).with_suffix(".sql")
_BLOCK = 1 << 16  # bytes


def write_floor(path: Path, actor: Actor) -> None:
    """Reads the roster with COPY and writes what an import of it writes, in plain SQL and one transaction."""
    organization, plan = Organization.objects.get(), Plan.objects.get()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE roster (id text, given text, family text, email text, phone text, level text,"
            " since date, through date, n bigserial) ON COMMIT DROP"
        )
        columns = "id, given, family, email, phone, level, since, through"
        with (
            path.open("rb") as file,
            cursor.copy(f"COPY roster ({columns}) FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            while block := file.read(_BLOCK):
                copy.write(block)
        cursor.execute(
            _SQL.read_text(),
            {"organization": organization.id, "plan": plan.id, "now": NOW, "on": BILL_ON, "actor": actor.name,
             "actor_kind": actor.kind, "why": f"Import of {FILE_NAME}"},
        )  # fmt: skip
