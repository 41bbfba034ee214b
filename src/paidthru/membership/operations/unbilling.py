"""A bill is taken back as if it had never been: what it moved by being billed goes back (G-16)."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from paidthru.membership.models import Membership, Term
from paidthru.membership.operations.moving import recount

_BILLED = ("join", "renewal", "run", "switch")


def after_void(
    taken_back: Iterable[tuple[UUID, date]],
) -> list[tuple[UUID, date | None, date | None]]:
    """Terms, by membership and first day, whose price is asked for no more count as paid no more, and paid-through goes
    back to the last one that does; returns (membership, before, after) for those that moved."""
    moved = []
    for membership_id, start in sorted(set(taken_back)):
        terms = Term.objects.filter(membership_id=membership_id, start_on=start, canceled=False)
        if not terms.filter(source__in=_BILLED, paid_on__isnull=False).update(paid_on=None):
            continue
        membership = Membership.objects.select_for_update().get(id=membership_id)
        now = recount(membership)
        if now.paid_through != membership.paid_through:
            moved.append((membership_id, membership.paid_through, now.paid_through))
    return moved
