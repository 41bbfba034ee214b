"""Tickets on an event's public page and in the portal: bought once, seen by whoever bought them (A-03, X24, X25)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from tests.actions.test_collection_races import together
from tests.faces.acting import hidden
from tests.faces.test_console_members import words
from tests.faces.test_giving_pages import Postman
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.add_event import add_event
from paidthru.actions.close_event import close_event
from paidthru.actions.make_link import make_link
from paidthru.payments.models import Payment
from paidthru.people.models import Party
from paidthru.runs.mail import send_mail
from paidthru.ticketing.models import Ticket, TicketedEvent, TicketOrder
from paidthru.ticketing.queries import order_token

pytestmark = pytest.mark.django_db(transaction=True)
WHO = {"name": "Zoe Guest", "email": "zoe@example.org"}


@pytest.fixture
def world() -> World:
    cache.clear()
    return a_world("community", now=datetime(2026, 1, 10, 15, tzinfo=UTC))


def an_event(
    world: World, name: str = "Dinner", *, price_minor: int = 40_00, capacity: int = 3
) -> TicketedEvent:
    return add_event(
        world.organization, name, price_minor=price_minor, capacity=capacity, starts_on=date(2026, 2, 1),
        place="Town hall", actor=STAFF, now=world.desk.clock.now(),
    )  # fmt: skip


def page_of(event: TicketedEvent) -> str:
    return f"/tickets/{event.organization.slug}/{event.id}/"


def filled_in(client: Client, page: str, **about: str) -> dict[str, str]:
    return hidden(client.get(page).content.decode()) | about


def test_anybody_buys_at_the_events_own_page_and_sees_the_tickets(world: World) -> None:
    dinner, visitor = an_event(world), Client()
    here = page_of(dinner)
    shown = words(visitor.get(here).content)
    assert "Town hall" in shown and "Places left 3" in shown and "held for 15 minutes" in shown
    form = filled_in(visitor, here, **WHO, count="2")
    for wrong in ({"count": "0"}, {"count": "11"}, {"count": "x"}, {"email": "zoe"}, {"name": " "}):
        assert visitor.post(here, form | wrong).status_code == 422, wrong
    assert not Ticket.objects.exists()
    assert "1 ticket" not in words(visitor.post(here, form | {"count": "4", "key": "other"}).content)
    led, again = visitor.post(here, form), visitor.post(here, form)
    assert led.status_code == 302 and again["Location"] == led["Location"]
    assert Ticket.objects.filter(state="held").count() == 2
    assert "Places left 1" in words(visitor.get(here).content)
    pay = led["Location"]
    asked = words(visitor.get(pay).content)
    assert "Your tickets for Dinner" in asked and "held until Jan 10, 2026, 10:15" in asked
    gone = visitor.post(f"{pay}card/")
    mine = visitor.post(gone["Location"], {"method": "card:ok"})["Location"].removeprefix("http://testserver")
    paid = visitor.post(f"{mine}go/", {"pay": "8000"}, follow=True).content.decode()
    order = TicketOrder.objects.get()
    own = f"/tickets/of/{order_token(order.id)}/"
    assert own in paid, "without waiting for the worker"
    codes = list(order.tickets.values_list("code", flat=True))
    seen = words(visitor.get(own).content)
    assert all(code in seen for code in codes) and "lets one person in" in seen
    postman = Postman()
    send_mail(replace(world.desk, mailer=postman, public_url="https://pay.example.org"))
    (mail,) = [one for one in postman.sent if "Your tickets for Dinner" in one.subject]
    assert mail.to == "zoe@example.org"
    assert f"https://pay.example.org{own}" in mail.text and all(code in mail.text for code in codes)
    assert Client().get(f"{own[:-4]}abc/").status_code == 404
    assert invariants.check(world.organization.id) == []


def test_what_is_sold_out_closed_unknown_or_free_says_so(world: World) -> None:
    dinner, talk, visitor = an_event(world, capacity=1), an_event(world, "Talk", price_minor=0), Client()
    here, free = page_of(dinner), page_of(talk)
    late = filled_in(visitor, here, **WHO, count="1")
    assert visitor.post(here, filled_in(visitor, here, **WHO, count="1")).status_code == 302
    refused = visitor.post(here, late)
    assert refused.status_code == 422 and "sold out" in words(refused.content)
    assert "Go on to pay" not in visitor.get(here).content.decode()
    got = visitor.post(free, filled_in(visitor, free, **WHO, count="1"), follow=True)
    ticket = Ticket.objects.get(event=talk)
    assert ticket.state == "sold" and ticket.code in got.content.decode()
    form = filled_in(visitor, free, **WHO, count="1")
    close_event(world.organization, talk.id, actor=STAFF, now=world.desk.clock.now())
    assert "not sold" in words(visitor.get(free).content)
    assert visitor.post(free, form).status_code == 422
    assert visitor.get(f"/tickets/elsewhere/{dinner.id}/").status_code == 404
    other = a_world(name="Other")
    assert visitor.get(f"/tickets/{other.organization.slug}/{dinner.id}/").status_code == 404


def test_who_takes_the_last_place_twice_is_led_to_their_own_order(world: World) -> None:
    dinner, client, ann = an_event(world, capacity=1), Client(), world.party("Ann")
    links = []
    for _ in range(2):
        _, token = make_link(
            world.organization, ann, purpose="member", actor=STAFF, now=world.desk.clock.now()
        )
        links.append(f"/m/{token}/tickets/")
    forms = [filled_in(client, here, event=str(dinner.id), count="1") for here in links]
    led = [
        client.post(here, form)["Location"] for here, form in zip(links, forms, strict=True) for _ in range(2)
    ]
    assert all(one.startswith("/pay/") for one in led), led
    assert TicketOrder.objects.count() == 1 and Ticket.objects.get().state == "held"
    late = client.post(links[0], forms[0] | {"key": "7"})
    assert late.status_code == 422 and "sold out" in words(late.content)


def test_a_visitors_clicks_at_one_moment_are_one_order_of_one_person(world: World) -> None:
    dinner = an_event(world, capacity=10)
    here = f"/tickets/{world.organization.slug}/{dinner.id}/"
    form = filled_in(Client(), here, name="Zoe New", email="zoe@example.org", count="2")
    answers: list[Any] = list(together([lambda: Client().post(here, form)] * 4))
    assert [one.status_code for one in answers] == [302] * 4
    assert len({one["Location"] for one in answers}) == 1 and answers[0]["Location"].startswith("/pay/")
    assert Party.objects.filter(name="Zoe New").count() == TicketOrder.objects.count() == 1
    runs.advance(world.desk, world.desk.clock.now() + timedelta(hours=2))
    again = Client().post(here, form)
    assert again["Location"].startswith("/tickets/of/"), (
        "it was let go: the order says so, and no dead link to pay"
    )
    assert "was not paid in time" in words(Client().get(again["Location"]).content)


def test_a_member_buys_in_the_portal_once_in_two_windows(world: World) -> None:
    dinner, client = an_event(world, capacity=10), Client()
    party = world.party("Ann")
    _, token = make_link(world.organization, party, purpose="member", actor=STAFF, now=world.desk.clock.now())
    here = f"/m/{token}/tickets/"
    form = filled_in(client, here, event=str(dinner.id), count="2")
    led = client.post(here, form)
    assert led["Location"].startswith("/pay/"), "with nothing on file the invoice's own page takes a card"
    world.card(party)
    form = filled_in(client, here, event=str(dinner.id), count="2")
    for _ in range(2):  # two windows that were opened before
        bought = words(client.post(here, form, follow=True).content)
        assert "You have 2 for Dinner" in bought
    assert Payment.objects.get().amount_minor == 80_00
    assert Ticket.objects.filter(state="sold").count() == 2
    another = client.post(here, form | {"count": "1"})
    assert another.status_code == 422 and Payment.objects.count() == 1
    codes = Ticket.objects.filter(state="sold").values_list("code", flat=True)
    assert all(code in words(client.get(here).content) for code in codes)
    wrong = filled_in(client, here, event=str(TicketedEvent().id), count="1")
    assert client.post(here, wrong).status_code == 422
    assert client.post(here, form | {"count": "50", "key": "9"}).status_code == 422
    assert invariants.check(world.organization.id) == []
