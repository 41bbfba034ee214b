"""Questions about events and their tickets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core import signing
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet

from paidthru.kernel.errors import Refused
from paidthru.ticketing.models import Ticket, TicketedEvent, TicketOrder
from paidthru.ticketing.rules.selling import TAKEN

_SALT = "paidthru.ticket-order"


@dataclass(frozen=True, slots=True)
class Seats:
    """How many tickets of an event are sold (those checked in too), held for somebody who pays now, and checked in."""

    sold: int = 0
    held: int = 0
    checked_in: int = 0


def event_named(organization_id: UUID, name: str) -> TicketedEvent:
    """The event of that name. Refused `event_unknown`."""
    found = TicketedEvent.objects.filter(organization_id=organization_id, name=name).first()
    if found is None:
        raise Refused(
            "event_unknown",
            f"There is no event called {name}.",
            field="event",
            value=name,
            fix="Look at the list of events.",
        )
    return found


def events_of(organization_id: UUID) -> QuerySet[TicketedEvent]:
    """An organization's events, newest first."""
    return TicketedEvent.objects.filter(organization_id=organization_id).order_by("-created_at", "-id")


def on_sale(organization_id: UUID, on: date) -> QuerySet[TicketedEvent]:
    """The events whose tickets are sold on a local date, the next one first; sold out or not."""
    found = events_of(organization_id).filter(closed_at=None)
    begun = found.filter(Q(sale_from=None) | Q(sale_from__lte=on))
    return begun.filter(Q(sale_until=None) | Q(sale_until__gte=on)).order_by("starts_on", "name", "id")


def order_token(order_id: UUID) -> str:
    """What stands in an address by which whoever bought tickets sees them: signed, good for that order alone."""
    return signing.Signer(salt=_SALT).sign(order_id.hex)


def order_by(token: str) -> TicketOrder | None:
    """The order of a token; None for one that we didn't make."""
    try:
        order_id = UUID(hex=signing.Signer(salt=_SALT).unsign(token.replace("\0", "")))
    except (signing.BadSignature, ValueError):
        return None
    found = TicketOrder.objects.select_related("event", "party", "invoice", "organization")
    return found.filter(id=order_id).first()


def order_on(invoice_id: UUID) -> TicketOrder | None:
    """The order that an invoice is for, if it is for one."""
    return TicketOrder.objects.filter(invoice_id=invoice_id).select_related("event").first()


def orders_of(party_id: UUID) -> QuerySet[TicketOrder]:
    """What somebody ordered, the newest first."""
    found = TicketOrder.objects.filter(party_id=party_id).select_related("event", "invoice")
    return found.prefetch_related("tickets").order_by("-ordered_at", "-id")


def refunded_unseen(organization_id: UUID, *, since: datetime) -> dict[UUID, int]:
    """How many tickets of orders are still sold though their money was given back, by refunds asked for or approved
    since an instant: as many as their price goes into what was refunded, whichever ticket the books took it from."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT o.id, back.minor / e.price_minor - gone.number
               FROM ticketing_ticketorder o
               JOIN ticketing_ticketedevent e ON e.id = o.event_id AND e.price_minor > 0
               CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE t.state = 'refunded') AS number,
                                          count(*) FILTER (WHERE t.state = 'sold') AS sold
                                   FROM ticketing_ticket t WHERE t.order_id = o.id) gone
               CROSS JOIN LATERAL (SELECT coalesce(sum(a.refunded_minor), 0)::bigint AS minor
                                   FROM payments_allocation a WHERE a.invoice_id = o.invoice_id) back
               WHERE gone.sold > 0 AND back.minor / e.price_minor > gone.number
                 AND o.invoice_id IN (SELECT a.invoice_id FROM payments_refund r
                                      JOIN payments_allocation a ON a.payment_id = r.payment_id
                                      WHERE r.organization_id = %(organization)s
                                        AND (r.requested_at >= %(since)s OR r.approved_at >= %(since)s))""",
            {"organization": organization_id, "since": since},
        )
        return dict(cursor.fetchall())


def seats_of(event_ids: Iterable[UUID]) -> dict[UUID, Seats]:
    """The seats of events by their ids; none where nobody ever asked for one."""
    counted = (
        Ticket.objects.filter(event_id__in=list(event_ids))
        .values_list("event_id")
        .annotate(
            sold=Count("id", filter=Q(state__in=("sold", "checked_in"))),
            held=Count("id", filter=Q(state="held")),
            inside=Count("id", filter=Q(state="checked_in")),
        )
    )
    return {event_id: Seats(sold, held, inside) for event_id, sold, held, inside in counted}


def taken_of(event_id: UUID) -> int:
    """How many places of an event are taken; exact under a lock on the event."""
    return Ticket.objects.filter(event_id=event_id, state__in=TAKEN).count()


def tickets_of(event_id: UUID) -> QuerySet[Ticket]:
    """The tickets of an event that were sold, as a list at the door reads them: by holder."""
    found = Ticket.objects.filter(event_id=event_id, state__in=("held", "sold", "checked_in", "refunded"))
    return found.select_related("order__party", "order__invoice").order_by(
        "order__party__name", "order", "id"
    )


def tickets_coded(organization_id: UUID, codes: Sequence[str]) -> list[Ticket]:
    """The tickets with these codes, as people write them, of one order. Refused `ticket_unknown`."""
    wanted = {code.strip().upper() for code in codes}
    found = list(
        Ticket.objects.filter(organization_id=organization_id, code__in=wanted).select_related("event")
    )
    missing = sorted(wanted - {one.code for one in found})
    if missing or len({one.order_id for one in found}) != 1:
        raise Refused(
            "ticket_unknown",
            f"There is no ticket {missing[0][:40]}." if missing else "These tickets are of several orders.",
            field="ticket",
            value=", ".join(missing)[:100],
            fix="Look at the event’s list of tickets."
            if missing
            else "Give those of one order back at a time.",
        )
    return found


def orders_to_follow(organization_id: UUID, now: datetime) -> QuerySet[TicketOrder]:
    """The orders whose places are held though their invoice is not open any more, or the time to pay it is over."""
    held = TicketOrder.objects.filter(organization_id=organization_id, tickets__state="held")
    done = held.filter(~Q(invoice__state="sent") | Q(held_until__lte=now))
    return done.select_related("invoice").distinct().order_by("ordered_at", "id")


def next_hold_end(organization_id: UUID, now: datetime) -> datetime | None:
    """When orders are to be followed next: `now` where an invoice is paid or void, else the end of the next hold."""
    if orders_to_follow(organization_id, now).exists():
        return now
    held = TicketOrder.objects.filter(organization_id=organization_id, held_until__isnull=False)
    first: datetime | None = held.aggregate(first=Min("held_until"))["first"]
    return first


def paid_late(organization_id: UUID, *, since: datetime) -> list[TicketOrder]:
    """The orders since an instant that were let go, and paid all the same."""
    found = TicketOrder.objects.filter(organization_id=organization_id, let_go=True, ordered_at__gte=since)
    paid = found.filter(invoice__intents__intent__attempts__payment__isnull=False)
    return list(paid.select_related("event", "invoice").distinct().order_by("ordered_at", "id"))


def sold_to(event_id: UUID, party_id: UUID) -> list[Ticket]:
    """Somebody's tickets for an event that can be given back, the latest first."""
    found = Ticket.objects.filter(event_id=event_id, order__party_id=party_id, state__in=("held", "sold"))
    return list(found.select_related("order__invoice").order_by("-order__ordered_at", "-id"))
