"""Questions to the timeline room."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from paidthru.timeline.models import Event, IdempotencyKey, Message


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


def messages_waiting(organization_id: UUID, *, due_by: datetime, limit: int = 100) -> list[Message]:
    """The mails that are to be sent by an instant, oldest first."""
    found = Message.objects.filter(organization_id=organization_id, state="waiting", next_try_at__lte=due_by)
    return list(found.order_by("next_try_at", "id")[:limit])


def next_message(organization_id: UUID) -> datetime | None:
    """When the next mail is to be sent."""
    found = Message.objects.filter(organization_id=organization_id, state="waiting")
    return found.order_by("next_try_at").values_list("next_try_at", flat=True).first()


def messages_to(party_id: UUID, *, after: UUID | None = None) -> list[Message]:
    """A party's mails, oldest first; with `after`, those written later than that one."""
    found = Message.objects.filter(party_id=party_id)
    return list((found.filter(id__gt=after) if after else found).order_by("id"))


def last_message(organization_id: UUID) -> UUID | None:
    """The mail that was written last."""
    found = Message.objects.filter(organization_id=organization_id)
    return found.order_by("-id").values_list("id", flat=True).first()
