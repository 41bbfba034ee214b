"""Whether tickets of an event may be sold, and what a ticket becomes (A-03, X24, X25). Pure."""

from dataclasses import dataclass
from datetime import date

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

MOST_MINOR = 10**11  # above this the price of a ticket is a slip of the keyboard
MOST_PLACES = 1_000_000
MOST_AT_ONCE = 50  # tickets of one order

#: States in which a ticket takes a place.
TAKEN = ("held", "sold", "checked_in")


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event as the rules see it: its price in minor units, how many places it has and how many are taken, and the
    local days of its sale, both within it."""

    name: str
    capacity: int
    taken: int
    sale_from: date | None
    sale_until: date | None
    closed: bool


def checked_event(price_minor: int, currency: str, capacity: int) -> None:
    """Refuses `amount_invalid` for a price below nothing (nothing is a free event) or beyond MOST_MINOR, and for a
    number of places that no hall has."""
    if not 0 <= price_minor <= MOST_MINOR:
        raise Refused(
            "amount_invalid",
            "A ticket costs nothing or more, and an amount that somebody can pay.",
            field="price",
            value=plain(price_minor, currency),
            fix="Enter another price.",
        )
    if not 0 < capacity <= MOST_PLACES:
        raise Refused(
            "amount_invalid",
            "An event has at least one place.",
            field="places",
            value=capacity,
            fix=f"Enter a number from 1 to {MOST_PLACES}.",
        )


def checked_sale(event: EventFacts, count: int, on: date) -> None:
    """Refuses a sale of `count` tickets on a local date: `amount_invalid` (none, or more than MOST_AT_ONCE),
    `sale_closed`, `sold_out` (fewer places are left)."""
    if not 0 < count <= MOST_AT_ONCE:
        raise Refused(
            "amount_invalid",
            f"From 1 to {MOST_AT_ONCE} tickets can be bought at once.",
            field="count",
            value=count,
            fix="Enter another number.",
        )
    early = event.sale_from is not None and on < event.sale_from
    over = event.closed or (event.sale_until is not None and on > event.sale_until)
    if early or over:
        raise Refused(
            "sale_closed",
            f"Tickets for {event.name} are sold from {event.sale_from} on."
            if early and not over
            else f"Tickets for {event.name} are not sold any more.",
            field="event",
            value=event.name,
            fix="Come back on that day."
            if early and not over
            else "Ask the organizers, or choose another event.",
        )
    left = event.capacity - event.taken
    if count > left:
        raise Refused(
            "sold_out",
            f"{event.name} is sold out."
            if left <= 0
            else f"{left} ticket is left for {event.name}."
            if left == 1
            else f"{left} tickets are left for {event.name}.",
            field="count",
            value=count,
            fix="A place may become free: look again later." if left <= 0 else f"Take {left} or fewer.",
        )
