"""Give tickets back: their places are free again; what was paid for them is the caller's to refund (A-03, X25)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.ticketing.models import Ticket, TicketOrder
from paidthru.ticketing.operations import locked_event
from paidthru.timeline.operations import Actor, Happening, once, record


def give_back_tickets(
    organization: Organization,
    order_id: UUID,
    ticket_ids: Sequence[UUID],
    *,
    reason: str = "",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> list[Ticket]:
    """Takes sold tickets of one order back and returns them; from then on their places are for others.

    Refused `ticket_unknown`, `ticket_not_sold` (given back already, not paid for, or its holder is inside),
    `key_reused`.
    """

    def act() -> dict[str, str]:
        order = TicketOrder.objects.filter(id=order_id, organization=organization).first()
        if order is None:
            raise Refused(
                "ticket_unknown", "There are no such tickets.", field="order", fix="Look them up again."
            )
        event = locked_event(organization.id, order.event_id)
        found = list(Ticket.objects.select_for_update(no_key=True).filter(order=order, id__in=ticket_ids))
        if not found or len(found) != len(set(ticket_ids)):
            raise Refused(
                "ticket_unknown", "There is no such ticket.", field="ticket", fix="Look it up again."
            )
        for one in found:
            if one.state != "sold":
                raise Refused(
                    "ticket_not_sold",
                    f"Ticket {one.code} is {one.state.replace('_', ' ')}.",
                    field="ticket",
                    value=one.code,
                    fix="Only a ticket that is sold, and not used, can be given back.",
                )
        Ticket.objects.filter(id__in=[one.id for one in found]).update(state="refunded")
        facts = {"event": event.name, "tickets": len(found)}
        told = Happening("tickets_given_back", "ticket_order", order.id, order.party_id, reason, facts)
        record(organization.id, actor, now, [told])
        return {}

    inputs = {"order": order_id, "tickets": sorted(str(one) for one in ticket_ids), "reason": reason}
    once(organization.id, key, "give_back_tickets", inputs, now, act)
    return list(Ticket.objects.filter(id__in=ticket_ids))
