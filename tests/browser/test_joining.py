"""Joining by a plan's link on a phone: read what it costs, save a card at the processor, join, and see it."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.world import STAFF, a_world

from paidthru.actions.make_join_link import make_join_link
from paidthru.membership.models import Membership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_a_visitor_joins_on_a_phone(page: Page, live_server: LiveServer) -> None:
    world = a_world("coworking", name="Maple Hub")
    plan = world.plan("Resident", 10_000, interval_unit="month")
    link = make_join_link(world.organization, plan.id, actor=STAFF, now=world.desk.clock.now())
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/join/{link.token}/")
    expect(page.get_by_role("heading", level=1, name="Join Resident")).to_be_visible()
    no_sideways_scroll(page)
    page.get_by_label("Your name").fill("Ann Ames")
    page.get_by_label("Your e-mail address").fill("ann@example.org")
    page.get_by_label("I want to join Resident").check()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Go on").click()
    page.get_by_role("button", name="Save a card or bank account").click()
    page.get_by_role("button", name="A card that pays").click()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Join and pay $100.00").dblclick()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    page.get_by_role("button", name="See my membership").click()
    expect(page.get_by_text("Active", exact=True)).to_be_visible()
    no_sideways_scroll(page)
    page.get_by_role("link", name="Cancel my membership").click()
    expect(page.get_by_text("Nothing is charged for the time after.")).to_be_visible()
    no_sideways_scroll(page)
    assert Membership.objects.get().state == "active"
