"""Giving in the console, on a campaign's public page and in the portal (A-19, A-21, A-23, A-24)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from tests.faces.acting import at, filled, hidden, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import World, a_world
from typer.testing import CliRunner

from paidthru.actions.make_link import make_link
from paidthru.actions.set_policy import set_policy
from paidthru.faces.cli import app
from paidthru.giving.models import Campaign, Donation, Gift
from paidthru.giving.operations import Giving
from paidthru.giving.queries import gift_token, progress_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.periods import Interval, Unit
from paidthru.notices.rules.catalogue import Mail
from paidthru.payments.models import Attempt, PaymentMethod
from paidthru.runs.clockwork import advance
from paidthru.runs.giving import give
from paidthru.runs.mail import send_mail
from paidthru.timeline.models import Event, Message
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)
CLERK = Actor("staff", "Clerk")


@pytest.fixture
def world() -> World:
    cache.clear()
    return a_world("ams_nonprofit", now=datetime(2026, 3, 10, 15, tzinfo=UTC))


class Postman:
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send(self, mail: Mail, *, sender: str) -> None:
        self.sent.append(mail)


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
    csv = b"".join(client.get(at(world, "donations/?export=csv"))).decode()
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
    who = {"name": "Zoe Donor", "email": "zoe@example.org", "every": "once"}
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
    mine = visitor.post(gone["Location"], {"method": "card:ok"})["Location"].removeprefix("http://testserver")
    paid = visitor.post(f"{mine}go/", {"pay": "3000"}, follow=True)
    assert paid.status_code == 200
    assert progress_of(roof) == (30_00, 30)
    assert "30% of the goal" in visitor.get(here).content.decode()


def test_one_place_may_not_try_card_after_card(world: World) -> None:
    roof = a_campaign(signed_in(world), world)
    visitor, here = Client(), f"/give/{world.organization.slug}/{roof.slug}/"
    codes = []
    for n in range(8):
        form = hidden(visitor.get(here).content.decode())
        posted = visitor.post(
            here, form | {"name": "Zoe", "email": "zoe@example.org", "amount": f"{n + 1}.00", "every": "once"}
        )
        codes.append(posted.status_code)
    assert codes == [302] * 6 + [429] * 2
    assert Donation.objects.count() == 6


def test_whoever_tries_card_after_card_is_turned_away_wherever_they_begin(world: World) -> None:
    roof, bad = a_campaign(signed_in(world), world), "card:insufficient_funds"
    here = f"/give/{world.organization.slug}/{roof.slug}/"

    def a_try(name: str, place: str, card: str = "card:ok", number: str = "") -> str:
        visitor = Client(REMOTE_ADDR=place)
        form = hidden(visitor.get(here).content.decode()) | {"name": name, "amount": "5.00", "every": "once"}
        led = visitor.post(here, form | {"email": f"{name}@example.org"})
        if led.status_code != 302:
            return words(led.content)
        gone = visitor.post(f"{led['Location']}card/")
        if gone.status_code != 302:
            return words(gone.content)
        mine = visitor.post(gone["Location"], {"method": card})["Location"].removeprefix("http://testserver")
        visitor.get(mine)
        if number:
            PaymentMethod.objects.filter(party__name=name).update(fingerprint=number)
        return words(visitor.post(f"{mine}go/", {"pay": "500"}, follow=True).content)

    tried = [a_try("Zoe", "203.0.113.7", bad) for _ in range(5)]
    assert all("did not go through" in said for said in tried[:4]), tried
    assert "Too many payments failed here" in tried[4], "by the place"
    assert "Too many payments failed here" in a_try("Zoe", "203.0.113.8"), "the payer"
    Attempt.objects.update(method_fingerprint="one card")
    assert "declined too often" in a_try("Max", "203.0.113.9", number="one card"), "the card"
    assert "it is paid" in a_try("Max", "203.0.113.9", number="another"), "whoever pays in earnest does"
    told = Event.objects.filter(verb="card_testing")
    assert told.count() == 2 and "203.0.113" not in str(list(told.values()))
    shown = words(signed_in(world).get(at(world, f"campaigns/{roof.id}/")).content)
    assert "Cards declined in a day 4" in shown


def test_a_member_gives_every_month_and_stops_it_again(world: World) -> None:
    party, client = world.party("Ann"), Client()
    now = world.desk.clock.now()
    _, token = make_link(world.organization, party, purpose="method", actor=CLERK, now=now)
    here = f"/m/{token}/give/"
    assert "Add a card or account first" in client.get(here).content.decode()
    world.card(party)
    form = hidden(client.get(here).content.decode()) | {"amount": "10.00", "campaign": "", "every": "month"}
    for _ in range(2):
        gave = client.post(here, form, follow=True).content.decode()
        assert "Your donation has arrived" in gave, words(gave.encode())
        assert "next on Apr 10, 2026" in gave, words(gave.encode())
    assert (Donation.objects.count(), Gift.objects.get().state) == (1, "active")
    gift = f"/gift/{gift_token(Gift.objects.get().id)}/"
    assert gift in client.get(here).content.decode()
    client.post(gift, {"do": "stop"})
    assert (Gift.objects.get().state, Gift.objects.get().next_on) == ("stopped", None)
    assert "10.00" not in client.get(here).content.decode()


def test_a_visitor_gives_every_month_by_a_card_kept_for_it_and_changes_it_by_the_mails_link(
    world: World,
) -> None:
    roof = a_campaign(signed_in(world), world)
    visitor, here = Client(), f"/give/{world.organization.slug}/{roof.slug}/"
    who = {"name": "Zoe Donor", "email": "zoe@example.org", "amount": "30.00", "every": "month"}
    pay = visitor.post(here, hidden(visitor.get(here).content.decode()) | who)["Location"]
    assert Gift.objects.get().state == "begun"
    asked = words(visitor.get(pay).content)
    assert "kept for this gift alone" in asked and "Each mail about it has a link" in asked
    entered = visitor.post(visitor.post(f"{pay}card/")["Location"], {"method": "card:ok"})
    mine = entered["Location"].removeprefix("http://testserver")
    visitor.post(f"{mine}go/", {"pay": "3000"})
    gift = Gift.objects.select_related("method").get()
    assert gift.method is not None
    assert (gift.state, str(gift.next_on), gift.method.state) == ("active", "2026-04-10", "gift")
    postman, link = Postman(), f"/gift/{gift_token(gift.id)}/"
    send_mail(replace(world.desk, mailer=postman, public_url="https://pay.example.org"))
    assert [link in mail.text for mail in postman.sent] == [True, True], "the receipt, and how to stop it"

    assert Client().get(f"/gift/{gift_token(new_id())}/").status_code == 404
    assert Client().get(f"{link[:-1]}x/").status_code == 404
    assert "Next on Apr 10, 2026" in words(visitor.get(link).content)
    for wrong in ("0", "abc", "", "10000000000000.00", "0.50"):
        assert visitor.post(link, {"do": "amount", "amount": wrong}).status_code == 422, wrong
    assert "you give $12.00" in words(
        visitor.post(link, {"do": "amount", "amount": "12.00"}, follow=True).content
    )
    visitor.post(link, {"do": "pause"})
    assert "Paused Nothing is charged" in words(visitor.get(link).content)
    other = visitor.post(visitor.post(f"{link}card/")["Location"], {"method": "card:ok"})
    chosen = other["Location"].removeprefix("http://testserver")
    assert "The gift goes on" in words(visitor.get(chosen).content)
    for _ in range(2):
        assert visitor.post(chosen).status_code == 302
    before, gift = gift.method, Gift.objects.select_related("method").get()
    assert gift.method is not None and gift.method.id != before.id
    before.refresh_from_db()
    assert (gift.state, gift.amount_minor, gift.method.state, before.state) == (
        "active", 12_00, "gift", "removed",
    )  # fmt: skip
    for _ in range(2):
        assert "is stopped" in words(visitor.post(link, {"do": "stop"}, follow=True).content)
    gift.refresh_from_db()
    assert gift.method is not None
    gift.method.refresh_from_db()
    assert (gift.state, gift.method.state) == ("stopped", "removed")
    assert visitor.post(link, {"do": "amount", "amount": "9.00"}).status_code == 422
    assert Message.objects.filter(kind="gift_stopped").count() == 1


def test_what_is_begun_every_month_and_not_paid_never_begins(world: World) -> None:
    roof = a_campaign(signed_in(world), world)
    visitor, here = Client(), f"/give/{world.organization.slug}/{roof.slug}/"
    who = {"name": "Zoe Donor", "email": "zoe@example.org", "amount": "30.00", "every": "month"}
    visitor.post(here, hidden(visitor.get(here).content.decode()) | who)
    advance(world.desk, world.desk.clock.now() + timedelta(days=40))
    assert (Gift.objects.get().state, Donation.objects.get().invoice.state) == ("stopped", "void")
    assert not Message.objects.exists()


def test_the_command_line_adds_gives_lists_and_closes(world: World) -> None:
    world.card(world.party("Ann"))
    slug = ["--org", world.organization.slug]
    told = CliRunner()
    assert (
        told.invoke(app, ["campaign", "add", "Roof", "100.00", "--until", "2026-06-30", *slug]).exit_code == 0
    )
    gave = told.invoke(app, ["donate", "Ann", "25.00", "--to", "Roof", "--by", "on_file", *slug])
    assert "Ann gave 25.00 USD" in gave.output
    assert "25%" in told.invoke(app, ["campaign", "list", *slug]).output
    assert told.invoke(app, ["campaign", "close", "Roof", *slug]).exit_code == 0
    closed = told.invoke(app, ["donate", "Ann", "25.00", "--to", "Roof", *slug])
    assert isinstance(closed.exception, Refused) and closed.exception.code == "campaign_closed"


@pytest.mark.parametrize("wrong", ["0", "-5.00", "1000000000000000", "5.001", "five"])
def test_no_face_takes_an_amount_that_can_not_be(world: World, wrong: str) -> None:
    client, party = signed_in(world), world.party("Ann")
    roof = a_campaign(client, world)
    world.card(party)
    _, token = make_link(world.organization, party, purpose="method", actor=CLERK, now=world.desk.clock.now())
    public, portal = f"/give/{world.organization.slug}/{roof.slug}/", f"/m/{token}/give/"
    who = {"name": "Zoe", "email": "zoe@example.org", "every": "once", "amount": wrong}
    form = hidden(client.get(public).content.decode()) | who
    refused = Client().post(public, form)
    assert refused.status_code == 422 and "Please look at this again" in refused.content.decode()
    for campaign in ("", str(roof.id)):
        given = {"amount": wrong, "campaign": campaign, "every": "month", "key": "k"}
        assert Client().post(portal, given).status_code == 422
    filled(client, at(world, "donations/new/"), 422, member="Ann", amount=wrong, campaign="", method="check")
    told = CliRunner().invoke(app, ["donate", "--org", world.organization.slug, "--", "Ann", wrong])
    assert isinstance(told.exception, Refused) and told.exception.code == "amount_invalid"
    assert not Donation.objects.exists() and not Gift.objects.exists()


def test_a_closed_campaign_and_another_currency_have_a_clear_answer_everywhere(world: World) -> None:
    client, party = signed_in(world), world.party("Ann")
    roof, slug = a_campaign(client, world), world.organization.slug
    world.card(party)
    _, token = make_link(world.organization, party, purpose="method", actor=CLERK, now=world.desk.clock.now())
    public, portal, told = f"/give/{slug}/{roof.slug}/", f"/m/{token}/give/", CliRunner()
    before = hidden(Client().get(public).content.decode())
    added = ["campaign", "add", "Shelter", "1000", "--currency", "JPY", "--org", slug]
    assert told.invoke(app, added).exit_code == 0
    shelter = Campaign.objects.get(name="Shelter")
    assert "Shelter, in JPY" in client.get(at(world, "donations/new/")).content.decode()
    assert "Shelter, in JPY" in Client().get(portal).content.decode()
    paid = {"member": "Ann", "campaign": str(shelter.id), "method": "check"}
    filled(client, at(world, "donations/new/"), 422, amount="5.50", **paid)  # a yen has no parts
    filled(client, at(world, "donations/new/"), 302, amount="250", **paid)
    assert (Donation.objects.get().currency, progress_of(shelter)) == ("JPY", (250, 25))

    filled(client, at(world, f"campaigns/{roof.id}/close/"), 302)
    who = {"name": "Zoe", "email": "zoe@example.org", "every": "once", "amount": "5.00"}
    late = Client().post(public, before | who)
    assert late.status_code == 410 and "takes no donations now" in late.content.decode()
    given = {"amount": "5.00", "campaign": str(roof.id), "every": "once", "key": "k"}
    assert Client().post(portal, given).status_code == 422
    filled(
        client,
        at(world, "donations/new/"),
        422,
        member="Ann",
        amount="5.00",
        campaign=str(roof.id),
        method="cash",
    )
    for to, code in (("Roof", "campaign_closed"), ("Nowhere", "campaign_unknown")):
        refused = told.invoke(app, ["donate", "Ann", "5.00", "--to", to, "--org", slug]).exception
        assert isinstance(refused, Refused) and refused.code == code
    assert Donation.objects.count() == 1


def test_the_command_line_lists_pauses_takes_up_and_stops_gifts(world: World) -> None:
    party, org, told = world.party("Ann"), ["--org", world.organization.slug], CliRunner()
    world.card(party)
    giving = Giving(party, 10_00, "USD", None, "portal", "on_file")
    give(world.desk, giving, every=Interval(1, Unit.MONTH), actor=CLERK)
    assert "10.00 USD" in told.invoke(app, ["gift", "list", *org]).output
    assert "is paused" in told.invoke(app, ["gift", "pause", "Ann", *org]).output
    assert "next on 2026-04-10" in told.invoke(app, ["gift", "resume", "Ann", *org]).output
    assert "is stopped" in told.invoke(app, ["gift", "stop", "Ann", "--why", "She moved", *org]).output
    refused = told.invoke(app, ["gift", "stop", "Ann", *org]).exception
    assert isinstance(refused, Refused) and refused.code == "gift_unknown"
