"""One search finds people, homes, invoices, payments, batches, plans, campaigns, events and pages (issue 7)."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.collecting import billed
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.add_event import add_event
from paidthru.actions.add_unit import add_unit
from paidthru.payments.models import Payment

pytestmark = pytest.mark.django_db(transaction=True)


def found(client: Client, world: World, text: str) -> dict[str, list[str]]:
    """The names that are found, by section."""
    answer = client.get(f"/o/{world.organization.slug}/search/", {"q": text})
    assert answer.status_code == 200
    page = answer.content.decode()
    sections = re.findall(r'<section class="section"\s+id="([a-z]+)"(.*?)</section>', page, re.S)
    return {key: re.findall(r"data-row-link><bdi>(.*?)</bdi>", body) for key, body in sections}


def test_everything_that_has_a_name_or_a_number_is_found() -> None:
    collection = billed("Ann Lee", "Bob Ray")
    collection.collect()
    world, now = collection.world, collection.desk.clock.now()
    organization = world.organization
    add_unit(organization, "Lee House", share=1, actor=STAFF, now=now)
    add_campaign(organization, "Lee Wing", goal_minor=100_00, actor=STAFF, now=now)
    add_event(organization, "Lee Day", price_minor=5_00, capacity=3, actor=STAFF, now=now)
    client = signed_in(world, "viewer")
    assert found(client, world, "lee") == {
        "members": ["Ann Lee"], "homes": ["Lee House"], "campaigns": ["Lee Wing"], "events": ["Lee Day"],
    }  # fmt: skip
    invoice = collection.invoice("Ann Lee")
    by_number = found(client, world, str(invoice.number))
    assert by_number["invoices"] == [f"Invoice {invoice.label or invoice.number}, Ann Lee, Paid"]
    payment = Payment.objects.get(party_id=collection.party("Bob Ray"))
    assert found(client, world, str(payment.gateway_ref))["payments"] == [
        f"Payment {payment.number}, Bob Ray"
    ]
    assert len(found(client, world, f"{payment.amount_minor / 100:.2f}")["payments"]) == 2
    assert len(found(client, world, f"{invoice.total_minor / 100:.2f}")["invoices"]) == 2
    assert "invoices" not in found(client, world, f"{invoice.total_minor / 100 + 0.01:.2f}")
    assert "Settlement" in found(client, world, "settle")["pages"]
    assert found(client, world, "zzz") == {"nothing": []}
    for odd in ("\0", "%", "'", "<b>", "1" * 300, "٣", "1.2.3", "#", ","):
        assert client.get(f"/o/{organization.slug}/search/", {"q": odd}).status_code == 200


def test_nothing_of_another_organization_is_found_and_long_lists_lead_on() -> None:
    mine, other = a_world(now=datetime(2026, 3, 1, tzinfo=UTC)), a_world(name="Oak Club")
    for n in range(10):
        mine.party(f"Kim {n}")
    other.party("Kim Other")
    client = signed_in(mine, "viewer")
    names = found(client, mine, "kim")
    assert len(names["members"]) == 8 and "Kim Other" not in names["members"]
    page = client.get(f"/o/{mine.organization.slug}/search/", {"q": "kim"}).content.decode()
    assert f"/o/{mine.organization.slug}/members/?q=kim" in page
    assert client.get(f"/o/{other.organization.slug}/search/", {"q": "kim"}).status_code == 404
