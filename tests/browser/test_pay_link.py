"""Paying an invoice by its link on a phone, signed out: read it, enter a card at the processor, confirm, paid once."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.collecting import billed
from tests.world import STAFF

from paidthru.actions.make_pay_link import make_pay_link
from paidthru.invoicing.queries import pay_token
from paidthru.payments.models import Payment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def no_sideways_scroll(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def test_a_visitor_pays_on_a_phone(page: Page, live_server: LiveServer) -> None:
    found = billed("Ann")
    now = found.desk.clock.now()
    link = make_pay_link(found.world.organization, found.invoice("Ann").id, actor=STAFF, now=now)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/pay/{pay_token(link.id)}/")
    expect(page.get_by_role("heading", level=1, name="Invoice 1")).to_be_visible()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Pay $100.00 by card or bank account").click()
    page.get_by_role("button", name="A card that pays").click()
    expect(page.get_by_role("heading", name="Confirm the payment")).to_be_visible()
    no_sideways_scroll(page)
    page.get_by_role("button", name="Pay $100.00").dblclick()
    expect(page.get_by_role("heading", name="Thank you: it is paid")).to_be_visible()
    no_sideways_scroll(page)
    assert Payment.objects.get().amount_minor == 10_000
