"""Gifts that come again and again in the console: listed, paused, taken up and stopped; apart from dues (A-20)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.faces.acting import at, filled, text
from tests.staff import signed_in
from tests.world import World, a_world, party_named

from paidthru.actions.add_campaign import add_campaign
from paidthru.giving.models import Donation, Gift
from paidthru.giving.operations import Giving
from paidthru.kernel.periods import Interval, Unit
from paidthru.runs.clockwork import advance
from paidthru.runs.giving import give
from paidthru.timeline.models import Message
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)
ANN = Actor("member", "Ann")


@pytest.fixture
def world() -> World:
    tries = {"collect__offsets": "[0, 3]", "collect__max_attempts": "3"}
    found = a_world("ams_nonprofit", now=datetime(2026, 3, 10, 15, tzinfo=UTC), **tries)
    found.card(found.party("Ann"))
    return found


def a_gift(world: World) -> Gift:
    roof = add_campaign(
        world.organization, "Roof", goal_minor=100_00, currency="USD", actor=ANN, now=world.desk.clock.now()
    )
    giving = Giving(party_named(world, "Ann").id, 10_00, "USD", roof, "portal", "on_file")
    give(world.desk, giving, every=Interval(1, Unit.MONTH), actor=ANN)
    return Gift.objects.get()


def test_staff_see_a_gift_and_pause_take_up_and_stop_it(world: World) -> None:
    client = signed_in(world)
    assert "No gift comes again yet" in text(client, at(world, "gifts/"))
    gift = a_gift(world)
    here = at(world, f"gifts/{gift.id}/")
    assert "Ann $10.00 month Roof" in text(client, at(world, "gifts/"))
    assert "Ann" not in text(client, at(world, "gifts/?state=paused")).partition("Gifts that come again")[2]
    assert "Ann,10.00,USD" in b"".join(client.get(at(world, "gifts/?export=csv"))).decode()
    shown = text(client, here)
    assert "until I stop it" in shown and "Charged to" in shown, shown
    member = text(client, at(world, f"members/{gift.party_id}/"))
    assert "Gifts that come again" in member and "Donations" in member

    assert "Say why" in filled(client, f"{here}pause/", 422, why="")
    for _ in range(2):  # a double click is one pause
        filled(client, f"{here}pause/", 302, why="She asked by phone")
    assert "Paused" in text(client, here) and "She asked by phone" in text(client, here)
    advance(world.desk, world.desk.clock.now() + timedelta(days=70))
    assert Donation.objects.count() == 1
    filled(client, f"{here}resume/", 302, why="She is back")
    gift.refresh_from_db()
    assert (gift.state, str(gift.next_on)) == ("active", "2026-06-10"), "what went by isn't made up for"
    filled(client, f"{here}stop/", 302, why="She moved away")
    assert "was stopped" in filled(client, f"{here}resume/", 422, why="By mistake")
    assert "pause/" not in client.get(here).content.decode()
    kinds = Message.objects.filter(party_id=gift.party_id).values_list("kind", flat=True)
    assert sorted(set(kinds)) == ["gift_begun", "gift_stopped", "receipt", "tax_receipt"]


def test_a_gift_that_can_not_be_charged_is_paused_and_its_donor_is_told(world: World) -> None:
    gift = a_gift(world)
    world.processor.set_script(str(gift.party_id), "decline", "insufficient_funds")
    advance(world.desk, world.desk.clock.now() + timedelta(days=60))
    gift.refresh_from_db()
    assert (gift.state, Donation.objects.filter(invoice__state="void").count()) == ("paused", 1)
    assert Message.objects.filter(kind="gift_paused", party_id=gift.party_id).count() == 1
    assert "could not be charged" in text(signed_in(world), at(world, f"gifts/{gift.id}/"))


def test_what_waits_for_another_try_is_void_when_its_gift_is_stopped(world: World) -> None:
    gift = a_gift(world)
    world.processor.set_script(str(gift.party_id), "decline", "insufficient_funds")
    advance(world.desk, datetime(2026, 4, 10, 20, tzinfo=UTC))
    assert Donation.objects.filter(retry_on__isnull=False, invoice__state="sent").count() == 1
    filled(signed_in(world), at(world, f"gifts/{gift.id}/stop/"), 302, why="She asked for it")
    assert Donation.objects.filter(retry_on__isnull=True, invoice__state="void").count() == 1
    advance(world.desk, datetime(2026, 6, 10, 20, tzinfo=UTC))
    assert Donation.objects.count() == 2


def test_who_may_only_look_changes_no_gift(world: World) -> None:
    gift = a_gift(world)
    client = signed_in(world, "front_desk")
    assert client.get(at(world, f"gifts/{gift.id}/")).status_code == 200
    assert client.post(at(world, f"gifts/{gift.id}/stop/"), {"why": "x", "key": "k"}).status_code == 403
    other = a_world("ams_nonprofit", name="Oak Club")
    stranger = signed_in(other)
    for act in ("", "pause/", "stop/"):
        assert stranger.get(at(other, f"gifts/{gift.id}/{act}")).status_code == 404
    assert Client().get(at(world, "gifts/")).status_code == 302
