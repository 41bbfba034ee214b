"""Put the first steps away: who works here has no use for them any more."""

from datetime import datetime

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor, Happening, record


def put_away_first_steps(organization: Organization, *, actor: Actor, now: datetime) -> bool:
    """For everybody in the organization; a second time it does nothing, and says so."""
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)
        if are_put_away(organization):
            return False
        record(
            organization.id,
            actor,
            now,
            [Happening("first_steps_put_away", "organization", organization.id)],
        )
        return True


def are_put_away(organization: Organization) -> bool:
    """Whether somebody did that."""
    return Event.objects.filter(
        organization=organization,
        subject_kind="organization",
        subject_id=organization.id,
        verb="first_steps_put_away",
    ).exists()
