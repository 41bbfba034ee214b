"""Signing in against those who try: counts that strangers can't push away, a second factor that a password can't take
away, codes that let one in."""

import base64
import json
from functools import partial

import pytest
from django.test import Client
from tests.actions.test_collection_races import together
from tests.faces import test_second_factor as base
from tests.faces.acting import hidden
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
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.set_policy import set_policy
from paidthru.config.main import _behind
from paidthru.faces.console.doorkeeper import OF_CODES, must_wait_for_code
from paidthru.organizations.models import CodeGenerator, SignIn, User

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


def test_the_wait_outlasts_other_peoples_wrong_passwords(world: World) -> None:  # noqa: F811
    user, client = kim(world), Client()
    enters(client)
    sets_up(client, world)
    thief = Client()
    enters(thief)
    for _ in range(OF_CODES):
        thief.post("/sign-in/second/", {"code": "000000"})
    assert must_wait_for_code(user)
    for place in range(8):
        for nth in range(25):
            wrong = {"username": f"x{place}-{nth}@example.org", "password": "wrong"}
            Client(REMOTE_ADDR=f"10.0.0.{place}").post("/sign-in/", wrong)
    assert must_wait_for_code(user)


def test_a_recovery_code_works_where_the_apps_secret_cant_be_opened(world: World) -> None:  # noqa: F811
    user, client = kim(world), Client()
    enters(client)
    codes = sets_up(client, world)
    sealed = CodeGenerator.objects.get(user=user)
    CodeGenerator.objects.filter(id=sealed.id).update(secret=bytes(sealed.secret)[:-4] + b"abcd")
    other = Client()
    enters(other)
    assert other.post("/sign-in/second/", {"code": codes[0]}).status_code == 302


def test_a_browser_from_before_cant_take_the_second_factor_away(world: World) -> None:  # noqa: F811
    """Whoever knows the password was signed in already; the owner sets up an app."""
    user = kim(world)
    thief, owner = Client(), Client()
    enters(thief)
    enters(owner)
    sets_up(owner, world)
    assert SignIn.objects.filter(user=user).count() == 1, "the others came in without it, and went"
    assert thief.get(at(world, "app/remove/")).status_code == 302
    weak = Client()
    assert enters(weak) == "/sign-in/second/"
    strong = Client()
    enters(strong)
    later(minutes=1)
    strong.post("/sign-in/second/", {"code": now_shown(user)})
    session = strong.session
    session["strong"] = False
    session.save()
    strong.post(at(world, "app/remove/"), {"proof": PASSWORD})
    assert CodeGenerator.objects.filter(user=user).exists(), "the password alone shows too little"


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


def test_an_admin_elsewhere_signs_nobody_out_here(world: World) -> None:  # noqa: F811
    treasurer = signed_in(world, "finance", "admin", email="tess@maple.example")
    other = a_world(name="Others")
    eve = signed_in(other, "admin", email="eve@others.example")
    people = f"/o/{other.organization.slug}/settings/people/"
    added = {"email": "tess@maple.example", "name": "x", "roles": ["viewer"]}
    eve.post(f"{people}add/", hidden(eve.get(f"{people}add/").content.decode()) | added)
    tess = User.objects.get(email="tess@maple.example")
    assert eve.post(f"{people}{tess.id}/sign-out/").status_code == 403
    assert treasurer.get(f"/o/{world.organization.slug}/members/").status_code == 200


@pytest.mark.parametrize(
    "authenticator",
    [
        b"\0" * 32 + b"\x80" + b"\0" * 4 + b"\x19",
        b"\0",
        b"\0" * 32 + b"\x40" + b"\0" * 4 + b"\0" * 16 + b"\0\x02ab\x19",
        b"\0" * 32 + b"\x80" + b"\0" * 4 + b"\xfb\x00",
    ],
)
def test_made_up_answers_of_a_passkey_are_refused(authenticator: bytes) -> None:
    def b64(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    told = b64(
        json.dumps({"type": "webauthn.get", "challenge": "AAAA", "origin": "http://testserver"}).encode()
    )
    handle = b64(b"h" * 16)
    response = {"clientDataJSON": told, "authenticatorData": b64(authenticator), "signature": "AAAA"}
    answer = {"id": handle, "rawId": handle, "type": "public-key", "response": response}
    client = Client()
    client.get("/sign-in/passkey/")
    assert client.post("/sign-in/passkey/", {"credential": json.dumps(answer)}).status_code == 422


def test_of_two_presses_on_the_first_page_both_come_in() -> None:
    came = together([lambda: Client().post("/welcome/", filled()).status_code] * 2)
    assert came == [302, 302]


def test_only_a_proxy_that_is_named_says_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAIDTHRU_PROXY", raising=False)
    assert _behind() == {}
    monkeypatch.setenv("PAIDTHRU_PROXY", "127.0.0.1")
    told = _behind()
    assert told["trusted_proxy"] == "127.0.0.1" and told["clear_untrusted_proxy_headers"] is True
    assert told["trusted_proxy_headers"] == {"x-forwarded-for", "x-forwarded-proto"}
