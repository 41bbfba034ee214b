"""The first page that anybody sees, in a browser."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_keeps_the_policy(page: Page, live_server: LiveServer, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    answer = page.goto(f"{live_server.url}/sign-in/")
    assert answer
    assert answer.ok
    assert page.locator("input[type=password]").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    first = int(paper.split("(")[1].split(",")[0])
    assert (first < 128) == (scheme == "dark"), paper
