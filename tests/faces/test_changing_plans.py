"""A plan is changed in the console: its price from a day on, its name, whether it is offered; read first, done once."""

from datetime import date

import pytest
from tests.faces.acting import at, filled, hidden, text
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru.membership.models import Fee, Plan, PriceChange
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    made = a_world()
    made.member("Ann", made.plan(), paid_through=date(2026, 6, 30))
    return made


def price() -> int:
    return Fee.objects.get(is_primary=True).amount_minor


def test_a_price_is_changed_once_after_it_was_read(world: World) -> None:
    client, plan = signed_in(world, "admin"), Plan.objects.get()
    path = at(world, f"plans/{plan.id}/price/")
    before = price()
    page = filled(client, path, 200, amount="125.00", on="")
    assert "to $125.00" in page and "1 member is on it now." in page and price() == before
    fields = hidden(page)
    assert client.post(path, fields).status_code == client.post(path, fields).status_code == 302
    assert price() == 125_00
    assert Event.objects.filter(verb="price_changed").count() == 1
    assert "$125.00" in text(client, at(world, f"plans/{plan.id}/"))


def test_a_price_to_come_is_planned_listed_and_taken_back(world: World) -> None:
    client, plan = signed_in(world, "admin"), Plan.objects.get()
    path, before = at(world, f"plans/{plan.id}/price/"), price()
    page = filled(client, path, 200, amount="150", on="2027-01-01")
    assert "For terms that start on Jan 1, 2027 or later" in page
    client.post(path, hidden(page))
    assert price() == before
    change = PriceChange.objects.get()
    assert (change.amount_minor, change.from_on) == (150_00, date(2027, 1, 1))
    assert "Prices to come" in text(client, at(world, f"plans/{plan.id}/"))
    drop = at(world, f"plans/{plan.id}/price/{change.id}/drop/")
    assert "Terms from Jan 1, 2027 on would cost $150.00" in text(client, drop)
    assert client.post(drop).status_code == client.post(drop).status_code == 302
    assert not PriceChange.objects.exists()
    assert Event.objects.filter(verb="price_change_dropped").count() == 1


def test_a_plan_that_came_without_a_price_is_given_one(world: World) -> None:
    Fee.objects.all().delete()
    client, plan = signed_in(world, "admin"), Plan.objects.get()
    path = at(world, f"plans/{plan.id}/price/")
    assert "Its price is none." in text(client, path)
    client.post(path, hidden(filled(client, path, 200, amount="80", on="2027-01-01")))
    assert price() == 80_00, "there is nothing to wait for"


@pytest.mark.parametrize(
    ("amount", "on", "said"),
    [
        ("", "", "Enter the amount."),
        ("0", "", "more than nothing"),
        ("abc", "", "abc"),
        ("10", "2020-01-01", "in the past"),
    ],
)
def test_what_is_no_price_is_said(world: World, amount: str, on: str, said: str) -> None:
    client, plan, before = signed_in(world, "admin"), Plan.objects.get(), price()
    path = at(world, f"plans/{plan.id}/price/")
    form = hidden(client.get(path).content.decode()) | {"amount": amount, "on": on}
    answer = client.post(path, form)
    if answer.status_code == 200:  # read, and confirmed
        answer = client.post(path, hidden(answer.content.decode()))
    assert answer.status_code in (409, 422) and said in answer.content.decode()
    assert price() == before


def test_a_plan_is_renamed_closed_and_opened(world: World) -> None:
    client, plan = signed_in(world, "admin"), Plan.objects.get()
    path = at(world, f"plans/{plan.id}/change/")
    form = hidden(client.get(path).content.decode()) | {"name": "Regular 2027", "closed": "on"}
    assert client.post(path, form).status_code == client.post(path, form).status_code == 302
    plan.refresh_from_db()
    assert (plan.name, plan.closed) == ("Regular 2027", True)
    assert set(Event.objects.filter(subject_id=plan.id).values_list("verb", flat=True)) >= {
        "plan_renamed",
        "plan_closed",
    }
    world.plan("Other")
    taken = hidden(client.get(path).content.decode()) | {"name": "Other"}
    answer = client.post(path, taken)
    assert answer.status_code == 422 and "There is already a plan called" in answer.content.decode()


def test_who_decides_no_policy_changes_no_plan(world: World) -> None:
    client, plan = signed_in(world, "finance"), Plan.objects.get()
    for act in ("price/", "change/"):
        assert client.get(at(world, f"plans/{plan.id}/{act}")).status_code == 403
    stranger = signed_in(a_world(name="Others"), "admin", email="eve@others.example")
    assert stranger.get(at(world, f"plans/{plan.id}/price/")).status_code == 404
