"""Signing in holds against who knows a password, or nothing: waits, codes, passkeys, other organizations' admins."""

import base64
import json
from datetime import UTC, datetime

import pytest
from django.test import Client
from tests.actions.test_collection_races import together
from tests.faces import test_second_factor as base
from tests.faces.acting import hidden
from tests.faces.test_console_members import words
from tests.faces.test_second_factor import EMAIL, PASSWORD, at, enters, kim, later, now_shown, sets_up
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.set_policy import set_policy
from paidthru.faces.console.doorkeeper import OF_CODES, must_wait_for_code
from paidthru.organizations.models import CodeGenerator, RecoveryCode, SignIn, Tries, User
from paidthru.organizations.operations import count_try
from paidthru.organizations.queries import tries_of

pytestmark = pytest.mark.django_db(transaction=True)
world = base.world
_minutes = base._minutes


def test_tries_at_once_are_all_counted() -> None:
    assert set(together([lambda: count_try("a door", 60)] * 6)) == {1, 2, 3, 4, 5, 6}
    assert tries_of("a door") == 6
    Tries.objects.update(over_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert tries_of("a door") == 0
    assert count_try("another", 60) == 1
    assert Tries.objects.count() == 1, "what is over goes with the next try"
    assert count_try("a door", 60) == 1


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
                "/sign-in/", {"username": f"x{place}-{nth}@example.org", "password": "wrong"}
            )
    assert must_wait_for_code(user), "200 wrong passwords from 8 places make it forgotten"


def test_a_recovery_code_works_where_the_key_is_gone(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    codes = sets_up(client, world)
    sealed = CodeGenerator.objects.get(user=user)
    CodeGenerator.objects.filter(id=sealed.id).update(secret=bytes(sealed.secret)[:-4] + b"abcd")
    other = Client()
    enters(other)
    answer = other.post("/sign-in/second/", {"code": codes[0]})
    assert answer.status_code == 302, words(answer.content)
    third = Client()
    enters(third)
    for _ in range(OF_CODES + 1):
        said = words(third.post("/sign-in/second/", {"code": "123456"}).content)
        assert "lost the key" in said and "recovery code" in said, "it is no wrong code of theirs"
    assert third.post("/sign-in/second/", {"code": codes[1]}).status_code == 302


def test_made_up_answers_of_a_passkey_are_refused(world: World) -> None:
    client = Client(raise_request_exception=False)

    def b64(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    handle = b64(b"h" * 16)
    data = b64(
        json.dumps({"type": "webauthn.get", "challenge": "AAAA", "origin": "http://testserver"}).encode()
    )
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
        answer = {
            "id": handle,
            "rawId": handle,
            "type": "public-key",
            "response": {"clientDataJSON": data, "authenticatorData": b64(auth), "signature": "AAAA"},
        }
        client.get("/sign-in/passkey/")
        found[name] = client.post("/sign-in/passkey/", {"credential": json.dumps(answer)}).status_code
    for name, raw in {
        "num": "1",
        "nan": "NaN",
        "null": "null",
        "deep": "[" * 90000,
        "surrogate": '{"id":"\\ud800","rawId":"\\ud800"}',
        "list": '{"id":[],"rawId":{},"response":[]}',
        "int": '{"id":5,"rawId":5,"response":{"clientDataJSON":5,"authenticatorData":6,"signature":7}}',
    }.items():
        client.get("/sign-in/passkey/")
        found[name] = client.post("/sign-in/passkey/", {"credential": raw}).status_code
    assert set(found.values()) == {422}, found


def test_an_admin_elsewhere_does_not_sign_our_treasurer_out(world: World) -> None:
    treasurer = signed_in(world, "finance", "admin", email="tess@maple.example")
    other = a_world(name="Others")
    eve = signed_in(other, "admin", email="eve@others.example")
    page = eve.get(at(other, "").replace("your-sign-in/", "settings/people/add/"))

    eve.post(
        f"/o/{other.organization.slug}/settings/people/add/",
        hidden(page.content.decode()) | {"email": "tess@maple.example", "name": "x", "roles": ["viewer"]},
    )
    tess = User.objects.get(email="tess@maple.example")
    assert treasurer.get(f"/o/{world.organization.slug}/members/").status_code == 200
    eve.post(f"/o/{other.organization.slug}/settings/people/{tess.id}/sign-out/")
    assert treasurer.get(f"/o/{world.organization.slug}/members/").status_code == 200


def test_a_password_only_browser_is_not_strong_because_another_has_set_up(world: World) -> None:
    kim(world)
    thief, owner = Client(), Client()
    enters(thief)
    enters(owner)
    sets_up(owner, world)

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
    for path in (
        "",
        "members/",
        "your-sign-in/",
        "your-sign-in/app/",
        "members/?export=csv",
        "settings/people/",
        "rehearsals/",
        "audit/",
    ):
        assert half.get(f"/o/{world.organization.slug}/{path}").status_code == 302
    assert half.get("/").status_code == 302
    key = half.session.session_key
    later(minutes=1)
    half.post("/sign-in/second/", {"code": now_shown(User.objects.get())})
    assert half.session.session_key != key, "the session's name changes as it is theirs"


def test_a_weak_browser_changes_nothing_by_the_password(world: World) -> None:
    """A sign-in by the password alone that has outlived the setting up, however it came about."""
    user = kim(world)
    owner, weak = Client(), Client()
    enters(owner)
    codes = sets_up(owner, world)
    weak.force_login(user)
    before = set(RecoveryCode.objects.filter(user=user).values_list("digest", flat=True))
    for path in ("app/remove/", "recovery/"):
        assert weak.post(at(world, path), {"proof": PASSWORD}).status_code == 422
    weak.get(at(world, "passkeys/add/"))
    weak.post(at(world, "passkeys/add/"), {"proof": PASSWORD, "name": "Mine", "credential": "{}"})
    assert set(RecoveryCode.objects.filter(user=user).values_list("digest", flat=True)) == before
    assert CodeGenerator.objects.filter(user=user).exists()
    assert weak.post(at(world, "app/remove/"), {"proof": codes[0]}).status_code == 302
    assert not CodeGenerator.objects.filter(user=user).exists()


def test_the_first_second_factor_ends_the_other_sign_ins(world: World) -> None:
    user = kim(world)
    here, there = Client(), Client()
    enters(here)
    enters(there)
    sets_up(here, world)
    assert there.get(at(world)).status_code == 302
    assert here.get(at(world)).status_code == 200
    assert SignIn.objects.filter(user=user).count() == 1


def test_an_address_with_letters_that_databases_fold_otherwise_signs_in(world: World) -> None:
    user = kim(world)
    for typed in (f"  {EMAIL.upper()} ", EMAIL.replace("k", "\u212a", 1)):
        client = Client()
        answer = client.post("/sign-in/", {"username": typed, "password": PASSWORD})
        assert answer.status_code == 302, typed
        assert client.session["_auth_user_id"] == str(user.id)
