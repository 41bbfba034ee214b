"""Resume a run that failed: what was written stays, and writing goes on with the slices that are left (I-14)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.membership.models import BillingRun
from paidthru.membership.rules.runs import RUN
from paidthru.timeline.operations import Actor, Happening, record


def resume_run(run_id: UUID, *, actor: Actor, now: datetime) -> BillingRun:
    """Takes a failed run up again; one that is being written or done already stays as it is.

    Nobody is billed twice by it: a slice is written whole or not at all. Refused: `illegal_transition` for a run
    that was never committed.
    """
    with transaction.atomic():
        run = BillingRun.objects.select_for_update().get(id=run_id)
        if run.state in ("queued", "running", "done"):
            return run
        # One whose preview failed was never committed: the preview is made again.
        state = RUN.next(run.state, "preview_again" if run.batch_id is None else "start")
        BillingRun.objects.filter(id=run.id).update(state=state, failure="")
        record(
            run.organization_id,
            actor,
            now,
            [Happening("run_resumed", "run", run.id, why=run.failure[:500], facts={"name": run.name})],
        )
        run.refresh_from_db()
        return run
