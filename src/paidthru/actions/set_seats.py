"""Say how many people a plan covers when a household or company holds it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.membership.models import Plan
from paidthru.membership.rules.seats import checked_seats
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def set_seats(
    organization: Organization, plan_id: UUID, seats: int | None, *, actor: Actor, now: datetime
) -> Plan:
    """A household's or company's membership of the plan covers that many of its people, None for all of them. Where
    more belong already, those who came first keep their seat. Refused `plan_unknown`, `seats_invalid`."""
    checked_seats(seats)
    with transaction.atomic():
        plan = Plan.objects.select_for_update().filter(id=plan_id, organization=organization).first()
        if plan is None:
            raise Refused("plan_unknown", "There is no such plan.", field="plan", fix="Look it up again.")
        if plan.seats != seats:
            plan.seats = seats
            plan.save(update_fields=["seats"])
            facts = {"plan": plan.name, "seats": "all" if seats is None else str(seats)}
            record(organization.id, actor, now, [Happening("seats_set", "plan", plan.id, facts=facts)])
        return plan
