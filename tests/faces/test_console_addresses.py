"""Every address of the console, found by itself: nobody gets in without a role here."""

import re
import tracemalloc
from collections.abc import Iterator
from html import unescape
from typing import cast
from urllib.parse import urljoin

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver
from tests.collecting import billed
from tests.faces.acting import at
from tests.faces.things_to_show import a_shown_club, addressed
from tests.staff import signed_in
from tests.world import a_world

from paidthru.faces.console.urls import urlpatterns
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)


def routes() -> Iterator[str]:
    """Below an organization's own address."""
    for one in urlpatterns:
        if isinstance(one, URLResolver):
            for pattern in one.url_patterns:
                assert isinstance(pattern, URLPattern)
                yield str(pattern.pattern)


def test_every_address_is_closed_to_whoever_has_no_role_here() -> None:
    found, ids = a_shown_club()
    other = a_world(name="Other")
    stranger, events = signed_in(other), Event.objects.count()
    seen = 0
    for route in routes():
        path = addressed(route, ids)
        for method in ("get", "post"):
            assert getattr(stranger, method)(at(found.world, path)).status_code == 404, route
            here = getattr(Client(), method)(at(found.world, path))
            assert (here.status_code, here["Location"].split("?")[0]) == (302, "/sign-in/"), route
            if any(name in route for name in ids):  # what is there, asked for at the wrong address
                seen += 1
                assert getattr(stranger, method)(at(other, path)).status_code == 404, route
    assert seen > 90
    assert Event.objects.count() == events


def streamed(answer: object) -> Iterator[bytes]:
    """The parts of a download, as they come."""
    assert isinstance(answer, StreamingHttpResponse)
    yield from cast("Iterator[bytes]", answer.streaming_content)


def test_every_list_can_be_taken_along_as_csv() -> None:
    found = billed("Ann", "Bob", preset="ams_nonprofit")
    found.behave("Bob", "decline", "insufficient_funds")
    found.advance(days=1)
    staff, lists = signed_in(found.world), 0
    for route in routes():
        if "<" in route:
            continue
        page = staff.get(at(found.world, route))
        if not any(one.name == "console/list.html" for one in page.templates or ()):
            continue
        lists += 1
        link = re.search(r'href="([^"]*(?:export=csv|\.csv)[^"]*)"', page.content.decode())
        if 'class="table' not in page.content.decode() and link is None:
            continue  # nothing is there to be taken along
        assert link is not None, route
        answer = staff.get(urljoin(at(found.world, route), unescape(link[1])))
        assert answer["Content-Type"].startswith("text/csv"), route
        text = b"".join(streamed(answer)).decode()
        assert len(text.splitlines()[0]) > 1, route
    assert lists > 15


def test_ten_thousand_rows_are_streamed_in_little_memory() -> None:
    world = a_world()
    at_ = world.desk.clock.now()
    Message.objects.bulk_create(
        Message(
            organization=world.organization,
            kind="receipt",
            key=f"receipt {n}",
            facts={"addressee": f"=Ann {n}", "to": "ann@example.org", "padding": "x" * 500},
            written_at=at_,
        )
        for n in range(10_000)
    )
    staff = signed_in(world)
    answer = staff.get(at(world, "mails/?export=csv"))
    tracemalloc.start()
    lines = sum(part.count(b"\n") for part in streamed(answer))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == 10_001
    assert peak < 6_000_000
    answer = staff.get(at(world, "mails/?export=csv"))
    first = next(streamed(answer)).decode()
    assert ",'=Ann " in first
    answer.close()  # as a server does for whoever goes away
    assert not connection.in_atomic_block
    assert staff.get(at(world, "mails/")).status_code == 200
