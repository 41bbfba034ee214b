"""Questions to the timeline room."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from paidthru.timeline.models import Event, IdempotencyKey


def events_of_party(organization_id: UUID, party_id: UUID, *, limit: int) -> list[Event]:
    """What happened to a party, newest first."""
    return list(
        Event.objects.filter(organization_id=organization_id, party_id=party_id).order_by("-id")[:limit]
    )


def events_of(organization_id: UUID, subject_id: UUID, *, limit: int = 100) -> list[Event]:
    """What happened to one thing (an invoice, a batch), newest first."""
    return list(
        Event.objects.filter(organization_id=organization_id, subject_id=subject_id).order_by("-id")[:limit]
    )


def was_done(organization_id: UUID, key: str) -> bool:
    """Whether an act with this key has its outcome stored already."""
    return IdempotencyKey.objects.filter(organization_id=organization_id, key=key).exists()


def events_about(
    organization_id: UUID, party_id: UUID, number: int | None, ids: Sequence[UUID]
) -> list[Event]:
    """What happened to an invoice of a party, newest first: to itself, to the attempts at it (`ids`), and what names
    its number."""
    named = Q(facts__invoice=number) | Q(facts__invoices__contains=[number]) if number is not None else Q()
    found = Event.objects.filter(organization_id=organization_id, party_id=party_id)
    return list(found.filter(Q(subject_id__in=ids) | named).order_by("-id")[:100])
