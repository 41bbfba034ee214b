"""Write steps of the ticketing room, inside somebody's transaction."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from paidthru.invoicing.operations import Item
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.ticketing.models import Ticket, TicketedEvent

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that are mistaken for another at a door


def locked_event(organization_id: UUID, event_id: UUID) -> TicketedEvent:
    """An event, locked: its places are counted and taken one buyer after another. Refused `event_unknown`."""
    found = TicketedEvent.objects.select_for_update(no_key=True)
    event = found.filter(id=event_id, organization_id=organization_id).first()
    if event is None:
        raise Refused("event_unknown", "There is no such event.", field="event", fix="Look it up again.")
    return event


def new_code() -> str:
    """A ticket's code, which nobody guesses."""
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


def item_of(ticket: Ticket, event: TicketedEvent, on: date) -> Item:
    """What a ticket is billed as, on a local date: a line of its own."""
    when = f", {event.starts_on}" if event.starts_on else ""
    return Item(
        fee_id=ticket.id,  # a ticket is its own source and fee: it is owed once
        period_start=on,
        period_end=on + timedelta(days=1),
        description=f"Ticket, {event.name}{when}"[:200],
        quantity=1,
        unit_amount_minor=event.price_minor,
        amount_minor=event.price_minor,
        derivation={
            "rule": "ticket",
            "text": f"A ticket for {event.name}: {plain(event.price_minor, event.currency)} {event.currency}.",
        },
        is_primary=True,
        voluntary=False,
        income_code=event.income_code,
        fund=event.fund,
    )
