"""Switch the worker of an organization off and on: while it is off nothing happens by itself."""

from datetime import datetime

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def switch_worker(organization: Organization, *, stopped: bool, actor: Actor, now: datetime) -> None:
    """Stops the worker or starts it again; what fell due meanwhile is done then. A second time changes nothing."""
    with transaction.atomic():
        held = Organization.objects.select_for_update(no_key=True).get(id=organization.id)
        if held.worker_stopped != stopped:
            Organization.objects.filter(id=held.id).update(worker_stopped=stopped)
            record(
                organization.id,
                actor,
                now,
                [
                    Happening(
                        "worker_stopped" if stopped else "worker_started",
                        "organization",
                        organization.id,
                    )
                ],
            )
    organization.worker_stopped = stopped
