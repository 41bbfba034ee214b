"""Questions about the audit log: all that happened in an organization."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from paidthru.timeline.models import Event


def audit_log(
    organization_id: UUID,
    *,
    text: str = "",
    party_ids: Collection[UUID] = (),
    start: datetime | None = None,
    end: datetime | None = None,
) -> QuerySet[Event]:
    """The events of [start, end), business instants, the newest first: those in whose actor, verb, reason or facts
    the text stands, or that are about one of the parties."""
    found = Event.objects.filter(organization_id=organization_id)
    if text:
        said = Q(actor__icontains=text) | Q(why__icontains=text) | Q(verb__icontains=text.replace(" ", "_"))
        found = found.alias(told=Cast("facts", TextField()))
        found = found.filter(said | Q(told__icontains=text) | Q(party_id__in=list(party_ids)))
    if start:
        found = found.filter(at__gte=start)
    if end:
        found = found.filter(at__lt=end)
    return found.order_by("-id")
