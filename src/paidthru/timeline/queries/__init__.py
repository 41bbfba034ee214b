"""Questions to the timeline room."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, Q

from paidthru.timeline.models import Event, IdempotencyKey, InboxCount, InboxEvent, Message


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


def times_told(subject_id: UUID, verb: str) -> int:
    """How often something happened to one thing."""
    return Event.objects.filter(subject_id=subject_id, verb=verb).count()


def was_done(organization_id: UUID, key: str) -> bool:
    """Whether an act with this key has its outcome stored already. A key that can't be stored never has."""
    return (
        "\0" not in key and IdempotencyKey.objects.filter(organization_id=organization_id, key=key).exists()
    )


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


def messages_written(organization_id: UUID, keys: Iterable[str]) -> frozenset[str]:
    """Of occasions, those of which a mail was written already, whatever became of it."""
    found = Message.objects.filter(organization_id=organization_id, key__in=list(keys))
    return frozenset(found.values_list("key", flat=True))


def messages_to(party_id: UUID, *, after: UUID | None = None) -> list[Message]:
    """A party's mails, oldest first; with `after`, those written later than that one."""
    found = Message.objects.filter(party_id=party_id)
    return list((found.filter(id__gt=after) if after else found).order_by("id"))


def last_event(organization_id: UUID) -> UUID | None:
    """What happened last in an organization; None where nothing has."""
    found = Event.objects.filter(organization_id=organization_id)
    return found.order_by("-id").values_list("id", flat=True).first()


def last_message(organization_id: UUID) -> UUID | None:
    """The mail that was written last."""
    found = Message.objects.filter(organization_id=organization_id)
    return found.order_by("-id").values_list("id", flat=True).first()


def events_waiting(organization_id: UUID, *, due_by: datetime, limit: int = 100) -> list[InboxEvent]:
    """The gateway's events that are to be worked by an instant, in the order in which they came."""
    found = InboxEvent.objects.filter(organization_id=organization_id, state="new", next_try_at__lte=due_by)
    return list(found.order_by("next_try_at", "id")[:limit])


def next_event(organization_id: UUID) -> datetime | None:
    """When the next of the gateway's events is to be worked."""
    found = InboxEvent.objects.filter(organization_id=organization_id, state="new")
    return found.order_by("next_try_at").values_list("next_try_at", flat=True).first()


def events_in_trouble(organization_id: UUID, gateway: str, *, limit: int) -> list[InboxEvent]:
    """The events of a gateway that were given up, or tried in vain so far; the latest first."""
    found = InboxEvent.objects.filter(organization_id=organization_id, gateway=gateway)
    troubled = found.filter(Q(state="dead") | Q(state="new", tries__gt=0))
    return list(troubled.order_by("-received_at", "-id")[:limit])


@dataclass(frozen=True, slots=True)
class InboxHealth:
    """What came from a gateway: the last event's instant of arrival (UTC), how many wait, how many were given up, and
    what was turned away at the door, by kind."""

    last_at: datetime | None
    waiting: int
    dead: int
    counts: Mapping[str, int]


def inbox_health(organization_id: UUID, gateway: str) -> InboxHealth:
    """How the inbox of a gateway's events stands."""
    events = InboxEvent.objects.filter(organization_id=organization_id, gateway=gateway)
    found = events.aggregate(
        waiting=Count("id", filter=Q(state="new")), dead=Count("id", filter=Q(state="dead"))
    )
    counts = InboxCount.objects.filter(organization_id=organization_id, gateway=gateway)
    last = events.order_by("-received_at").values_list("received_at", flat=True).first()
    return InboxHealth(last, found["waiting"], found["dead"], dict(counts.values_list("what", "count")))


def mails_since(organization_id: UUID, *, by: datetime) -> tuple[int, datetime | None]:
    """How many mails should have been sent by an instant, and since when the first of them."""
    found = Message.objects.filter(organization_id=organization_id, state="waiting", next_try_at__lte=by)
    counted = found.aggregate(n=Count("id"), first=Min("next_try_at"))
    return int(counted["n"]), counted["first"]


def events_since(organization_id: UUID, *, by: datetime) -> tuple[int, datetime | None]:
    """How many of the gateway's events should have been worked by an instant, and since when the first of them."""
    found = InboxEvent.objects.filter(organization_id=organization_id, state="new", next_try_at__lte=by)
    counted = found.aggregate(n=Count("id"), first=Min("next_try_at"))
    return int(counted["n"]), counted["first"]
