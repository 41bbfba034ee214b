"""Passkeys in a real browser, whose authenticator is Chromium's virtual one; and a browser that has none."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.browser.conftest import only_here
from tests.world import World, a_world

from paidthru.organizations.models import Passkey, RecoveryCode, SignIn, User
from paidthru.organizations.operations import grant_role
from paidthru.timeline.models import Event

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery staple"


def kim(world: World) -> User:
    user = User(email="kim@example.org", name="Kim Lee")
    user.set_password(PASSWORD)
    user.save()
    grant_role(world.organization, user, "viewer")
    return user


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    """A device that keeps keys and knows its owner, as a phone does."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    made = cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    return cdp, made["authenticatorId"]


def types_the_password(page: Page, server: LiveServer) -> None:
    page.goto(f"{server.url}/sign-in/")
    page.get_by_label("E-mail").fill("kim@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_is_added_and_signs_in_after_the_password_and_alone(
    page: Page, live_server: LiveServer
) -> None:
    world = a_world()
    user = kim(world)
    with_authenticator(page)
    types_the_password(page, live_server)
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("link", name="Your sign-in").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Phone")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    passkey = Passkey.objects.get(user=user)
    assert passkey.name == "Phone" and RecoveryCode.objects.filter(user=user).count() == 10
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_role("link", name="Phone")).to_be_visible()

    page.context.clear_cookies()
    types_the_password(page, live_server)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile("/o/maple-club/"))
    first = Passkey.objects.get(user=user)
    assert first.used_at and first.count > passkey.count

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/sign-in/?next=/o/maple-club/members/")
    page.get_by_role("link", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{live_server.url}/o/maple-club/members/")
    assert set(SignIn.objects.filter(user=user).values_list("how", flat=True)) == {
        "password",
        "password+passkey",
        "passkey",
    }
    page.goto(f"{live_server.url}/o/maple-club/your-sign-in/")
    browsers = page.get_by_role("table", name="Where you are signed in")
    for way in ("Password", "Password + passkey", "Passkey alone"):
        expect(browsers.get_by_role("cell", name=way, exact=True)).to_be_visible()
    told = Event.objects.filter(verb="signed_in").order_by("id").values_list("facts__how", flat=True)
    assert list(told) == ["password", "password + passkey", "passkey alone"]
    assert Event.objects.filter(verb="passkey_kept").count() == 1


def adds_one(page: Page, server: LiveServer) -> None:
    types_the_password(page, server)
    page.goto(f"{server.url}/o/maple-club/your-sign-in/passkeys/add/")
    page.get_by_label("Name").fill("Phone")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="I have them").click()


@pytest.fixture
def refused(chromium: Browser) -> Iterator[Page]:
    """A window in which a refusal, which the browser notes as an error, is no fault."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.route("**/*", only_here)
    yield context.new_page()
    context.close()


def test_one_that_does_not_know_its_owner_or_was_copied_opens_nothing(
    refused: Page, live_server: LiveServer
) -> None:
    page = refused
    kim(a_world())
    cdp, device = with_authenticator(page)
    adds_one(page, live_server)

    # One whose owner it doesn't know stands for a second factor, and not for a password.
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/sign-in/passkey/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("That came to nothing")).to_be_visible()

    # A key that has signed less often than it had is a copy.
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    Passkey.objects.update(count=1_000)
    page.reload()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("there may be a copy of it")).to_be_visible()


def test_a_key_that_was_removed_opens_nothing(refused: Page, live_server: LiveServer) -> None:
    page = refused
    world = a_world()
    user = kim(world)
    with_authenticator(page)
    adds_one(page, live_server)
    page.get_by_role("link", name="Phone").click()
    page.get_by_label("Your password, or a code").fill(PASSWORD)
    page.get_by_role("button", name="Remove the passkey Phone").click()
    expect(page.get_by_text("The passkey Phone is removed.")).to_be_visible()
    assert not Passkey.objects.exists() and not RecoveryCode.objects.filter(user=user).exists()
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/sign-in/passkey/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("That passkey isn’t known here.")).to_be_visible()


def test_without_passkeys_the_page_says_so_and_leads_on(page: Page, live_server: LiveServer) -> None:
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(f"{live_server.url}/sign-in/passkey/")
    expect(page.get_by_text("This browser can’t use passkeys here.")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_disabled()
    page.get_by_role("link", name="Sign in with a password").click()
    expect(page.get_by_label("Password")).to_be_visible()
