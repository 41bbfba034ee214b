"""How many people a plan covers when a household or company holds it."""

from paidthru.kernel.errors import Refused

MOST_SEATS = 100_000


def checked_seats(seats: int | None) -> int | None:
    """A number of seats, None for as many as belong. Refused `seats_invalid`."""
    if seats is not None and not 1 <= seats <= MOST_SEATS:
        raise Refused(
            "seats_invalid",
            f"A plan has 1 to {MOST_SEATS} seats.",
            field="seats",
            value=seats,
            fix="Give such a number, or none where everybody is covered.",
        )
    return seats
