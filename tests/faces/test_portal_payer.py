"""What a payer sees and does behind their link, and what the member for whom they pay sees (C-25)."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.test import Client
from tests.world import STAFF, World, a_world

from paidthru.actions.make_link import make_link
from paidthru.actions.set_payer import set_payer
from paidthru.membership.models import Membership
from paidthru.timeline.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


def _link(world: World, party_id: UUID) -> str:
    now = world.desk.clock.now()
    _, token = make_link(world.organization, party_id, purpose="member", actor=STAFF, now=now)
    return f"/m/{token}/"


def _read(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def _press(client: Client, url: str, **fields: str) -> str:
    """Posts, and follows to a page that can be loaded again."""
    answer = client.post(url, fields)
    assert answer.status_code == 302, answer
    return _read(client, answer["Location"])


def test_a_payer_agrees_and_stops(client: Client) -> None:
    world = a_world("recommended", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    gold = world.plan("Gold", 40_00, interval_unit="month")
    ann = world.member("Ann", gold, paid_through=date(2026, 1, 31))
    ben = world.member("Ben", gold, paid_through=date(2026, 1, 31))
    works = world.party("Works")
    set_payer(world.organization, ann.party_id, works, actor=STAFF, now=world.desk.clock.now())
    hers, theirs = _link(world, ann.party_id), _link(world, works)
    page = _read(client, hers)
    assert "Paid by" in page and "Works" in page and "Switch to another plan" not in page
    assert "What I pay for others" not in page and "pay for nobody else" in _read(client, f"{hers}others/")
    assert "What I pay for others" in _read(client, theirs)
    page = _read(client, f"{theirs}others/")
    assert "Ann, Gold" in page and "$40.00" in page and "Not charged by itself" in page

    act = f"{theirs}others/{ann.id}"
    assert "Don’t charge me by itself for Ann" in _press(client, f"{act}/autopay/", autopay="on")
    ann.refresh_from_db()
    assert ann.autopay
    for foreign in (f"{theirs}others/{ben.id}", f"{hers}others/{ann.id}"):  # nobody else's to stop
        _press(client, f"{foreign}/stop/confirm/")
        _press(client, f"{foreign}/autopay/", autopay="off")
    assert Membership.objects.get(id=ann.id).payer_id == works
    assert client.get(f"{act}/stop/confirm/").status_code == 405
    assert "asked of Ann" in _read(client, f"{act}/stop/")
    for _ in range(2):
        assert "pay for nobody else" in _press(client, f"{act}/stop/confirm/")
    ann.refresh_from_db()
    assert (ann.payer_id, ann.autopay) == (None, False)
    assert Message.objects.filter(kind="payer_stopped", party_id=ann.party_id).count() == 1
