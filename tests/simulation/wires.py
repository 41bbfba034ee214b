"""The wire between an actor and the database. Everything that psycopg sends goes through one function of a connection,
`wait`; there lie the points at which another actor goes on, a process is killed, a connection breaks, or the answer to
a COMMIT is lost.
"""

import re
import select
import threading
from collections.abc import Callable, Generator
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from tests.simulation.stage import Actor, Breaks, Killed, Stage

SLOW_MS = 2  # an answer that takes longer may be waiting for a lock
_SAVEPOINT = re.compile(r'SAVEPOINT "\w+"')  # its name has the thread's number in it
_READ, _WRITE = 1, 2  # psycopg's words for what a generator waits for

#: What of the actors' sessions is not as everywhere: the simulated clock hides the database's own; a deadlock is
#: broken by the stage, for which of two the database gives up is chance; a plan must not change with statistics.
SESSION = """
    SET search_path = simulation, pg_catalog, public;
    SET deadlock_timeout = '10min';
    SET enable_seqscan = off
"""


class Wire:
    """One actor's connection, as long as it lives."""

    def __init__(self, actor: Actor, raw: psycopg.Connection[Any]) -> None:
        self._actor = actor
        self._raw = raw
        self._backend = actor.backend = (
            raw.info.backend_pid
        )  # a later one of the actor's may be served by another
        raw.wait = self.wait  # type: ignore[method-assign]

    def wait(self, gen: Any, interval: float = 0.0, timeout: float | None = None) -> Any:
        """In place of psycopg's: with points before, and the actor out of the way while it waits for a lock."""
        stage = self._actor.stage
        if stage is None or self._actor.state == "off":
            return drive(gen, self._raw, lambda: None)
        name = gen.__name__
        if name == "_set_autocommit_gen":  # nothing is sent
            return drive(gen, self._raw, lambda: None)
        query = _query_of(gen)
        effective = name == "_commit_gen" or (
            self._raw.autocommit and name == "_execute_gen" and _writes(query)
        )
        breaks = stage.breaks
        if stage.verbose:
            stage.note("commit" if name == "_commit_gen" else "statement", query)
        if name != "_rollback_gen":
            stage.point("commit" if effective else "statement")
            self._before(stage, breaks)
        parked = False

        def slow() -> None:
            nonlocal parked
            if not parked:
                parked = stage.gives_way(self._actor)

        try:
            result = drive(gen, self._raw, slow)
        except psycopg.errors.QueryCanceled as error:
            if self._actor.canceled:
                raise psycopg.errors.DeadlockDetected("deadlock detected") from error
            raise
        finally:
            self._actor.canceled = False
            if parked:
                stage.comes_back(self._actor)
            stage.settle()
        if effective:
            self._after(stage, breaks)
        return result

    def _before(self, stage: Stage, breaks: Breaks | None) -> None:
        if breaks is None:
            return
        drawn = stage.rng.random()
        if drawn < breaks.kill:
            self._kill(stage, "before a statement")
        elif drawn < breaks.kill + breaks.drop:
            self._drop(stage, "before a statement")
        elif drawn < breaks.kill + breaks.drop + breaks.sleep:
            stage.sleep(stage.rng.choice([30, 150, 400, 4_000, 100_000]))

    def _after(self, stage: Stage, breaks: Breaks | None) -> None:
        if breaks is None:
            return
        drawn = stage.rng.random()
        if drawn < breaks.commit_kill:
            self._kill(stage, "after a commit")
        elif drawn < breaks.commit_kill + breaks.commit_drop:
            self._drop(stage, "after a commit")

    def _kill(self, stage: Stage, where: str) -> None:
        self.cut(stage)
        stage.note("killed", where)
        stage.kill()

    def _drop(self, stage: Stage, where: str) -> None:
        self.cut(stage)
        stage.note("connection lost", where)
        raise psycopg.OperationalError("the connection is closed")

    def cut(self, stage: Stage) -> None:
        """Closes the connection, and waits until the database has noticed: its locks are free then."""
        self._raw.pgconn.finish()
        stage.gone(self._backend)
        stage.settle()


def drive(gen: Generator[int, int, Any], raw: psycopg.Connection[Any], slow: Callable[[], None]) -> Any:
    """Runs one of psycopg's generators to its end; `slow` is called whenever an answer takes long."""
    poll = select.poll()
    socket = raw.pgconn.socket
    try:
        wanted = next(gen)
        while True:
            poll.register(
                socket, (select.POLLIN if wanted & _READ else 0) | (select.POLLOUT if wanted & _WRITE else 0)
            )
            found = poll.poll(SLOW_MS)
            if not found:
                slow()
                continue
            state = found[0][1]
            ready = (_READ if state & ~select.POLLOUT else 0) | (_WRITE if state & select.POLLOUT else 0)
            wanted = gen.send(ready & wanted or wanted)
    except StopIteration as end:
        return end.value


def _query_of(gen: Any) -> str:
    """The statement that a generator of psycopg's will send, as far as it can be told."""
    frame = gen.gi_frame
    query = frame.f_locals.get("query") or frame.f_locals.get("statement") if frame is not None else None
    if isinstance(query, bytes):
        query = query.decode(errors="replace")
    if query is None:
        return str(gen.__name__).strip("_")
    return _SAVEPOINT.sub("SAVEPOINT", " ".join(str(query).split())[:160])


def _writes(query: str) -> bool:
    return query.lstrip(" (").upper().startswith(("INSERT", "UPDATE", "DELETE", "WITH"))


def _connected(connection: BaseDatabaseWrapper, **_: object) -> None:
    thread = threading.current_thread()
    if isinstance(thread, Actor):
        if thread.dead:
            raise Killed
        with connection.cursor() as cursor:
            cursor.execute(SESSION)
        Wire(thread, connection.connection)


def listen() -> None:
    """From now on the connections of actors are wired."""
    connection_created.connect(_connected, dispatch_uid="simulation")
