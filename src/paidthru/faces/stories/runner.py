"""Running stories: each in a throw-away sandbox organization, through the same actions as every other face.

`run_files` is what `paidthru story run` prints: of each story whether it holds, and a diff where it doesn't.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from django.db import connection

from paidthru import runs
from paidthru.actions.discard_sandbox import discard_sandbox
from paidthru.invariants import check
from paidthru.kernel.clock import local_instant
from paidthru.kernel.errors import Refused
from paidthru.organizations.operations import move_clock
from paidthru.organizations.rules.policies import Value
from paidthru.timeline.queries import last_message

from . import expectations, setup, steps
from .forms import Expectation, Line, Step
from .grammar import Block, Story, parse_file
from .lexer import StoryError
from .setup_forms import PolicySetup
from .telling import Telling

log = logging.getLogger(__name__)
_T = TypeVar("_T")
END_OF_DAY = clock_time(23, 59)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as told: the line (from 1), its text or what is wrong with it, and sentences that say what
    was expected and what came."""

    line: int
    text: str
    what: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How a story went. `seconds` is how long it took to run."""

    file: str
    title: str
    faults: tuple[Fault, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether everything was as the story expects."""
        return not self.faults

    @property
    def failures(self) -> tuple[str, ...]:
        """What is not as told, in paragraphs for people, each beginning with file and line."""
        return tuple("\n    ".join((f"{self.file}:{one.line}: {one.text}", *one.what)) for one in self.faults)


def run_files(paths: Iterable[Path]) -> Iterator[Result]:
    """Runs story files one after the other; a folder means the stories in it, at any depth, by name."""
    for path in paths:
        for file in sorted(path.rglob("*.story")) if path.is_dir() else [path]:
            yield run_story(file)


def run_story(path: Path) -> Result:
    """Runs one story file. What is wrong with the file itself is a failure like any other."""
    started = time.perf_counter()
    try:
        story = parse_file(path)
    except StoryError as wrong:
        return Result(str(path), path.name, (unreadable(wrong),), time.perf_counter() - started)
    return perform(story)


def unreadable(wrong: StoryError) -> Fault:
    """What is wrong with a story's text, as a fault of its line."""
    return Fault(wrong.line_number, wrong.message, (wrong.text,) if wrong.text else ())


def perform(
    story: Story, *, settings: Mapping[str, Value] | None = None, seconds: int | None = None
) -> Result:
    """Runs a story in a throw-away organization that is gone afterwards. `settings` are policies that hold there before
    the story's own; after `seconds` it is given up, which is a fault."""
    started = time.perf_counter()
    until = None if seconds is None else started + seconds
    performance = _Performance(story, settings or {}, until)
    faults = tuple(performance.run())
    return Result(story.file, story.title, faults, time.perf_counter() - started)


class _TooLongError(Exception):
    """A story has run for as long as it may."""


class _Stop(Exception):  # noqa: N818 - not an error: the story can't go on
    """What follows would only be noise."""


@dataclass(slots=True)
class _Performance:
    """One run of one story."""

    story: Story
    settings: Mapping[str, Value]
    until: float | None
    faults: list[Fault] = field(default_factory=list)
    given_up: bool = False

    def run(self) -> list[Fault]:
        """Everything that is not as the story expects; the organization is gone afterwards, whatever happens."""
        try:
            telling = self.attempt(self.story.organization, lambda: setup.begin(self.story))
        except _Stop:
            return self.faults
        with _undisturbed(telling.organization.id):
            try:
                self.set_up(telling)
                for block in self.story.blocks:
                    self.attempt(block, lambda block=block: self.play(telling, block))  # type: ignore[misc]
            except _Stop:
                pass
            finally:
                discard_sandbox(telling.organization.id)
        return self.faults

    def set_up(self, telling: Telling) -> None:
        """The lines before the first date."""
        policies = [line for line in self.story.setup if isinstance(line, PolicySetup)]
        last = policies[-1] if policies else self.story.organization
        self.attempt(last, lambda: setup.set_policies(telling, self.story.setup, self.settings))
        for line in setup.in_order(self.story.setup):
            self.attempt(line, lambda line=line: setup.set_up(telling, line))  # type: ignore[misc]

    def play(self, telling: Telling, block: Block) -> None:
        """One block: on a date alone steps come first and expectations at the end of the day; at a time both then."""
        zone = telling.organization.zone
        if block.at is None:
            self.wait_until_before(telling, local_instant(block.on, clock_time.min, zone))
        else:
            self.advance(telling, local_instant(block.on, block.at, zone))
        done = False  # whether what is due by now has been done since the last step
        for item in block.items:
            if isinstance(item, Step):
                self.do(telling, item)
                done = False
            else:
                if not done:
                    end = (
                        local_instant(block.on, END_OF_DAY, zone)
                        if block.at is None
                        else telling.desk.clock.now()
                    )
                    self.advance(telling, end)
                    done = True
                self.expect(telling, item)
        for violation in check(telling.organization.id):
            what = f"invariant {violation.invariant} is broken: {violation.subject}: {violation.what}"
            self.fail(block.line, block.text, what)
        telling.mail_read = last_message(telling.organization.id)

    def do(self, telling: Telling, step: Step) -> None:
        """A step, which may have to be refused."""
        if step.refused is None:
            self.attempt(step, lambda: steps.do(telling, step))
            return
        got = "it was done"
        try:
            self.attempt(step, lambda: steps.do(telling, step), refusable=True)
        except Refused as refusal:
            if refusal.code == step.refused:
                return
            got = f"refused {refusal.code}: {refusal.message}"
        self.differ(step.line, step.text, f"refused {step.refused}", got)

    def expect(self, telling: Telling, line: Expectation) -> None:
        """An expectation. One that does not hold is noted, and the story goes on."""
        try:
            difference = self.attempt(line, lambda: expectations.read(telling, line), refusable=True)
        except Refused as refusal:
            self.fail(line.line, line.text, f"{refusal.message} {refusal.fix or ''}".strip())
        except _Stop:
            if self.given_up:
                raise
            return
        else:
            if difference is not None:
                self.differ(difference.line, difference.text, difference.expected, difference.got)

    def advance(self, telling: Telling, to: datetime) -> None:
        """Lets time run to an instant, with all that falls due until then."""
        runs.advance(telling.desk, max(to, telling.desk.clock.now()), watch=self.watch)

    def wait_until_before(self, telling: Telling, midnight: datetime) -> None:
        """Lets time run to the start of a day, of which nothing is done yet. At the story's own start nothing runs."""
        if midnight > telling.desk.clock.now():
            self.advance(telling, midnight - _MINUTE)
            move_clock(telling.organization, midnight)

    def watch(self) -> None:
        """Stops a story that takes too long."""
        if self.until is not None and time.perf_counter() > self.until:
            raise _TooLongError

    def attempt(self, line: Line | Block, act: Callable[[], _T], *, refusable: bool = False) -> _T:
        """Does something for a line; what goes wrong is noted under the line, and the story stops there."""
        try:
            self.watch()
            return act()
        except _Stop:
            raise
        except _TooLongError:
            self.given_up = True
            self.fail(line.line, line.text, "this takes too long: let fewer members or less time do")
        except Refused as refusal:
            if refusable:
                raise
            fix = [refusal.fix] if refusal.fix else []
            self.fail(line.line, line.text, f"refused {refusal.code}: {refusal.message}", *fix)
        except Exception as fault:
            log.exception("%s:%s", self.story.file, line.line)
            self.fail(line.line, line.text, f"a fault in Paidthru: {type(fault).__name__}: {fault}")
        raise _Stop

    def differ(self, line: int, text: str, expected: str, got: str) -> None:
        """Notes a difference."""
        self.fail(line, text, f"expected  {expected}", f"got       {got}")

    def fail(self, line: int, text: str, *what: str) -> None:
        """Notes a failure under a line of the file."""
        self.faults.append(Fault(line, text, what))


@contextmanager
def _undisturbed(organization_id: UUID) -> Iterator[None]:
    """Keeps a worker that runs beside us from the organization: in a story time is the story's."""
    key = runs.turn_key(organization_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
