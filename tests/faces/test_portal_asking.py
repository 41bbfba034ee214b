"""A member asks for the way to their membership: everybody is answered the same, and only the mail tells (C-42)."""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.faces.test_console_members import words
from tests.world import World, a_world

from paidthru.actions.mail_member_links import PER_HOUR, mail_member_links
from paidthru.faces.portal.link_views import PER_ADDRESS, PER_PLACE
from paidthru.faces.worker.jobs import mail_links
from paidthru.people.models import Party
from paidthru.timeline.models import Event, Message
from paidthru.wiring import MEMBER_LINKS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    cache.clear()
    world = a_world("coworking", name="Maple Hub")
    plan = world.plan("Hot desk", 10_000, interval_unit="month")
    for name in ("Ann", "Bob"):
        world.member(name, plan, paid_through=date(2026, 1, 31))
    Party.objects.update(email="Home@example.org")
    return world


def _ask(client: Client, world: World, email: str, status: int = 200) -> str:
    url = f"/my/{world.organization.slug}/"
    key = re.search(r'name="key" value="([^"]+)"', client.get(url).content.decode())
    assert key
    answer = client.post(url, {"email": email, "key": key[1]})
    if status == 200:
        assert answer.status_code == 303, "Back and Reload send nothing again"
        assert client.cookies["sent"]["path"] == url and "@" not in answer["Location"]
        answer = client.get(answer["Location"])
    assert answer.status_code == status, words(answer.content)
    return words(answer.content).replace(email, "…")


def test_known_or_not_the_answer_and_the_work_are_the_same(client: Client, world: World) -> None:
    known, unknown = _ask(client, world, "home@example.org"), _ask(client, world, "nobody@example.org")
    assert known == unknown
    assert "Look into your mail" in known
    assert not Message.objects.filter(kind="member_link").exists(), "who knows the address is the worker"
    jobs = ProcrastinateJob.objects.filter(task_name=MEMBER_LINKS)
    assert jobs.count() == 2
    for job in jobs:
        mail_links(**job.args)
    assert Message.objects.filter(kind="member_link").count() == 2, "Ann's and Bob's"
    assert "That is no e-mail address" in _ask(client, world, "nobody", 422)
    assert client.get("/my/nowhere/").status_code == 404


def test_each_person_at_the_address_gets_a_mail_once_and_not_too_many(world: World) -> None:
    now = world.desk.clock.now()

    def mailed(key: str, email: str = "HOME@example.org") -> int:
        return mail_member_links(world.organization, email, key=key, now=now)

    assert [mailed("a"), mailed("a"), mailed("b", "nobody@example.org"), mailed("b", "")] == [2, 2, 0, 0]
    assert Message.objects.filter(kind="member_link").count() == 2, "a household: Ann's and Bob's"
    assert Event.objects.filter(verb="link_asked", actor_kind="visitor").count() == 2
    for n in range(PER_HOUR):
        mailed(f"c{n}")
    assert Message.objects.filter(kind="member_link").count() == 2 * PER_HOUR
    other = a_world("coworking", name="Elsewhere")
    assert mail_member_links(other.organization, "home@example.org", key="d", now=now) == 0


def test_whoever_asks_too_often_waits(client: Client, world: World) -> None:
    for _ in range(PER_ADDRESS):
        _ask(client, world, "home@example.org")
    assert "too often" in _ask(client, world, "Home@example.org", 429), "an address, however it is written"
    for n in range(PER_PLACE - PER_ADDRESS - 1):
        _ask(client, world, f"{n}@example.org")
    _ask(client, world, "one.more@example.org", 429)
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    _ask(elsewhere, world, "one.more@example.org")
