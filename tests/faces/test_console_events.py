"""Events in the console: added, sold, given back, and the door where a ticket lets in once (A-03, X24)."""

from datetime import UTC, datetime

import pytest
from tests.faces.acting import at, filled, hidden, text
from tests.faces.test_console_addresses import streamed
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru import invariants
from paidthru.payments.models import Payment, Refund
from paidthru.ticketing.models import Ticket, TicketedEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("community", now=datetime(2026, 1, 10, 15, tzinfo=UTC))


def event(world: World, **about: str) -> str:
    """The address of a new event's page."""
    asked = {
        "name": "Dinner",
        "price": "40.00",
        "places": "2",
        "starts_on": "2026-02-01",
        "hold_minutes": "15",
    } | about
    filled(signed_in(world), at(world, "events/new/"), 302, **asked)
    return at(world, f"events/{TicketedEvent.objects.get(name=asked['name']).id}/")


def test_an_event_that_can_not_be_is_refused_by_field(world: World) -> None:
    new, client = at(world, "events/new/"), signed_in(world)
    asked = {
        "name": "Dinner",
        "price": "40.00",
        "places": "2",
        "starts_on": "2026-02-01",
        "hold_minutes": "15",
    }
    for wrong, said in (
        ({"name": " "}, "needs a name"),
        ({"price": "-1"}, "costs nothing or more"),
        ({"price": "much"}, "is not an amount"),
        ({"price": "1" + "0" * 16}, "an amount that somebody can pay"),
        ({"places": "0"}, "at least one place"),
        ({"sale_from": "2026-03-01"}, "can’t end before"),
        ({"hold_minutes": "0"}, "a minute"),
    ):
        page = words(filled(client, new, 422, **asked | wrong).encode()).replace("'", "’")
        assert said in page, (wrong, page[-900:])
    assert not TicketedEvent.objects.exists()
    assert signed_in(world, "front_desk").get(new).status_code == 403


def test_tickets_are_sold_while_there_are_some_and_given_back(world: World) -> None:
    here, client = event(world), signed_in(world)
    ann, _ = world.party("Ann"), world.party("Bob")
    world.card(ann)
    assert "No ticket is sold yet" in text(client, here)
    form = hidden(client.get(f"{here}sell/").content.decode()) | {
        "name": "Ann",
        "count": "1",
        "by": "on_file",
    }
    for _ in range(2):  # pressed twice
        assert client.post(f"{here}sell/", form).status_code == 302
    assert Payment.objects.get().amount_minor == 40_00
    filled(client, f"{here}sell/", 302, name="Bob", count="1", by="cash")
    page = text(client, here)
    assert "Sold out" in page and "Left 0" in page
    assert "sold out" in words(filled(client, f"{here}sell/", 422, name="Ann", count="1", by="cash").encode())
    assert "Ann" in text(client, f"{here}?q=ann") and "Bob" not in text(client, f"{here}?q=ann")
    assert "Dinner" in text(client, at(world, "events/"))
    lines = b"".join(streamed(client.get(f"{here}?export=csv"))).decode()
    assert "Ann" in lines and "Bob" in lines and "Give back" not in lines
    ticket = Ticket.objects.get(order__party__name="Bob")
    back = f"{here}tickets/{ticket.id}/back/"
    assert signed_in(world, "front_desk").get(back).status_code == 403
    form = hidden(client.get(back).content.decode()) | {"reason": "Ill"}
    for _ in range(2):
        assert client.post(back, form).status_code == 302
    assert Refund.objects.get().amount_minor == 40_00
    assert "Left 1" in text(client, here)
    assert invariants.check(world.organization.id) == []
    other = signed_in(a_world(name="Other"))
    assert other.get(here).status_code == 404


def test_the_door_lets_a_ticket_in_once(world: World) -> None:
    here, client = event(world, price="0"), signed_in(world)
    elsewhere = event(world, name="Course")
    world.party("Ann")
    filled(client, f"{here}sell/", 302, name="Ann", count="1", by="account")
    code = Ticket.objects.get().code

    def scan(path: str, text: str) -> str:
        form = hidden(client.get(path).content.decode()) | {"code": text}
        return words(client.post(path, form, follow=True).content)

    assert "no ticket for this event" in scan(f"{elsewhere}door/", code)
    assert "no ticket for this event" in scan(f"{here}door/", "NONSENSE")
    assert "Welcome, Ann" in scan(f"{here}door/", f" {code.lower()} ")
    assert "is in already, since 10:00" in scan(f"{here}door/", code)
    assert "Scan or enter" in scan(f"{here}door/", "") or "no ticket" in scan(f"{here}door/", "")
    assert "In 1" in text(client, here)
