"""Put the first steps away: who works here has no use for them any more."""

from datetime import datetime

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record
from paidthru.timeline.queries import times_told


def put_away_first_steps(organization: Organization, *, actor: Actor, now: datetime) -> bool:
    """For everybody in the organization; a second time it does nothing, and says so."""
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)
        if times_told(organization.id, "first_steps_put_away"):
            return False
        record(
            organization.id,
            actor,
            now,
            [Happening("first_steps_put_away", "organization", organization.id)],
        )
        return True
