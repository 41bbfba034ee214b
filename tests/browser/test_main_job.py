"""The main job in a browser: sign in, import, preview, release, submit, retrieve, and books that balance."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.world import World, a_world

from paidthru import runs
from paidthru.membership.models import BillingRun, Membership
from paidthru.organizations.models import User
from paidthru.organizations.operations import grant_role
from paidthru.wiring import desk_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery staple"
ROSTER = """ID,Name,Email,Level,Paid thru,Autopay
1,Ann Ames,ann@example.org,Regular,2025-12-31,yes
2,Bob Burr,bob@example.org,Regular,2025-12-31,yes
3,Cid Cole,not an address,Regular,2025-12-31,yes
4,Dee Dunn,dee@example.org,Regular,2026-12-31,no
"""


@pytest.fixture
def world() -> World:
    club = a_world()
    treasurer = User(email="pat@example.org", name="Pat Treasurer")
    treasurer.set_password(PASSWORD)
    treasurer.save()
    for role in ("finance", "approver", "admin"):
        grant_role(club.organization, treasurer, role)
    return club


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


@pytest.mark.parametrize("width", [390, 1280])
def test_from_a_roster_to_a_trial_balance(
    page: Page, live_server: LiveServer, world: World, tmp_path: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    home = f"{live_server.url}/o/{world.organization.slug}/"

    def worker() -> None:
        runs.work(desk_for(world.organization))

    page.goto(home)
    page.get_by_label("E-mail").fill("pat@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    roster = tmp_path / "club.csv"
    roster.write_text(ROSTER)
    page.goto(f"{home}import/")
    page.get_by_label("Roster").set_input_files(roster)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("heading", name="Which column is which")).to_be_visible()
    no_sideways_scroll(page)
    page.get_by_label("Price of Regular").fill("100")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("not an address", exact=True)).to_be_visible()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Import 3 rows").click()
    expect(page.get_by_role("heading", name="club.csv is imported")).to_be_visible()
    for membership in Membership.objects.filter(organization=world.organization):
        world.card(membership.party_id)

    page.goto(f"{home}renewals/generate/")
    page.get_by_label("Billing run name").fill("Renewals 2026")
    page.get_by_label("Effective date").fill("2026-01-01")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("button", name="Bill 2 members")).to_be_visible()
    expect(page.get_by_role("link", name="Dee Dunn")).to_be_visible()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Bill 2 members").click()
    expect(page.get_by_text("was submitted for processing")).to_be_visible()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    worker()
    expect(
        page.get_by_role("link", name="Review invoices").first
    ).to_be_visible()  # the page goes on by itself
    expect(page.get_by_role("link", name="Ann Ames")).to_be_visible()
    no_sideways_scroll(page)

    page.goto(f"{home}renewals/review/")
    page.get_by_role("link", name="Mark as reviewed").click()
    page.get_by_role("dialog").get_by_role("button", name="Mark as reviewed").click()
    expect(page.get_by_text("Nothing waits to be reviewed")).to_be_visible()

    page.goto(f"{home}renewals/submit/")
    no_sideways_scroll(page)
    page.get_by_role("link", name="Submit invoices for payment").click()
    page.get_by_role("dialog").get_by_role("button", name="Submit 2 invoices").click()
    expect(page.get_by_text("Submitted for payment: 2 invoices, $200.00.")).to_be_visible()
    no_sideways_scroll(page)
    worker()
    page.get_by_role("button", name="Retrieve processed payments").click()
    page.get_by_role("link", name=re.compile("^Processed")).click()
    expect(page.get_by_text("Completed", exact=True)).to_have_count(2)
    no_sideways_scroll(page)

    page.goto(f"{home}trial-balance/")
    expect(page.get_by_text("$200.00").first).to_be_visible()
    assert BillingRun.objects.get().state == "done"
