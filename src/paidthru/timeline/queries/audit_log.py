"""Questions about the audit log: all that happened in an organization."""

from collections.abc import Collection
from dataclasses import dataclass
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


SEARCHED = 50_000  # entries that a page of a search looks through at most


@dataclass(frozen=True, slots=True)
class Found:
    """A part of what a search finds, the newest first. `next` is the entry to go on below; `reached` is set where the
    search ended there before it had enough: the instant to which it looked back."""

    events: list[Event]
    next: UUID | None = None
    reached: datetime | None = None


def search_back(
    every: QuerySet[Event], matching: QuerySet[Event], *, below: UUID | None, limit: int
) -> Found:
    """The newest `limit` events of `matching`, a choice of `every`, below one of them. It looks through so many
    entries that it takes as long in a log of any length, and says how far it came."""
    if below:
        every, matching = every.filter(id__lt=below), matching.filter(id__lt=below)
    end = every.values_list("id", "at")[SEARCHED - 1 : SEARCHED].first()
    if end:
        matching = matching.filter(id__gte=end[0])
    events = list(matching[: limit + 1])
    if len(events) > limit:
        return Found(events[:limit], events[limit - 1].id)
    if end and every.filter(id__lt=end[0]).exists():
        return Found(events, *end)
    return Found(events)
