"""Follow an order of tickets: paid they are sold; void or not paid in time their places are free again (X24)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.notices.operations import tell_of_tickets
from paidthru.organizations.models import Organization
from paidthru.ticketing.models import TicketOrder
from paidthru.ticketing.operations import locked_event
from paidthru.timeline.operations import Actor, Happening, record

NOT_PAID = "Not paid in time: the places are free again."


def follow_order(
    organization: Organization,
    order_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    keep: bool = False,
    until: datetime | None = None,
) -> TicketOrder:
    """Brings an order's held tickets to where its invoice is: paid, they are sold; voided or credited, their places
    are free again. What is still open stays held; with `keep` it is held `until` an instant, or until staff decide.
    However often it is run, each change is told once."""
    with transaction.atomic():
        order = TicketOrder.objects.select_for_update(of=("self",), no_key=True).select_related("invoice")
        found = order.get(id=order_id, organization=organization)
        locked_event(organization.id, found.event_id)
        held = found.tickets.filter(state="held")
        if found.invoice is None or not held.exists():
            TicketOrder.objects.filter(id=found.id).update(held_until=None)
            return found
        state = found.invoice.state
        if state == "sent":
            if keep:
                TicketOrder.objects.filter(id=found.id).update(held_until=until)
            return found
        sold = state == "paid"
        count = held.update(state="sold" if sold else "lapsed")
        found.held_until, found.said, found.let_go = None, "" if sold else NOT_PAID, not sold
        found.save(update_fields=["held_until", "said", "let_go"])
        facts = {"tickets": count, "event": found.event.name}
        verb = "tickets_sold" if sold else "tickets_lapsed"
        record(
            organization.id,
            actor,
            now,
            [Happening(verb, "ticket_order", found.id, found.party_id, found.said, facts)],
        )
        if sold:
            tell_of_tickets(found, now=now)
        return found
