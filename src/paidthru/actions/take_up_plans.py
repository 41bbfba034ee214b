"""Take up the plans that were chosen for the next renewal, once that has come (P-27)."""

from datetime import datetime

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.membership.models import Membership
from paidthru.membership.operations.moving import take_up_next_plans
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def take_up_plans(organization: Organization, *, actor: Actor, now: datetime) -> int:
    """Puts memberships on the plan that was chosen for their next renewal, when its first term has begun or the last
    one of the old plan is over; returns how many. A second time it finds nothing."""
    if not Membership.objects.filter(organization=organization, next_plan__isnull=False).exists():
        return 0
    with transaction.atomic():
        taken = take_up_next_plans(organization.id, on=local_date(now, organization.zone))
        record(
            organization.id,
            actor,
            now,
            [
                Happening("plan_switched", "membership", id_, party_id, facts={"to": name})
                for id_, party_id, name in taken
            ],
        )
        return len(taken)
