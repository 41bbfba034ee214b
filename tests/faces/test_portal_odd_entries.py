"""Odd entries at the public pages of tickets and Gift Aid are refused by field, and nothing breaks (bad input)."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.faces.test_pledge_papers import branded
from tests.faces.test_ticket_pages import WHO, an_event, filled_in, page_of
from tests.world import STAFF, a_world

from paidthru import invariants
from paidthru.actions.make_link import make_link
from paidthru.organizations.models import Tries

pytestmark = pytest.mark.django_db(transaction=True)
ODD = (
    "",
    " ",
    "\0",
    "x\0y",
    "-1",
    "0",
    "1e3",
    "٣",
    "9" * 30,
    "a" * 5000,
    "<b>",
    "\u202e",
    "NaN",
    "\r\nBcc: a@b.c",
)


def test_odd_entries_are_refused_and_leave_nothing_behind() -> None:
    club = a_world("community", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    charity = a_world("ams_nonprofit", currency="GBP", name="Hope House")
    branded(charity, "GB")
    event, client = an_event(club, capacity=1000), Client()
    tokens = [
        make_link(world.organization, world.party("Ann"), purpose="member", actor=STAFF, now=world.desk.clock.now())[1]
        for world in (club, charity)
    ]  # fmt: skip
    here, own, aid = page_of(event), f"/m/{tokens[0]}/tickets/", f"/m/{tokens[1]}/gift-aid/"
    pages = {
        here: filled_in(client, here, **WHO, count="1"),
        own: filled_in(client, own, event=str(event.id), count="1"),
        aid: {"declare": "yes", "address": "1 High Street", "postcode": "AB1 2CD"},
    }
    for path, form in pages.items():
        for field in form:
            for odd in ODD:
                Tries.objects.all().delete()  # how often is another test's
                answer = client.post(path, form | {field: odd})
                assert answer.status_code in (302, 303, 422), (path, field, odd[:20], answer.status_code)
    for path in (
        "/tickets/of/x/",
        "/tickets/of/%00/",
        f"/tickets/of/{'a' * 4000}/",
        f"/tickets/%00/{event.id}/",
    ):
        assert client.get(path).status_code == 404, path
    assert client.put(here).status_code == 405
    assert not invariants.check(club.organization.id) and not invariants.check(charity.organization.id)
