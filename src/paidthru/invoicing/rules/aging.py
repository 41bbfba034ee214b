"""What is unpaid by age: into which column it falls (A-41). Aged from the first document's due date (A2-16)."""

from collections.abc import Mapping

AGES = (0, 1, 31, 61, 91)
"""Where the columns of ages begin, in days overdue (not due, 1–30, 31–60, 61–90, more: A-41)."""


def aged(found: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    """What is open by days overdue (0 and less: not due yet), in minor units, by the columns of ages."""
    sums = dict.fromkeys(AGES, 0)
    for days, amount_minor in found.items():
        sums[max(start for start in AGES if start <= max(days, 0))] += amount_minor
    return tuple(sums.items())
