"""Signing in elsewhere (OpenID Connect), against a stand-in on loopback: who is let in, and who isn't."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from tests.faces.test_console_members import words
from tests.openid_stand_in import CLIENT, OTHER_KEY, SECRET, StandIn, running
from tests.world import STAFF, World, a_world

from paidthru.actions.set_policy import set_policy
from paidthru.organizations.models import CodeGenerator, SignIn, User
from paidthru.organizations.operations import grant_role
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
BACK = "/sign-in/service/back/"


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def service(settings: Any) -> Iterator[StandIn]:
    with running() as stand_in:
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = stand_in.issuer, CLIENT
        settings.OIDC_CLIENT_SECRET, settings.OIDC_NAME = SECRET, "Maple ID"
        yield stand_in


def kim(world: World, **facts: Any) -> User:
    user = User(email="kim@example.org", name="Kim Lee", **facts)
    user.set_unusable_password()
    user.save()
    grant_role(world.organization, user, "admin")
    return user


def comes_back(service: StandIn, client: Client | None = None, **claims: Any) -> tuple[int, str]:
    """Status, and where it leads or what it says, after signing in there with these claims."""
    client = client or Client()
    sent = client.get("/sign-in/service/?next=/o/maple-club/members/")
    assert sent["Location"].startswith(f"{service.issuer}/authorization_endpoint?")
    answer = client.get(BACK, service.let_in(sent["Location"], **claims))
    return answer.status_code, answer.get("Location") or words(answer.content)


def test_somebody_who_works_here_comes_in(world: World, service: StandIn) -> None:
    user, client = kim(world), Client()
    assert "Sign in with Maple ID" in words(client.get("/sign-in/").content)
    assert comes_back(service, client, email="Kim@Example.org") == (302, "/o/maple-club/members/")
    assert client.get("/o/maple-club/members/").status_code == 200
    assert SignIn.objects.get(user=user).how == "provider"
    assert Event.objects.get(verb="signed_in").facts == {"how": "single sign-on"}


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email": "eve@example.org"}, "eve@example.org doesn’t work here."),
        ({"email_verified": False}, "verified your e-mail address"),
        ({"email_verified": "true"}, "verified your e-mail address"),
        ({"email_verified": None}, "verified your e-mail address"),
        ({"email": None}, "verified your e-mail address"),
        ({"email": ["kim@example.org"]}, "verified your e-mail address"),
        ({"aud": "another"}, "isn’t good"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "meant for somebody else"),
        ({"iss": "https://elsewhere.example"}, "isn’t good"),
        ({"exp": 1_000_000_000}, "isn’t good"),
        ({"exp": None}, "isn’t good"),
        ({"nonce": "another"}, "answered another sign-in"),
        ({"nonce": None}, "answered another sign-in"),
    ],
)
def test_nobody_else_does(world: World, service: StandIn, claims: dict[str, Any], said: str) -> None:
    kim(world)
    client = Client()
    status, shown = comes_back(service, client, **claims)
    assert status == 403 and said in shown
    assert client.get("/o/maple-club/").status_code == 302
    assert User.objects.count() == 1 and not SignIn.objects.exists(), "nobody is added by it"


def test_a_proof_signed_by_somebody_else_is_none(world: World, service: StandIn) -> None:
    kim(world)
    service.key = OTHER_KEY
    assert comes_back(service)[0] == 403
    service.key, service.algorithm = "", "none"
    assert comes_back(service)[0] == 403
    service.key, service.algorithm = "a secret of thirty-two signs or more", "HS256"
    assert comes_back(service)[0] == 403


def test_only_the_browser_that_was_sent_comes_back_and_once(world: World, service: StandIn) -> None:
    kim(world)
    client = Client()
    given = service.let_in(client.get("/sign-in/service/")["Location"])
    assert "wasn’t begun in this browser" in words(Client().get(BACK, given).content)
    assert client.get(BACK, given | {"state": "another"}).status_code == 403
    assert client.get(BACK, given).status_code == 403, "a wrong answer ends it"
    given = service.let_in(client.get("/sign-in/service/")["Location"])
    assert client.get(BACK, given | {"iss": "https://elsewhere.example"}).status_code == 403
    given = service.let_in(client.get("/sign-in/service/")["Location"])
    assert client.get(BACK, given | {"code": "another"}).status_code == 403
    given = service.let_in(client.get("/sign-in/service/")["Location"])
    assert client.get(BACK, {"state": given["state"], "error": "access_denied"}).status_code == 403
    given = service.let_in(client.get("/sign-in/service/")["Location"])
    assert client.get(BACK, given).status_code == 302
    assert Client().get(BACK, given).status_code == 403


def test_whoever_left_or_never_had_a_role_stays_out(world: World, service: StandIn) -> None:
    user = kim(world, is_active=False)
    assert comes_back(service)[0] == 403
    User.objects.update(is_active=True)
    user.roles.all().delete()
    assert comes_back(service)[0] == 403


def test_a_second_factor_is_asked_unless_the_service_has(world: World, service: StandIn) -> None:
    user = kim(world)
    set_policy(world.organization, {"staff.second_factor": "on"}, actor=STAFF, now=world.desk.clock.now())
    client = Client()
    assert comes_back(service, client, amr=["pwd"])[0] == 302
    assert client.get("/o/maple-club/members/")["Location"] == "/o/maple-club/your-sign-in/"
    client = Client()
    comes_back(service, client, amr=["pwd", "mfa"])
    assert client.get("/o/maple-club/members/").status_code == 200
    CodeGenerator.objects.create(user=user, secret=b"x", made_at=world.desk.clock.now())
    assert comes_back(service) == (302, "/sign-in/second/")
    assert comes_back(service, amr=["mfa"]) == (302, "/o/maple-club/members/")
    assert SignIn.objects.latest("started_at").how == "provider", "what the service asked, it knows"


@pytest.mark.parametrize("broken", ["/token_endpoint", "/jwks_uri"])
def test_a_service_that_fails_on_the_way_back_is_named(world: World, service: StandIn, broken: str) -> None:
    kim(world)
    service.broken = broken
    status, shown = comes_back(service)
    assert status == 503 and "can’t be used now" in shown and "Sign in with a password" in shown


def test_a_service_that_is_not_there_is_named(world: World, service: StandIn, settings: Any) -> None:
    def said() -> tuple[int, str]:
        answer = Client().get("/sign-in/service/")
        return answer.status_code, words(answer.content)

    service.about = {"issuer": "https://elsewhere.example"}
    assert said()[0] == 503
    service.about = {"authorization_endpoint": None}
    assert said()[0] == 503
    service.about, service.broken = {}, "/.well-known/openid-configuration"
    assert "answers with 500" in said()[1]
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert "doesn’t answer" in said()[1]
    settings.OIDC_ISSUER = "http://id.example.org"
    assert "not https" in said()[1], "and nothing is asked over a network in plain text"
    settings.OIDC_ISSUER = ""
    assert Client().get("/sign-in/service/")["Location"] == "/sign-in/"
    assert Client().get(BACK)["Location"] == "/sign-in/"
    assert "Maple ID" not in words(Client().get("/sign-in/").content)
