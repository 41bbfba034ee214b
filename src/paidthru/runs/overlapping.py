"""Sends of one process that overlap: the network in threads, the database in few.

A gateway takes its time, so many requests are on their way at once; each waits in a thread of its own, which never
touches the database. What they learn is written by two threads with a connection each: one binds the gateway's ids,
one settles. Each takes whatever has come meanwhile into one transaction, so that an answer is on disk as soon as it is
known, and many at once cost little more than one. The caller's thread takes turns and claims.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from django.db import close_old_connections, connection

from paidthru.actions.charge import Claim, Here, bind, claim_waiting, give_back, send
from paidthru.actions.settle import Answered, settle, settle_all
from paidthru.kernel.clock import seconds_running
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.organizations.queries import policies_of
from paidthru.payments.gateway import GatewayError, GatewayIntent, GatewayNotExecuted
from paidthru.payments.operations.throttle import Turn
from paidthru.payments.queries import count_unsent
from paidthru.payments.queries.sending import next_resend, waits_to_be_sent
from paidthru.payments.rules.throttle import BACKOFFS, TURNED_AWAY_IN_A_ROW, jittered
from paidthru.runs.desk import Desk, Progress
from paidthru.runs.halting import Halt
from paidthru.runs.pacing import MOST_LEAD, Lead, Pace, Reckoning, Room
from paidthru.runs.throttling import Throttled, wait
from paidthru.timeline.operations import SCHEDULE, again_on_conflict

log = logging.getLogger(__name__)
T = TypeVar("T")

CLAIMED = 25  # at most so many are claimed at a time
WRITTEN = 25  # at most so many answers in a transaction
PATIENCE = timedelta(seconds=30)  # a pause that is no longer is waited out
_SOON = 0.15  # seconds before the last turn that it has, a pass takes further ones
_GLANCE = 0.2  # seconds after which it is looked anew whether there is something to do


_rooms: dict[tuple[UUID, str], Room] = {}
_rooms_lock = Lock()


def _room_of(desk: Desk) -> Room:
    key = (desk.organization.id, desk.gateway.name)
    with _rooms_lock:
        return _rooms.setdefault(key, Room(desk.gateway.capabilities.max_in_flight))


class _Writer(Thread, Generic[T]):
    """A thread with a database connection of its own, which writes whatever has come meanwhile in one go."""

    def __init__(self, name: str, write: Callable[[Sequence[T]], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._write = write
        self._queue: SimpleQueue[T | None] = SimpleQueue()
        self.start()

    def put(self, item: T) -> None:
        """Hands over something to be written."""
        self._queue.put(item)

    def end(self) -> None:
        """Writes what is left, then closes the connection."""
        self._queue.put(None)
        self.join()

    def run(self) -> None:
        """Writes until it is told to end."""
        close_old_connections()
        try:
            while (first := self._queue.get()) is not None:
                items, ended = [first], False
                while len(items) < WRITTEN and not ended:
                    try:
                        further = self._queue.get_nowait()
                    except Empty:
                        break
                    ended = further is None
                    if further is not None:
                        items.append(further)
                self._write(items)
                if ended:
                    return
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class _Told:
    """What became of a send, for the caller's thread."""

    answered: bool
    paused: bool


@dataclass(frozen=True, slots=True)
class _Sent:
    """A claim that was sent, or (no answer) was not; `lost`: because the right to was lost on the way."""

    held: Claim
    answer: GatewayIntent | GatewayError | None = None
    lost: bool = False


_Bound: TypeAlias = tuple[Claim, str, "Future[bool]"]


def _into(done: "Future[T]", act: Callable[[], T]) -> None:
    try:
        done.set_result(act())
    except Exception as error:  # noqa: BLE001 - it is that of the thread which waits for it
        done.set_exception(error)


def _each(acts: Sequence[Callable[[], None]]) -> None:
    for act in acts:
        act()


class _Line:
    """One pass of sending: its threads, and what they share."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.throttled = Throttled(desk)
        self.told: SimpleQueue[_Told] = SimpleQueue()
        self.halted = Halt()
        self.probe: UUID | None = None  # the attempt with which the gateway is tried again
        self.lead, self.reckoning = Lead(), Reckoning()
        self.turned_away = 0  # calls in a row
        limits = desk.gateway.capabilities
        self.paces = {call: Pace(limits.per_second) for call in ("create", "confirm")}
        self._policies = policies_of(desk.organization)
        self._network = ThreadPoolExecutor(limits.max_in_flight, thread_name_prefix="send")
        self.binder = _Writer[_Bound]("bind", self._bind)
        self._clerk = _Writer[Callable[[], None]]("aside", _each)
        self._settler = _Writer[_Sent]("settle", self._settle)

    def start(self, held: Claim, due: float) -> None:
        """Sends a claim in a thread when it is due; what becomes of it is told when it is written."""
        self._network.submit(self._send, held, due)

    def end(self) -> None:
        """Finishes what is in flight."""
        self._network.shutdown(wait=True)
        for writer in (self.binder, self._clerk, self._settler):
            writer.end()

    def _send(self, held: Claim, due: float) -> None:
        sent = _Sent(held)
        try:
            if not self.halted.wait(max(0.0, due - seconds_running())):
                answer = send(held, self.desk.gateway, _Desktop(self, due))
                sent = _Sent(held, answer, lost=answer is None)
        except Exception:  # of our own: what was sent is looked up in its time
            log.exception("attempt %s could not be sent", held.attempt_id)
            sent = _Sent(held, lost=True)
        self._settler.put(sent)

    def _bind(self, created: Sequence[_Bound]) -> None:
        try:
            may = again_on_conflict(partial(bind, [(held, ref) for held, ref, _ in created]), repeatable=True)
        except Exception as error:  # noqa: BLE001 - it is the sender's, whose thread waits for it
            if len(created) == 1:
                created[0][2].set_exception(error)
                return
            for one in created:  # one of them is at fault
                self._bind([one])
            return
        for (_, _, written), may_send in zip(created, may, strict=True):
            written.set_result(may_send)

    def aside(self, act: Callable[[], T]) -> T:
        """Does something seldom in the database, for a thread of the network."""
        done: Future[T] = Future()
        self._clerk.put(partial(_into, done, act))
        return done.result()

    def turn(self) -> float | None:
        """Takes one more turn: the second in which it is; None while sending is paused."""
        while not (turn := self.throttled.turns(1)).waits:
            if turn.closed is not None:
                return None
            wait(turn.again)
        return self.reckoning.second(turn.at) + turn.waits[0].total_seconds()

    def _settle(self, sent: Sequence[_Sent]) -> None:
        settled = self._settled(
            [
                Answered(one.held.attempt_id, one.answer, one.held.lease)
                for one in sent
                if one.answer is not None
            ]
        )
        for one in sent:
            paused = False
            try:
                if one.answer is None:
                    give_back([one.held], now=self.desk.clock.now(), lost=one.lost)
                else:
                    paused = self.throttled.heed(one.answer, probe=one.held.attempt_id == self.probe)
            except Exception:
                log.exception("what the gateway said of itself could not be written")
            if paused:
                self.halted.set()
            self.told.put(_Told(one.held.attempt_id in settled, paused))

    def _settled(self, answers: Sequence[Answered]) -> set[UUID]:
        """Settles answers together or, should one of them be at fault, each by itself; which ones are settled."""
        if not answers:
            return set()
        desk, now = self.desk, self.desk.clock.now()

        def together() -> None:
            settle_all(desk.organization, answers, actor=SCHEDULE, now=now, policies=self._policies)

        def alone() -> None:
            (one,) = answers
            settle(
                desk.organization,
                one.attempt_id,
                one.answer,
                actor=SCHEDULE,
                now=now,
                lease=one.lease,
                policies=self._policies,
            )

        try:
            again_on_conflict(together if len(answers) > 1 else alone, repeatable=True)
        except Exception:
            if len(answers) > 1:
                return {id_ for one in answers for id_ in self._settled([one])}
            # It stays open, and is looked up when its time comes.
            log.exception("attempt %s could not be settled", answers[0].attempt_id)
            return set()
        return {one.attempt_id for one in answers}


class _Desktop:
    """Where a thread of the network leaves what has to be written down, and waits for its being written."""

    def __init__(self, line: _Line, due: float) -> None:
        self._line, self._due = line, due
        self._again = False  # its confirmation was turned away before

    def may_send(self, held: Claim, ref: str) -> bool:
        """See Desktop."""
        if not self._again:
            self._line.turned_away = 0  # a call was let in
        looked_at = seconds_running()
        if not self._bound(held, ref):
            return False
        self._line.lead.wait(self._due)
        self._line.paces["confirm"].wait()
        while seconds_running() - looked_at >= 2 * MOST_LEAD:
            # Others were before it, or this process was held up: lease and deadline are looked at once more.
            looked_at = seconds_running()
            if not self._bound(held, ref):
                return False
        return True

    def _bound(self, held: Claim, ref: str) -> bool:
        written: Future[bool] = Future()
        self._line.binder.put((held, ref, written))
        return written.result()

    def fenced(self, ref: str, gateway: str) -> None:
        """See Desktop."""
        self._line.aside(partial(again_on_conflict, partial(Here().fenced, ref, gateway), repeatable=True))

    def waits(self, turned_away: GatewayNotExecuted, times: int, call: str) -> bool:
        """See Desktop: a single call too many is no reason for everybody to pause. A create takes a further turn, so
        that it comes in the place of another one and not in between."""
        self._line.turned_away += 1
        patient = times <= len(BACKOFFS) and self._line.turned_away < TURNED_AWAY_IN_A_ROW
        if turned_away.opens_circuit or turned_away.retry_after is not None or not patient:
            return False
        wait(jittered(BACKOFFS[times - 1], new_id().int))
        due = self._line.aside(self._line.turn)
        if due is None:
            return False
        wait(timedelta(seconds=due - seconds_running()))
        self._due, self._again = due, call == "confirm"
        return True

    def pace(self, call: str) -> None:
        """See Desktop."""
        self._line.paces[call].wait()


def send_overlapping(desk: Desk, progress: Progress | None, stop: Callable[[], bool]) -> int:
    """As `collect_unsent`, with as many sends at a time as the gateway takes from one process."""
    line = _Line(desk)
    pass_ = _Pass(desk, line, _room_of(desk), stop)
    try:
        pass_.run(progress)
    finally:
        line.halted.set()
        line.end()
        while pass_.in_flight:
            pass_.hear()
    return pass_.answered


class _Pass:
    """The caller's thread: takes turns, claims, lets each be sent when its turn comes, and hears what became of it."""

    def __init__(self, desk: Desk, line: _Line, room: Room, stop: Callable[[], bool]) -> None:
        self._desk, self._line, self._room, self._stop = desk, line, room, stop
        self.in_flight = self.answered = 0
        self._ask_at = 0.0  # not before that second
        self._last_due = 0.0  # the second in which the last claim is sent
        self._closed: datetime | None = None  # sending is paused until then
        self._shut = self._dry = False

    def run(self, progress: Progress | None) -> None:
        """Sends until nothing is left to be sent, or nothing may be."""
        while True:
            ended = self._stop() or self._shut
            now = seconds_running()
            if ended:
                self._line.halted.set()
            elif now >= self._ask_at and now >= self._last_due - _SOON:
                self._take()
            if not self.in_flight and (ended or self._is_over()):
                return
            before, next_at = self.answered, max(self._ask_at, self._last_due - _SOON)
            self.hear(min(max(next_at - seconds_running(), 0.001), _GLANCE))
            if progress is not None and self.answered // CLAIMED > before // CLAIMED:
                progress(self.answered, self.answered + count_unsent(self._desk.organization.id))

    def _take(self) -> None:
        """Takes turns, as many as there is room for, and claims for them."""
        if self._dry and not waits_to_be_sent(self._desk.organization.id, now=self._desk.clock.now()):
            self._ask_at = seconds_running() + _GLANCE
            return
        places, used = self._room.take(CLAIMED), 0
        try:
            if not places:
                self._ask_at = seconds_running() + _SOON / 4
                return
            halts = self._line.halted.times
            turn = self._line.throttled.turns(places)
            taken_at, self._closed = seconds_running(), turn.closed
            if turn.waits and not self._line.halted.go_on(halts):
                self._line.throttled.nothing_to_send(turn)
                self._ask_at = taken_at  # at once: it was told meanwhile why nothing may be sent
            elif turn.waits:
                used = self._claim(turn, self._line.reckoning.second(turn.at))
            else:
                self._ask_at = taken_at + (turn.again.total_seconds() if turn.closed is None else _GLANCE)
        finally:
            self._room.give(places - used)

    def _claim(self, turn: Turn, since: float) -> int:
        held: list[Claim] | None = None
        try:
            held = claim_waiting(
                self._desk.organization.id,
                now=self._desk.clock.now(),
                limit=len(turn.waits),
                gateway=self._desk.gateway.name,
            )
        except Refused as refused:
            self._shut = True
            self._line.throttled.shut(refused)
        self._dry = held is None
        if not held:
            self._line.throttled.nothing_to_send(turn)
            return 0
        self._line.probe = held[0].attempt_id if turn.probe else None
        for one, due in zip(held, turn.waits, strict=False):
            self._last_due = since + due.total_seconds()
            self.in_flight += 1
            self._line.start(one, self._last_due)
        return len(held)

    def _is_over(self) -> bool:
        """Whether nothing can be sent for a while."""
        until = self._closed
        if until is None:
            if not self._dry:
                return False
            until = next_resend(self._desk.organization.id)
        return until is None or until - self._desk.clock.now() > PATIENCE

    def hear(self, within: float = _GLANCE) -> None:
        """Hears what became of sends."""
        try:
            told = self._line.told.get(timeout=within)
            while True:
                self.in_flight -= 1
                self._room.give(1)
                self.answered += told.answered
                if told.paused or self._closed is not None:
                    self._ask_at = self._last_due = 0.0  # sending was paused, or goes on: ask
                told = self._line.told.get_nowait()
        except Empty:
            return
