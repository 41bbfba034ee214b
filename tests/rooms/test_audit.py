"""The chain of seals over events: what is changed, removed, slipped in or cut off later is seen (field-notes E.5)."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.actions.test_collection_races import together
from tests.world import STAFF, World, a_world

from paidthru.kernel.ids import new_id
from paidthru.timeline.models import AuditSeal, Event
from paidthru.timeline.operations import Happening, record, seal_events
from paidthru.timeline.queries.audit import broken_chain, last_seal
from paidthru.timeline.rules.audit import A_SEAL, FIRST, AuditKeys, Entry, digest_of

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = AuditKeys.of([base64.b64encode(bytes(range(32))).decode()])
OTHER = AuditKeys.of([base64.b64encode(bytes(32)).decode()])
NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    found = a_world()
    happen(found, 2 * A_SEAL + 3)
    return found


def happen(world: World, count: int) -> None:
    told = [
        Happening("noted", "organization", world.organization.id, why=f"Nº {n} ✓", facts={"n": n})
        for n in range(count)
    ]
    record(world.organization.id, STAFF, NOW, told)


def broken(world: World, keys: AuditKeys = KEYS, head: tuple[int, str] | None = None) -> list[str]:
    return broken_chain(world.organization.id, keys, head=head)


@contextmanager
def unguarded() -> Iterator[Callable[..., object]]:
    """As somebody who holds the database, and not the key."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor.execute


def test_what_happened_is_sealed_once_and_stands(world: World) -> None:
    events = Event.objects.filter(organization=world.organization).count()
    assert broken(world) == [] and last_seal(world.organization.id) is None
    assert seal_events(world.organization.id, KEYS) == -(-events // A_SEAL)
    assert seal_events(world.organization.id, KEYS) == 0
    happen(world, 2)
    assert seal_events(world.organization.id, KEYS) == 1
    seals = list(AuditSeal.objects.order_by("number"))
    assert [one.number for one in seals] == list(range(1, len(seals) + 1))
    covered = [id_ for one in seals for id_ in one.event_ids]
    assert len(covered) == len(set(covered)) == events + 2
    assert broken(world) == []
    assert "key that is not here" in broken(world, OTHER)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditSeal.objects.filter(number=1).update(digest="")


def test_workers_seal_each_event_once(world: World) -> None:
    together([lambda: seal_events(world.organization.id, KEYS)] * 6)
    covered = [id_ for one in AuditSeal.objects.all() for id_ in one.event_ids]
    assert len(covered) == len(set(covered)) == Event.objects.filter(organization=world.organization).count()
    assert broken(world) == []


def test_whoever_holds_the_database_alone_is_seen(world: World) -> None:
    seal_events(world.organization.id, KEYS)
    seals = list(AuditSeal.objects.order_by("number"))
    one = seals[0].event_ids[7]
    with unguarded() as run:
        run("UPDATE timeline_event SET why = 'nothing' WHERE id = %s", [one])
    said = broken(world)
    assert len(said) == 1 and said[0].startswith("Seal 1, 500 events from 2026-01-01 09:00")
    with unguarded() as run:
        run("DELETE FROM timeline_event WHERE id = %s", [one])
    assert "Seal 1: 1 of its 500 events are gone." in broken(world)
    with unguarded() as run:
        run("DELETE FROM timeline_auditseal WHERE id = %s", [seals[0].id])
    assert broken(world)[0] == "Seal 1 is missing: the next one is 2."


def test_a_seal_made_anew_without_the_key_does_not_hold(world: World) -> None:
    seal_events(world.organization.id, KEYS)
    seal = AuditSeal.objects.get(number=1)
    with unguarded() as run:
        run("UPDATE timeline_auditseal SET digest = %s WHERE id = %s", ["f" * 64, seal.id])
    assert len(broken(world)) == 2, "the seal, and the one after it that rests on it"


def test_what_is_slipped_in_before_or_cut_off_at_the_end_is_seen(world: World) -> None:
    seal_events(world.organization.id, KEYS)
    head = last_seal(world.organization.id)
    assert head is not None
    kept = (head.number, head.digest)
    assert broken(world, head=kept) == []
    assert broken(world, head=(head.number, "0" * 64)) != []
    old = UUID(int=((new_id().int >> 80) - 48 * 60 * 60 * 1000) << 80 | 7)
    Event.objects.create(
        id=old, organization=world.organization, at=NOW, actor_kind="staff", actor="Pat", verb="noted",
        subject_kind="organization", subject_id=world.organization.id,
    )  # fmt: skip
    assert "stand in no seal though later ones do" in broken(world)[-1]
    with unguarded() as run:
        run("DELETE FROM timeline_event WHERE id = ANY(%s)", [[old, *head.event_ids]])
        run("DELETE FROM timeline_auditseal WHERE id = %s", [head.id])
    assert broken(world) == []
    assert "is cut off" in broken(world, head=kept)[0]


def test_keys_may_change_and_older_seals_still_hold(world: World) -> None:
    seal_events(world.organization.id, OTHER)
    happen(world, 1)
    both = AuditKeys((*KEYS.keys, *OTHER.keys))
    assert seal_events(world.organization.id, both) == 1
    assert broken(world, both) == []
    assert [one for one in broken(world, KEYS) if "not here" in one]


entries = st.builds(
    Entry,
    st.uuids(),
    st.datetimes(timezones=st.just(UTC)),
    *[st.text(max_size=5)] * 4,
    st.uuids(),
    st.none() | st.uuids(),
    st.text(max_size=5),
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=3),
)


@given(st.lists(entries, max_size=4), st.lists(entries, max_size=4))
def test_two_lists_of_events_have_one_digest_only_if_they_are_the_same(
    one: list[Entry], other: list[Entry]
) -> None:
    key = KEYS.keys[0]
    same = digest_of(key, 1, FIRST, one) == digest_of(key, 1, FIRST, other)
    assert same == (one == other)
    assert digest_of(key, 1, FIRST, one) != digest_of(key, 2, FIRST, one)
    for entry in one:
        assert json.loads(entry.canonical())[0] == str(entry.id)
