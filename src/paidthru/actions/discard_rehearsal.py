"""Discard a rehearsal: its copies are thrown away; what came of it in figures stays."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization, Rehearsal
from paidthru.organizations.rules.rehearsing import COURSE
from paidthru.timeline.operations import Actor, Happening, record


def discard_rehearsal(
    organization: Organization, rehearsal_id: UUID, *, actor: Actor, now: datetime
) -> list[UUID]:
    """Gives a rehearsal up and returns the copies that are to be thrown away. A second time it returns none. Refused
    `rehearsal_unknown`."""
    with transaction.atomic():
        found = (
            Rehearsal.objects.select_for_update(no_key=True)
            .filter(id=rehearsal_id, organization=organization)
            .first()
        )
        if found is None:
            raise Refused(
                "rehearsal_unknown", "There is no such rehearsal.", field="rehearsal", fix="Look at the list."
            )
        if found.discarded_at is not None:
            return []
        copies = []
        for course in found.courses.select_for_update():
            if course.fork_id is not None:
                copies.append(course.fork_id)
            course.state, course.fork_id = COURSE.next(course.state, "discard"), None
            course.save(update_fields=["state", "fork_id"])
        found.discarded_at = now
        found.save(update_fields=["discarded_at"])
        facts = {"name": found.name}
        record(
            organization.id,
            actor,
            now,
            [Happening("rehearsal_discarded", "rehearsal", found.id, facts=facts)],
        )
        return copies
