"""Members' pages stand in the organization's colours and under its logo, as its letterhead has them."""

import pytest
from django.test import Client
from tests.collecting import billed
from tests.rules.test_letterhead import SVG, png
from tests.world import STAFF, World, a_world

from paidthru.actions.make_join_link import make_join_link
from paidthru.actions.set_brand import set_brand
from paidthru.notices.operations import as_sent
from paidthru.notices.rules.kinds import samples
from paidthru.organizations.rules.branding import ACCENT, Branding
from paidthru.organizations.rules.shades import shades_of
from paidthru.timeline.models import Message
from paidthru.wiring import printer

pytestmark = pytest.mark.django_db(transaction=True)


def _brand(world: World, logo: bytes | None = None, accent: str = ACCENT) -> None:
    about = Branding(name="Maple Hub", accent=accent)
    set_brand(
        world.organization,
        about,
        logo=logo,
        printer=printer(),
        actor=STAFF,
        now=world.desk.clock.now(),
    )


def _join_link(world: World) -> str:
    link = make_join_link(world.organization, world.plan().id, actor=STAFF, now=world.desk.clock.now())
    return f"/join/{link.token}/"


def test_pages_are_in_the_organization_s_colours(client: Client) -> None:
    world = a_world("coworking", name="Maple Hub")
    link = _join_link(world)
    assert "/brand/" not in client.get(link).content.decode(), "nothing was chosen"
    _brand(world, accent="#7a1f3d")
    page = client.get(link).content.decode()
    address = f"/brand/{world.organization.slug}/1/colours.css"
    assert f'href="{address}"' in page
    assert "/logo" not in page
    sheet = client.get(address)
    assert sheet["Content-Type"].startswith("text/css")
    assert "immutable" in sheet["Cache-Control"]
    assert "--accent: light-dark(#7a1f3d, #" in sheet.content.decode()
    assert client.get(f"/brand/{world.organization.slug}/2/colours.css").status_code == 404
    assert client.get(f"/brand/{world.organization.slug}/1/logo").status_code == 404
    _brand(world, accent="#1a3a8a")
    assert f"/brand/{world.organization.slug}/2/colours.css" in client.get(link).content.decode()
    assert "#7a1f3d" in client.get(address).content.decode(), "a version never changes"


@pytest.mark.parametrize(("picture", "kind"), [(png(20, 10), "image/png"), (SVG, "image/svg+xml")])
def test_a_logo_is_shown_and_runs_nothing(client: Client, picture: bytes, kind: str) -> None:
    world = a_world("coworking", name="Maple Hub")
    _brand(world, picture)
    page = client.get(_join_link(world)).content.decode()
    address = f"/brand/{world.organization.slug}/1/logo"
    assert f'src="{address}"' in page
    assert 'alt="Maple Hub"' in page
    shown = client.get(address)
    assert (shown.content, shown["Content-Type"]) == (picture, kind)
    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown["X-Content-Type-Options"] == "nosniff"


def test_mails_are_in_its_colours_too() -> None:
    found = billed("Ann")
    found.collect()
    organization = found.world.organization
    message = Message.objects.filter(organization=organization).earliest("written_at")

    def html() -> str:
        facts = samples(message.kind) | {"organization": organization.name}
        return as_sent(organization, message, facts, name="Ann", to="ann@example.org").html

    assert ACCENT in html()
    _brand(found.world, accent="#7a1f3d")
    assert "#7a1f3d" in html() and ACCENT not in html()
    pale = "#5c7d1f"  # read on white, but hardly on the mail's ground
    _brand(found.world, accent=pale)
    assert pale not in html() and shades_of(pale)[0].accent in html()
