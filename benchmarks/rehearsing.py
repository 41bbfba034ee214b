"""A rehearsal measured: `python -m benchmarks.rehearsing 5000 12`.

An association of so many members with cards, whose terms end spread over a year, is copied and lives its next months.
The floor is one statement a renewal: what the same database takes to insert as many rows one by one, each in a
transaction of its own, as there are charges.
"""

import json
import os
import shutil
import sys
import tempfile
from datetime import timedelta
from time import perf_counter

from benchmarks.server import address, own_server, tell

_SPREAD = """
    UPDATE membership_membership SET
        renewed_through = renewed_through + days, paid_through = paid_through + days,
        next_bill_on = next_bill_on + days, anchor_on = (next_bill_on + days - interval '1 year')::date
    FROM (SELECT id AS of, (row_number() OVER (ORDER BY id) %% 364)::int AS days FROM membership_membership) s
    WHERE s.of = id;
    UPDATE membership_term t SET end_on = m.renewed_through + 1, paid_on = m.renewed_through
    FROM membership_membership m WHERE m.id = t.membership_id;
"""


def measure(members: int, months: int) -> dict[str, object]:
    """What a rehearsal of the present policies takes, in seconds, and the floor."""
    from django.db import connection, transaction

    from benchmarks import seeding
    from paidthru.actions.rehearse import Luck, rehearse
    from paidthru.organizations.models import Course, Organization
    from paidthru.payments.models import Attempt
    from paidthru.runs.rehearsing import play_course
    from paidthru.timeline.operations import Actor
    from paidthru.wiring import desk_for, fork_for

    actor = Actor("staff", "Benchmark")
    with transaction.atomic():
        plan = seeding.an_association()
    seeding.add_members(plan, members)
    seeding.add_cards(actor)
    organization = Organization.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD.replace("%%", "%"))
        cursor.execute("ANALYZE")
    rehearse(
        organization, name="Benchmark", months=months, changes={}, luck=Luck(), actor=actor,
        now=seeding.NOW + timedelta(hours=1),
    )  # fmt: skip
    course = Course.objects.select_related("rehearsal", "organization").get()
    copied, stops = 0.0, 0

    def fork(course: Course) -> Organization:
        nonlocal copied
        start = perf_counter()
        made = fork_for(course)
        copied = perf_counter() - start
        return made

    def watch() -> None:
        nonlocal stops
        stops += 1

    start = perf_counter()
    play_course(course, fork=fork, desk_for=desk_for, watch=watch)
    seconds = perf_counter() - start
    course.refresh_from_db()
    if course.state != "played" or course.fork_id is None:
        raise RuntimeError(course.problem)
    charges = Attempt.objects.filter(organization_id=course.fork_id).count()
    return {
        "members": members, "months": months, "copied_seconds": round(copied, 2), "seconds": round(seconds, 1),
        "days": stops, "charges": charges, "floor_seconds": round(_floor(charges), 2),
    }  # fmt: skip


def _floor(rows: int) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SET synchronous_commit TO off; CREATE TEMP TABLE floor (id bigint PRIMARY KEY, at text)"
        )
        start = perf_counter()
        for row in range(rows):
            cursor.execute("INSERT INTO floor VALUES (%s, 'charged')", [row])
        return perf_counter() - start


def main() -> None:
    """Measures on a database of its own, and prints."""
    members, months = (int(text) for text in (*sys.argv[1:], "5000", "12")[:2])
    home = tempfile.mkdtemp(prefix="paidthru-rehearsal-")
    try:
        with own_server() as host:
            tell(host, "CREATE DATABASE rehearsal")
            os.environ |= {"DATABASE_URL": address(host, "rehearsal"), "PAIDTHRU_HOME": home}
            os.environ["DJANGO_SETTINGS_MODULE"] = "paidthru.config.settings"
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            print(json.dumps(measure(members, months), indent=2))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
