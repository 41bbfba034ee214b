"""Review a batch: somebody has read its journals and totals, so it may be posted (I-16, I-17)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch
from paidthru.ledger.rules.batches import BATCH
from paidthru.membership.models import BillingRun
from paidthru.timeline.operations import Actor, Happening, record


def review_batch(batch_id: UUID, *, actor: Actor, now: datetime) -> Batch:
    """Marks an open batch as reviewed; a second time changes nothing. Reading a run's invoices (review_run) reviews its
    batch too.

    Refused: `batch_posted`, `batch_in_use` while a run writes it.
    """
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(id=batch_id)
        if batch.state == "reviewed":
            return batch
        if batch.state == "posted":
            raise Refused(
                "batch_posted",
                f"Batch {batch.number} is already posted.",
                field="batch",
                value=batch.number,
                fix="Corrections go into a new batch.",
            )
        if BillingRun.objects.filter(batch=batch).exclude(state="done").exists():
            raise Refused(
                "batch_in_use",
                f"The run of batch {batch.number} isn't finished.",
                field="batch",
                value=batch.number,
                fix="Review it when the run is done.",
            )
        Batch.objects.filter(id=batch.id).update(
            state=BATCH.next(batch.state, "review"), reviewed_by=actor.name, reviewed_at=now
        )
        record(
            batch.organization_id,
            actor,
            now,
            [
                Happening(
                    "batch_reviewed", "batch", batch.id, facts={"batch": batch.number, "name": batch.name}
                )
            ],
        )
        return Batch.objects.get(id=batch.id)
