"""A month of each kind of organization, walked by its staff and by one of its members, on three widths."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.browser.test_main_job import PASSWORD, no_sideways_scroll
from tests.world import STAFF

from paidthru import invariants
from paidthru.actions.make_link import make_link
from paidthru.faces.cli.samples import SAMPLES, live
from paidthru.invoicing.models import Invoice
from paidthru.organizations.models import Organization, User
from paidthru.people.models import Holding
from paidthru.runs import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (1280, 768, 390)
EMAIL = "pat@example.org"
LEAD_AWAY = re.compile(r"/documents/.|\.ics$")  # files, which no page shows


def lived(slug: str) -> Desk:
    """Two months of a sample, and a treasurer who can sign in."""
    pat = User(email=EMAIL, name="Pat Treasurer")
    pat.set_password(PASSWORD)
    pat.save()
    return live(slug, EMAIL, months=2)


def whole(page: Page) -> None:
    """A page that stands: a heading, nothing cut off, no refusal."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    assert "Something went wrong" not in page.inner_text("body"), page.url
    no_sideways_scroll(page)


def ways(page: Page, within: str) -> list[str]:
    """The addresses that lead on from a part of a page, each once."""
    found = page.eval_on_selector_all(f"{within} a[href]", "all => all.map(one => one.href)")
    return list(dict.fromkeys(one for one in found if "#" not in one))


@pytest.mark.parametrize("slug", [one.slug for one in SAMPLES])
def test_a_month_of_the_staff(page: Page, live_server: LiveServer, slug: str) -> None:
    desk = lived(slug)
    home = f"{live_server.url}/o/{slug}/"
    page.goto(home)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    whole(page)
    menu = ways(page, "nav")
    assert len(menu) > 15
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for way in menu:
            page.goto(way)
            whole(page)

    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(home)
    later = desk.today + timedelta(days=31)
    page.locator("input[type=date][name=to]").fill(later.isoformat())
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("Everything due until then is done.")).to_be_visible(timeout=60_000)
    organization = Organization.objects.get(slug=slug)
    assert invariants.check(organization.id) == []
    assert Invoice.objects.filter(organization=organization).exists()

    invoice = Invoice.objects.filter(organization=organization).exclude(number=None).latest("number")
    member = f"{home}members/{invoice.party_id}/"
    page.goto(member)
    about = [way for way in ways(page, "main") if way.startswith(home) and "/pdf" not in way][:15]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for way in (member, f"{home}invoices/{invoice.id}/", *about):
            page.goto(way)
            whole(page)


@pytest.mark.parametrize("slug", [one.slug for one in SAMPLES])
def test_a_month_of_a_member(page: Page, live_server: LiveServer, slug: str) -> None:
    desk = lived(slug)
    organization = desk.organization
    party_id = (
        Holding.objects.filter(unit__organization=organization, role="owner").order_by("id")[0].party_id
        if slug == "willow-court"
        else Invoice.objects.filter(organization=organization).order_by("number")[0].party_id
    )
    _, token = make_link(organization, party_id, purpose="method", actor=STAFF, now=desk.clock.now())
    own = f"{live_server.url}/m/{token}/"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        waiting, seen = [own], {own}
        while waiting:
            page.goto(waiting.pop())
            whole(page)
            found = [way for way in ways(page, "body") if way.startswith(own) and not LEAD_AWAY.search(way)]
            waiting += [way for way in found if way not in seen]
            seen.update(found)
        assert len(seen) > 3, seen
    assert invariants.check(organization.id) == []
