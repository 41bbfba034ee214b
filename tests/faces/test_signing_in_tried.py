"""Signing in against those who try: counts that strangers can't push away, a second factor that a password can't take
away, codes that let one in."""

from functools import partial

import pytest
from django.test import Client
from tests.actions.test_collection_races import together
from tests.faces import test_second_factor as base
from tests.faces.test_second_factor import (  # noqa: F401
    EMAIL,
    PASSWORD,
    _minutes,
    at,
    enters,
    kim,
    later,
    now_shown,
    sets_up,
    world,
)
from tests.faces.test_welcome import filled
from tests.world import STAFF, World

from paidthru.actions.set_policy import set_policy

pytestmark = pytest.mark.django_db(transaction=True)


def _second_step(client: Client, code: str) -> int:
    return client.post("/sign-in/second/", {"code": code}).status_code


def test_one_code_at_one_instant_lets_one_in(world: World) -> None:  # noqa: F811
    user, client = kim(world), Client()
    enters(client)
    codes = sets_up(client, world)
    later(minutes=1)
    for code in (now_shown(user), codes[3]):
        two = [Client(), Client()]
        for one in two:
            enters(one)
        came = together([partial(_second_step, one, code) for one in two])
        assert came.count(302) == came.count(422) == 1


def test_a_browser_that_came_in_by_the_password_alone_is_asked_again(world: World) -> None:  # noqa: F811
    user, client = kim(world), Client()
    enters(client)
    sets_up(client, world)
    session = client.session
    session["strong"] = False
    session.save()
    set_policy(world.organization, {"staff.second_factor": "on"}, actor=STAFF, now=base.NOW)
    members = f"/o/{world.organization.slug}/members/"
    assert client.get(members)["Location"] == "/sign-in/second/"
    later(minutes=1)
    assert client.post("/sign-in/second/", {"code": now_shown(user)})["Location"] == members
    assert client.get(members).status_code == 200


def test_of_two_presses_on_the_first_page_both_come_in() -> None:
    came = together([lambda: Client().post("/welcome/", filled()).status_code] * 2)
    assert came == [302, 302]
