"""Review a run: somebody has read its invoices, so they may be submitted (I-20, I-21)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch
from paidthru.membership.models import BillingRun
from paidthru.timeline.operations import Actor, Happening, record


def review_run(run_id: UUID, *, actor: Actor, now: datetime) -> BillingRun:
    """Marks a finished run and its batch as reviewed; a second time changes nothing. Refused `run_unfinished`."""
    with transaction.atomic():
        run = BillingRun.objects.select_for_update().get(id=run_id)
        if run.reviewed_at is not None:
            return run
        if run.state != "done":
            raise Refused(
                "run_unfinished",
                f"Run “{run.name}” isn't finished.",
                field="run",
                value=run.name,
                fix="Wait until all its invoices are written, then review them.",
            )
        BillingRun.objects.filter(id=run.id).update(reviewed_by=actor.name, reviewed_at=now)
        Batch.objects.filter(id__in=[run.batch_id], state="open").update(
            state="reviewed", reviewed_by=actor.name, reviewed_at=now
        )
        record(
            run.organization_id,
            actor,
            now,
            [Happening("run_reviewed", "run", run.id, facts={"name": run.name})],
        )
        run.refresh_from_db()
        return run
