"""The console and a member's page without a mouse: everything is reached, seen where one is, and left again (WCAG
2.1.1, 2.1.2, 2.4.1, 2.4.3, 2.4.7)."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.browser.test_main_job import PASSWORD
from tests.collecting import Collection, billed
from tests.world import STAFF

from paidthru.actions.make_link import make_link
from paidthru.organizations.models import User
from paidthru.organizations.operations import grant_role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Whether what has the focus can be told from what hasn't: an outline, or a border or shadow of its own.
SEEN = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return {what: one.outerHTML.slice(0, 120), seen: outlined || style.boxShadow !== 'none',
            there: box.width > 0 && box.height > 0};
}"""


@pytest.fixture
def found() -> Collection:
    found = billed("Ann", "Bob")
    pat = User(email="pat@example.org", name="Pat Treasurer")
    pat.set_password(PASSWORD)
    pat.save()
    for role in ("finance", "approver", "admin"):
        grant_role(found.world.organization, pat, role)
    return found


def sign_in(page: Page, live_server: LiveServer, found: Collection) -> str:
    """Signs in by keys alone; the console's address."""
    home = f"{live_server.url}/o/{found.world.organization.slug}/"
    page.goto(home)
    page.get_by_label("E-mail").focus()
    page.keyboard.type("pat@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    return home


def walk(page: Page, most: int = 400) -> int:
    """Goes through a page by Tab until it leaves it again; every stop can be seen. How many there were."""
    page.evaluate("document.activeElement && document.activeElement.blur()")
    before = None
    for stops in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(SEEN)
        if stop is None:  # out of the page: nothing held it
            return stops
        # Within a date the parts follow each other; the last one, the calendar's button, the browser outlines itself.
        within = before is not None and before["what"] == stop["what"] and 'type="date"' in stop["what"]
        assert (stop["seen"] or within) and stop["there"], (page.url, stop)
        before = stop
    raise AssertionError(f"{page.url} has no end")


@pytest.mark.parametrize(
    "path", ["", "members/", "renewals/generate/", "invoices/", "overview/", "settings/"]
)
def test_every_stop_is_seen_and_none_holds(
    page: Page, live_server: LiveServer, found: Collection, path: str
) -> None:
    home = sign_in(page, live_server, found)
    page.goto(f"{home}{path}")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    assert walk(page) > 10


def test_the_menu_is_skipped(page: Page, live_server: LiveServer, found: Collection) -> None:
    home = sign_in(page, live_server, found)
    page.goto(f"{home}members/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_search_by_a_key_and_by_words(page: Page, live_server: LiveServer, found: Collection) -> None:
    sign_in(page, live_server, found)
    page.keyboard.press("/")
    page.keyboard.type("Ann")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Search")).to_be_visible()
    page.get_by_role("link", name="Ann", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Ann")).to_be_visible()


def test_a_dialog_opens_and_closes_by_keys(page: Page, live_server: LiveServer, found: Collection) -> None:
    home = sign_in(page, live_server, found)
    page.goto(f"{home}renewals/submit/")
    button = page.get_by_role("link", name="Submit invoices for payment")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null"), "the focus is in it"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_a_member_gets_through_their_page(page: Page, live_server: LiveServer, found: Collection) -> None:
    now = found.desk.clock.now()
    _, token = make_link(found.world.organization, found.party("Ann"), purpose="method", actor=STAFF, now=now)
    page.goto(f"{live_server.url}/m/{token}/membership/")
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    assert walk(page) > 3
