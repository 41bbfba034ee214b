"""Write steps of the timeline room, inside somebody's transaction."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction

from paidthru.kernel.copying import Encoded, copy_rows, encoded
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.timeline.models import AuditSeal, Event, IdempotencyKey, InboxCount, InboxEvent, Message
from paidthru.timeline.queries.audit import entries_of, last_seal, unsealed
from paidthru.timeline.rules.audit import A_SEAL, FIRST, AuditKeys, digest_of, id_of

T = TypeVar("T")

Places: TypeAlias = Sequence[tuple[UUID, datetime]]
"""Organizations, each with its business instant: what happens to a user is told in all that they work for."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: kind is staff, member, schedule, command or visitor; `name` is shown in the timeline.

    `id` is the user's, of a person who is known; two people may have one name, so it decides where both sides have it.
    """

    kind: str
    name: str
    id: str = ""

    @property
    def is_somebody(self) -> bool:
        """Whether this can be told from others: whoever types a command without saying who they are can't."""
        return self.kind != "command" or self.id != ""

    def is_same(self, name: str, id_: str) -> bool:
        """Whether this is who stands in a row: by the id where both have one, else by the name (E.3)."""
        return self.id == id_ if self.id and id_ else self.name[:200] == name[:200]


SCHEDULE = Actor("schedule", "the schedule")


@dataclass(frozen=True, slots=True)
class Happening:
    """An event to be written: verb, subject, and the facts of the sentence (a JSON object, maybe written already)."""

    verb: str
    subject_kind: str
    subject_id: UUID
    party_id: UUID | None = None
    why: str = ""
    facts: dict[str, Any] | Encoded = field(default_factory=dict)


_COLUMNS = ("id", "subject_id", "party_id", "why", "facts", "organization_id", "at", "actor_kind", "actor", "verb",
            "subject_kind")  # fmt: skip


def record(organization_id: UUID, actor: Actor, at: datetime, happenings: Iterable[Happening]) -> None:
    """Writes events at one business instant (UTC)."""
    shared: dict[tuple[str, str], Encoded] = {}

    def who(one: Happening) -> Encoded:
        about = (one.verb, one.subject_kind)
        found = shared.get(about)
        if found is None:
            found = shared[about] = encoded(organization_id, at, actor.kind, actor.name, *about)
        return found

    with connection.cursor() as cursor:
        copy_rows(
            cursor, Event._meta.db_table, _COLUMNS,
            ((new_id(), one.subject_id, one.party_id, one.why[:500], one.facts, who(one)) for one in happenings),
        )  # fmt: skip


def record_in(places: Places, actor: Actor, happening: Happening) -> None:
    """Writes what happened to a user into each organization that they work for, at its own business instant."""
    for organization_id, at in places:
        record(organization_id, actor, at, [happening])


def seal_events(organization_id: UUID, keys: AuditKeys, *, most: int = 100 * A_SEAL) -> int:
    """Puts the events that no seal covers yet under seals of the chain, at most so many; returns how many seals that
    made. Two at once take turns."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), now()", [f"audit:{organization_id}"]
            )
            sealed_at = cursor.fetchone()[1]
        last = last_seal(organization_id)
        last_id = last.last_id if last else None
        waiting = unsealed(organization_id, last_id, limit=most)
        number, previous = (last.number, last.digest) if last else (0, FIRST)
        seals = []
        for start in range(0, len(waiting), A_SEAL):
            ids = waiting[start : start + A_SEAL]
            number, key = number + 1, keys.keys[0]
            previous = digest_of(key, number, previous, entries_of(ids))
            last_id = ids[-1] if last_id is None else max(last_id, ids[-1])
            seals.append(
                AuditSeal(
                    organization_id=organization_id,
                    number=number,
                    event_ids=ids,
                    last_id=last_id,
                    digest=previous,
                    key_id=id_of(key),
                    sealed_at=sealed_at,
                )
            )
        AuditSeal.objects.bulk_create(seals)
        return len(seals)


def again_on_conflict(act: Callable[[], T], *, repeatable: bool = False) -> T:
    """Runs a unit of work again when the database gave it up for another one (deadlock, serialization, a lock it would
    wait for no longer; B-22), four times at most. Never around a gateway call: the unit is one transaction. Inside
    another one it is run once.

    A unit that is `repeatable` does nothing the second time, so it is also run again when the connection was lost,
    whether that was before its commit or after (B-5, B-59).
    """
    for _ in range(0 if connection.in_atomic_block else 4):
        try:
            return act()
        except (OperationalError, InterfaceError, psycopg.Error) as error:  # COPY's errors are psycopg's own
            state = getattr(error.__cause__ or error, "sqlstate", None)
            lost = state is None or state.startswith(("08", "57P"))
            if state not in ("40P01", "40001", "55P03") and not (lost and repeatable):
                raise
            connection.close_if_unusable_or_obsolete()
    return act()


def once(
    organization_id: UUID,
    key: str | None,
    action: str,
    inputs: dict[str, Any],
    at: datetime,
    act: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Runs `act` in a transaction and stores its outcome under the key; a second call returns the stored outcome.

    Refused `key_reused` when the key came with other inputs. Without a key it only runs. (design, habit 2)
    """
    return again_on_conflict(partial(_once, organization_id, key, action, inputs, at, act))


def _once(
    organization_id: UUID,
    key: str | None,
    action: str,
    inputs: dict[str, Any],
    at: datetime,
    act: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    if key is None:
        with transaction.atomic():
            return act()
    digest = hashlib.sha256(json.dumps([action, inputs], sort_keys=True, default=str).encode()).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:  # two calls at once: the second waits for the first
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{organization_id}:{key}"]
            )
        stored = IdempotencyKey.objects.filter(organization_id=organization_id, key=key).first()
        if stored is not None:
            if stored.digest != digest:
                raise Refused(
                    "key_reused",
                    "This was already asked for with other values.",
                    field="key",
                    value=key,
                    fix="Start again from the form.",
                )
            return dict(stored.outcome)
        outcome = act()
        IdempotencyKey.objects.create(
            organization_id=organization_id, key=key, action=action, digest=digest, outcome=outcome, at=at
        )
        return outcome


def write_message(
    organization_id: UUID,
    party_id: UUID | None,
    kind: str,
    key: str,
    facts: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Puts a mail into the outbox, once for each `key`; to be sent from `now` (UTC) on."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {Message._meta.db_table}
                    (id, organization_id, party_id, kind, key, facts, written_at, state, next_try_at, tries, last_error)
                VALUES (%s, %s, %s, %s, %s, %s, %s, 'waiting', %s, 0, '')
                ON CONFLICT (organization_id, key) DO NOTHING""",
            [new_id(), organization_id, party_id, kind, key, json.dumps(dict(facts)), now, now],
        )


def write_messages(
    organization_id: UUID, kind: str, mails: Sequence[tuple[UUID, str, Mapping[str, str]]], *, now: datetime
) -> None:
    """As `write_message`, for many parties: each with its key and facts."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {Message._meta.db_table}
                    (id, organization_id, party_id, kind, key, facts, written_at, state, next_try_at, tries, last_error)
                SELECT x.id, %s, x.party_id, %s, x.key, x.facts::jsonb, %s, 'waiting', %s, 0, ''
                FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[]) AS x(id, party_id, key, facts)
                ON CONFLICT (organization_id, key) DO NOTHING""",
            [
                organization_id,
                kind,
                now,
                now,
                [new_id() for _ in mails],
                [party_id for party_id, _, _ in mails],
                [key for _, key, _ in mails],
                [json.dumps(dict(facts)) for _, _, facts in mails],
            ],
        )


def store_event(event: InboxEvent) -> InboxEvent:
    """Keeps a gateway's event, once: told again, the row that is there is returned (field-notes C.3, 9)."""
    InboxEvent.objects.bulk_create([event], ignore_conflicts=True)
    return InboxEvent.objects.get(gateway=event.gateway, livemode=event.livemode, event_id=event.event_id)


def count_inbox(organization_id: UUID, gateway: str, what: str, *, now: datetime) -> None:
    """One more of what came to a gateway's address (see `InboxCount`); `now` is the instant of the last one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {InboxCount._meta.db_table} AS c (id, organization_id, gateway, what, count, last_at)
                VALUES (%s, %s, %s, %s, 1, %s)
                ON CONFLICT (organization_id, gateway, what) DO UPDATE SET count = c.count + 1, last_at = %s""",
            [new_id(), organization_id, gateway, what, now, now],
        )


def conclude_event(event_id: UUID, state: str, *, why: str = "") -> None:
    """An event has been worked: done, ignored, or dead, with the reason."""
    InboxEvent.objects.filter(id=event_id).update(state=state, last_error=why[:300], next_try_at=None)


def put_off_event(event_id: UUID, *, until: datetime, tries: int, why: str) -> None:
    """An event could not be worked; it is tried again from an instant on."""
    InboxEvent.objects.filter(id=event_id).update(next_try_at=until, tries=tries, last_error=why[:300])
