"""Say how many visits a plan includes in each cycle (C-28)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.membership.models import Plan
from paidthru.membership.rules.included_visits import checked_included_visits
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def set_included_visits(
    organization: Organization, plan_id: UUID, visits: int | None, *, actor: Actor, now: datetime
) -> Plan:
    """So many visits of a cycle cost nothing, None for every one; from the next visit on. What was entered stays as it
    is. Refused `plan_unknown`, `visits_invalid`."""
    checked_included_visits(visits)
    with transaction.atomic():
        plan = Plan.objects.select_for_update().filter(id=plan_id, organization=organization).first()
        if plan is None:
            raise Refused("plan_unknown", "There is no such plan.", field="plan", fix="Look it up again.")
        if plan.included_visits != visits:
            plan.included_visits = visits
            plan.save(update_fields=["included_visits"])
            facts = {"plan": plan.name, "visits": "every visit" if visits is None else str(visits)}
            record(
                organization.id, actor, now, [Happening("included_visits_set", "plan", plan.id, facts=facts)]
            )
        return plan
