"""Households and companies in the portal: who is covered, brought along and let go by whoever holds the membership;
what covers somebody who has none of their own; and their visits (C-42, C-28)."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from tests.together import together
from tests.world import STAFF, World, a_world

from paidthru.actions.add_visit_price import add_visit_price
from paidthru.actions.make_link import make_link
from paidthru.actions.record_visit import record_visit
from paidthru.actions.set_included_visits import set_included_visits
from paidthru.actions.set_policy import set_policy
from paidthru.actions.set_seats import set_seats
from paidthru.actions.take_in import take_in
from paidthru.membership.models import Plan
from paidthru.people.models import Belonging, Party
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("recommended", name="Maple Club")


@pytest.fixture
def plan(world: World) -> Plan:
    return world.plan("Family")


@pytest.fixture
def family(world: World, plan: Plan) -> UUID:
    return _group(world, "The Fays", plan)


def _group(world: World, name: str, plan: Plan) -> UUID:
    """A household with a membership."""
    membership = world.member(name, plan, paid_through=date(2026, 12, 31))
    Party.objects.filter(id=membership.party_id).update(kind="household")
    return membership.party_id


def _home(world: World, party_id: UUID) -> str:
    now = world.desk.clock.now()
    _, token = make_link(world.organization, party_id, purpose="member", actor=STAFF, now=now)
    return f"/m/{token}/"


def _key(page: str) -> str:
    found = re.search(r'name="key"\s+value="([^"]+)"', page)
    assert found, page
    return found[1]


def _come_along(world: World, family: UUID, name: str) -> UUID:
    party = world.party(name)
    now = world.desk.clock.now()
    take_in(world.organization, party, family, from_on=world.desk.today, actor=STAFF, now=now)
    return party


def test_the_holder_brings_somebody_along_once_and_lets_them_go(
    client: Client, world: World, plan: Plan, family: UUID
) -> None:
    set_seats(world.organization, plan.id, 2, actor=STAFF, now=world.desk.clock.now())
    home = _home(world, family)
    assert "household/" in client.get(f"{home}membership/").content.decode()
    page = client.get(f"{home}household/").content.decode()
    assert "0 of 2 seats used" in page
    add = f"{home}household/add/"
    kim = {"name": "Kim Fay", "email": "kim@example.org", "role": "child"}
    key = _key(client.get(add).content.decode())
    for _ in range(2):
        said = client.post(add, {**kim, "key": key}, follow=True).content.decode()
        assert "Kim Fay belongs to it now." in said
        assert "Kim Fay, child: covered" in said
        assert "1 of 2 seats used" in said
    stay = Belonging.objects.get()
    assert Party.objects.get(id=stay.party_id).email == "kim@example.org"
    assert Event.objects.get(verb="took_in").actor_kind == "member"
    person = f"{home}household/{stay.id}/"
    assert "does not cover them" in client.get(person).content.decode()
    assert Belonging.objects.get().until_on is None, "reading changes nothing"
    for _ in range(2):
        assert "does not belong to it any more" in client.post(person, follow=True).content.decode()
    assert Belonging.objects.get().until_on == world.desk.today
    assert "Let Kim Fay go" not in client.get(person).content.decode()


def test_where_every_seat_is_taken_nobody_is_added(
    client: Client, world: World, plan: Plan, family: UUID
) -> None:
    home = _home(world, family)
    add = f"{home}household/add/"
    key = _key(client.get(add).content.decode())
    _come_along(world, family, "Kim")
    set_seats(world.organization, plan.id, 1, actor=STAFF, now=world.desk.clock.now())
    assert "Add somebody" not in client.get(f"{home}household/").content.decode()
    client.post(add, {"name": "Lou", "key": key})
    assert Belonging.objects.count() == 1


def test_the_last_seat_is_taken_once_and_a_double_click_adds_one(
    world: World, plan: Plan, family: UUID
) -> None:
    set_seats(world.organization, plan.id, 2, actor=STAFF, now=world.desk.clock.now())
    add = f"{_home(world, family)}household/add/"
    key = _key(Client().get(add).content.decode())

    def asks(name: str, key: str) -> Callable[[], object]:
        return lambda: Client().post(add, {"name": name, "key": key, "role": "child"}).status_code

    together([asks("Kim", key)] * 3)  # one screen, three clicks
    assert Belonging.objects.count() == 1 and Party.objects.filter(name="Kim").count() == 1
    keys = [_key(Client().get(add).content.decode()) for _ in range(3)]
    together([asks(name, one) for name, one in zip(("Lou", "Max", "Nia"), keys, strict=True)])
    assert Belonging.objects.count() == 2, "two seats"
    assert Party.objects.filter(name__in=("Lou", "Max", "Nia")).count() == 1, "nobody is left half-added"


@pytest.mark.parametrize(
    ("given", "said"),
    [({"name": " "}, "Say who."), ({"name": "A\u0007b"}, "line"), ({"email": "nobody"}, "no e-mail address")],
)
def test_odd_entries_are_refused_at_their_field(
    client: Client, world: World, family: UUID, given: dict[str, str], said: str
) -> None:
    answer = client.post(f"{_home(world, family)}household/add/", {"name": "Kim", "key": "k", **given})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Belonging.objects.exists()


def test_where_staff_change_it_alone_the_holder_only_reads(
    client: Client, world: World, family: UUID
) -> None:
    now = world.desk.clock.now()
    set_policy(world.organization, {"household.by_holder": "off"}, actor=STAFF, now=now)
    _come_along(world, family, "Kim")
    home = _home(world, family)
    page = client.get(f"{home}household/").content.decode()
    assert "Kim: covered" in page
    assert "ask Maple Club" in page
    assert "Add somebody" not in page
    client.post(f"{home}household/add/", {"name": "Lou", "key": "k"})
    stay = Belonging.objects.get()
    assert (
        "is changed by the organization"
        in client.post(f"{home}household/{stay.id}/", follow=True).content.decode()
    )
    assert Belonging.objects.get().until_on is None


def test_who_is_covered_sees_by_what_and_manages_nobody(client: Client, world: World, family: UUID) -> None:
    kim = _come_along(world, family, "Kim")
    home = _home(world, kim)
    page = client.get(home, follow=True).content.decode()
    for said in ("My household or company", "The Fays", "You are covered by Family", "Dec 31, 2026"):
        assert said in page, said
    client.post(f"{home}household/add/", {"name": "Lou", "key": "k"})
    stay = Belonging.objects.get()
    assert client.post(f"{home}household/{stay.id}/").status_code == 404
    assert Belonging.objects.get().until_on is None
    other = _group(world, "The Kays", world.plan("Other"))
    assert client.get(f"{_home(world, other)}household/{stay.id}/").status_code == 404


def test_visits_of_whoever_is_covered_count_for_the_household(
    client: Client, world: World, plan: Plan, family: UUID
) -> None:
    """A person whom the household's membership covers is no stranger at the door, and shares its visits."""
    organization, now = world.organization, world.desk.clock.now()
    add_visit_price(organization, "Pool", non_member_minor=1_500, overage_minor=500, actor=STAFF, now=now)
    set_included_visits(organization, plan.id, 1, actor=STAFF, now=now)
    kim, lou = (_come_along(world, family, name) for name in ("Kim", "Lou"))
    first = record_visit(organization, kim, actor=STAFF, now=now, key="1")
    second = record_visit(organization, lou, actor=STAFF, now=now, key="2")
    assert (first.verdict, second.verdict, second.amount_minor) == ("included", "overage", 500)
    home = _home(world, kim)
    page = client.get(f"{home}visits/").content.decode()
    for said in ("My visits", "1 of 1 used", "Included", "Pool. Visit 1 of 1 that the plan includes."):
        assert said in page, said
    assert "$5.00" in client.get(f"{_home(world, lou)}visits/").content.decode()
    assert "There are no visits yet" in client.get(f"{_home(world, family)}visits/").content.decode()
