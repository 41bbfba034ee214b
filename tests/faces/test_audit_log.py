"""The audit log in the console and on the command line: who may read it, what is in it, and whether it stands (E.5)."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from tests.faces.test_cli import run
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.add_staff import add_staff
from paidthru.timeline.models import Event
from paidthru.timeline.operations import seal_events
from paidthru.wiring import audit_keys

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    found = a_world(now=datetime(2026, 3, 1, 15, tzinfo=UTC))
    ann = found.party("Ann Lee")
    found.card(ann)
    add_campaign(found.organization, "Roof", goal_minor=100_00, actor=STAFF, now=found.desk.clock.now())
    return found


def told(*arguments: str, code: int = 0) -> Any:
    """What a command says, as data."""
    said = run(*arguments, "--json")
    assert said.code == code, said.out
    return said.json


def page(client: Client, world: World, path: str = "audit/", **query: str) -> str:
    answer = client.get(f"/o/{world.organization.slug}/{path}", query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_only_who_audits_reads_it(world: World) -> None:
    for role, code in (
        ("viewer", 403),
        ("finance", 403),
        ("front_desk", 403),
        ("auditor", 200),
        ("admin", 200),
    ):
        client = signed_in(world, role)
        for path in ("audit/", "audit/verify/"):
            assert client.get(f"/o/{world.organization.slug}/{path}").status_code == code, (role, path)
        assert ("Audit log" in page(client, world, "")) == (code == 200)


def test_who_did_what_is_found_by_name_reason_and_day(world: World) -> None:
    client = signed_in(world, "auditor")
    everything = page(client, world)
    assert "Pat Treasurer" in everything and "Ann Lee" in everything and "Roof" in everything
    assert "Roof" not in page(client, world, q="ann lee") and "Ann Lee" in page(client, world, q="ann lee")
    assert "Roof" not in page(client, world, to="2026-02-28") and "Roof" in page(
        client, world, to="2026-03-01"
    )
    assert "Roof" not in page(client, world, **{"from": "2026-03-02"})
    assert "is no date" in client.get(f"/o/{world.organization.slug}/audit/?from=x").content.decode()


def test_signing_in_and_taking_a_list_along_stand_in_it(world: World) -> None:
    add_staff(
        world.organization, email="kim@maple.example", name="Kim Lee", roles=["auditor"], password="Secret-pass-2026",
        actor=STAFF, now=world.desk.clock.now(),
    )  # fmt: skip
    client = Client()
    client.post("/sign-in/", {"username": "kim@maple.example", "password": "wrong"})
    assert not Event.objects.filter(verb="signed_in").exists()
    client.post("/sign-in/", {"username": "kim@maple.example", "password": "Secret-pass-2026"})
    event = Event.objects.get(verb="signed_in")
    assert (event.actor, event.organization_id) == ("Kim Lee", world.organization.id)
    slug = world.organization.slug
    lines = b"".join(client.get(f"/o/{slug}/audit/?export=csv&q=roof")).decode()
    assert "Roof" in lines and "Ann" not in lines
    b"".join(client.get(f"/o/{slug}/members/?export=csv"))
    assert [one.facts["list"] for one in Event.objects.filter(verb="taken_along").order_by("id")] == [
        "audit",
        "members",
    ]
    shown = page(client, world, q="kim")
    assert "Took along the list members as a file." in shown and "Signed in by password." in shown


def test_whether_it_stands_is_said_and_a_change_behind_its_back_is_told(world: World) -> None:
    client, organization = signed_in(world, "auditor"), world.organization
    assert seal_events(organization.id, audit_keys()) == 1
    good = page(client, world, "audit/verify/")
    assert "Stands" in good and "Entries under seals" in good
    head = told("audit", "verify")
    assert head["ok"] and told("audit", "verify", "--head", head["head"])["ok"]
    checked = told("check")
    assert {one["name"]: one["ok"] for one in checked["organizations"][0]["invariants"]}["audit_chain"]
    assert [one["verb"] for one in told("audit", "list", "--text", "roof")] == ["campaign_added"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE timeline_event SET actor = 'Nobody' WHERE organization_id = %s", [organization.id]
        )
    bad = page(client, world, "audit/verify/")
    assert "Broken" in bad and "isn’t as it was written" in bad
    assert told("audit", "verify", code=1)["broken"]
    assert not told("check", code=1)["ok"]
