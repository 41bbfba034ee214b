"""A process that measures what it is told to, line by line on its standard input; run.py starts it."""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidthru.config.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django is set up first

from benchmarks import floor, roster, rows, seeding, sending  # noqa: E402
from benchmarks.importing import FILE_NAME  # noqa: E402
from paidthru import invariants, runs  # noqa: E402
from paidthru.actions.commit_run import commit_run  # noqa: E402
from paidthru.actions.import_members import commit_import, preview_import  # noqa: E402
from paidthru.actions.preview_run import preview, start_run  # noqa: E402
from paidthru.actions.set_policy import set_policy  # noqa: E402
from paidthru.actions.submit import Selection  # noqa: E402
from paidthru.config import schema  # noqa: E402
from paidthru.kernel.clock import local_instant  # noqa: E402
from paidthru.membership.models import BillingRun, Membership  # noqa: E402
from paidthru.organizations.models import Organization  # noqa: E402
from paidthru.organizations.rules.automation import BY_ITSELF  # noqa: E402
from paidthru.organizations.rules.policies import Value  # noqa: E402
from paidthru.payments.models import Attempt, Payment, PaymentMethod  # noqa: E402
from paidthru.wiring import desk_for  # noqa: E402

Measured = dict[str, Any]


class Watch:
    """Seconds, by what they were spent on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Times a part."""
        began = perf_counter()
        yield
        self.seconds[what] = perf_counter() - began

    def total(self) -> float:
        """All parts."""
        return sum(self.seconds.values())


def peak_mb() -> float:
    """The most memory this process ever had, in megabytes (getrusage counts in kilobytes, on macOS in bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1_048_576 if sys.platform == "darwin" else 1024)


def seed(members: int) -> Measured:
    """Makes the tables and the organization that every measurement begins with."""
    schema.bring_up_to_date()
    plan = seeding.an_association()
    if members:
        seeding.add_members(plan, members)
    _tidy()
    return {}


def seed_collection(members: int) -> Measured:
    """Makes the tables, and an organization whose run is written and waits to be submitted."""
    schema.bring_up_to_date()
    seeding.add_members(seeding.an_association(), members)
    seeding.add_cards(floor.ACTOR)
    runs.generate(desk_for(Organization.objects.get()), name=floor.RUN_NAME, effective_on=seeding.EFFECTIVE_ON,
                  actor=floor.ACTOR)  # fmt: skip
    _tidy()
    return {}


def _tidy() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def write_floor() -> Measured:
    """The floor."""
    watch = Watch()
    organization = Organization.objects.get()
    statement, values = floor.statements(organization), floor.values(organization)
    with watch.on("all"):
        floor.write(statement, values)
    return {"seconds": watch.total()}


def prepare_run() -> Measured:
    """Our preview and commit."""
    watch = Watch()
    with watch.on("preview"):
        run = start_run(Organization.objects.get(), name=floor.RUN_NAME, effective_on=seeding.EFFECTIVE_ON,
                        actor=floor.ACTOR, now=seeding.NOW, bill_on=seeding.BILL_ON)  # fmt: skip
        preview(run.id)
    with watch.on("commit"):
        commit_run(run.id, actor=floor.ACTOR, now=seeding.NOW)
    return {"seconds": watch.total(), "parts": watch.seconds, "run": str(run.id), "peak_mb": peak_mb()}


def write_run(run: str) -> Measured:
    """Our writing, as one of however many workers."""
    watch = Watch()
    with watch.on("write"):
        written = runs.write_run(UUID(run), actor=floor.ACTOR, now=seeding.NOW)
    return {"seconds": watch.total(), "parts": watch.seconds, "state": written.state, "peak_mb": peak_mb()}


def submit() -> Measured:
    """Opens an attempt for everything on the submit list."""
    watch = Watch()
    with watch.on("submit"):
        done = runs.submit(desk_for(Organization.objects.get()), Selection(seeding.BILL_ON), actor=floor.ACTOR,
                           acknowledged=True)  # fmt: skip
    return {"seconds": watch.total(), "submitted": done.submitted}


def collect() -> Measured:
    """Sends what waits to the sandbox processor and settles the answers, as one of however many workers."""
    watch = Watch()
    desk = desk_for(Organization.objects.get())
    with watch.on("collect"):
        answered = runs.collect_unsent(desk)
    return {"seconds": watch.total(), "answered": answered}


def payments() -> Measured:
    """What was collected: payments, and memberships paid through the year."""
    return {
        "payments": Payment.objects.count(),
        "paid": Membership.objects.filter(paid_through__gt=seeding.EFFECTIVE_ON).count(),
        "broken": len(invariants.check(Organization.objects.get().id)),
    }


def import_floor(path: str) -> Measured:
    """The floor of an import."""
    watch = Watch()
    with watch.on("all"):
        roster.write_floor(Path(path), floor.ACTOR)
    return {"seconds": watch.total()}


def import_roster(path: str) -> Measured:
    """Our import: the report, then the commit that is bound to it."""
    watch = Watch()
    organization = Organization.objects.get()
    with Path(path).open("rb") as file:
        with watch.on("preview"):
            report = preview_import(organization, file, now=seeding.NOW, file_name=FILE_NAME)
        file.seek(0)
        with watch.on("commit"):
            done = commit_import(organization, file, actor=floor.ACTOR, now=seeding.NOW, token=report.token,
                                 file_name=FILE_NAME)  # fmt: skip
    return {"seconds": watch.total(), "parts": watch.seconds, "add": done.add, "peak_mb": peak_mb()}


def seed_calendar(members: int) -> Measured:
    """Makes the tables, and an organization that bills by the calendar, all day long, as its day begins: all has been
    billed, and most are due."""
    schema.bring_up_to_date()
    seeding.add_members(seeding.an_association(), members)
    seeding.add_cards_on_file()
    organization = Organization.objects.get()
    by_itself: dict[str, Value] = {
        **BY_ITSELF,
        "billing.slot": {"call": "spread", "args": ["00:01", "23:59"]},
    }
    set_policy(organization, by_itself, actor=floor.ACTOR, now=seeding.NOW)
    Organization.objects.update(sandbox_now=_minute(0))
    PaymentMethod.objects.update(created_at=_minute(0))
    runs.generate(desk_for(Organization.objects.get()), name=floor.RUN_NAME, effective_on=seeding.EFFECTIVE_ON,
                  actor=floor.ACTOR)  # fmt: skip
    _tidy()
    return {}


def tick(minute: int) -> Measured:
    """The worker comes by at a minute of the day; what it opens is not sent."""
    Organization.objects.update(sandbox_now=_minute(minute))
    organization, watch = Organization.objects.get(), Watch()
    with watch.on("tick"):
        runs.work(desk_for(organization), send=lambda desk: None)
    return {
        "seconds": watch.total(), "opened": Attempt.objects.count(),
        "due": Membership.objects.filter(autopay=True, renewed_through__gt=seeding.EFFECTIVE_ON).count(),
    }  # fmt: skip


def _minute(minute: int) -> datetime:
    return local_instant(seeding.EFFECTIVE_ON, time(minute // 60, minute % 60), "America/New_York")


def count_rows() -> Measured:
    """How many rows every table has."""
    return rows.counts()


def fingerprint() -> Measured:
    """What is in the rows, ids aside."""
    return rows.fingerprints()


def run_state() -> Measured:
    """How the run ended."""
    run = BillingRun.objects.get()
    return {"state": run.state, "billed": run.billed, "done": run.done}


ALL: dict[str, Callable[..., Measured]] = {
    one.__name__: one
    for one in (
        seed, seed_collection, seed_calendar, tick, write_floor, prepare_run, write_run, submit, collect, payments,
        import_floor,
        import_roster, count_rows, fingerprint, run_state, sending.seed_sending, sending.leave, sending.send,
        sending.sent,
    )
}  # fmt: skip


def main() -> None:
    """Says that it is ready, then answers each line."""
    connection.ensure_connection()
    print("{}", flush=True)
    for line in sys.stdin:
        what, arguments = json.loads(line)
        print(json.dumps(ALL[what](**arguments)), flush=True)


if __name__ == "__main__":
    main()
