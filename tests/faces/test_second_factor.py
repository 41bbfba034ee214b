"""Signing in with more than a password, and one's own sign-ins (field-notes E.1: ASVS 6.3, 6.5, 7.4, 7.5)."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from tests.faces.test_cli import refused, run
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.set_policy import set_policy
from paidthru.faces.console import entering, proving
from paidthru.faces.console.doorkeeper import OF_CODES
from paidthru.faces.console.views import second_factor, your_sign_in
from paidthru.kernel.clock import FixedClock
from paidthru.organizations.models import CodeGenerator, RecoveryCode, SignIn, Tries, User
from paidthru.organizations.operations import grant_role
from paidthru.organizations.rules.second_factor import code_at, step_of
from paidthru.timeline.models import Event
from paidthru.wiring import vault

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery staple"
EMAIL = "kim@example.org"
NOW = datetime(2026, 3, 1, 15, tzinfo=UTC)
CLOCK = FixedClock(NOW)


@pytest.fixture(autouse=True)
def _minutes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The codes' time stands, and is moved by the test: a half minute may end in the midst of it otherwise."""
    global CLOCK
    CLOCK = FixedClock(NOW)
    for module in (entering, proving, second_factor, your_sign_in):
        monkeypatch.setattr(module, "SystemClock", lambda: CLOCK)
    yield
    cache.clear()


def later(**how: int) -> None:
    CLOCK.set(CLOCK.now() + timedelta(**how))


@pytest.fixture
def world() -> World:
    return a_world(now=NOW)


def kim(world: World, *roles: str, password: str = PASSWORD) -> User:
    user = User(email=EMAIL, name="Kim Lee")
    user.set_password(password)
    user.save()
    for role in roles or ("viewer",):
        grant_role(world.organization, user, role)
    return user


def at(world: World, path: str = "") -> str:
    return f"/o/{world.organization.slug}/your-sign-in/{path}"


def enters(client: Client, goal: str = "/") -> str:
    answer = client.post("/sign-in/", {"username": EMAIL, "password": PASSWORD, "next": goal})
    assert answer.status_code == 302
    return str(answer["Location"])


def now_shown(user: User) -> str:
    """What the app shows now."""
    sealed = bytes(CodeGenerator.objects.get(user=user).secret)
    return code_at(base64.b32decode(vault().open(user.id, sealed)), step_of(CLOCK.now()))


def sets_up(client: Client, world: World) -> list[str]:
    """The app set up, as a person does it; the recovery codes that were shown."""
    page = words(client.get(at(world, "app/")).content)
    secret = re.search(r"Secret ((?:[a-z2-7]{4}-){7}[a-z2-7]{4})", page)
    assert secret
    code = code_at(base64.b32decode(secret[1].replace("-", "").upper()), step_of(CLOCK.now()))
    shown = client.post(at(world, "app/"), {"code": code, "proof": PASSWORD})
    assert shown.status_code == 200
    return re.findall(r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b", words(shown.content))


def verbs() -> list[str]:
    return list(Event.objects.order_by("id").values_list("verb", flat=True))


def test_an_app_is_set_up_and_asked_for_from_then_on(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    page = client.get(at(world, "app/")).content.decode()
    assert 'src="data:image/svg+xml' in page and "<script>" not in page
    assert "Type the one it shows" in words(
        client.post(at(world, "app/"), {"code": "000000", "proof": PASSWORD}).content
    )
    assert not CodeGenerator.objects.exists()
    codes = sets_up(client, world)
    assert len(set(codes)) == 10
    stored = bytes(CodeGenerator.objects.get(user=user).secret)
    assert b"secret" not in stored and len(stored) > 32
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    assert not any(code in words(client.get(at(world)).content) for code in codes), "they are shown once"

    later(minutes=1)
    other = Client()
    assert enters(other, at(world)) == "/sign-in/second/"
    lost = words(other.get("/sign-in/second/").content)
    assert f"paidthru staff reset-second-factor {EMAIL}" in lost
    assert other.get(at(world)).status_code == 302, "the password alone opens nothing"
    assert "wrong, or was used" in words(other.post("/sign-in/second/", {"code": "123"}).content)
    code = now_shown(user)
    answer = other.post("/sign-in/second/", {"code": code})
    assert (answer.status_code, answer["Location"]) == (302, at(world))
    assert other.get(at(world)).status_code == 200

    third = Client()
    enters(third)
    assert third.post("/sign-in/second/", {"code": code}).status_code == 422, "a code is good once"
    later(seconds=30)
    assert third.post("/sign-in/second/", {"code": now_shown(user)}).status_code == 302
    told = str(list(Event.objects.values_list("facts", flat=True)))
    assert code not in told and not any(one in told for one in codes)


def test_a_recovery_code_signs_in_once(world: World) -> None:
    kim(world)
    client = Client()
    enters(client)
    codes = sets_up(client, world)
    for status in (302, 422):
        visitor = Client()
        enters(visitor)
        assert visitor.post("/sign-in/second/", {"code": codes[0].upper()}).status_code == status
    renewed = words(client.post(at(world, "recovery/"), {"proof": PASSWORD}).content)
    fresh = re.findall(r"\b(?:[a-z2-7]{4}-){3}[a-z2-7]{4}\b", renewed)
    assert len(fresh) == 10 and not set(fresh) & set(codes)
    visitor = Client()
    enters(visitor)
    assert visitor.post("/sign-in/second/", {"code": codes[1]}).status_code == 422
    assert visitor.post("/sign-in/second/", {"code": fresh[1]}).status_code == 302
    assert {"recovery_code_used", "recovery_codes_renewed"} <= set(verbs())


def test_how_somebody_signed_in_is_kept_and_told(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    codes = sets_up(client, world)
    later(minutes=1)
    for code in (now_shown(user), codes[0]):
        visitor = Client()
        enters(visitor)
        assert not SignIn.objects.filter(how__contains="+", started_at=CLOCK.now()).exists()
        assert visitor.post("/sign-in/second/", {"code": code}).status_code == 302
        later(minutes=1)
    assert list(SignIn.objects.order_by("started_at").values_list("how", flat=True)) == [
        "password",
        "password+code",
        "password+recovery",
    ]
    page = words(client.get(at(world)).content)
    assert all(way in page for way in ("Password + app code", "Password + recovery code"))
    one = SignIn.objects.get(how="password+recovery")
    assert "Signed in by Password + recovery code" in words(
        client.get(at(world, f"browsers/{one.id}/")).content
    )
    told = Event.objects.filter(verb="signed_in").order_by("id").values_list("facts__how", flat=True)
    assert list(told) == ["password", "password + app code", "password + recovery code"]
    log = words(signed_in(world, "auditor").get(f"/o/{world.organization.slug}/audit/").content)
    assert "Signed in by password + app code." in log


def test_five_wrong_codes_and_they_wait(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    sets_up(client, world)
    later(minutes=1)
    for _ in range(OF_CODES):
        visitor = Client(REMOTE_ADDR=f"10.0.0.{_}")
        enters(visitor)
        assert visitor.post("/sign-in/second/", {"code": "999999"}).status_code == 422
    visitor = Client()
    enters(visitor)
    waits = visitor.post("/sign-in/second/", {"code": now_shown(user)})
    assert waits.status_code == 429 and "Wait 15 minutes" in words(waits.content)
    Tries.objects.update(over_at=datetime(2026, 1, 1, tzinfo=UTC))  # the minutes are over
    assert visitor.post("/sign-in/second/", {"code": now_shown(user)}).status_code == 302


def test_the_first_half_lasts_minutes_and_ends_with_the_password(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    sets_up(client, world)
    late, changed = Client(), Client()
    assert Client().get("/sign-in/second/")["Location"] == "/sign-in/"
    enters(late)
    later(minutes=11)
    assert late.post("/sign-in/second/", {"code": now_shown(user)})["Location"] == "/sign-in/"
    enters(changed)
    user.set_password("another one that is long")
    user.save()
    assert changed.post("/sign-in/second/", {"code": now_shown(user)})["Location"] == "/sign-in/"
    assert changed.get(at(world))["Location"].startswith("/sign-in/")


def test_changing_how_one_signs_in_needs_the_password_or_a_code(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    codes = sets_up(client, world)
    for path in ("app/remove/", "recovery/"):
        assert client.post(at(world, path), {"proof": "wrong"}).status_code == 422
        assert client.post(at(world, path), {"proof": ""}).status_code == 422
    assert CodeGenerator.objects.filter(user=user).exists()
    assert client.post(at(world, "app/remove/"), {"proof": codes[3]}).status_code == 302
    assert not CodeGenerator.objects.exists() and not RecoveryCode.objects.exists()
    assert enters(Client()) == "/"
    assert "code_generator_dropped" in verbs()
    client.get(at(world, "app/"))
    for _ in range(OF_CODES):
        client.post(at(world, "app/"), {"code": "1", "proof": "wrong"})
    assert "Wait 15 minutes" in words(
        client.post(at(world, "app/"), {"code": "1", "proof": PASSWORD}).content
    )


def test_where_staff_must_have_one_they_are_led_to_it(world: World) -> None:
    kim(world, "admin")
    set_policy(world.organization, {"staff.second_factor": "on"}, actor=STAFF, now=NOW)
    client = Client()
    enters(client)
    home = f"/o/{world.organization.slug}/"
    for path in ("", "members/", "settings/", "settings/people/"):
        assert client.get(home + path)["Location"] == at(world)
    assert client.post(f"{home}settings/people/add/", {})["Location"] == at(world)
    assert "needs a second factor" in words(client.get(at(world)).content)
    sets_up(client, world)
    assert client.get(f"{home}members/").status_code == 200
    later(minutes=1)
    assert client.post(at(world, "app/remove/"), {"proof": PASSWORD}).status_code == 302
    assert client.get(f"{home}members/")["Location"] == at(world)


def test_an_admin_removes_a_lost_one_but_not_of_who_works_elsewhere_too(world: World) -> None:
    user, client = kim(world, "admin"), Client()
    enters(client)
    sets_up(client, world)
    people = f"/o/{world.organization.slug}/settings/people/{user.id}/"
    own = client.post(f"{people}second-factor/")
    assert own.status_code == 409 and "Nobody removes their own" in words(own.content)
    assert signed_in(world, "viewer").post(f"{people}second-factor/").status_code == 403
    admin = signed_in(world, "admin")
    other = a_world(name="Other")
    grant_role(other.organization, user, "admin")
    for path in ("second-factor/", "link/"):
        assert admin.post(f"{people}{path}").status_code == 403, "they could sign in as them in the other one"
    assert CodeGenerator.objects.exists() and "password_link" not in verbs()
    user.roles.filter(organization=other.organization).delete()
    assert "are good no more" in words(admin.get(f"{people}second-factor/").content)
    assert admin.post(f"{people}second-factor/").status_code == 302
    assert not CodeGenerator.objects.exists() and not RecoveryCode.objects.exists()
    assert enters(Client()) == "/"
    assert "Removed the second factor of Kim Lee" in words(admin.get(people).content)


def test_ones_own_browsers_are_listed_and_signed_out(world: World) -> None:
    user = kim(world)
    here = Client(
        headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
    )
    phone = Client(
        headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Version/17.5 Safari/604.1"}
    )
    third = Client()
    for one in (here, phone, third):
        enters(one)
    page = words(here.get(at(world)).content)
    assert "Firefox on Linux" in page and "Safari on an iPhone" in page and page.count("This one") == 1
    theirs = SignIn.objects.get(browser="Safari on an iPhone")
    stranger = signed_in(world, "viewer")
    for path in (f"browsers/{theirs.id}/", f"browsers/{uuid4()}/"):
        assert stranger.post(at(world, path)).status_code == 404
    assert "Sign Safari on an iPhone out?" in words(here.get(at(world, f"browsers/{theirs.id}/")).content)
    assert here.post(at(world, f"browsers/{theirs.id}/")).status_code == 302
    assert [one.get(at(world)).status_code for one in (here, phone, third)] == [200, 302, 200]
    here.post(at(world, "others/"))
    assert [one.get(at(world)).status_code for one in (here, third)] == [200, 302]
    assert stranger.get(at(world)).status_code == 200
    assert SignIn.objects.filter(user=user).count() == 1
    assert verbs().count("browser_signed_out") == 2


def test_when_a_browser_was_seen_is_noted_every_few_minutes(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    client.get(at(world))
    started = SignIn.objects.get(user=user).seen_at
    later(minutes=1)
    client.get(at(world))
    assert SignIn.objects.get(user=user).seen_at == started, "not at each page"
    cache.clear()  # the minutes of the cache's own clock are over
    client.get(at(world))
    assert SignIn.objects.get(user=user).seen_at == started + timedelta(minutes=1)
    before = signed_in(world, "viewer", email=EMAIL)  # signed in before sign-ins were kept
    assert words(before.get(at(world)).content).count("A browser") == 2


def test_the_command_line_resets_and_seals_anew(world: World) -> None:
    user, client = kim(world), Client()
    enters(client)
    sets_up(client, world)
    before = bytes(CodeGenerator.objects.get(user=user).secret)
    assert run("gateway", "reseal", "--json").json == {"resealed": 0, "users": 1}
    assert bytes(CodeGenerator.objects.get(user=user).secret) != before
    later(minutes=1)
    other = Client()
    enters(other)
    assert other.post("/sign-in/second/", {"code": now_shown(user)}).status_code == 302
    assert run("staff", "reset-second-factor", EMAIL.upper(), "--json").json == {
        "email": EMAIL,
        "removed": True,
    }
    assert enters(Client()) == "/"
    assert "has no second factor" in run("staff", "reset-second-factor", EMAIL).out
    assert refused("staff", "reset-second-factor", "eve@example.org") == "staff_unknown"
    assert Event.objects.get(verb="second_factor_removed").actor_kind == "command"
