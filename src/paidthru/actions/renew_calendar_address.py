"""Give somebody's charge calendar a new address: the one that was handed out shows nothing any more."""

from datetime import datetime

from django.db import transaction

from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record
from paidthru.timeline.queries import times_told


def renew_calendar_address(party: Party, *, known: int, actor: Actor, now: datetime) -> bool:
    """Once for whoever has seen that it was renewed `known` times; false, and nothing done, when it was renewed since
    (two clicks)."""
    with transaction.atomic():
        Party.objects.select_for_update(no_key=True).get(id=party.id)
        if times_told(party.id, "calendar_address_renewed") != known:
            return False
        record(
            party.organization_id,
            actor,
            now,
            [Happening("calendar_address_renewed", "party", party.id, party.id)],
        )
        return True
