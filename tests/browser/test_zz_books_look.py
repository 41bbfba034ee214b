"""Only to look."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer
from tests.actions.test_books import post_all
from tests.faces.test_console_exports import taxed
from tests.staff import signed_in
from tests.world import STAFF, party_named

from paidthru.actions.export_books import export_books
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.organizations.operations import move_clock

pytestmark = pytest.mark.django_db(transaction=True)


def test_look(page: Page, live_server: LiveServer) -> None:
    world = taxed("ams_nonprofit")
    post_all(world)
    export_books(world.organization, actor=STAFF, now=world.desk.clock.now())
    move_clock(world.organization, datetime(2026, 3, 10, 15, 0, tzinfo=UTC))
    inv = write_invoice(
        world.organization,
        Payer(party_named(world, "Ann").id),
        [
            WrittenLine("Hall", 2, 100_00, "VAT"),
            WrittenLine("Tea and cakes for the whole long evening of the club", 1, 30_00),
        ],
        actor=STAFF,
        now=world.desk.clock.now(),
    )
    (cookie,) = (one for one in signed_in(world).cookies.values() if "session" in one.key)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for name in ("exports", "closing", "taxes", f"invoices/{inv.id}/credit", f"invoices/{inv.id}"):
            page.emulate_media(color_scheme="dark" if width == 390 else "light")
            page.goto(f"{live_server.url}/o/{world.organization.slug}/{name}/")
            page.screenshot(
                path=f"/tmp/shots_books/{name.replace('/', '-')[-20:]}-{width}.png", full_page=True
            )
