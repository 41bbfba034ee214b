"""Actors on a stage: threads of which exactly one goes on at any time. Who is next is drawn by the schedule's seed, at
points that lie before every statement and around every call of the gateway.

An actor that waits for a lock of another's in the database really waits there; meanwhile others go on, and when the
lock is free the actor stands in line again. Whether it is free is asked of the database before anybody goes on, so
that nothing depends on how fast a thread wakes up.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

import psycopg
from django.db import connection, connections

#: Points in one schedule, after which it can't be going anywhere.
TOO_MANY_POINTS = 60_000
PATIENCE = 5.0  # seconds of the real clock: a stage on which nothing moves for so long has a fault of its own

Kind = Literal["statement", "commit", "gateway", "act"]


class Killed(BaseException):
    """The process of an actor was killed here: everything above unwinds, and its connection is gone."""


class Stopped(BaseException):
    """The schedule is over, because another actor met something that must never be."""


class Endless(AssertionError):  # noqa: N818 - what became of it
    """A schedule that doesn't come to its end."""


@dataclass
class Breaks:
    """What befalls the wire to the database at a point: each a probability. `commit_` are of commits, after they took
    effect; `sleep` is a process that stands still."""

    kill: float = 0.0
    drop: float = 0.0
    commit_kill: float = 0.0
    commit_drop: float = 0.0
    sleep: float = 0.0


class Actor(threading.Thread):
    """A thread with a connection of its own that plays one part in every schedule."""

    def __init__(self, number: int) -> None:
        super().__init__(name=f"actor {number}", daemon=True)
        self.number = number
        self.part = ""
        self.state: Literal["off", "ready", "waiting"] = "off"
        self.asleep_until: float | None = None
        self.baton = threading.Semaphore(0)
        self.woken = threading.Event()
        self.backend = 0  # the process of the database that serves it
        self.canceled = False  # its statement was given up for another's: a deadlock
        self.dead = False  # killed, and not yet begun anew: whatever it tries, it is dead
        self.stage: Stage | None = None
        self.script: Callable[[], None] | None = None
        self.over = False
        self.start()

    def run(self) -> None:
        while True:
            self.baton.acquire()
            if self.over:
                connections.close_all()
                return
            assert self.stage is not None and self.script is not None
            stage = self.stage
            try:
                self.script()
            except Stopped:
                pass
            except BaseException as error:  # noqa: BLE001 - handed to whoever runs the schedule
                stage.fail(error)
            stage.leave(self)


@dataclass
class Line:
    """A point that somebody came to."""

    who: str
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.who:<9} {self.what:<10} {self.text}"


@dataclass
class Stage:
    """The stage of one schedule. `switching`: how likely another goes on, by the kind of point."""

    rng: Random
    switching: dict[Kind, float]
    monitor: psycopg.Connection[tuple[object, ...]]
    now: Callable[[], float] = lambda: 0.0
    advance_to: Callable[[float], None] = lambda _: None
    trace: list[Line] = field(default_factory=list)
    verbose: bool = False
    breaks: Breaks | None = None  # what befalls the wires to the database
    actors: list[Actor] = field(default_factory=list)
    points: int = 0
    failure: BaseException | None = None
    _done: threading.Event = field(default_factory=threading.Event)

    def play(self, actors: Sequence[Actor], parts: Sequence[tuple[str, Callable[[], None]]]) -> None:
        """Plays the parts until all have come to their end. Raises what any of them met."""
        self.actors = list(actors[: len(parts)])
        for actor, (part, script) in zip(self.actors, parts, strict=True):
            actor.part, actor.script, actor.stage = part, script, self
            actor.state, actor.asleep_until, actor.canceled, actor.dead = "ready", None, False, False
        self._done.clear()
        self._hand_over()
        seen = -1
        while not self._done.wait(PATIENCE * 4) and seen != self.points:  # slow is not stuck
            seen = self.points
        if not self._done.is_set():
            self.failure = Endless(f"nothing moves: {[(a.part, a.state) for a in self.actors]}")
            for actor in self.actors:  # what they hold would keep the next test waiting for ever
                self.monitor.execute("SELECT pg_terminate_backend(%s)", [actor.backend])
        if self.failure is not None:
            raise self.failure

    # -- for the actor that goes on

    def note(self, what: str, text: str = "") -> None:
        """Writes a line into the trace."""
        self.trace.append(Line(self.me.part if self.me else "", what, text))

    @property
    def me(self) -> Actor | None:
        """The actor that goes on, None outside of any."""
        current = threading.current_thread()
        return current if isinstance(current, Actor) and current.stage is self else None

    def point(self, kind: Kind) -> None:
        """Perhaps another goes on from here."""
        me = self.me
        if me is None:
            return
        if self.failure is not None:
            raise Stopped
        if me.dead:
            raise Killed
        self.points += 1
        if self.points > TOO_MANY_POINTS:
            raise Endless("too many points: something goes round in a circle")
        if self.rng.random() < self.switching[kind]:
            self._switch(me)

    def kill(self) -> None:
        """The actor's process ends here; on the way out nothing more can be done."""
        if self.me is not None:
            self.me.dead = True
        raise Killed

    def begin_anew(self) -> bool:
        """Whether the actor had died; another process takes its place."""
        me = self.me
        died = me is not None and me.dead
        if me is not None:
            me.dead = False
        return died

    def sleep(self, seconds: float) -> None:
        """The actor's process stands still for a while (a paused machine) and goes on as if nothing had been."""
        me = self.me
        if me is None:
            return
        me.asleep_until = self.now() + seconds
        self.note("sleeps", f"{seconds:.0f} s")
        self._hand_over()
        self._wait(me)

    def _switch(self, me: Actor) -> None:
        if self._hand_over(stay=me):
            self._wait(me)

    def _hand_over(self, stay: Actor | None = None) -> bool:
        """Gives the baton to somebody; False when the one who has it keeps it."""
        chosen = self._next()
        if chosen is None or chosen is stay:
            return False
        chosen.baton.release()
        return True

    def _next(self) -> Actor | None:
        """Who goes on: anybody who isn't waiting for a lock or asleep; if nobody, the first who wakes up."""
        while True:
            ready = [actor for actor in self.actors if actor.state == "ready"]
            awake = [a for a in ready if a.asleep_until is None or a.asleep_until <= self.now()]
            if awake:
                chosen = awake[0] if len(awake) == 1 else self.rng.choice(awake)
                chosen.asleep_until = None
                return chosen
            if ready:
                sleeper = min(ready, key=lambda a: (a.asleep_until or 0.0, a.number))
                self.advance_to(sleeper.asleep_until or 0.0)
                sleeper.asleep_until = None
                return sleeper
            if not any(actor.state == "waiting" for actor in self.actors):
                return None
            if self._break_deadlock():
                return None
            self.settle()

    def _wait(self, me: Actor) -> None:
        if not me.baton.acquire(timeout=PATIENCE * 3):
            raise Endless(f"{me.part} was forgotten")
        if self.failure is not None:
            raise Stopped

    # -- waiting for locks

    def gives_way(self, me: Actor) -> bool:
        """The actor's statement takes long: if it waits for another actor's lock, the others go on."""
        if not self._is_blocked(me):
            return False
        me.woken.clear()
        me.state = "waiting"
        self.note("waits", "for a lock")
        if (
            not self._hand_over() and me.canceled
        ):  # everybody waited for everybody, and it is this one that gives way
            me.state = "ready"
            return False
        return True

    def comes_back(self, me: Actor) -> None:
        """The lock is there (or the statement failed): stands in line until it is the actor's turn."""
        me.state = "ready"
        me.woken.set()
        if not me.baton.acquire(timeout=PATIENCE * 3):
            raise Endless(f"{me.part} was forgotten")

    def settle(self) -> None:
        """Waits until each actor that waits for a lock has it, or is known to go on waiting."""
        for actor in self.actors:
            while actor.state == "waiting" and not self._is_blocked(actor):
                actor.woken.wait(0.0005)

    def hang_up(self) -> None:
        """Whatever is left of the actor's connection is closed, and the database has noticed: its locks are free."""
        connection.close()
        if self.me is not None:
            self.gone(self.me.backend)

    def gone(self, backend: int) -> None:
        """Waits until a process of the database whose connection was closed has ended. Raises `Endless`."""
        until = time.monotonic() + PATIENCE
        while self.monitor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]).fetchone():
            if time.monotonic() > until:
                raise Endless(f"the database serves {backend} though its connection was closed")

    def _is_blocked(self, actor: Actor) -> bool:
        row = self.monitor.execute("SELECT pg_blocking_pids(%s)", [actor.backend]).fetchone()
        blockers = row[0] if row else []
        assert isinstance(blockers, list)
        return any(other.backend in blockers for other in self.actors if other is not actor)

    def _break_deadlock(self) -> bool:
        """Everybody waits for somebody: the database would give one of them up, and which must not be chance. It is the
        one whose waiting closed the circle, or else the first; True if it is this actor itself."""
        me = self.me
        waiting = [actor for actor in self.actors if actor.state == "waiting" and self._is_blocked(actor)]
        if not waiting:
            return False
        victim = me if me in waiting and me is not None else waiting[0]
        victim.canceled = True
        self.note("deadlock", f"{victim.part} gives way")
        self.monitor.execute("SELECT pg_cancel_backend(%s)", [victim.backend])
        if victim is me:
            return True
        victim.woken.wait(PATIENCE)
        return False

    # -- the end

    def fail(self, error: BaseException) -> None:
        """What an actor met must never be: the schedule ends."""
        if self.failure is None:
            self.failure = error

    def leave(self, actor: Actor) -> None:
        """The actor's part is over."""
        if connection.connection is not None and connection.in_atomic_block:
            self.hang_up()
        actor.state = "off"
        self.settle()
        chosen = self._next()
        if chosen is None:
            self._done.set()
        else:
            chosen.baton.release()


def dismiss(actors: Sequence[Actor]) -> None:
    """Lets the threads end."""
    for actor in actors:
        actor.over = True
        actor.baton.release()
    for actor in actors:
        actor.join(PATIENCE)
