"""Adding members: the exact consequences first, then done once; who may, and what is refused."""

import re
from datetime import date
from html import unescape
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import World, a_world, party_named

from paidthru import runs
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import Membership, Plan
from paidthru.people.models import Party

pytestmark = pytest.mark.django_db(transaction=True)

COLLECTED = "Only mark as paid if you have actually collected the funds."


def at(world: World, path: str = "members/add/") -> str:
    return f"/o/{world.organization.slug}/{path}"


def entered(plan: Plan, **changed: str) -> dict[str, str]:
    start = {"name": "Ann Lee", "email": "ann@lee.example", "external_id": "A-1", "starting_on": "2026-01-01"}
    return start | {"plan": str(plan.id), "key": str(uuid4())} | changed


def said(answer: object) -> str:
    assert isinstance(answer, HttpResponse)
    return words(answer.content).replace("\N{THIN SPACE}", " ")


def read(
    client: Client, world: World, fields: dict[str, str], path: str = "members/add/"
) -> tuple[str, dict[str, str]]:
    """The confirm page's words, and what its button posts."""
    answer = client.post(at(world, path), fields)
    text = said(answer)
    assert answer.status_code == 200, text
    form = re.search(r'<form class="confirm-form".*?</form>', answer.content.decode(), re.DOTALL)
    assert form
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
    return text, {name: unescape(value) for name, value in hidden}


def test_a_member_is_added_as_it_was_read_and_only_once() -> None:
    world = a_world("community")
    plan, client = world.plan(), signed_in(world, "finance")
    assert "/members/add/" in client.get(at(world, "members/")).content.decode()
    form = client.get(at(world)).content.decode()
    assert COLLECTED in form
    assert 'value="2026-01-01"' in form, "today, unless said"
    text, button = read(client, world, entered(plan))
    for sentence in (
        "Adds Ann Lee to the people you know.",
        "The first term is Jan 1 – Dec 31, 2026.",
        "Bills $100.00 now, due Jan 1, 2026.",
        "Regular from Jan 1, 2026 to Dec 31, 2026 costs $100.00.",
        "Renewal needs a payment method, which only the member can enter",
    ):
        assert sentence in text, (sentence, text)
    assert "in the past" not in text
    assert not Party.objects.exists(), "nothing is written before it is confirmed"
    first = client.post(at(world, "members/add/confirm/"), button)
    party = party_named(world, "Ann Lee")
    assert first["Location"] == at(world, f"members/{party.id}/")
    assert (party.email, party.external_id) == ("ann@lee.example", "A-1")
    assert "Ann Lee has joined Regular." in said(client.get(first["Location"]))
    second = client.post(at(world, "members/add/confirm/"), button)
    assert second["Location"] == first["Location"]
    assert "nothing was added" in said(client.get(second["Location"]))
    assert Party.objects.count() == Membership.objects.count() == 1
    assert Invoice.objects.get().total_minor == 10_000
    other = client.post(at(world, "members/add/confirm/"), button | {"name": "Bo"})
    assert other.status_code == 409, "the same key with another person"


def test_a_date_in_the_past_is_said_and_has_to_be_meant() -> None:
    world = a_world("community")
    plan, client = world.plan(), signed_in(world, "finance")
    text, button = read(client, world, entered(plan, starting_on="2025-11-02"))
    assert "Nov 2, 2025 is in the past: 60 days ago." in text
    assert "The billing cycle is meant to start in the past, on Nov 2, 2025." in text
    assert client.post(at(world, "members/add/confirm/"), button).status_code == 422
    assert not Party.objects.exists()
    client.post(at(world, "members/add/confirm/"), button | {"acknowledge": "yes"})
    assert Membership.objects.get().anchor_on == date(2025, 11, 2)
    over, button = read(client, world, entered(plan, starting_on="2024-11-02", external_id="", paid="on"))
    assert "That term is over already. What follows it is billed by the calendar right away." in over
    client.post(at(world, "members/add/confirm/"), button | {"acknowledge": "yes"})
    runs.work(world.desk)
    assert Invoice.objects.filter(party__external_id=None).exists()


def test_a_later_date_bills_then() -> None:
    world = a_world("community")
    plan, client = world.plan(), signed_in(world, "finance")
    text, button = read(client, world, entered(plan, starting_on="2026-03-01"))
    assert "Nothing is billed now. $100.00 is billed on Mar 1, 2026" in text
    client.post(at(world, "members/add/confirm/"), button)
    assert Membership.objects.get().next_bill_on == date(2026, 3, 1)
    assert not Invoice.objects.exists()


def test_a_cycle_that_counts_as_paid_makes_an_active_member_without_an_invoice() -> None:
    world = a_world("community")
    plan, client = world.plan(), signed_in(world, "finance")
    text, button = read(client, world, entered(plan, paid="on"))
    assert "nothing is billed for it" in text
    assert COLLECTED in text
    assert "Renewal needs a payment method" in text
    answer = client.post(at(world, "members/add/confirm/"), button)
    membership = Membership.objects.get()
    assert (membership.state, membership.paid_through) == ("active", date(2026, 12, 31))
    assert not Invoice.objects.exists()
    assert "Active" in said(client.get(answer["Location"]))


def test_a_fixed_term_is_prorated_when_asked() -> None:
    world = a_world(term__first_month="1", proration__join="none")
    plan, client = world.plan(amount_minor=12_000), signed_in(world, "finance")
    whole, _ = read(client, world, entered(plan, starting_on="2026-07-01"))
    assert "Bills $120.00 now" in whole
    text, button = read(client, world, entered(plan, starting_on="2026-07-01", prorated="on"))
    assert "Bills $60.00 now, due Jul 1, 2026." in text
    assert "renews by itself" not in text, "staff's runs renew here"
    client.post(at(world, "members/add/confirm/"), button)
    assert Invoice.objects.get().total_minor == 6_000


def test_what_is_wrong_is_said_at_its_field() -> None:
    world = a_world()
    plan, bare, client = world.plan(), world.plan("Bare", None), signed_in(world, "finance")
    world.party("Bo", external_id="A-1")
    for changed, field, sentence in (
        ({"plan": str(bare.id), "external_id": ""}, "plan", "Bare has no price."),
        ({"plan": str(uuid4())}, "plan", "Select a valid choice"),
        ({"name": " "}, "name", "A member needs a name."),
        ({"email": "ann"}, "email", "That is no e-mail address."),
        ({"starting_on": "1926-01-01"}, "starting_on", "Check the year."),
        ({}, "external_id", "Bo has that id already."),
    ):
        for path in ("members/add/", "members/add/confirm/"):
            answer = client.post(at(world, path), entered(plan) | changed)
            assert answer.status_code == 422, field
            errors = re.search(rf'id="id_{field}_error".*?</ul>', answer.content.decode(), re.DOTALL)
            assert errors, field
            assert sentence in unescape(errors[0])
    assert Party.objects.count() == 1


def test_what_has_changed_since_is_read_again() -> None:
    world = a_world()
    plan, client = world.plan(), signed_in(world, "finance")
    _, button = read(client, world, entered(plan))
    plan.fees.update(amount_minor=11_000)
    answer = client.post(at(world, "members/add/confirm/"), button)
    assert answer.status_code == 409
    assert "$110.00" in said(answer)
    assert not Party.objects.exists()


def test_somebody_known_gets_a_membership_once() -> None:
    world = a_world()
    plan, client = world.plan(), signed_in(world, "finance")
    party = world.party("Bo")
    record = at(world, f"members/{party}/")
    assert f"{record}join/" in client.get(record).content.decode()
    form = client.get(f"{record}join/").content.decode()
    assert 'name="name"' not in form
    _, button = read(client, world, entered(plan), f"members/{party}/join/")
    for _ in range(2):
        assert client.post(f"{record}join/confirm/", button)["Location"] == record
    assert Membership.objects.get().party_id == party
    assert Party.objects.count() == Invoice.objects.count() == 1
    assert f"{record}join/" not in client.get(record).content.decode()
    refused = client.post(f"{record}join/confirm/", button | {"key": str(uuid4())})
    assert refused.status_code == client.get(f"{record}join/").status_code == 409
    assert "Bo already has a membership." in said(refused)


def test_only_whoever_may_renew_adds_members() -> None:
    world, other = a_world(), a_world(name="Other")
    plan, party = world.plan(), world.party("Bo")
    paths = [f"members/{way}{step}" for way in ("add/", f"{party}/join/") for step in ("", "confirm/")]
    viewer, stranger, unsigned = signed_in(world, "viewer"), signed_in(other), signed_in(world, csrf=True)
    for path in paths:
        assert viewer.post(at(world, path), entered(plan)).status_code == 403
        assert stranger.post(at(world, path), entered(plan)).status_code == 404
        assert unsigned.post(at(world, path), entered(plan)).status_code == 403
    assert stranger.get(at(other, f"members/{party}/join/")).status_code == 404
    assert stranger.post(at(other), entered(plan)).status_code == 422, "another organization's plan"
    for path in ("members/", f"members/{party}/"):
        html = viewer.get(at(world, path)).content.decode()
        assert "/add/" not in html
        assert "/join/" not in html
    assert Party.objects.count() == 1
    assert not Membership.objects.exists()


def test_staff_are_asked_whether_a_former_member_renews_x19() -> None:
    world = a_world("recommended", term__first_month="1", term__basis="annual", proration__join="months")
    plan, client = world.plan(), signed_in(world, "finance")
    ann, bob = (world.member(name, plan, paid_through=date(2025, 12, 31)) for name in ("Ann", "Bob"))
    paths = {one.id: f"members/{one.party_id}/join/" for one in (ann, bob)}
    page = client.get(at(world, f"members/{ann.party_id}/")).content.decode()
    assert paths[ann.id] in page, "the last term is over: the way back is offered"
    start = {"plan": str(plan.id), "starting_on": "2026-01-01"}
    unsaid = client.post(at(world, paths[ann.id]), start | {"key": str(uuid4())})
    assert unsaid.status_code == 422
    assert "Say whether the membership is renewed or a new one begins." in said(unsaid)
    for member, chosen, sentence in (
        (ann, "renewal", "Renews the membership whose last term is over, without proration."),
        (bob, "new", "Ends the membership whose last term is over; a new one begins."),
    ):
        fields = start | {"key": str(uuid4()), "again_as": chosen}
        text, button = read(client, world, fields, paths[member.id])
        assert sentence in text
        assert "Jan 1 – Dec 31, 2026" in text
        for _ in range(2):  # a double click
            assert client.post(at(world, paths[member.id] + "confirm/"), button).status_code == 302
    states = Membership.objects.order_by("party__name", "id").values_list("party__name", "state")
    assert list(states) == [("Ann", "active"), ("Bob", "ended"), ("Bob", "pending")]
    assert Invoice.objects.count() == 2


def test_a_prepaid_plan_that_runs_is_extended_by_a_further_term_c24() -> None:
    world = a_world("community")
    plan, client = world.plan(kind="prepaid"), signed_in(world, "finance")
    ann = world.member("Ann", plan, paid_through=date(2026, 12, 31))
    path = f"members/{ann.party_id}/join/"
    assert "Add a further term" in said(client.get(at(world, f"members/{ann.party_id}/")))
    fields = {"plan": str(plan.id), "starting_on": "2026-01-01", "key": str(uuid4())}
    text, button = read(client, world, fields, path)
    assert "Adds a further term after the last one." in text
    assert "Jan 1 – Dec 31, 2027" in text
    for _ in range(2):  # a double click
        assert client.post(at(world, path + "confirm/"), button).status_code == 302
    assert Invoice.objects.get().total_minor == 10_000
    again = client.post(at(world, path), fields | {"key": str(uuid4())})
    assert (again.status_code, "Pay for the term that is billed already" in said(again)) == (422, True)
