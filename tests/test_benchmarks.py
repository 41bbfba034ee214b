"""The benchmarks go on working: the floor writes the rows that a renewal run writes, at today's tables."""

import pytest
from benchmarks import floor, seeding
from django.apps import apps
from django.core.management import call_command

from paidthru import runs
from paidthru.organizations.models import Organization
from paidthru.wiring import desk_for

ROOMS = ("ledger", "invoicing", "membership", "timeline")


def an_association() -> Organization:
    plan = seeding.an_association()
    seeding.add_members(plan, 30)
    return plan.organization


def rows() -> dict[str, int]:
    tables = [table for room in ROOMS for table in apps.get_app_config(room).get_models()]
    return {table._meta.db_table: count for table in tables if (count := table._base_manager.count())}


@pytest.mark.django_db(transaction=True)
def test_the_floor_writes_the_rows_of_a_run() -> None:
    organization = an_association()
    floor.write(floor.statements(organization), floor.values(organization))
    by_floor = rows()
    call_command("flush", interactive=False, verbosity=0)
    runs.generate(
        desk_for(an_association()),
        name=floor.RUN_NAME,
        effective_on=seeding.EFFECTIVE_ON,
        actor=floor.ACTOR,
        bill_on=seeding.BILL_ON,
    )
    assert by_floor == rows()
    assert by_floor["invoicing_invoice"] == 27
