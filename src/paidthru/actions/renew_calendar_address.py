"""Give somebody's charge calendar a new address: the one that was handed out shows nothing any more."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.people.models import Party
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor, Happening, record


def renew_calendar_address(party: Party, *, known: int, actor: Actor, now: datetime) -> bool:
    """Once for whoever has seen that it was renewed `known` times; false, and nothing done, when it was renewed since
    (two clicks)."""
    with transaction.atomic():
        Party.objects.select_for_update(no_key=True).get(id=party.id)
        if times_renewed(party.id) != known:
            return False
        record(
            party.organization_id,
            actor,
            now,
            [Happening("calendar_address_renewed", "party", party.id, party.id)],
        )
        return True


def times_renewed(party_id: UUID) -> int:
    """How often it got a new address."""
    return Event.objects.filter(party_id=party_id, verb="calendar_address_renewed").count()
