"""Discard a rehearsal: it is given up, and its copies are to be thrown away; what came of it in figures stays."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Course, Organization, Rehearsal
from paidthru.organizations.rules.rehearsing import COURSE
from paidthru.timeline.operations import Actor, Happening, record


def discard_rehearsal(
    organization: Organization, rehearsal_id: UUID, *, actor: Actor, now: datetime
) -> list[Course]:
    """Gives a rehearsal up and returns the courses whose copies are still to be thrown away: all, or a second time what
    was left of them. Refused `rehearsal_unknown`."""
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
        courses = list(found.courses.select_for_update())
        if found.discarded_at is None:
            for course in courses:
                course.state = COURSE.next(course.state, "discard")
                course.save(update_fields=["state"])
            found.discarded_at = now
            found.save(update_fields=["discarded_at"])
            told = Happening("rehearsal_discarded", "rehearsal", found.id, facts={"name": found.name})
            record(organization.id, actor, now, [told])
        there = Organization.objects.filter(id__in=[course.fork_id for course in courses]).values_list(
            "id", flat=True
        )
        return [course for course in courses if course.fork_id in set(there)]
