"""One schedule, from its seed to its verdict."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from random import Random
from types import SimpleNamespace
from unittest.mock import patch
from uuid import UUID

import psycopg
from django.db import connection
from tests.simulation import clubs, restoring, work
from tests.simulation.calendar import START, SimulatedClock, install
from tests.simulation.ending import to_the_end
from tests.simulation.gateway import Faults, SimulatedGateway
from tests.simulation.judge import Wrong, judge
from tests.simulation.people import method_for, people
from tests.simulation.play import Member, Play
from tests.simulation.stage import Actor, Line, Stage, dismiss
from tests.simulation.swarm import draw
from tests.simulation.truth import Truth
from tests.simulation.wires import listen

from paidthru.invoicing.models import Invoice
from paidthru.kernel import ids
from paidthru.membership.models import Membership
from paidthru.organizations.models import Install
from paidthru.organizations.operations import set_policy
from paidthru.organizations.rules.policies import parse
from paidthru.runs import throttling

ACTORS = 9
FINGERPRINT = UUID(int=0x51)  # what the installation calls itself
CLUBS_KEPT = 40  # schedules until every table is emptied


@dataclass
class Verdict:
    """What came of a schedule."""

    seed: int
    wrong: str
    trace: list[Line]
    points: int
    about: str

    def told(self) -> str:
        """For a person to read."""
        lines = "\n".join(f"  {line}" for line in self.trace)
        return f"seed {self.seed}: {self.about}\n{lines}\nWRONG, seed {self.seed}:\n{self.wrong}"


class Theatre:
    """Where schedules are played, one after the other: the threads, their connections, and the templates."""

    def __init__(self) -> None:
        listen()
        self.monitor: psycopg.Connection[tuple[object, ...]] = psycopg.connect(
            **{
                key: value
                for key, value in connection.get_connection_params().items()
                if key in ("dbname", "user", "password", "host", "port")
            },
            autocommit=True,
        )
        install(self.monitor)
        self.monitor.execute("SET plan_cache_mode = force_generic_plan")
        self.actors = [Actor(number) for number in range(ACTORS)]
        self._played: set[int] = set()
        self._installed = False

    def forget(self) -> None:
        """Whatever was played is gone from the tables."""
        self._played.clear()
        self._installed = False

    def close(self) -> None:
        """Lets the threads and connections go."""
        dismiss(self.actors)
        self.monitor.close()

    def play(self, seed: int, *, verbose: bool = False) -> Verdict:
        """One schedule. What it draws, and so what happens, depends on the seed alone."""
        if seed in self._played or len(self._played) >= CLUBS_KEPT:
            clubs.sweep_away()
            self._played.clear()
        self._played.add(seed)
        if not self._installed:
            Install.objects.all().delete()
            Install.objects.create(fingerprint=FINGERPRINT, epoch=1)
        rng = Random(seed)
        swarm = draw(rng)
        self._installed = not swarm.restores
        members = rng.choice(clubs.CLUBS)
        template = built(rng.choice(clubs.PRESETS), members)
        clock = SimulatedClock(self.monitor)
        stage = Stage(rng, swarm.switching, self.monitor, clock.seconds, clock.advance_to, verbose=verbose)
        truth = Truth(
            rng, clock.now, lambda kind, ref: stage.note("gateway", f"{kind} {ref}"), swarm.confirmation_limit
        )
        clock.on_the_way = truth.catch_up
        gateway = SimulatedGateway(truth, clock, stage, Faults(rng, swarm.fates))
        with ids_from(rng, clock.now):
            play = Play(rng, swarm, clock, truth, gateway, stage, clubs.copied(template, f"club-{seed}"), [])
            _cast(play, members)
            if swarm.separation:
                separate = parse("staff.separation", "on")
                set_policy(play.organization, "staff.separation", separate, actor="Pat Treasurer", now=START)
            with slept_through(clock):
                wrong = self._played_out(play)
        return Verdict(seed, wrong, stage.trace, stage.points, str(swarm))

    def _played_out(self, play: Play) -> str:
        stage, swarm = play.stage, play.swarm
        try:
            if swarm.restores:
                stage.play(self.actors, [("operator", partial(restoring.begin, play))])
            stage.breaks = swarm.breaks
            stage.play(self.actors, _parts(play, swarm.acts))
            if play.backup is not None:
                stage.breaks = None
                stage.play(self.actors, [("operator", partial(restoring.restore, play))])
                stage.breaks = swarm.breaks
                stage.play(self.actors, [*_parts(play, 2), ("operator", partial(restoring.replays, play))])
            stage.note("", "the faults are over")
            stage.breaks, play.gateway.faults.on = None, False
            stage.play(self.actors, [("quiet", partial(to_the_end, play))])
            judge(play, self.monitor)
        except Wrong as wrong:
            return str(wrong)
        except Exception as error:  # noqa: BLE001 - whatever a service raises is a finding
            return _named(error)
        finally:
            if play.home is not None:
                shutil.rmtree(play.home, ignore_errors=True)
        return ""


def _parts(play: Play, acts: int) -> list[tuple[str, Callable[[], None]]]:
    """Who is on the stage together."""
    swarm = play.swarm
    parts: list[tuple[str, Callable[[], None]]] = [
        (f"worker {number}", partial(work.worker, play)) for number in range(swarm.workers)
    ]
    parts.append(("time", partial(work.time_passes, play)))
    parts.append(("staff", partial(people, play, acts - acts // 2)))
    if acts > 1:
        parts.append(("members", partial(people, play, acts // 2)))
    if swarm.webhooks != "none":
        parts.append(("post", partial(work.post, play)))
    if swarm.restores and play.backup is None:
        parts.append(("operator", partial(restoring.back_up, play)))
    return parts


def _named(error: BaseException) -> str:
    where = error.__traceback__
    frames = []
    while where is not None:
        code = where.tb_frame.f_code
        frames.append(f"  {os.path.relpath(code.co_filename)}:{where.tb_lineno} {code.co_name}")
        where = where.tb_next
    return "\n".join([f"{type(error).__name__}: {error}", *frames])


def _cast(play: Play, kinds: tuple[str, ...]) -> None:
    """The members of the club, each with what they pay with."""
    asked = Invoice.objects.filter(organization=play.organization)
    invoices = dict(asked.values_list("party_id", "id"))
    rows = Membership.objects.filter(organization=play.organization).order_by("party__name")
    for number, (membership_id, party_id) in enumerate(rows.values_list("id", "party_id")):
        member = Member(number, party_id, membership_id, invoices[party_id], kinds[number])
        if member.kind != "none":
            token = f"pm_{number}"
            member.tokens.append(token)
            play.truth.methods[token] = method_for(
                play.rng, play.swarm.moods, token, member.customer_ref, member.kind
            )
        play.members.append(member)


@lru_cache
def built(preset: str, members: tuple[str, ...]) -> clubs.Template:
    """The club as it is copied; built once in a process."""
    with ids_from(Random(f"{preset} {members}"), lambda: START):
        return clubs.build(preset, members)


@contextmanager
def ids_from(rng: Random, now: Callable[[], datetime]) -> Iterator[None]:
    """Ids are drawn too, and hold the simulated time: where rows are taken in their order, it is the same again."""
    drawn = Random(rng.getrandbits(64))
    ids._last_ms, ids._last_random, ids._steps = 0, 0, []
    with patch.multiple(
        ids,
        os=SimpleNamespace(urandom=drawn.randbytes),
        epoch_milliseconds=lambda: int(now().timestamp() * 1000),
    ):
        yield
    ids._last_ms, ids._last_random, ids._steps = 0, 0, []


class _Waiting:
    """In place of an event that is waited for in vain: time passes at once."""

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock

    def wait(self, seconds: float) -> None:
        """So many seconds later."""
        self._clock.advance(timedelta(seconds=seconds))


def slept_through(clock: SimulatedClock) -> AbstractContextManager[object]:
    """Whoever waits for a turn waits on the simulated clock."""
    return patch.object(throttling, "Event", lambda: _Waiting(clock))
