"""What somebody who has only README does: from an installation without anybody to a posted batch, in the console."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.browser.test_main_job import PASSWORD, no_sideways_scroll

from paidthru import invariants, runs
from paidthru.config import home
from paidthru.ledger.models import Batch
from paidthru.organizations.models import Organization
from paidthru.wiring import desk_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROSTER = """ID,Name,Email,Level,Paid thru
1,Ann Ames,ann@example.org,Regular,2025-12-31
2,Bob Burr,bob@example.org,Regular,2025-12-31
"""


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_from_nothing_to_a_posted_batch(
    page: Page, live_server: LiveServer, tmp_path: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/welcome/?code={home.setup_code()}")
    no_sideways_scroll(page)
    page.get_by_label("Your organization").fill("Maple Club")
    page.get_by_label("An association").check()
    page.get_by_label("Time zone").select_option("America/New_York")
    page.get_by_label("Your name").fill("Pat Treasurer")
    page.get_by_label("Your e-mail").fill("pat@example.org")
    page.get_by_label("A password").fill(PASSWORD)
    page.get_by_label("I am the only one who works here").check()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Getting started")).to_be_visible()
    no_sideways_scroll(page)
    organization = Organization.objects.get()
    at = f"{live_server.url}/o/{organization.slug}/"

    def worker() -> None:
        runs.work(desk_for(Organization.objects.get()))

    page.goto(f"{at}setup/")
    page.get_by_role("link", name="Add your").click()
    page.get_by_label("Name").fill("Regular")
    page.get_by_label("Price").fill("100")
    no_sideways_scroll(page)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Regular is there.")).to_be_visible()

    roster = tmp_path / "club.csv"
    roster.write_text(ROSTER)
    page.goto(f"{at}setup/")
    page.get_by_role("link", name="Bring in your").click()
    page.get_by_label("Roster").set_input_files(roster)
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_role("heading", name="club.csv is imported")).to_be_visible()

    page.goto(f"{at}setup/")
    page.get_by_role("link", name="Run the first renewal").click()
    page.get_by_label("Billing run name").fill("The first renewal")
    page.get_by_label("Effective date").fill("2026-12-31")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Bill 2 members").click()
    expect(page.get_by_text("was submitted for processing")).to_be_visible()
    worker()
    expect(page.get_by_role("link", name="Review invoices").first).to_be_visible()
    page.goto(f"{at}renewals/review/")
    page.get_by_role("link", name="Mark as reviewed").click()
    page.get_by_role("dialog").get_by_role("button", name="Mark as reviewed").click()
    expect(page.get_by_text("Nothing waits to be reviewed")).to_be_visible()

    page.goto(f"{at}setup/")
    page.get_by_role("link", name="Post the first batch").click()
    batch = Batch.objects.get(organization=organization)
    page.get_by_role("main").get_by_role("link", name=str(batch.number), exact=True).click()
    no_sideways_scroll(page)
    page.get_by_role("link", name="Post batch").click()
    page.get_by_role("dialog").get_by_role("button", name="Post batch").click()
    expect(page.get_by_text("Posted").first).to_be_visible()
    assert Batch.objects.filter(organization=organization, state="posted").exists()
    assert invariants.check(organization.id) == []
    page.goto(at)
    expect(
        page.get_by_role("heading", name=re.compile("Getting started: [567] of [78] done"))
    ).to_be_visible()
    page.get_by_role("button", name="Put them away").click()
    expect(page.get_by_text("The first steps are put away.")).to_be_visible()
    expect(page.get_by_role("heading", name="Getting started")).to_have_count(0)
