"""A refund and the failed list in a browser: what will happen is read, done once, and another person approves."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.browser.conftest import only_here
from tests.collecting import Collection, billed
from tests.world import World

from paidthru import runs
from paidthru.organizations.models import User
from paidthru.organizations.operations import grant_role
from paidthru.payments.models import Grant, Refund

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery staple"


def person(world: World, email: str, name: str, *roles: str) -> None:
    user = User(email=email, name=name)
    user.set_password(PASSWORD)
    user.save()
    for role in roles:
        grant_role(world.organization, user, role)


@pytest.fixture
def club() -> Collection:
    """Ann paid; Bob's tries are used up."""
    found = billed("Ann", "Bob", staff__separation="on")
    found.behave("Bob", "decline", "insufficient_funds")
    for _ in range(3):
        found.collect()
        found.move(days=2)
    person(found.world, "pat@example.org", "Pat Treasurer", "finance", "approver", "admin")
    person(found.world, "kim@example.org", "Kim Approver", "approver")
    return found


def sign_in(page: Page, home: str, email: str) -> None:
    page.goto(home)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


@pytest.mark.parametrize("width", [390, 1280])
def test_a_refund_is_asked_for_by_one_and_approved_by_another(
    page: Page, chromium: Browser, live_server: LiveServer, club: Collection, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    home = f"{live_server.url}/o/{club.world.organization.slug}/"
    sign_in(page, home, "pat@example.org")
    no_sideways_scroll(page)

    page.goto(f"{home}payments/?status=applied")
    page.get_by_role("link", name="1", exact=True).first.click()
    no_sideways_scroll(page)
    page.get_by_role("link", name="Live").click()
    expect(page.get_by_text("Money taken")).to_be_visible()
    no_sideways_scroll(page)
    page.go_back()
    page.get_by_role("link", name="Refund", exact=True).click()
    page.get_by_label("A part of it").check()
    page.get_by_label("How much of it").fill("40")
    page.get_by_role("button", name="See what it does").click()
    expect(page.get_by_text("Takes $40.00 out of what it paid on invoice 1.")).to_be_visible()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Ask for approval").dblclick()
    expect(
        page.get_by_text(re.compile("waits for somebody else’s approval|nothing was done twice"))
    ).to_be_visible()
    page.goto(f"{home}refunds/?show=waiting")
    expect(page.get_by_text("Waiting for approval").first).to_be_visible()
    assert Refund.objects.count() == 1

    window = chromium.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    window.route("**/*", only_here)
    other = window.new_page()
    sign_in(other, home, "kim@example.org")
    other.get_by_role("link", name="Refunds to be approved").click()
    other.get_by_role("link", name="1", exact=True).first.click()
    other.get_by_role("link", name="Approve", exact=True).click()
    other.get_by_role("button", name="Approve $40.00").click()
    expect(other.get_by_text("is approved. It is on its way to the processor.")).to_be_visible()
    window.close()

    runs.send_refunds(club.desk)
    page.goto(f"{home}payments/?status=partly_refunded")
    page.get_by_role("link", name="1", exact=True).first.click()
    expect(page.get_by_text("$40.00 of payment 1 was given back.")).to_be_visible()
    no_sideways_scroll(page)


def test_the_failed_list_leads_to_another_attempt(
    page: Page, live_server: LiveServer, club: Collection
) -> None:
    home = f"{live_server.url}/o/{club.world.organization.slug}/"
    sign_in(page, home, "pat@example.org")
    page.get_by_role("link", name=re.compile("failed for good")).click()
    expect(page.get_by_role("link", name="Bob")).to_be_visible()
    page.get_by_role("link", name="Allow another attempt at these").click()
    expect(page.get_by_text("Allows one more try of 1 invoice, $100.00 in all")).to_be_visible()
    page.get_by_role("button", name="Allow another attempt at 1 invoice").click()
    expect(page.get_by_text("Another attempt is allowed for 1 invoice.")).to_be_visible()
    expect(page.get_by_role("link", name="Bob")).to_be_visible()
    assert Grant.objects.count() == 1
