"""Visits in the console: prices, somebody entered by staff, and the kiosk."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from tests.faces.acting import at, filled, hidden, text
from tests.faces.test_console_addresses import streamed
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.make_link import make_link
from paidthru.membership.models import Plan
from paidthru.organizations.operations import move_clock
from paidthru.visits.models import Visit, VisitPrice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("community", now=datetime(2026, 1, 10, 15, tzinfo=UTC))


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ("someday", "be read as days and hours"),
        ("Mon-Fri 10:00-09:00", "end after they begin"),
        ("Mon-Fri 08:00-12:00\nWed 11:00-13:00", "overlap"),
    ],
)
def test_windows_that_can_not_be(world: World, windows: str, said: str) -> None:
    new = at(world, "visits/prices/new/")
    asked = {"name": "Pool", "non_member": "15.00", "overage": "8", "windows": windows}
    assert said in words(filled(signed_in(world), new, 422, **asked).encode())
    assert not VisitPrice.objects.exists()


def test_prices_are_added_read_and_closed(world: World) -> None:
    client, prices = signed_in(world), at(world, "visits/prices/")
    assert "No visit prices yet" in text(client, prices)
    asked = {"name": "Pool", "non_member": "15.00", "overage": "8"}
    filled(client, f"{prices}new/", 302, **asked, windows="Mon-Fri 06:00-22:00\nSat, Sun 00:00-24:00")
    assert "Pool $15.00 $8.00 Mon, Tue, Wed, Thu, Fri 06:00-22:00; Sat, Sun 00:00-24:00" in text(
        client, prices
    )
    filled(client, f"{prices}new/", 422, **asked)
    close = f"{prices}{VisitPrice.objects.get().id}/close/"
    assert signed_in(world, "front_desk").get(close).status_code == 403
    filled(client, close, 302)
    assert "No visit prices yet" in text(client, prices)


def test_the_kiosk_says_what_a_visit_is_and_two_taps_are_one(world: World) -> None:
    plan = world.plan("One", 40_00, interval_unit="month")
    Plan.objects.filter(id=plan.id).update(included_visits=1)
    ann = world.member("Ann", plan, paid_through=date(2026, 1, 31)).party
    world.party("Cy")
    client = signed_in(world)
    filled(client, at(world, "visits/prices/new/"), 302, name="Pool", non_member="15.00", overage="8")
    kiosk = at(world, "visits/kiosk/")

    def tap(who: str) -> str:
        answer = client.post(kiosk, hidden(client.get(kiosk).content.decode()) | {"name": who}, follow=True)
        return words(answer.content)

    assert "Welcome, Ann" in tap(f"#{ann.number}")
    assert "Included in the plan" in tap(str(ann.number))
    assert Visit.objects.count() == 1
    assert "nobody called" in tap("Zoe")
    said = tap("Cy")
    assert "Welcome, Cy" in said and "$15.00, to be paid: invoice 1" in said
    move_clock(world.organization, datetime(2026, 1, 10, 16, tzinfo=UTC))
    assert "$8.00" in tap("Ann")
    filled(client, at(world, "visits/new/"), 302, name="Ann")
    assert "that is one visit" in text(client, at(world, "visits/"))
    assert Visit.objects.count() == 3, "staff enter who has just come in by themselves"
    shown = text(client, at(world, "visits/"))
    assert "Beyond the plan" in shown and "Not a member" in shown and "Included" in shown
    assert b"Pool,Not a member,15.00,USD" in b"".join(streamed(client.get(at(world, "visits/?export=csv"))))
    entered = filled(client, at(world, "visits/new/"), 422, name="Zoe")
    assert "nobody called" in words(entered.encode())
    assert signed_in(a_world(name="Other")).get(kiosk).status_code in (403, 404)


def test_how_many_visits_a_plan_includes_is_set_and_read_where_it_matters(world: World) -> None:
    """C-28: on the plan, on the member's record and in the portal."""
    plan = world.plan("Four", 40_00, interval_unit="month")
    ann = world.member("Ann", plan, paid_through=date(2026, 1, 31)).party
    client, page = signed_in(world), at(world, f"plans/{plan.id}/")
    assert "Visits of a cycle" not in text(client, page), "nobody pays by the visit here yet"
    filled(client, at(world, "visits/prices/new/"), 302, name="Pool", non_member="15.00", overage="8")
    assert "Visits of a cycle that it includes Every one" in text(client, page)
    for wrong in ("-1", "1001"):
        assert "Enter 0 to 1000 visits" in filled(client, f"{page}visits/", 422, included_visits=wrong)
    filled(client, f"{page}visits/", 302, included_visits="4")
    assert "Visits of a cycle that it includes 4" in text(client, page)
    for minute in (0, 5, 9):
        move_clock(world.organization, datetime(2026, 1, 11, 15, minute, tzinfo=UTC))
        filled(client, at(world, "visits/new/"), 302, name="Ann")
    assert "Visits of this cycle 3 of 4 used" in text(client, at(world, f"members/{ann.id}/"))
    _, token = make_link(
        world.organization, ann.id, purpose="member", actor=STAFF, now=world.desk.clock.now()
    )
    assert "3 of 4 used" in Client().get(f"/m/{token}/membership/").content.decode()
    assert signed_in(world, "front_desk").get(f"{page}visits/").status_code == 403
