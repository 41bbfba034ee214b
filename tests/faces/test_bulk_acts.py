"""An act for many members: read first, bound to what was read, done once to each, undone the same way."""

from datetime import date
from html import unescape

import pytest
from django.test import Client
from tests.actions.test_collection_races import together
from tests.collecting import billed
from tests.faces.acting import at, posted_many, press_many, read_many
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru import invariants
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.faces.console import bulk_acts
from paidthru.faces.console.bulk_kinds import MOST
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership, Plan
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    made = a_world()
    plan = made.plan()
    for name in ("Ann", "Bob", "Cleo"):
        made.member(name, plan, paid_through=date(2026, 6, 30), card=True)
    return made


def ids(world: World, *names: str) -> list[str]:
    found = Membership.objects.filter(organization=world.organization, party__name__in=names)
    return [str(id_) for id_ in found.order_by("party__number").values_list("id", flat=True)]


def states(world: World) -> dict[str, str]:
    return dict(
        Membership.objects.filter(organization=world.organization).values_list("party__name", "state")
    )


def read(client: Client, world: World, **asked: str | list[str]) -> str:
    return read_many(client, world, "members/bulk/", **asked)


def press(client: Client, world: World, fields: dict[str, object]) -> tuple[int, str]:
    return press_many(client, world, "members/bulk/", fields)


def test_some_are_chosen_canceled_and_undone(world: World) -> None:
    client = signed_in(world, "finance")
    page = client.get(at(world, "members/")).content.decode()
    assert all(f'value="{id_}"' in page for id_ in ids(world, "Ann", "Bob", "Cleo"))
    page = read(client, world, act="cancel", pick=ids(world, "Ann", "Bob"))
    said = words(page.encode())
    assert "It goes on through" in said and "Cleo" not in said and states(world)["Ann"] == "active"
    status, told = press(client, world, posted_many(page))
    assert status == 200 and "2 members: canceled." in told
    assert states(world) == {"Ann": "ending", "Bob": "ending", "Cleo": "active"}
    canceled = Event.objects.filter(organization=world.organization, verb__startswith="cancel")
    assert set(canceled.values_list("actor", flat=True)) == {"Pat Treasurer"}

    page = read(client, world, act="undo", all="yes", ending="yes")
    assert press(client, world, posted_many(page))[0] == 200
    assert set(states(world).values()) == {"active"} and invariants.check(world.organization.id) == []


def test_who_is_left_out_and_why_is_said(world: World) -> None:
    client = signed_in(world, "finance")
    press(client, world, posted_many(read(client, world, act="cancel", pick=ids(world, "Ann"))))
    said = unescape(words(read(client, world, act="cancel", all="yes").encode()))
    assert "It is canceled already." in said and "2 members" in said
    said = words(read(client, world, act="undo", pick=ids(world, "Bob")).encode())
    assert "nothing to undo" in said and "Undo the cancellation: " not in said, "there is nothing to confirm"


def test_what_changed_since_it_was_read_is_not_done(world: World) -> None:
    client = signed_in(world, "finance")
    page = read(client, world, act="cancel", pick=ids(world, "Ann", "Bob"))
    press(client, world, posted_many(read(client, world, act="cancel", pick=ids(world, "Bob"))))
    status, told = press(client, world, posted_many(page))
    assert status == 409 and "something has changed since you read this" in told
    assert states(world) == {"Ann": "active", "Bob": "ending", "Cleo": "active"}


def test_pressed_twice_it_is_done_once(world: World) -> None:
    client = signed_in(world, "finance")
    fields = posted_many(read(client, world, act="cancel", all="yes"))
    together([lambda: press(client, world, fields)] * 2)
    assert set(states(world).values()) == {"ending"}
    events = Event.objects.filter(organization=world.organization, verb__startswith="cancel")
    assert events.values("subject_id").distinct().count() == events.count() == 3
    assert "done already" in press(client, world, fields)[1]


def test_autopay_of_many(world: World) -> None:
    client = signed_in(world, "finance")
    press(client, world, posted_many(read(client, world, act="autopay_on", all="yes", q="Ann")))
    on = Membership.objects.filter(organization=world.organization, autopay=True)
    assert list(on.values_list("party__name", flat=True)) == ["Ann"]


def test_who_may_and_whom_it_may_be_about(world: World) -> None:
    viewer = signed_in(world, "viewer", email="vic@maple.example")
    assert 'name="pick"' not in viewer.get(at(world, "members/")).content.decode()
    path, picks = at(world, "members/bulk/"), ids(world, "Ann")
    assert viewer.get(path, {"act": "cancel", "pick": picks}).status_code == 403
    assert viewer.post(path, {"act": "cancel", "pick": picks, "digest": "x"}).status_code == 403
    other = a_world(name="Others")
    stranger = signed_in(other, "finance", email="eve@others.example")
    assert stranger.get(path, {"act": "cancel", "pick": picks}).status_code == 404
    answer = stranger.get(at(other, "members/bulk/"), {"act": "cancel", "pick": picks}, follow=True)
    assert "Nobody is chosen" in words(answer.content)


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"act": "explode"}, 404), ({}, 404), ({"act": "cancel"}, 302), ({"act": "cancel", "pick": "x"}, 404)],
)
def test_odd_questions(world: World, asked: dict[str, str], status: int) -> None:
    client = signed_in(world, "finance")
    assert client.get(at(world, "members/bulk/"), asked).status_code == status


def test_not_too_many_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paidthru.faces.console.views.bulk.MOST", 2)
    client = signed_in(world, "finance")
    answer = client.get(at(world, "members/bulk/"), {"act": "cancel", "all": "yes"})
    assert answer.status_code == 409 and "narrow the list" in words(answer.content) and MOST > 2


def test_nobody_is_put_on_autopay_who_has_no_way_to_pay(world: World) -> None:
    world.member("Dora", Plan.objects.get(organization=world.organization), paid_through=date(2026, 6, 30))
    said = unescape(words(read(signed_in(world), world, act="autopay_on", all="yes").encode()))
    assert "There is no way to pay on file that could be charged." in said
    assert "Switch autopay on: 3 members" in said


def test_what_is_taken_back_is_said_of_each_and_of_all() -> None:
    found = billed("Ann", "Bob", cancel__unpaid="credited")
    world = found.world
    said = unescape(words(read(signed_in(world), world, act="cancel", all="yes").encode()))
    assert "Taken back or credited, of invoices that are open: $200.00." in said
    assert "Each of them is mailed that the membership is canceled" in said


def test_afterwards_the_list_is_as_it_was(world: World) -> None:
    client = signed_in(world, "finance")
    page = read(client, world, act="cancel", pick=ids(world, "Ann"), q="Ann")
    assert client.post(at(world, "members/bulk/"), posted_many(page))["Location"].endswith("/members/?q=Ann")


def test_what_was_cut_off_is_not_called_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(world, "finance")
    client.raise_request_exception = False
    fields = posted_many(read(client, world, act="autopay_on", all="yes"))
    calls: list[int] = []

    def cut_off(*args: object, **more: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("the process ends here")
        switch_autopay(*args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(bulk_acts, "switch_autopay", cut_off)
        assert press(client, world, fields)[0] == 500
    answer = client.post(at(world, "members/bulk/"), fields)
    said = unescape(words(answer.content))
    assert answer.status_code == 409 and "This was begun already" in said and "on: 2 members" in said
    assert press(client, world, posted_many(answer.content.decode()))[0] == 200
    assert Membership.objects.filter(organization=world.organization, autopay=True).count() == 3


def test_of_many_that_it_left_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    plan = world.plan()
    for n in range(13):
        world.member(f"M{n}", plan, paid_through=date(2026, 6, 30))
    client = signed_in(world, "finance")
    fields = posted_many(read(client, world, act="cancel", all="yes"))

    def refuses(*args: object, **more: object) -> None:
        raise Refused("busy", "It was changed meanwhile.")

    monkeypatch.setattr(bulk_acts, "cancel", refuses)
    status, said = press(client, world, fields)
    assert status == 200 and "And 3 more were left as they are." in said
