"""Sends of one process that overlap: the network in threads, the database in few.

A gateway takes its time, so many requests are on their way at once; each waits in a thread of its own, which never
touches the database. What they learn is written by two threads with a connection each: one binds the gateway's ids,
one settles. Each takes whatever has come meanwhile into one transaction, so that an answer is on disk as soon as it is
known, and many at once cost little more than one. The caller's thread takes turns and claims.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar
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
from paidthru.payments.rules.throttle import BACKOFF, BACKOFFS, jittered
from paidthru.runs.desk import Desk, Progress
from paidthru.runs.throttling import Throttled, wait
from paidthru.timeline.operations import SCHEDULE, again_on_conflict

log = logging.getLogger(__name__)
T = TypeVar("T")

CLAIMED = 25  # at most so many are claimed at a time
WRITTEN = 25  # at most so many answers in a transaction
PATIENCE = timedelta(seconds=30)  # a pause that is no longer is waited out
_GLANCE = 0.2  # seconds after which it is looked anew whether there is something to do


class _Room:
    """How many sends this process may still have on their way to a gateway, whatever number of passes it makes."""

    def __init__(self, width: int) -> None:
        self._free, self._lock = width, Lock()

    def take(self, wanted: int) -> int:
        """Takes up to so many places."""
        with self._lock:
            taken = min(self._free, wanted)
            self._free -= taken
            return taken

    def give(self, places: int) -> None:
        """Gives places back."""
        with self._lock:
            self._free += places


_rooms: dict[tuple[UUID, str], _Room] = {}
_rooms_lock = Lock()


def _room_of(desk: Desk) -> _Room:
    key = (desk.organization.id, desk.gateway.name)
    with _rooms_lock:
        return _rooms.setdefault(key, _Room(desk.gateway.capabilities.max_in_flight))


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


class _Desktop:
    """Where a thread of the network leaves what has to be written down, and waits for its being written."""

    def __init__(self, binder: _Writer[tuple[Claim, str, Future[bool]]], fencer: Callable[[str, str], None]):
        self._binder, self._fencer = binder, fencer

    def may_send(self, held: Claim, ref: str) -> bool:
        """See Desktop."""
        written: Future[bool] = Future()
        self._binder.put((held, ref, written))
        return written.result()

    def fenced(self, ref: str, gateway: str) -> None:
        """See Desktop."""
        self._fencer(ref, gateway)

    def waits(self, turned_away: GatewayNotExecuted, times: int) -> bool:
        """See Desktop: a single call too many is no reason for everybody to pause."""
        if turned_away.opens_circuit or turned_away.retry_after is not None or times > BACKOFFS:
            return False
        wait(jittered(BACKOFF * 2 ** (times - 1), new_id().int))
        return True


class _Line:
    """One pass of sending."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.throttled = Throttled(desk)
        self.told: SimpleQueue[_Told] = SimpleQueue()
        self.probe: UUID | None = None  # the attempt with which the gateway is tried again
        self._policies = policies_of(desk.organization)
        width = desk.gateway.capabilities.max_in_flight
        self._network = ThreadPoolExecutor(width, thread_name_prefix="send")
        self._binder = _Writer[tuple[Claim, str, Future[bool]]]("bind", self._bind)
        self._fencer = _Writer[tuple[str, str, Future[bool]]]("fence", self._fenced)
        self._settler = _Writer[tuple[Claim, GatewayIntent | GatewayError | None]]("settle", self._settle)
        self._desktop = _Desktop(self._binder, self._fence)

    def start(self, held: Claim) -> None:
        """Sends a claim in a thread; what becomes of it is told when it is written."""
        self._network.submit(self._send, held)

    def end(self) -> None:
        """Finishes what is in flight."""
        self._network.shutdown(wait=True)
        for writer in (self._binder, self._fencer, self._settler):
            writer.end()

    def _send(self, held: Claim) -> None:
        answer: GatewayIntent | GatewayError | None = None
        try:
            answer = send(held, self.desk.gateway, self._desktop)
        except Exception:  # of our own: what was sent is looked up when the lease has run out
            log.exception("attempt %s could not be sent", held.attempt_id)
        self._settler.put((held, answer))

    def _bind(self, created: Sequence[tuple[Claim, str, Future[bool]]]) -> None:
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

    def _fence(self, ref: str, gateway: str) -> None:
        written: Future[bool] = Future()
        self._fencer.put((ref, gateway, written))
        written.result()

    def _fenced(self, fenced: Sequence[tuple[str, str, Future[bool]]]) -> None:
        for ref, gateway, written in fenced:
            try:
                again_on_conflict(partial(Here().fenced, ref, gateway), repeatable=True)
                written.set_result(True)
            except Exception as error:  # noqa: BLE001 - as in _bind
                written.set_exception(error)

    def _settle(self, sent: Sequence[tuple[Claim, GatewayIntent | GatewayError | None]]) -> None:
        answers = [
            Answered(held.attempt_id, answer, held.lease) for held, answer in sent if answer is not None
        ]
        settled = self._settled(answers)
        for held, answer in sent:
            paused = False
            try:
                if answer is None:
                    give_back([held], now=self.desk.clock.now(), lost=True)
                else:
                    paused = self.throttled.heed(answer, probe=held.attempt_id == self.probe)
            except Exception:
                log.exception("what the gateway said of itself could not be written")
            self.told.put(_Told(held.attempt_id in settled, paused))

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


def send_overlapping(desk: Desk, progress: Progress | None, stop: Callable[[], bool]) -> int:
    """As `collect_unsent`, with as many sends at a time as the gateway takes from one process."""
    line, room = _Line(desk), _room_of(desk)
    pass_ = _Pass(desk, line, room, stop)
    try:
        pass_.run(progress)
    finally:
        pass_.drop_waiting()
        line.end()
        while pass_.in_flight:
            pass_.hear()
    return pass_.answered


class _Pass:
    """The caller's thread: takes turns, claims, lets each be sent when its turn comes, and hears what became of it."""

    def __init__(self, desk: Desk, line: _Line, room: _Room, stop: Callable[[], bool]) -> None:
        self.desk, self.line, self._room, self._stop = desk, line, room, stop
        self.waiting: deque[tuple[float, Claim]] = deque()  # the second in which each may be sent
        self.in_flight = self.answered = 0
        self._ask_at = 0.0  # not before that second
        self._closed: datetime | None = None  # sending is paused until then
        self._shut = self._dry = False

    def run(self, progress: Progress | None) -> None:
        """Sends until nothing is left to be sent, or nothing may be."""
        while True:
            ended = self._stop() or self._shut
            if not ended and self._runs_low():
                self._take()
            if ended or self._closed is not None:
                self.drop_waiting()
            while self.waiting and self.waiting[0][0] <= seconds_running():
                self.in_flight += 1
                self.line.start(self.waiting.popleft()[1])
            if not self.waiting and not self.in_flight and (ended or self._is_over()):
                return
            due = self.waiting[0][0] - seconds_running() if self.waiting else _GLANCE
            before = self.answered
            self.hear(min(max(due, 0.0), _GLANCE))
            if progress is not None and self.answered // CLAIMED > before // CLAIMED:
                progress(self.answered, self.answered + count_unsent(self.desk.organization.id))

    def _runs_low(self) -> bool:
        now = seconds_running()
        return now >= self._ask_at and (not self.waiting or self.waiting[-1][0] <= now + _GLANCE)

    def _take(self) -> None:
        """Takes turns, as many as there is room for, and claims for them."""
        if self._dry and not waits_to_be_sent(self.desk.organization.id, now=self.desk.clock.now()):
            self._ask_at = seconds_running() + _GLANCE
            return
        places, used = self._room.take(CLAIMED), 0
        try:
            if places:
                turn = self.line.throttled.turns(places)
                taken_at, self._closed = seconds_running(), turn.closed
                if turn.waits:
                    used = self._claim(turn, taken_at)
                else:
                    self._ask_at = taken_at + (turn.again.total_seconds() if turn.closed is None else _GLANCE)
            else:
                self._ask_at = seconds_running() + _GLANCE / 10
        finally:
            self._room.give(places - used)

    def _claim(self, turn: Turn, taken_at: float) -> int:
        held: list[Claim] | None = None
        try:
            held = claim_waiting(
                self.desk.organization.id,
                now=self.desk.clock.now(),
                limit=len(turn.waits),
                gateway=self.desk.gateway.name,
            )
        except Refused as refused:
            self._shut = True
            self.line.throttled.shut(refused)
        self._dry = held is None
        if not held:
            self.line.throttled.nothing_to_send(turn)
            return 0
        self.line.probe = held[0].attempt_id if turn.probe else None
        due = (taken_at + wait.total_seconds() for wait in turn.waits)
        self.waiting += zip(due, held, strict=False)
        return len(held)

    def drop_waiting(self) -> None:
        """Gives back what was claimed and is not to be sent now."""
        give_back([held for _, held in self.waiting], now=self.desk.clock.now())
        self._room.give(len(self.waiting))
        self.waiting.clear()

    def _is_over(self) -> bool:
        """Whether nothing can be sent for a while."""
        until = self._closed
        if until is None:
            if not self._dry:
                return False
            until = next_resend(self.desk.organization.id)
        return until is None or until - self.desk.clock.now() > PATIENCE

    def hear(self, within: float = _GLANCE) -> None:
        """Hears what became of sends."""
        try:
            told = self.line.told.get(timeout=within) if within else self.line.told.get_nowait()
            while True:
                self.in_flight -= 1
                self._room.give(1)
                self.answered += told.answered
                if told.paused or self._closed is not None:
                    self._ask_at = 0.0  # sending was paused, or goes on: ask
                    self.drop_waiting()
                told = self.line.told.get_nowait()
        except Empty:
            return
