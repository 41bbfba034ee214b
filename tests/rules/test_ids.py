"""Ids: version 7, increasing, unique across threads, forks and clocks that step back."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import UUID

import pytest

from paidthru.kernel import ids
from paidthru.kernel.clock import epoch_milliseconds


def test_ids_are_version_7_and_carry_the_time() -> None:
    before = epoch_milliseconds()
    made = ids.new_id()
    after = epoch_milliseconds()
    assert isinstance(made, UUID)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    # Many ids within one millisecond may push the time part on, by no more than that millisecond's worth.
    assert before <= made.int >> 80 <= after + 1


def test_ids_strictly_increase() -> None:
    made = [ids.new_id() for _ in range(50_000)]
    assert all(earlier < later for earlier, later in pairwise(made))


def test_ids_increase_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.new_id()
    monkeypatch.setattr(ids, "epoch_milliseconds", lambda: 1)
    later = [ids.new_id() for _ in range(1000)]
    assert first < later[0]
    assert later == sorted(set(later))


def test_ids_carry_over_when_a_millisecond_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.new_id()
    monkeypatch.setattr(ids, "epoch_milliseconds", lambda: 1)
    monkeypatch.setattr(ids, "_last_random", (1 << 74) - 1)
    following = ids.new_id()
    assert following > first
    assert following.version == 7
    assert following.variant == "specified in RFC 4122"
    assert following.int >> 80 == (first.int >> 80) + 1


def test_ids_are_unique_across_threads() -> None:
    def make(_: int) -> list[UUID]:
        return [ids.new_id() for _ in range(2_000)]

    with ThreadPoolExecutor(8) as pool:
        made = [each for batch in pool.map(make, range(8)) for each in batch]
    assert len(set(made)) == 16_000


def test_a_forked_process_makes_ids_of_its_own() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, ids.new_id().bytes)
        os._exit(0)
    mine = ids.new_id()
    os.waitpid(child, 0)
    theirs = UUID(bytes=os.read(reading, 16))
    os.close(reading)
    os.close(writing)
    assert theirs != mine
    assert (theirs.int ^ mine.int) & ((1 << 62) - 1) > 1 << 33  # not a step further in the same row
