"""Questions about the chain of seals over events (field-notes E.5)."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import connection

from paidthru.timeline.models import AuditSeal, Event
from paidthru.timeline.rules.audit import FIRST, AuditKeys, Entry, digest_of

_WHILE = (
    60 * 60 * 1000
)  # milliseconds: so long after others a transaction may bring an event with an earlier id
_SHOWN = 20

_UNSEALED = f"""
    SELECT id FROM timeline_event WHERE organization_id = %(organization)s AND id > %(floor)s
    EXCEPT SELECT unnest(event_ids) FROM {AuditSeal._meta.db_table}
           WHERE organization_id = %(organization)s AND last_id > %(floor)s
    ORDER BY 1 LIMIT %(limit)s"""


def last_seal(organization_id: UUID) -> AuditSeal | None:
    """The head of an organization's chain; None where nothing is sealed yet."""
    return AuditSeal.objects.filter(organization_id=organization_id).order_by("-number").first()


def sealed_entries(organization_id: UUID) -> int:
    """How many events stand under seals."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(sum(cardinality(event_ids)), 0) FROM {AuditSeal._meta.db_table}
                WHERE organization_id = %s""",
            [organization_id],
        )
        return int(cursor.fetchone()[0])


def unsealed(organization_id: UUID, after: UUID | None, *, limit: int) -> list[UUID]:
    """The events that no seal covers, in order: of those that may still come, once the seals cover all through `after`
    (the greatest id in them)."""
    floor = UUID(int=0) if after is None else UUID(int=max((after.int >> 80) - _WHILE, 0) << 80)
    return _unsealed(organization_id, floor, limit)


def _unsealed(organization_id: UUID, floor: UUID, limit: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED, {"organization": organization_id, "floor": floor, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def entries_of(event_ids: Sequence[UUID]) -> list[Entry]:
    """Events as they are sealed, in the order of the ids; those that are gone are left out."""
    found = Event.objects.in_bulk(list(event_ids))
    return [_entry(found[id_]) for id_ in event_ids if id_ in found]


def broken_chain(organization_id: UUID, keys: AuditKeys, *, head: tuple[int, str] | None = None) -> list[str]:
    """What is wrong with an organization's chain, in sentences, the first `_SHOWN`; nothing where every event stands as
    it was written. With `head`, a number and digest that were kept elsewhere, also whether that seal is still there."""
    found = list(_broken(organization_id, keys, head))
    return found[:_SHOWN]


def _broken(organization_id: UUID, keys: AuditKeys, head: tuple[int, str] | None) -> Iterator[str]:
    previous, number, last_id = FIRST, 0, None
    for seal in AuditSeal.objects.filter(organization_id=organization_id).order_by("number").iterator(200):
        number += 1
        if seal.number != number:
            yield f"Seal {number} is missing: the next one is {seal.number}."
            number = seal.number
        entries = entries_of(seal.event_ids)
        if gone := len(seal.event_ids) - len(entries):
            yield f"Seal {seal.number}: {gone:,} of its {len(seal.event_ids):,} events are gone."
        key = keys.named(seal.key_id)
        if key is None:
            yield f"Seal {seal.number} was made with a key that is not here ({seal.key_id})."
        elif not gone and digest_of(key, seal.number, previous, entries) != seal.digest:
            first, last = entries[0].at, entries[-1].at
            yield (
                f"Seal {seal.number}, {len(entries):,} events from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}:"
                " one of them, or a seal before it, isn’t as it was written."
            )
        if head is not None and head[0] == seal.number and head[1] != seal.digest:
            yield f"Seal {seal.number} has another digest than the one that was kept."
        previous, last_id = seal.digest, seal.last_id if last_id is None else max(last_id, seal.last_id)
    if head is not None and head[0] > number:
        yield f"The chain ends with seal {number}, but seal {head[0]} was kept: what came after is cut off."
    if last_id is not None:
        floor = UUID(int=max((last_id.int >> 80) - _WHILE, 0) << 80)
        late = [one for one in _unsealed(organization_id, UUID(int=0), _SHOWN) if one < floor]
        if late:
            yield f"{len(late):,} events or more stand in no seal though later ones do; the first is {late[0]}."


def _entry(event: Event) -> Entry:
    return Entry(
        event.id, event.at, event.actor_kind, event.actor, event.verb, event.subject_kind, event.subject_id,
        event.party_id, event.why, event.facts,
    )  # fmt: skip
