"""Owners and their homes: what they see and pay behind their link, autopay, a late fee waived (A-29, A-33, X21)."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client
from tests.faces.acting import at, text
from tests.faces.test_console_homes import twice
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions.add_unit import add_unit
from paidthru.actions.assess import assess
from paidthru.actions.make_link import make_link
from paidthru.actions.set_policy import set_policy
from paidthru.actions.transfer_unit import transfer_unit
from paidthru.assessments.queries import owed_by_unit
from paidthru.invoicing.models import Invoice, Receivable
from paidthru.kernel.periods import Interval, Unit
from paidthru.payments.models import Payment
from paidthru.people.models import Holding
from paidthru.people.models import Unit as Home
from paidthru.runs.homes import bill_homes
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("ams_hoa", name="Maple Court", now=datetime(2026, 1, 10, 15, tzinfo=UTC))


def _home(world: World, name: str, owner: UUID, **about: object) -> Home:
    organization, now = world.organization, world.desk.clock.now()
    home = add_unit(organization, name, share=1, owner_id=owner, actor=STAFF, now=now, **about)  # type: ignore[arg-type]
    every, starts_on = Interval(1, Unit.MONTH), world.desk.today
    assess(organization, home.id, amount_minor=100_00, every=every, starts_on=starts_on, actor=STAFF, now=now)
    return home


def _link(world: World, party_id: UUID) -> str:
    _, token = make_link(
        world.organization, party_id, purpose="member", actor=STAFF, now=world.desk.clock.now()
    )
    return f"/m/{token}/"


def _press(client: Client, url: str, **fields: str) -> str:
    answer = client.post(url, fields)
    assert answer.status_code == 303, answer
    return words(client.get(answer["Location"]).content)


def test_an_owner_sees_pays_and_agrees(client: Client, world: World) -> None:
    set_policy(world.organization, {"invoice.numbering": "INV-{year}-{n:5}"},
               actor=STAFF, now=world.desk.clock.now())  # fmt: skip
    ann, bob = world.party("Ann", email="ann@example.org"), world.party("Bob")
    first, second = _home(world, "1A", ann), _home(world, "1B", ann)
    _home(world, "2A", bob)
    bill_homes(world.desk)
    link = _link(world, ann)
    page = words(client.get(link, follow=True).content)
    assert "My homes" in page and "1A owes $100.00" in page and "2A" not in page
    assert "Assessment, $100.00 on February 10, 2026" in page or "Assessment, $100.00 on Feb 10, 2026" in page
    assert "Charge me by itself" not in page  # there is nothing to charge
    here = f"{link}homes/"
    mine = Invoice.objects.filter(party_id=ann).order_by("number")
    asked = f"{mine[0].number}:10000"
    assert f"Pay invoice {mine[0].label}, $100.00" in page
    assert client.post(here, {"pay": asked})["Location"].startswith("/pay/")

    world.card(ann)
    assert "amount has changed" in _press(client, here, pay=f"{mine[0].number}:5")
    theirs = Invoice.objects.get(party_id=bob)
    assert "Nothing of that invoice is open" in _press(client, here, pay=f"{theirs.number}:10000")
    assert "is paid" in _press(client, here, pay=asked)
    assert "open any more" in _press(client, here, pay=asked)  # pressed twice
    assert Payment.objects.count() == 1 and owed_by_unit(first.id) == {}

    assert "1B is charged by itself" in _press(client, here, autopay=f"{second.id}:on")
    held = Holding.objects.get(unit=second)
    assert held.autopay and not Holding.objects.get(unit=first).autopay
    other = Home.objects.get(name="2A")
    for odd in (f"{other.id}:on", "nothing", ""):
        assert "yours any more" in _press(client, here, autopay=odd)
    assert not Holding.objects.get(unit=other).autopay
    transfer_unit(world.organization, second.id, bob, actor=STAFF, now=world.desk.clock.now())
    assert "yours any more" in _press(client, here, autopay=f"{second.id}:off")
    page = words(client.get(here).content)
    assert (
        "1B owes" not in page and "Assessment, 1B" in page
    )  # sold, and what was billed before is still theirs
    assert Event.objects.filter(verb="home_autopay_on", subject_id=second.id).count() == 1


def test_staff_see_an_owners_homes_and_waive_a_late_fee(world: World) -> None:
    """A-33: a late fee that was waived is not owed, and doesn't come again; one that was paid in part is credited."""
    ann = world.party("Ann")
    unit = _home(world, "1A", ann)
    set_policy(world.organization, {"late_fee": {"call": "once", "args": ["25.00", 5]}}, actor=STAFF,
               now=world.desk.clock.now())  # fmt: skip
    runs.advance(world.desk, datetime(2026, 1, 25, 15, tzinfo=UTC))
    assert owed_by_unit(unit.id) == {"USD": 125_00}
    client, page = signed_in(world), at(world, f"homes/{unit.id}/")
    fee = Receivable.objects.get(kind="late_fee")
    assert f"late-fees/{fee.id}/waive/" in client.get(page).content.decode()
    waive = at(world, f"homes/late-fees/{fee.id}/waive/")
    assert "no longer owes $25.00" in twice(client, waive, why="First time")
    assert owed_by_unit(unit.id) == {"USD": 100_00}
    shown = text(client, page)
    assert "Waived" in shown and "First time" in shown
    runs.advance(world.desk, datetime(2026, 2, 5, 15, tzinfo=UTC))
    assert Receivable.objects.filter(kind="late_fee").count() == 1
    assert "Nothing of this late fee is open" in words(client.get(waive, follow=True).content)
    assert signed_in(world, "viewer").get(waive).status_code == 403
    assert signed_in(a_world(name="Other")).get(waive).status_code in (403, 404)

    client.post(f"{page}autopay/", {"on": "yes"})
    assert Holding.objects.get(unit=unit).autopay
    record = text(client, at(world, f"members/{ann}/"))
    assert "Owner" in record and "Owns 1A" in record and "No membership" not in record
    assert "Billing cycle started" not in record and "Payment method" in record
    assert "Next assessment $100.00" in record and "Add membership" not in record
