"""Export the books: every posted batch that no export holds yet goes into a new one, under the next number."""

from datetime import datetime
from uuid import UUID

from paidthru.kernel.errors import Refused
from paidthru.ledger.models import BookExport, ExportedBatch
from paidthru.ledger.operations import hold_open_period
from paidthru.ledger.queries.exporting import waiting_batches
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
from paidthru.timeline.operations import Actor, Happening, once, record


def export_books(
    organization: Organization, *, actor: Actor, now: datetime, key: str | None = None
) -> BookExport:
    """Makes the next numbered export, so that no journal is handed over twice; what it says can be written again in any
    format (`queries/exporting.books_of_export`). It states what accounts hold at the ends of closed months.

    Refused: `nothing_to_export`, `key_reused`.
    """

    def act() -> dict[str, str]:
        closed = hold_open_period(organization.id, alone=True)  # also: one export at a time
        batches = waiting_batches(organization.id)
        if not batches:
            raise Refused(
                "nothing_to_export",
                "Every posted batch has been exported.",
                field="export",
                fix="Post a batch first: only what is posted is exported.",
            )
        export = BookExport.objects.create(
            organization=organization,
            number=take_numbers(organization.id, "export"),
            exported_at=now,
            exported_by=actor.name[:200],
            asserted_through=closed,
        )
        ExportedBatch.objects.bulk_create(
            ExportedBatch(organization=organization, export=export, batch=batch) for batch in batches
        )
        facts = {"export": export.number, "batches": len(batches)}
        record(organization.id, actor, now, [Happening("books_exported", "export", export.id, facts=facts)])
        return {"export": str(export.id)}

    outcome = once(organization.id, key, "export_books", {}, now, act)
    return BookExport.objects.get(id=UUID(outcome["export"]))
