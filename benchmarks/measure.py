"""A process that measures what it is told to, line by line on its standard input; run.py starts it."""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidthru.config.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django is set up first

from benchmarks import floor, rows, seeding  # noqa: E402
from paidthru import runs  # noqa: E402
from paidthru.actions.commit_run import commit_run  # noqa: E402
from paidthru.actions.preview_run import preview, start_run  # noqa: E402
from paidthru.config import schema  # noqa: E402
from paidthru.membership.models import BillingRun  # noqa: E402
from paidthru.organizations.models import Organization  # noqa: E402

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
    organization = seeding.seed(members)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return {"organization": str(organization)}


def write_floor() -> Measured:
    """The floor."""
    watch = Watch()
    statement, values = floor.statements(), floor.values(Organization.objects.get())
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
    for one in (seed, write_floor, prepare_run, write_run, count_rows, fingerprint, run_state)
}


def main() -> None:
    """Says that it is ready, then answers each line."""
    connection.ensure_connection()
    print("{}", flush=True)
    for line in sys.stdin:
        what, arguments = json.loads(line)
        print(json.dumps(ALL[what](**arguments)), flush=True)


if __name__ == "__main__":
    main()
