"""Check in: somebody with a ticket is at the door (X24)."""

from datetime import datetime

from django.db import transaction

from paidthru.kernel.clock import time_zone
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.ticketing.models import Ticket
from paidthru.timeline.operations import Actor, Happening, record


def check_in(organization: Organization, code: str, *, actor: Actor, now: datetime) -> Ticket:
    """Lets the holder of a ticket in, once.

    Refused `ticket_unknown`, `ticket_not_sold`, `already_in` (with since when: two people at the door, or one tap
    twice).
    """
    wanted = code.strip().upper()
    with transaction.atomic():
        found = Ticket.objects.select_for_update(of=("self",), no_key=True).select_related("order__party")
        ticket = found.filter(organization=organization, code=wanted).first()
        if ticket is None:
            raise Refused(
                "ticket_unknown",
                f"There is no ticket {wanted}.",
                field="code",
                value=wanted,
                fix="Look for its holder by name.",
            )
        if ticket.state == "checked_in":
            since = (ticket.checked_in_at or now).astimezone(time_zone(organization.zone))
            raise Refused(
                "already_in",
                f"{ticket.order.party.name} is in already, since {since:%H:%M}.",
                field="code",
                value=wanted,
                fix="Look at the list for another ticket of theirs.",
            )
        if ticket.state != "sold":
            raise Refused(
                "ticket_not_sold",
                f"Ticket {wanted} is {'not paid for yet' if ticket.state == 'held' else ticket.state}.",
                field="code",
                value=wanted,
                fix="Sell a ticket, if there is one left.",
            )
        ticket.state, ticket.checked_in_at = "checked_in", now
        ticket.save(update_fields=["state", "checked_in_at"])
        facts = {"ticket": ticket.code}
        told = Happening("checked_in", "ticket_order", ticket.order_id, ticket.order.party_id, facts=facts)
        record(organization.id, actor, now, [told])
        return ticket
