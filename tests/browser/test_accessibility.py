"""WCAG 2.2 A and AA, as far as axe can tell, on every page of the console and of the portal: on a desktop in light, on
a phone in dark."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.cache import caches
from playwright.sync_api import Browser, Error, Page
from pytest_django.live_server_helper import LiveServer
from tests.browser.conftest import only_here
from tests.collecting import Collection
from tests.faces.test_console_addresses import routes
from tests.faces.things_to_show import a_shown_club, addressed
from tests.staff import signed_in
from tests.world import STAFF

from paidthru.actions.make_link import make_link
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.giving.models import Campaign, Gift
from paidthru.giving.queries import gift_token
from paidthru.invoicing.queries import pay_token
from paidthru.organizations.models import Passkey, SignIn, User
from paidthru.ticketing.models import TicketOrder
from paidthru.ticketing.queries import order_token

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Addresses that are no pages: files, and a mail as it stands in a frame, where no script runs.
NO_PAGE = ("/pdf/", "export", "/logo/", "/schedule/", "/file/", "/text/", "/shown/")


@pytest.fixture(params=[(1280, "light"), (390, "dark")], ids=["desktop in light", "phone in dark"])
def window(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    width, scheme = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.route("**/*", only_here)
    yield context.new_page()
    context.close()


def signed(window: Page, server: LiveServer, found: Collection) -> None:
    """A browser with somebody signed in who may do everything."""
    cookie = signed_in(found.world).cookies[settings.SESSION_COOKIE_NAME].value
    window.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])


def faults(window: Page, address: str) -> list[str]:
    """What axe finds on a page, and whether it is wider than the window; nothing for what is no page."""
    try:
        answer = window.goto(address)
    except Error as error:
        if "Download is starting" in error.message:
            return []
        raise
    if answer is None or "text/html" not in answer.headers.get("content-type", "") or answer.status >= 400:
        return []
    if window.locator(".loading").count():  # parts that are asked for when the page is there
        window.wait_for_load_state("networkidle")
    window.evaluate("scrollTo(0, 0)")
    read: Any = Axe().run(window, options={"runOnly": TAGS, "resultTypes": ["violations"]})
    found = [
        f"{one['id']}: {node['html'][:160]} {(node['any'] or node['all'] or [{'message': ''}])[0]['message'][:120]}"
        for one in read.response["violations"]
        for node in one["nodes"][:3]
    ]
    if window.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("wider than the window")
    return found


def test_every_page_of_the_console(window: Page, live_server: LiveServer) -> None:
    found, ids = a_shown_club()
    signed(window, live_server, found)
    me = User.objects.get(email__startswith="finance-approver-admin@")
    # one's own, and nobody else's, is there to be seen
    Passkey.objects.filter(id=str(ids["passkey_id"])).update(user=me)
    SignIn.objects.filter(id=str(ids["sign_in_id"])).update(user=me)
    home = f"{live_server.url}/o/{found.world.organization.slug}/"
    wrong, seen = {}, 0
    for route in routes():
        path = addressed(route, ids)
        if not any(one in f"/{path}" for one in NO_PAGE):
            seen += 1
            if said := faults(window, home + path):
                wrong[route] = said
    for route, said in wrong.items():
        print(route, *said, sep="\n    ")
    assert seen > 120
    assert wrong == {}


def test_every_page_of_the_portal(window: Page, live_server: LiveServer) -> None:
    for one in caches.all():
        one.clear()
    found, _ = a_shown_club()
    organization, now = found.world.organization, found.desk.clock.now()
    wrong = {}
    for name in ("Ann", "Bob"):
        _, token = make_link(organization, found.party(name), purpose="member", actor=STAFF, now=now)
        for path in ("", "membership/", "method/", "cancel/", "switch/", "documents/", "pledges/", "homes/", "others/",
                     "mails/", "give/", "gift-aid/", "tickets/", "calendar/"):  # fmt: skip
            if said := faults(window, f"{live_server.url}/m/{token}/{path}"):
                wrong[f"{name} {path}"] = said
    pays = make_pay_link(organization, found.invoice("Bob").id, actor=STAFF, now=now)
    roof = Campaign.objects.get(organization=organization)
    order, gift = (
        TicketOrder.objects.get(organization=organization),
        Gift.objects.get(organization=organization),
    )
    for path in (
        f"pay/{pay_token(pays.id)}/", f"gift/{gift_token(gift.id)}/", f"give/{organization.slug}/{roof.slug}/",
        f"tickets/{organization.slug}/{order.event_id}/", f"tickets/of/{order_token(order.id)}/",
        f"my/{organization.slug}/", "sign-in/", "sign-in/passkey/", "nowhere/",
    ):  # fmt: skip
        if said := faults(window, f"{live_server.url}/{path}"):
            wrong[path] = said
    for path, said in wrong.items():
        print(path, *said, sep="\n    ")
    assert wrong == {}
