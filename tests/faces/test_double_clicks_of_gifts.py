"""What is entered of gifts, pledges, homes and visits, posted from two tabs at the same moment, is done once (B-19)."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from tests.faces.acting import at
from tests.faces.test_double_clicks import clicked
from tests.staff import signed_in
from tests.world import STAFF, a_world

from paidthru import invariants
from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.add_unit import add_unit
from paidthru.actions.add_visit_price import add_visit_price
from paidthru.giving.operations import Giving
from paidthru.kernel.periods import Interval, Unit
from paidthru.runs.giving import give
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

#: What is filled in, by the address, in an order in which each can be done.
ACTS: dict[str, dict[str, str]] = {
    "campaigns/new/": {"name": "Choir", "goal": "500.00"},
    "donations/new/": {"member": "Ann", "amount": "12.00", "method": "check"},
    "donations/new/#card": {"member": "Ann", "amount": "13.00", "method": "on_file"},
    "pledges/new/": {
        "member": "Ann", "amount": "90.00", "instalments": "3", "every": "month", "first_on": "2026-01-10",
    },
    "homes/new/": {"name": "9Z", "share": "1", "owner": "Ann", "since": "2026-01-10"},
    "homes/{unit}/assess/": {"name": "Dues", "amount": "40.00", "every": "month", "starts_on": "2026-01-10"},
    "homes/{unit}/transfer/": {"name": "Bob", "on": "2026-01-10"},
    "homes/levies/new/": {
        "name": "Roof", "amount": "90.00", "method": "share", "due_on": "2026-01-10", "instalments": "1",
        "every": "month",
    },
    "visits/new/": {"name": "Ann"},
    "visits/kiosk/": {"name": "Bob"},
    "visits/prices/new/": {"name": "Gym", "non_member": "5.00", "overage": "4.00", "windows": "Mon 06:00-07:00"},
    "gifts/{gift}/pause/": {"why": "Asked"},
    "gifts/{gift}/resume/": {"why": "Asked"},
    "gifts/{gift}/stop/": {"why": "Asked"},
    "campaigns/{campaign}/close/": {},
}  # fmt: skip


def test_each_is_done_once() -> None:
    world = a_world("ams_hoa", name="Maple Court", now=datetime(2026, 1, 10, 15, tzinfo=UTC), zone="UTC")
    organization, now = world.organization, world.desk.clock.now()
    ann = world.party("Ann", email="ann@example.org")
    world.party("Bob", email="bob@example.org")
    world.card(ann)
    monthly = Giving(ann, 10_00, "USD", None, "portal", "on_file")
    unit = add_unit(
        organization, "1A", share=1, owner_id=ann, owned_from=world.desk.today, actor=STAFF, now=now
    )
    add_visit_price(organization, "Pool", non_member_minor=15_00, overage_minor=8_00, actor=STAFF, now=now)
    roof = add_campaign(organization, "Roof", goal_minor=100_00, currency="USD", actor=STAFF, now=now)
    ids = {
        "unit": str(unit.id),
        "gift": str(give(world.desk, monthly, every=Interval(1, Unit.MONTH), actor=STAFF).gift_id),
        "campaign": str(roof.id),
    }
    clients = [signed_in(world, email=f"{n}@maple.example") for n in range(2)]
    for client in clients:
        client.raise_request_exception = False
    wrong = []
    for path, fields in ACTS.items():
        before = set(Event.objects.values_list("id", flat=True))
        where = at(world, path.partition("#")[0].format(**ids))
        codes = [answer.status_code for answer in clicked(clients, where, fields)]
        new = Event.objects.exclude(id__in=before)
        happened = Counter(new.values_list("verb", "party_id", "subject_kind"))
        if len(codes) < 2 or max(codes) >= 500 or not happened or max(happened.values()) > 1:
            wrong.append((path, codes, happened))
    for one in wrong:
        print(one)
    assert wrong == []
    assert invariants.check(organization.id) == []
