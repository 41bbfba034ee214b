"""`python -m benchmarks.numbering`: workers at once issue invoices of one organization; no number is missing or twice.

Each worker is a thread with a connection of its own, in several processes so that they really run at once. Every
twentieth invoice is given up in the middle of its transaction: that must leave no hole.
"""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from benchmarks.server import TOP, address, own_server, tell

PROCESSES = 8
SLUG = "numbers"
GIVEN_UP = 20


def _started() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidthru.config.settings")
    django.setup()


def seed() -> None:
    """An organization in an empty database."""
    _started()
    from datetime import UTC, datetime

    from paidthru.config import schema
    from paidthru.organizations.operations import create_organization

    schema.bring_up_to_date()
    create_organization(
        name=SLUG, preset="ams_nonprofit", currency="USD", zone="America/New_York", locale="en_US",
        mode="sandbox", now=datetime(2026, 1, 5, 15, 0, tzinfo=UTC),
    )  # fmt: skip


def work(threads: int, invoices: int) -> None:
    """Issues so many invoices in so many threads; between them one is given up now and then."""
    _started()
    from django.db import connections, transaction

    from paidthru.actions.write_invoice import Payer, write_invoice
    from paidthru.invoicing.rules.writing import WrittenLine
    from paidthru.organizations.models import Organization
    from paidthru.timeline.operations import Actor

    organization = Organization.objects.get()
    clerk, line = Actor("staff", "Clerk"), WrittenLine("Hall", 1, 10_00)

    class GivenUpError(Exception):
        """What ends a transaction in the middle."""

    def issue(given_up: bool) -> None:
        try:
            with transaction.atomic():
                write_invoice(
                    organization,
                    Payer(None, "Guest", f"{os.getpid()}@example.org"),
                    [line],
                    actor=clerk,
                    now=organization.created_at,
                )
                if given_up:
                    raise GivenUpError
        except GivenUpError:
            pass

    def one(share: int) -> None:
        try:
            for turn in range(share):
                if turn % GIVEN_UP == 0:
                    issue(given_up=True)
                issue(given_up=False)
        finally:
            connections.close_all()

    shares = [invoices // threads + (place < invoices % threads) for place in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, shares))


def look() -> dict[str, Any]:
    """How many invoices there are, the numbers at either end, what is missing or twice."""
    _started()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(number), max(number), max(number) - count(DISTINCT number),"
            " count(*) - count(DISTINCT number) FROM invoicing_invoice"
        )
        row = cursor.fetchone()
    return dict(zip(("invoices", "first", "last", "missing", "twice"), row or (), strict=True))


def broken() -> list[str]:
    """The invariants that don't hold afterwards, of which gapless numbers are one."""
    from paidthru import invariants
    from paidthru.organizations.models import Organization

    return [str(one) for one in invariants.check(Organization.objects.get().id)]


def main() -> None:
    """Starts a server of its own, the workers on it, and prints what came of them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("invoices", type=int, nargs="?", default=10_000)
    asked.add_argument("workers", type=int, nargs="?", default=64)
    asked.add_argument("--work", type=int, help=argparse.SUPPRESS)
    said = asked.parse_args()
    if said.work:
        work(said.work, said.invoices)
        return
    with own_server() as host:
        tell(host, "CREATE DATABASE numbers")
        url = os.environ["DATABASE_URL"] = address(host, "numbers")
        seed()
        environment = os.environ | {"DATABASE_URL": url, "PYTHONPATH": f"{TOP / 'src'}{os.pathsep}{TOP}"}
        processes = min(PROCESSES, said.workers)
        began = perf_counter()
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.numbering", str(_part(said.invoices, processes, place)),
                 "--work", str(_part(said.workers, processes, place))],
                env=environment, cwd=TOP,
            )
            for place in range(processes)
        ]  # fmt: skip
        failed = [one for one in running if one.wait()]
        seconds = perf_counter() - began
        found = look()
        print(
            f"{said.workers} workers issued {found['invoices']:,} invoices in {seconds:.0f} s"
            f" ({found['invoices'] / seconds:.0f} a second), numbers {found['first']} to {found['last']:,}:"
            f" {found['missing']} missing, {found['twice']} twice.",
            flush=True,
        )
        wrong = broken()
    for one in wrong:
        print(one)
    bad = failed or wrong or found["missing"] or found["twice"]
    if bad or found["invoices"] != said.invoices:
        raise SystemExit("That is not as it should be.")


def _part(whole: int, parts: int, place: int) -> int:
    return whole // parts + (place < whole % parts)


if __name__ == "__main__":
    main()
