"""The labels of invoices: each series counts for itself, while the organization's numbers go on (field-notes C.12).

Numbers are taken in one row of consecutive numbers; a stretch says how those from one on are labelled. So a series has
no gap where the numbers have none, and no counter of its own that could drift.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paidthru.organizations.rules.numbering import labelled


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `first_number` on, until the next stretch, invoices belong to the series `prefix`: the first has
    `first_value`, written with at least `width` digits. The series without a prefix counts the numbers themselves."""

    first_number: int
    prefix: str
    width: int
    first_value: int


ORDINARY = Stretch(1, "", 1, 1)


def stretch_for(stretches: Sequence[Stretch], number: int, prefix: str, width: int) -> Stretch | None:
    """The stretch that begins when `number`, the next one of all, is taken for a series; None where the last of the
    `stretches`, in their order, goes on."""
    last = stretches[-1] if stretches else ORDINARY
    if (last.prefix, last.width) == (prefix, width):
        return None
    if not prefix:
        return Stretch(number, prefix, width, number)
    used = 0
    for place, one in enumerate(stretches):
        if one.prefix == prefix:
            end = stretches[place + 1].first_number if place + 1 < len(stretches) else number
            used = max(used, one.first_value + end - one.first_number - 1)
    return Stretch(number, prefix, width, used + 1)


def labels_of(stretches: Sequence[Stretch], numbers: Iterable[int]) -> list[str]:
    """The labels of numbers, by the stretch in which each lies."""
    if not stretches:
        return [str(number) for number in numbers]
    known = [*([ORDINARY] if stretches[0].first_number > 1 else []), *stretches]
    firsts = [one.first_number for one in known]
    found = []
    for number in numbers:
        one = known[bisect_right(firsts, number) - 1]
        found.append(labelled(one.prefix, one.width, one.first_value + number - one.first_number))
    return found
