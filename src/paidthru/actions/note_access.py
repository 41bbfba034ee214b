"""Note access: what members may use follows from arrears and dates; where it has changed, an event says so."""

from datetime import date, datetime

from django.db import transaction

from paidthru.membership.operations.access import note_access as note
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, record


def note_access(organization: Organization, *, on: date, actor: Actor, now: datetime) -> int:
    """Records whose access has changed by the local date, some hundreds in one transaction; returns how many, 0 when
    none is left (C-35, P-21). Done twice it is done once."""
    with transaction.atomic():
        told = note(organization, policies_of(organization), on=on)
        record(organization.id, actor, now, told)
        return len(told)
