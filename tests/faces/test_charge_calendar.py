"""The charge calendar: what comes to a member, on a page and as a feed that calendar programs read (RFC 5545)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from icalendar import Calendar
from tests.faces.test_console_members import words
from tests.world import STAFF, World, a_world, party_named

from paidthru import runs
from paidthru.actions.add_unit import add_unit
from paidthru.actions.assess import assess
from paidthru.actions.donate import donate
from paidthru.actions.make_link import make_link
from paidthru.actions.pledge import Promise, pledge
from paidthru.faces.portal.calendar_views import calendar_token
from paidthru.giving.operations import Giving
from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.models import Membership
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
MONTHLY = Interval(1, Unit.MONTH)


@pytest.fixture
def world() -> World:
    cache.clear()
    found = a_world("recommended", name="Maple, Club; & Söhne", now=datetime(2026, 1, 5, 15, tzinfo=UTC))
    organization, now = found.organization, found.desk.clock.now()
    plan = found.plan("Regular", 120_00)
    ann = found.member("Ann", plan, paid_through=date(2026, 3, 14), card=True, autopay=True).party_id
    bob = found.member("Bob", plan, paid_through=date(2026, 5, 31)).party_id
    Membership.objects.filter(party_id=bob).update(payer_id=ann)
    donate(
        organization,
        Giving(ann, 10_00, "USD", None, "portal", "on_file"),
        every=MONTHLY,
        actor=STAFF,
        now=now,
    )
    pledge(organization, ann, Promise(90_00, "USD", 3, MONTHLY, date(2026, 2, 1)), actor=STAFF, now=now)
    unit = add_unit(
        organization, "1A", share=1, owner_id=ann, owned_from=date(2025, 1, 1), actor=STAFF, now=now
    )
    assess(
        organization, unit.id, amount_minor=40_00, every=Interval(1, Unit.QUARTER), starts_on=date(2026, 4, 1),
        actor=STAFF, now=now,
    )  # fmt: skip
    runs.work(found.desk)
    return found


def entries_of(calendar: bytes) -> list[Any]:
    read: Any = Calendar.from_ical(calendar)
    return list(read.walk("VEVENT"))


def told(calendar: bytes) -> list[tuple[date, str, str]]:
    entries = entries_of(calendar)
    return [
        (one["dtstart"].dt, str(one["summary"]).split(" to ")[0], str(one["description"])) for one in entries
    ]


def feed(world: World, name: str, client: Client | None = None) -> bytes:
    path = f"/calendar/{calendar_token(party_named(world, name).id)}/charges.ics"
    answer = (client or Client()).get(path)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    return bytes(answer.content)


def test_everything_that_comes_stands_on_its_day(world: World) -> None:
    found = told(feed(world, "Ann"))
    assert found == sorted(found, key=lambda one: one[0])
    expected = {
        (date(2026, 3, 15), "$120.00", "Regular; charged by itself."),
        (date(2026, 6, 1), "$120.00", "Regular of Bob; you will be asked for it."),
        (date(2026, 2, 1), "$30.00", "Pledge, instalment 1; you will be asked for it."),
        (date(2026, 4, 1), "$40.00", "Dues, 1A; you will be asked for it."),
        (date(2026, 2, 5), "$10.00", "Gift; charged by itself."),
    }
    labels = {(on, amount) for on, amount, _ in found}
    assert {(on, amount) for on, amount, _ in expected} <= labels, found
    assert [on for on, amount, _ in found if amount == "$10.00"][:2] == [date(2026, 2, 5), date(2026, 3, 5)]
    assert [on for on, amount, _ in found if amount == "$40.00"] == [
        date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1), date(2027, 1, 1),
    ]  # fmt: skip
    assert told(feed(world, "Bob")) == [], "somebody else pays"
    text = feed(world, "Ann").decode()
    assert "\r\n" in text and max(len(line.encode()) for line in text.split("\r\n")) <= 75
    calendar: Any = Calendar.from_ical(text)
    assert calendar["x-wr-calname"] == "Maple, Club; & Söhne"


def test_an_entry_keeps_its_id_until_it_is_charged_and_goes_then(world: World) -> None:
    def ids() -> dict[date, str]:
        entries = entries_of(feed(world, "Ann"))
        return {one["dtstart"].dt: str(one["uid"]) for one in entries if "$120.00" in one["summary"]}

    before = ids()
    runs.advance(world.desk, datetime(2026, 2, 20, 15, tzinfo=UTC))
    assert ids() == before
    runs.advance(world.desk, datetime(2026, 3, 20, 15, tzinfo=UTC))
    assert date(2026, 3, 15) not in ids() and ids()[date(2026, 6, 1)] == before[date(2026, 6, 1)]


def test_the_page_leads_to_it_and_a_forged_address_to_nothing(world: World) -> None:
    ann, now = party_named(world, "Ann"), world.desk.clock.now()
    _, token = make_link(world.organization, ann.id, purpose="member", actor=STAFF, now=now)
    client = Client()
    assert "What comes, and my calendar" in words(client.get(f"/m/{token}/").content)
    page = client.get(f"/m/{token}/calendar/").content.decode()
    assert "webcal://testserver/calendar/" in page and "$120.00" in page
    good = calendar_token(ann.id)
    for wrong in (good[:-1] + ("A" if good[-1] != "A" else "B"), ann.id.hex, "x", f"{ann.id.hex}:", "%00"):
        assert client.get(f"/calendar/{wrong}/charges.ics").status_code == 404
    assert client.post(f"/calendar/{good}/charges.ics").status_code == 405


def test_whoever_handed_it_on_takes_another_address(world: World) -> None:
    ann = party_named(world, "Ann")
    now = world.desk.clock.now()
    _, token = make_link(world.organization, ann.id, purpose="member", actor=STAFF, now=now)
    client, old = Client(), calendar_token(ann.id)
    page = client.get(f"/m/{token}/calendar/").content.decode()
    assert old in page
    for _ in range(2):  # a double click
        page = client.post(f"/m/{token}/calendar/", {"known": "0"}).content.decode()
    assert "It has a new address" in words(page) and old not in page and calendar_token(ann.id) in page
    assert Event.objects.filter(verb="calendar_address_renewed").count() == 1
    assert client.get(f"/calendar/{old}/charges.ics").status_code == 404
    assert entries_of(feed(world, "Ann"))
    for odd in ("", "x", "-1", "9" * 20, "\0"):
        assert client.post(f"/m/{token}/calendar/", {"known": odd}).status_code == 200
    assert Event.objects.filter(verb="calendar_address_renewed").count() == 1
