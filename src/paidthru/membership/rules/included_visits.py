"""How many visits a plan includes in each cycle of its memberships (C-28)."""

from paidthru.kernel.errors import Refused

MOST_VISITS = 1_000  # of one cycle


def checked_included_visits(visits: int | None) -> int | None:
    """The number itself, None for every visit. Refused `visits_invalid`."""
    if visits is not None and not 0 <= visits <= MOST_VISITS:
        raise Refused(
            "visits_invalid",
            f"A plan can't include {visits} visits.",
            field="included_visits",
            value=visits,
            fix=f"Enter 0 to {MOST_VISITS} visits, or none: then it includes every visit.",
        )
    return visits
