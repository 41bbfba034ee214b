"""An invoice is written in a browser: the total follows what is typed, and a line more keeps what is there."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.faces.test_console_writing import with_tax
from tests.staff import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_total_follows_what_is_typed(page: Page, live_server: LiveServer) -> None:
    found = with_tax()
    (cookie,) = (one for one in signed_in(found.world, "finance").cookies.values() if "session" in one.key)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto(f"{live_server.url}/o/{found.world.organization.slug}/invoices/new/")
    page.locator("[name=line-0-description]").fill("Hall")
    page.locator("[name=line-0-amount]").fill("33.33")
    page.locator("[name=line-0-tax]").select_option("VAT")
    expect(page.locator("#lines-totals")).to_contain_text("$40.00")
    page.get_by_role("button", name="Add a line").click()
    expect(page.locator(".lines-line")).to_have_count(4)
    assert page.locator("[name=line-0-description]").input_value() == "Hall"
