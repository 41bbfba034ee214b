"""Homes in the console: added, assessed, levied on and transferred, each after it was read."""

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from tests.faces.acting import at, filled, hidden, text
from tests.faces.test_console_addresses import streamed
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru.assessments.models import Assessment, Levy, LevyPart
from paidthru.assessments.queries import owed_by_unit
from paidthru.people.models import Holding, Unit
from paidthru.runs.homes import bill_homes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("ams_hoa", now=datetime(2026, 1, 10, 15, tzinfo=UTC))


def twice(client: Client, path: str, **fields: str) -> str:
    """Reads what an act would do and confirms it, and once more by a second click; the words of the confirm page."""
    form = hidden(client.get(path).content.decode())
    read = client.post(path, form | fields)
    assert read.status_code == 200, words(read.content)
    confirmed = hidden(read.content.decode()) | fields
    for _ in range(2):
        assert client.post(path, confirmed, follow=True).status_code == 200
    return words(read.content)


def test_lists_of_homes_and_levies_offer_what_there_is_to_do_and_are_taken_along(world: World) -> None:
    world.party("Ann")
    client, list_ = signed_in(world), at(world, "homes/")
    levies = f"{list_}levies/"

    def offered(path: str, who: Client = client) -> list[str]:
        main = who.get(path).content.decode().partition("<main")[2]
        found = re.findall(r'href="([^"]+)"', main)
        return [one.removeprefix(list_) for one in found if one.startswith(list_) and "sort=" not in one]

    assert sorted(offered(list_)) == ["import/", "new/"], "nothing to assess or to levy on yet"
    for name, owner in (("1A", "Ann"), ("1B", "")):
        filled(client, f"{list_}new/", 302, name=name, share="1", area="0", owner=owner)
    asked = {"name": "Roof", "amount": "100.00", "due_on": "2026-02-01", "instalments": "1", "every": "month"}
    assert offered(levies).count("levies/new/") == 1
    twice(client, f"{levies}new/", **asked, method="share")
    for path in (list_, f"{list_}?q=nobody"):
        assert {"import/", "new/", "assess/", "levies/new/"} <= set(offered(path))
    assert offered(levies).count("levies/new/") == 1
    viewer = signed_in(world, "viewer")
    assert {"import/", "new/", "assess/", "levies/new/"}.isdisjoint(
        {*offered(list_, viewer), *offered(levies, viewer)}
    )

    homes = b"".join(streamed(viewer.get(f"{list_}?export=csv"))).decode().splitlines()
    assert [line.split(",")[:3] for line in homes[1:]] == [["1A", "Ann", "1"], ["1B", "Nobody", "1"]]
    found = b"".join(streamed(viewer.get(f"{list_}?export=csv&show=unowned"))).decode().splitlines()
    assert [line.split(",")[0] for line in found[1:]] == ["1B"]
    raised = b"".join(streamed(viewer.get(f"{levies}?export=csv"))).decode().splitlines()
    assert raised[1].startswith("Roof,100.00,USD,") and len(raised) == 2


def test_homes_are_added_assessed_and_levied_on(world: World) -> None:
    ann, bob = world.party("Ann"), world.party("Bob")
    client, list_ = signed_in(world), at(world, "homes/")
    assert "No homes yet" in text(client, list_)
    new = f"{list_}new/"
    for name, owner, share in (("1A", "Ann", "2"), ("1B", "Bob", "1"), ("1C", "", "0")):
        filled(client, new, 302, name=name, share=share, area="0", owner=owner)
    assert "a unit called 1a already" in words(
        filled(client, new, 422, name="1a", share="1", area="0").encode()
    )
    assert "nobody called" in words(
        filled(client, new, 422, name="2A", share="1", area="0", owner="Zoe").encode()
    )
    shown = text(client, list_)
    assert "1A Ann 2" in shown and "1C Nobody" in shown

    unit = Unit.objects.get(name="1A")
    assess = f"{list_}{unit.id}/assess/"
    read = twice(client, assess, name="Dues", amount="100.00", every="month", starts_on="2026-01-01")
    assert "1A owes $100.00 every month" in read and "billed at once" in read
    assert Assessment.objects.count() == 1
    bill_homes(world.desk)
    assert owed_by_unit(unit.id) == {"USD": 100_00}

    levy = f"{list_}levies/new/"
    assert "more than nothing" in words(
        filled(client, levy, 422, name="Roof", amount="0", method="share", due_on="2026-02-01", instalments="1",
               every="month").encode()
    )  # fmt: skip
    asked = {"name": "Roof", "amount": "100.00", "due_on": "2026-02-01", "instalments": "2", "every": "month"}
    refused = filled(client, levy, 409, **asked, method="area")
    assert "Enter the units’ areas" in words(refused.encode()) or "Enter the units' areas" in words(
        refused.encode()
    )
    read = twice(client, levy, **asked, method="share")
    assert "$100.00 are levied on 2 units, by share" in read
    assert "1A: $100.00 × 2 of 3 (shares) = $66.66, with $0.01 of what is left over: $66.67" in read
    assert Levy.objects.count() == 1
    assert sum(LevyPart.objects.values_list("amount_minor", flat=True)) == 100_00
    assert owed_by_unit(unit.id) == {"USD": 133_33}
    proof = at(world, f"homes/levies/{Levy.objects.get().id}/")
    assert "All 2 units" in text(client, proof) and "of what is left over: $66.67" in text(client, proof)
    assert b"1B,1,1,2026-02-01" in b"".join(streamed(client.get(f"{proof}?export=csv")))

    transfer = f"{list_}{unit.id}/transfer/"
    read = twice(client, transfer, name="Bob", on="2026-01-11")
    assert "stay owed by whom they were billed to" in read
    assert "10 days are the former owner's, 32.26; 21 the new one's, 67.74." in read
    assert Holding.objects.filter(unit=unit).count() == 2
    assert [one.party_id for one in Holding.objects.filter(unit=unit, until_on=None)] == [bob]
    page = text(client, f"{list_}{unit.id}/")
    assert "1A went from Ann to Bob" in page and "Waived" not in page
    assert at(world, f"members/{ann}/") in client.get(f"{list_}{unit.id}/").content.decode()

    end = at(world, f"homes/assessments/{Assessment.objects.get().id}/end/")
    filled(client, end, 302, on="2026-01-31")
    assert Assessment.objects.get().next_on is None
    assert signed_in(a_world(name="Other")).get(transfer).status_code in (403, 404)
    assert signed_in(world, "viewer").get(transfer).status_code == 403


def test_a_budget_is_split_over_all(world: World) -> None:
    client, list_ = signed_in(world), at(world, "homes/")
    for name in ("A", "B", "C"):
        filled(client, f"{list_}new/", 302, name=name, share="1", area="0")
    budget = {"name": "Budget", "amount": "100.00", "every": "quarter", "starts_on": "2026-02-01"}
    read = twice(client, f"{list_}assess/", **budget, split="split_share")
    assert "3 units owe $100.00 in all" in read and "A: $33.34" in read
    assert sorted(Assessment.objects.values_list("amount_minor", flat=True)) == [33_33, 33_33, 33_34]
    assert Assessment.objects.values_list("next_on", flat=True).distinct().get() == date(2026, 2, 1)


def test_homes_are_hidden_where_members_are_billed() -> None:
    world = a_world("community", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    assert ">Homes<" not in signed_in(world).get(at(world, "")).content.decode()


def test_a_late_fee_is_decided_with_its_amount(world: World) -> None:
    """A-33: the amount is money, and has to be more than nothing."""
    client, page = signed_in(world, "admin"), at(world, "settings/late_fee/")
    assert "An amount, once" in text(client, page)
    asked = {"value": "once", "once_0": "0.00", "once_1": "10"}
    assert "more than nothing" in words(filled(client, page, 422, **asked).encode())
    read = filled(client, page, 200, **asked | {"once_0": "12.50"})
    assert "12.50" in words(read.encode())
