"""Questions about events and their tickets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from paidthru.kernel.errors import Refused
from paidthru.ticketing.models import Ticket, TicketedEvent, TicketOrder
from paidthru.ticketing.rules.selling import TAKEN


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
