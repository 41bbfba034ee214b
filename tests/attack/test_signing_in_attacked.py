"""Signing in under attack."""

import base64
import json
import re
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from tests.actions.test_collection_races import together
from tests.faces.test_console_members import words
from tests.faces.test_second_factor import (  # noqa: F401
    EMAIL, PASSWORD, _minutes, at, enters, kim, later, now_shown, sets_up, world,
)
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru.faces.console.doorkeeper import OF_CODES, must_wait_for_code
from paidthru.organizations.models import CodeGenerator, RecoveryCode, SignIn, User
from paidthru.organizations.rules.second_factor import code_at, step_of
from tests.faces import test_second_factor as base

pytestmark = pytest.mark.django_db(transaction=True)
CODES = re.compile(r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b")


def test_one_code_at_one_instant_lets_one_in(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    codes = sets_up(client, world)
    later(minutes=1)
    for code in (now_shown(user), codes[3]):
        two = [Client(), Client()]
        for one in two:
            enters(one)
        came = together([lambda one=one: one.post("/sign-in/second/", {"code": code}).status_code for one in two])
        assert sorted(came) == [302, 422]


def test_the_wait_outlasts_other_peoples_wrong_passwords(world: World) -> None:
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
            Client(REMOTE_ADDR=f"10.0.0.{place}").post(
                "/sign-in/", {"username": f"x{place}-{nth}@example.org", "password": "wrong"})
    assert must_wait_for_code(user), "200 wrong passwords from 8 places make it forgotten"


def test_a_recovery_code_works_where_the_key_is_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    user, client = kim(world), Client()
    enters(client)
    codes = sets_up(client, world)
    sealed = CodeGenerator.objects.get(user=user)
    CodeGenerator.objects.filter(id=sealed.id).update(secret=bytes(sealed.secret)[:-4] + b"abcd")
    other = Client()
    enters(other)
    answer = other.post("/sign-in/second/", {"code": codes[0]})
    assert answer.status_code == 302, words(answer.content)


def test_a_double_click_shows_the_recovery_codes(world: World) -> None:
    kim(world)
    client = Client()
    enters(client)
    page = words(client.get(at(world, "app/")).content)
    secret = re.search(r"Secret ((?:[a-z2-7]{4}-){7}[a-z2-7]{4})", page)
    assert secret
    code = code_at(base64.b32decode(secret[1].replace("-", "").upper()), step_of(base.CLOCK.now()))
    first = client.post(at(world, "app/"), {"code": code, "proof": PASSWORD})
    again = client.post(at(world, "app/"), {"code": code, "proof": PASSWORD}, follow=True)
    assert CODES.search(words(first.content))
    said = words(again.content)
    assert CODES.search(said) or "done already" in said or "recovery codes" in said.lower(), said


def test_made_up_answers_of_a_passkey_are_refused(world: World) -> None:
    client = Client(raise_request_exception=False)
    def b64(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")
    handle = b64(b"h" * 16)
    data = b64(json.dumps({"type": "webauthn.get", "challenge": "AAAA", "origin": "http://testserver"}).encode())
    found = {}
    for name, auth in {
        "extension cut off": b"\0" * 32 + b"\x80" + b"\0" * 4 + b"\x19",
        "short": b"\0",
        "attested cut": b"\0" * 32 + b"\x40" + b"\0" * 4 + b"\0" * 16 + b"\0\x02ab\x19",
        "bad cbor": b"\0" * 32 + b"\x80" + b"\0" * 4 + b"\xff",
        "deep": b"\0" * 32 + b"\x80" + b"\0" * 4 + b"\x81" * 50000,
        "key of key": b"\0" * 32 + b"\x80" + b"\0" * 4 + b"\xa1\x80\x00",
        "nokey": b"\0" * 32 + b"\x40" + b"\0" * 4 + b"\0" * 16 + b"\0\x02ab\xa1\x01\x02",
        "float": b"\0" * 32 + b"\x80" + b"\0" * 4 + b"\xfb\x00",
    }.items():
        answer = {"id": handle, "rawId": handle, "type": "public-key",
                  "response": {"clientDataJSON": data, "authenticatorData": b64(auth), "signature": "AAAA"}}
        client.get("/sign-in/passkey/")
        found[name] = client.post("/sign-in/passkey/", {"credential": json.dumps(answer)}).status_code
    for name, raw in {"num": "1", "nan": "NaN", "null": "null", "deep": "[" * 90000, "surrogate": '{"id":"\\ud800","rawId":"\\ud800"}',
                      "list": '{"id":[],"rawId":{},"response":[]}',
                      "int": '{"id":5,"rawId":5,"response":{"clientDataJSON":5,"authenticatorData":6,"signature":7}}'}.items():
        client.get("/sign-in/passkey/")
        found[name] = client.post("/sign-in/passkey/", {"credential": raw}).status_code
    assert set(found.values()) == {422}, found


def test_an_admin_elsewhere_does_not_sign_our_treasurer_out(world: World) -> None:
    treasurer = signed_in(world, "finance", "admin", email="tess@maple.example")
    other = a_world(name="Others")
    eve = signed_in(other, "admin", email="eve@others.example")
    page = eve.get(at(other, "").replace("your-sign-in/", "settings/people/add/"))
    from tests.faces.acting import hidden
    eve.post(f"/o/{other.organization.slug}/settings/people/add/",
             hidden(page.content.decode()) | {"email": "tess@maple.example", "name": "x", "roles": ["viewer"]})
    tess = User.objects.get(email="tess@maple.example")
    assert treasurer.get(f"/o/{world.organization.slug}/members/").status_code == 200
    eve.post(f"/o/{other.organization.slug}/settings/people/{tess.id}/sign-out/")
    assert treasurer.get(f"/o/{world.organization.slug}/members/").status_code == 200


def test_a_stranger_behind_the_same_proxy_keeps_nobody_out(world: World) -> None:
    kim(world)
    for _ in range(6):
        Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9").post(
            "/sign-in/", {"username": EMAIL, "password": "wrong"})
    good = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.7").post(
        "/sign-in/", {"username": EMAIL, "password": PASSWORD})
    assert good.status_code == 302, good.status_code


def test_a_password_only_browser_is_not_strong_because_another_has_set_up(world: World) -> None:
    kim(world)
    thief, owner = Client(), Client()
    enters(thief)
    enters(owner)
    sets_up(owner, world)
    from paidthru.actions.set_policy import set_policy
    from tests.world import STAFF
    set_policy(world.organization, {"staff.second_factor": "on"}, actor=STAFF, now=base.NOW)
    assert thief.get(f"/o/{world.organization.slug}/members/").status_code == 302


def test_a_browser_from_before_cannot_take_the_second_factor_away(world: World) -> None:
    """Who knows the password was signed in before; the owner sets an app up; the thief removes it with the password."""
    user = kim(world)
    thief, owner = Client(), Client()
    enters(thief)
    enters(owner)
    sets_up(owner, world)
    thief.post(at(world, "app/remove/"), {"proof": PASSWORD})
    assert CodeGenerator.objects.filter(user=user).exists()


def test_the_second_step_is_not_skipped(world: World) -> None:
    kim(world, "admin", "finance")
    client = Client()
    enters(client)
    sets_up(client, world)
    half = Client()
    assert enters(half) == "/sign-in/second/"
    for path in ("", "members/", "your-sign-in/", "your-sign-in/app/", "members/?export=csv", "settings/people/", "rehearsals/", "audit/"):
        assert half.get(f"/o/{world.organization.slug}/{path}").status_code == 302
    assert half.get("/").status_code == 302
    key = half.session.session_key
    later(minutes=1)
    half.post("/sign-in/second/", {"code": now_shown(User.objects.get())})
    assert half.session.session_key != key, "the session's name changes as it is theirs"


def test_goals_lead_nowhere_else(world: World) -> None:
    kim(world)
    for goal in ("//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "http:evil.example", "///evil.example"):
        assert enters(Client(), goal) == "/"


def test_an_older_recovery_page_is_not_told(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    two = [Client(), Client()]
    codes = sets_up(client, world)
    for one in two:
        one.cookies = client.cookies
    came = together([lambda one=one: CODES.findall(words(one.post(at(world, "recovery/"), {"proof": PASSWORD}).content)) for one in two])
    good = set(RecoveryCode.objects.filter(user=user, used_at=None).values_list("digest", flat=True))
    from paidthru.organizations.rules.second_factor import recovery_digest
    shown = [{recovery_digest(code) for code in one} for one in came]
    assert len(good) == 10, len(good)
    assert good in shown
