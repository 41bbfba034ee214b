"""Close an event: its tickets are sold no more (A-03)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.ticketing.models import TicketedEvent
from paidthru.ticketing.operations import locked_event
from paidthru.timeline.operations import Actor, Happening, record


def close_event(organization: Organization, event_id: UUID, *, actor: Actor, now: datetime) -> TicketedEvent:
    """Closes an event, once. Its tickets stay good, and let in; what is held can still be paid. Refused
    `event_unknown`."""
    with transaction.atomic():
        event = locked_event(organization.id, event_id)
        if event.closed_at is None:
            event.closed_at = now
            event.save(update_fields=["closed_at"])
            told = Happening("event_closed", "ticketed_event", event.id, facts={"event": event.name})
            record(organization.id, actor, now, [told])
        return event
