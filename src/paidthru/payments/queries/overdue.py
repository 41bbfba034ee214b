"""Questions to the watchdog: what of the payments should have been done by now, and since when."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from paidthru.payments.models import Attempt, Refund
from paidthru.payments.queries.refunds import OPEN_REFUND

_LOOKED_AT = [
    "submitted",
    "unknown",
    "requires_action",
    "processing",
]  # those of the index that next_look reads

Since = tuple[int, datetime | None]
"""How many, and since when (UTC) the first of them."""


def unsent_since(organization_id: UUID) -> Since:
    """Attempts that were opened and have not been sent."""
    return _counted(Attempt.objects.filter(organization_id=organization_id, state="created"), "created_at")


def unlooked_since(organization_id: UUID, *, by: datetime) -> Since:
    """Attempts without an answer that should have been asked about."""
    found = Attempt.objects.filter(
        organization_id=organization_id, state__in=_LOOKED_AT, next_look_at__lte=by
    )
    return _counted(found, "next_look_at")


def refunds_since(organization_id: UUID, *, by: datetime) -> Since:
    """Refunds that should have been sent or asked about."""
    found = Refund.objects.filter(
        organization_id=organization_id, state__in=OPEN_REFUND, next_look_at__lte=by
    )
    return _counted(found, "next_look_at")


def _counted(found: QuerySet[Attempt] | QuerySet[Refund], when: str) -> Since:
    counted = found.aggregate(n=Count("id"), first=Min(when))
    return int(counted["n"]), counted["first"]
