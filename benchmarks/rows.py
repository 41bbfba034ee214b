"""Do the floor and we write the same? Counted in every table; and compared value for value, ids aside."""

from typing import Any

from django.apps import apps
from django.db import connection

#: Ids that each side makes for itself, and the transaction that a journal was written in.
OWN = ("id", "run_id", "batch_id", "invoice_id", "receivable_id", "journal_id", "preview_token", "written_in")
WRITTEN = (
    "membership_runitem", "invoicing_receivable", "invoicing_invoice", "invoicing_line", "ledger_journal",
    "ledger_entry", "membership_term", "membership_membership", "timeline_event",
)  # fmt: skip


def counts() -> dict[str, int]:
    """Rows, by table of ours."""
    tables = sorted(
        model._meta.db_table for model in apps.get_models() if model.__module__.startswith("paidthru.")
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        return dict(cursor.fetchall())


def fingerprints() -> dict[str, Any]:
    """A sum over what is in the rows, by table; equal where the rows are equal, in whatever order they came.

    An invoice is the source of its journal, so that column is an id of its own there. The three events of the run
    itself say what staff did, which the floor leaves out.
    """
    found = {}
    with connection.cursor() as cursor:
        for table in WRITTEN:
            own = [*OWN, *(["source_id"] if table == "ledger_journal" else [])]
            about = "WHERE subject_kind <> 'run'" if table == "timeline_event" else ""
            cursor.execute(
                f"SELECT sum(hashtextextended((to_jsonb(t) - %s::text[])::text, 0))::text FROM {table} t {about}",
                [own],
            )
            found[table] = cursor.fetchone()[0]
    return found
