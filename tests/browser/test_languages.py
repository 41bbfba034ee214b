"""Long words on a phone: a visitor chooses German at the foot of a page, joins, and reads their pages in it."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.world import STAFF, a_world

from paidthru.actions.make_join_link import make_join_link
from paidthru.people.models import Party

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLAN = "Fördermitgliedschaft"


def fits(page: Page) -> None:
    """Nothing sticks out, of the page or of a box in it."""
    wide = page.evaluate(
        """() => [...document.querySelectorAll("main, main *, footer *")]
            .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1
                || (one.matches("button, a, h1, dd, dt") && one.scrollWidth > one.clientWidth + 1
                    && getComputedStyle(one).display !== "inline"))
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert not wide, (page.url, wide)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_a_visitor_chooses_german_and_everything_fits_on_a_phone(page: Page, live_server: LiveServer) -> None:
    world = a_world("coworking", name="Bürgergenossenschaft Musterstadt", currency="EUR")
    plan = world.plan(PLAN, 1_234_500, interval_unit="month")
    world.plan("Jahresmitgliedschaft", 2_000, interval_unit="month")
    link = make_join_link(world.organization, plan.id, actor=STAFF, now=world.desk.clock.now())
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/join/{link.token}/")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", level=1, name=f"{PLAN} beitreten")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^de"))
    fits(page)
    page.get_by_label("Ihr Name").fill("Ann Ames")
    page.get_by_label("Ihre E-Mail-Adresse").fill("ann@example.org")
    page.get_by_label(f"Ich möchte {PLAN} beitreten").check()
    page.get_by_role("button", name="Weiter").click()
    page.get_by_role("link", name="Weiter").click()
    fits(page)
    page.get_by_role("button", name="Karte oder Bankkonto hinterlegen").click()
    fits(page)
    page.get_by_role("button", name="Eine Karte, die zahlt").click()
    fits(page)
    page.get_by_role("button", name="Beitreten und 12.345,00").click()
    page.get_by_role("button", name="Meine Mitgliedschaft ansehen").click()
    expect(page.get_by_text("Aktiv", exact=True)).to_be_visible()
    fits(page)
    ways = page.locator("ul.ways a").evaluate_all("all => all.map((one) => one.href)")
    assert len(ways) > 5
    for way in ways:
        page.goto(way)
        fits(page)
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_text("Annuler votre adhésion")).to_be_visible()
    assert Party.objects.get(name="Ann Ames").language == "fr", "a member's choice is kept with them"
