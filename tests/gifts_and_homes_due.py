"""A club with gifts, pledges, homes and visits, its worker away until all of it is due at once."""

from datetime import UTC, date, datetime
from uuid import UUID

from tests.everything_due import of
from tests.world import STAFF, World, a_world

from paidthru.actions.add_unit import add_unit
from paidthru.actions.add_visit_price import add_visit_price
from paidthru.actions.assess import assess_units
from paidthru.actions.bill_assessments import bill_assessments
from paidthru.actions.levy import levy
from paidthru.actions.pledge import Promise, pledge
from paidthru.actions.record_visit import record_visit
from paidthru.giving.operations import Giving
from paidthru.kernel.periods import Interval, Unit
from paidthru.organizations.operations import move_clock
from paidthru.runs.giving import give
from paidthru.timeline.operations import Actor

BEGINS = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 2, 14, 18, 0, tzinfo=UTC)
MONTHLY = Interval(1, Unit.MONTH)


def gifts_and_homes_due(name: str) -> World:
    """Two gifts (one to be declined), a donation whose check bounced, pledges, homes that are assessed and levied on in
    instalments, the first of them late, and visits whose cycle is over: all due by the time it is there."""
    world = a_world(
        "ams_hoa", name=name, now=BEGINS, zone="UTC", late_fee="once(25.00, 5)", visits__collect="at_cycle_end",
        giving__receipts="automatic", collect__offsets="[0, 3]", collect__max_attempts="2",
    )  # fmt: skip
    organization, now, today = world.organization, BEGINS, BEGINS.date()
    people = {person: world.party(person) for person in ("Ann", "Bob", "Cid")}
    for person in ("Ann", "Bob"):
        world.card(people[person])
        _gives(world, people[person], "on_file", MONTHLY)
    _gives(world, people["Cid"], "check", None)
    world.processor.set_script(str(people["Bob"]), "decline", "insufficient_funds")
    pledge(organization, people["Cid"], Promise(100_00, "USD", 3, MONTHLY, today), actor=STAFF, now=now)
    units = [
        add_unit(organization, f"U{n}", share=1, owner_id=owner, owned_from=today, actor=STAFF, now=now)
        for n, owner in enumerate(people.values())
    ]
    assess_units(
        organization,
        [(one.id, 100_00) for one in units],
        every=MONTHLY,
        starts_on=today,
        actor=STAFF,
        now=now,
    )
    levy(
        organization, name="Roof", amount_minor=100_00, method="share", due_on=today, instalments=2,
        actor=STAFF, now=now,
    )  # fmt: skip
    while bill_assessments(organization, actor=STAFF, now=now):
        continue
    add_visit_price(organization, "Pool", non_member_minor=15_00, overage_minor=8_00, actor=STAFF, now=now)
    gym = world.plan("Gym", 30_00, interval_unit="month", included_visits=0)
    world.member("Dee", gym, paid_through=date(2026, 1, 31), card=True, autopay=True)
    for comer in (of(world, "Dee").party_id, people["Cid"]):
        record_visit(organization, comer, actor=STAFF, now=now)
    move_clock(organization, DUE)
    return world


def _gives(world: World, party_id: UUID, method: str, every: Interval | None) -> None:
    giving = Giving(party_id, 10_00, "USD", None, "staff", method)
    give(world.desk, giving, every=every, actor=Actor("member", "Donor"))
