"""Note late tickets: an order that was let go was paid all the same, and what became of that (X24, I-52)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.ticketing.models import TicketOrder
from paidthru.timeline.operations import Actor, Happening, record


def note_late_tickets(
    organization: Organization, order_id: UUID, said: str, *, actor: Actor, now: datetime
) -> None:
    """Writes what became of the money of an order whose places were let go, once."""
    with transaction.atomic():
        orders = TicketOrder.objects.select_for_update(of=("self",), no_key=True).select_related("event")
        order = orders.filter(id=order_id, organization=organization, let_go=True).first()
        if order is None:
            return
        order.said, order.let_go = said, False
        order.save(update_fields=["said", "let_go"])
        facts = {"event": order.event.name}
        told = Happening("tickets_paid_late", "ticket_order", order.id, order.party_id, said, facts)
        record(organization.id, actor, now, [told])
