"""Where homes are billed, assessments take the place of dues: navigation, owners, the first page (A-29, X24)."""

from datetime import UTC, datetime

import pytest
from tests.faces.acting import at, text
from tests.faces.test_console_addresses import streamed
from tests.staff import signed_in
from tests.world import STAFF, a_world

from paidthru.actions.add_unit import add_unit
from paidthru.actions.assess import assess_units
from paidthru.actions.transfer_unit import transfer_unit
from paidthru.assessments.queries import billed_of
from paidthru.kernel.periods import Interval, Unit
from paidthru.people.models import Unit as Home
from paidthru.runs.homes import bill_homes, levy_now
from paidthru.runs.watching import watch

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_homeowner_association_sees_homes_owners_and_assessments() -> None:
    world = a_world("ams_hoa", name="Maple Court", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    client, organization, now = signed_in(world), world.organization, world.desk.clock.now()
    start = text(client, at(world))
    assert "Homes to be added" in start and "Open of homes" not in start
    assert "Bring in your homes as a CSV file" in text(client, at(world, "members/"))
    ann, bob = world.party("Ann", email="ann@example.org"), world.party("Bob")
    world.party("Cy")
    since = world.desk.today
    for name, owner in (("1A", ann), ("1B", ann), ("2A", None)):
        add_unit(organization, name, share=1, owner_id=owner, owned_from=since, actor=STAFF, now=now)
    units = {one.name: one.id for one in Home.objects.all()}
    transfer_unit(organization, units["1B"], bob, role="tenant", actor=STAFF, now=now)
    assess_units(organization, [(id_, 100_00) for id_ in units.values()], every=Interval(1, Unit.MONTH),
                 starts_on=since, actor=STAFF, now=now)  # fmt: skip
    due = {one.kind: one.count for one in watch(world.desk).due}
    assert due["homes"] == 2
    bill_homes(world.desk)
    assert "homes" not in {one.kind for one in watch(world.desk).due}

    page = client.get(at(world)).content.decode()
    start = text(client, at(world))
    for entry in ("levies/", "homes/", "members/"):
        assert f'href="{at(world, "homes/levies/" if entry == "levies/" else entry)}"' in page
    assert "renewals/generate/" not in page and f'href="{at(world, "plans/")}"' not in page
    assert "Open of homes $200.00 3 homes" in start and "Homes that wait for an owner 1" in start
    assert "2A" in text(client, at(world, "homes/?show=unowned"))
    roof = levy_now(
        world.desk, name="Roof", amount_minor=90_00, method="equally", due_on=since, instalments=1,
        whole=False, actor=STAFF, key="roof",
    )  # fmt: skip
    levied = text(client, at(world, f"homes/levies/{roof.id}/"))
    assert "Homes billed 2 of 3" in levied and "Wait for an owner 1" in levied
    assert billed_of(roof.id) == (2, 1, 3)
    owing = text(client, at(world, "homes/?show=owing"))
    assert "1A" in owing and "2A Nobody" not in owing

    owners = text(client, at(world, "members/"))
    assert "Owners" in owners and "Ann ann@example.org 1 1A, 1B $260.00 By invoice" in owners
    assert "1B (tenant)" in owners and "Cy" in owners
    assert "Cy" not in text(client, at(world, "members/?show=owner"))
    assert "Ann" not in text(client, at(world, "members/?show=tenant"))
    assert b'ann@example.org,1,"1A, 1B",260.00' in b"".join(
        streamed(client.get(at(world, "members/?export=csv")))
    )
    world.plan("Pool")
    assert f'href="{at(world, "plans/")}"' in client.get(at(world)).content.decode()
