"""Add an event with tickets: what one comes to, its price and how many places it has (A-03, X24)."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Organization
from paidthru.ticketing.models import TicketedEvent
from paidthru.ticketing.rules.selling import checked_event
from paidthru.timeline.operations import Actor, Happening, record

INCOME = "Income:Tickets"
HOLD_MINUTES = 15


def add_event(
    organization: Organization,
    name: str,
    *,
    price_minor: int,
    capacity: int,
    currency: str = "",
    starts_on: date | None = None,
    place: str = "",
    sale_from: date | None = None,
    sale_until: date | None = None,
    hold_minutes: int = HOLD_MINUTES,
    fund: str = "",
    actor: Actor,
    now: datetime,
) -> TicketedEvent:
    """Writes an event whose tickets cost `price_minor` (minor units; nothing: they are free), with `capacity` places.
    Tickets are sold from `sale_from` through `sale_until` (local dates; by itself through the day it takes place).

    Refused `amount_invalid`, `ends_before_it_begins`, `event_taken`, and as `checked_name`.
    """
    text, currency = checked_name(name, field="name", most=200), currency or organization.currency
    checked_event(price_minor, currency, capacity)
    if not 0 < hold_minutes <= 7 * 24 * 60:
        raise Refused(
            "amount_invalid",
            "A place is held for at least a minute, and a week at most.",
            field="hold_minutes",
            value=hold_minutes,
            fix="Enter another number of minutes.",
        )
    until = sale_until or starts_on
    if sale_from and until and until < sale_from:
        raise Refused(
            "ends_before_it_begins",
            f"The sale begins on {sale_from} and can't end before.",
            field="sale_until",
            value=until.isoformat(),
            fix="Choose a later day.",
        )
    try:
        with transaction.atomic():
            event = TicketedEvent.objects.create(
                organization=organization,
                name=text,
                starts_on=starts_on,
                place=place.strip()[:200],
                capacity=capacity,
                price_minor=price_minor,
                currency=currency,
                sale_from=sale_from,
                sale_until=until,
                hold_minutes=hold_minutes,
                income_code=INCOME,
                fund=fund[:60],
                created_at=now,
            )
            facts = {
                "event": text,
                "price": plain(price_minor, currency),
                "currency": currency,
                "places": capacity,
                "on": starts_on and starts_on.isoformat(),
            }
            record(
                organization.id,
                actor,
                now,
                [Happening("event_added", "ticketed_event", event.id, facts=facts)],
            )
            return event
    except IntegrityError:
        raise Refused(
            "event_taken",
            f"There is an event called {text} already.",
            field="name",
            value=text,
            fix="Choose another name.",
        ) from None
