"""Order tickets: somebody takes places at an event, and is asked for their price (A-03, X24, X25)."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from paidthru.invoicing.operations.asking import Demand, ask
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.rules.postings import basis_of
from paidthru.notices.operations import tell_of_tickets
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import active_method
from paidthru.people.models import Party
from paidthru.ticketing.models import Ticket, TicketedEvent, TicketOrder
from paidthru.ticketing.operations import item_of, locked_event, new_code
from paidthru.ticketing.queries import taken_of
from paidthru.ticketing.rules.selling import EventFacts, checked_sale
from paidthru.timeline.operations import Actor, Happening, once, record


def order_tickets(
    organization: Organization,
    event_id: UUID,
    party_id: UUID,
    count: int,
    *,
    channel: Literal["portal", "public", "staff"],
    on_file: bool = False,
    on_account: bool = False,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> TicketOrder:
    """Takes `count` places under a lock on the event, and writes an invoice of today with a line for each; free ones
    are sold at once. The places are held for the event's minutes, or, `on_account`, until staff decide otherwise. One
    click, one order: the same `key` gives the same.

    Refused `event_unknown`, `member_unknown`, `sold_out`, `sale_closed`, `amount_invalid`, `no_payment_method` (with
    `on_file`, where there is none), `period_locked`, `key_reused`.
    """
    on = local_date(now, organization.zone)

    def act() -> dict[str, str]:
        party = Party.objects.filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        event = locked_event(organization.id, event_id)
        checked_sale(_facts_of(event), count, on)
        if on_file and event.price_minor and active_method(party.id) is None:
            raise Refused(
                "no_payment_method",
                f"{party.name} has no payment method on file.",
                field="member",
                value=party.name,
                fix="Add one first, or pay with a card of your own by the invoice's link.",
            )
        free = event.price_minor == 0
        order = TicketOrder(
            id=new_id(),
            organization=organization,
            event=event,
            party=party,
            channel=channel,
            held_until=None if free or on_account else now + timedelta(minutes=event.hold_minutes),
            ordered_at=now,
        )
        tickets = [
            Ticket(
                id=new_id(),
                organization=organization,
                order=order,
                event=event,
                code=new_code(),
                state="sold" if free else "held",
            )
            for _ in range(count)
        ]
        if not free:
            demand = Demand(party.id, [(one.id, item_of(one, event, on)) for one in tickets], on)
            ask(
                organization.id, "ticket", event.currency, [demand], batch="charges",
                basis=basis_of(policies_of(organization)), bill_on=on, now=now,
            )  # fmt: skip
            order.invoice_id = demand.invoice_id
        order.save(force_insert=True)
        Ticket.objects.bulk_create(tickets)
        facts = {
            "event": event.name, "tickets": count, "channel": channel,
            "amount": plain(count * event.price_minor, event.currency), "currency": event.currency,
        }  # fmt: skip
        record(
            organization.id,
            actor,
            now,
            [Happening("tickets_ordered", "ticket_order", order.id, party.id, facts=facts)],
        )
        if free:
            tell_of_tickets(order, now=now)
        return {"order": str(order.id)}

    inputs = {
        "event": event_id, "party": party_id, "count": count, "channel": channel, "on_file": on_file,
        "on_account": on_account,
    }  # fmt: skip
    made = once(organization.id, key, "order_tickets", inputs, now, act)["order"]
    return TicketOrder.objects.select_related("invoice", "event", "party").get(id=made)


def _facts_of(event: TicketedEvent) -> EventFacts:
    return EventFacts(
        event.name,
        event.capacity,
        taken_of(event.id),
        event.sale_from,
        event.sale_until,
        event.closed_at is not None,
    )
