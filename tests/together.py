"""Acts that are done at the same moment, each on a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from queue import Queue
from threading import Barrier

from django.db import OperationalError, connection, connections, transaction

from paidthru.kernel.errors import Refused


def together(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Does all of it at the same moment, each on a connection of its own; a refusal is its code."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return act()
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def crossed(first: Callable[[], object], then: Sequence[Callable[[], object]]) -> list[object]:
    """Does `first` in a transaction that is committed only when each of `then`, begun meanwhile on connections of their
    own, has come to its end or waits for it: they have read the world as it was before. What came of all, `first`'s
    first; a refusal is its code."""
    going: list[Future[object]] = []
    with ThreadPoolExecutor(max(1, len(then))) as pool:
        try:
            with transaction.atomic():
                came = _told(first)
                pids = [Queue[int]() for _ in then]
                going = [pool.submit(_begin, act, pid) for act, pid in zip(then, pids, strict=True)]
                _until_all_wait([pid.get(timeout=30) for pid in pids], going)
        except (
            OperationalError
        ) as error:  # the database gave it up for another one: it is done again, as anywhere
            if getattr(error.__cause__, "sqlstate", None) != "40P01":
                raise
            came = _told(first)
        return [came, *(one.result(timeout=60) for one in going)]


def _begin(act: Callable[[], object], pid: "Queue[int]") -> object:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid.put(cursor.fetchone()[0])
        return _told(act)
    finally:
        connections.close_all()


def _told(act: Callable[[], object]) -> object:
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return act()
    except Refused as refused:
        return refused.code


def _until_all_wait(pids: list[int], going: "list[Future[object]]") -> None:
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute("SELECT pid FROM pg_locks WHERE NOT granted AND pid = ANY(%s)", [pids])
            waiting = {row[0] for row in cursor.fetchall()}
            if all(one.done() or pid in waiting for pid, one in zip(pids, going, strict=True)):
                return
    raise AssertionError("one of them neither ends nor waits")


def until_alone() -> None:
    """What a killed process asked for last may be carried out after its death: its connections are waited for."""
    with connection.cursor() as cursor:
        for _ in range(50_000):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
    raise AssertionError("a connection of the killed process was left open")
