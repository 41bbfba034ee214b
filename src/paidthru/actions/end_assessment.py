"""End an assessment: no further period of it is billed (A-30)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.assessments.models import Assessment
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def end_assessment(
    organization: Organization,
    assessment_id: UUID,
    *,
    on: date,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> Assessment:
    """Ends an assessment: the last period is the one that begins on that local date or before. What was billed stays.

    Refused `assessment_unknown`.
    """
    with transaction.atomic():
        found = Assessment.objects.select_for_update(of=("self",)).select_related("unit")
        one = found.filter(id=assessment_id, organization=organization).first()
        if one is None:
            raise Refused(
                "assessment_unknown",
                "There is no such assessment.",
                field="assessment",
                fix="Look it up again.",
            )
        if one.ends_on == on:
            return one
        one.ends_on = on
        if one.next_on is not None and one.next_on > on:
            one.next_on = None
        one.save(update_fields=["ends_on", "next_on"])
        facts = {"unit": one.unit.name, "assessment": one.name, "until": on.isoformat()}
        record(
            organization.id,
            actor,
            now,
            [Happening("assessment_ended", "unit", one.unit_id, why=reason, facts=facts)],
        )
        return one
