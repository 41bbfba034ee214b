"""A member asks for the way to their membership: everybody is answered the same, and only the mail tells (C-42)."""

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.faces.test_console_members import words
from tests.world import World, a_world

from paidthru.actions.mail_member_links import PER_HOUR, mail_member_links
from paidthru.faces.portal import link_views
from paidthru.faces.portal.link_views import PER_ADDRESS, PER_PLACE, TRIES
from paidthru.faces.worker.jobs import mail_links
from paidthru.notices.rules.catalogue import Mail
from paidthru.payments.models import MemberLink
from paidthru.payments.queries.links import sign_in_code
from paidthru.people.models import Party
from paidthru.runs.mail import send_mail
from paidthru.timeline.models import Event, Message
from paidthru.wiring import MEMBER_LINKS, desk_for

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


def code_in_mail(world: World) -> str:
    """The code of the newest mail, as it was handed over."""
    for job in ProcrastinateJob.objects.filter(task_name=MEMBER_LINKS):
        if job.args["organization_id"] == str(world.organization.id):
            mail_links(**job.args)
    boxed = Outbox()
    send_mail(replace(world.desk, mailer=boxed))
    return str(re.findall(r"\d{4} \d{4}", boxed.mails[-1].text)[0])


class Outbox:
    """A carrier that keeps what it is handed."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mail: Mail, *, sender: str) -> None:
        self.mails.append(mail)


def entered(client: Client, world: World, status: int, **fields: str) -> str:
    answer = client.post(f"/my/{world.organization.slug}/", fields)
    assert answer.status_code == status, words(answer.content)
    return str(answer.get("Location", "")) or words(answer.content)


@pytest.fixture
def live(world: World) -> World:
    """As the world, with mail that leaves."""
    type(world.organization).objects.update(mode="live", sandbox_now=None)
    world.organization.refresh_from_db()
    return World(world.organization, desk_for(world.organization))


def test_the_code_in_the_mail_lets_in_once_where_it_was_asked_for(client: Client, live: World) -> None:
    Party.objects.filter(name="Bob").update(email="bob@example.org")
    _ask(client, live, "Bob@Example.org")
    code = code_in_mail(live)
    assert "Ask for a new code" in entered(Client(), live, 409, code=code), "in another browser it is nothing"
    assert "That is not the code" in entered(
        client, live, 422, code="0000 0000" if code != "0000 0000" else "1"
    )
    assert "Enter the code" in entered(client, live, 422, code="")
    led = entered(client, live, 303, code=code.replace(" ", ""))
    assert led.startswith("/m/") and "Hot desk" in client.get(led, follow=True).content.decode()
    link = MemberLink.objects.latest("created_at")
    assert (link.party.name, link.purpose, link.created_by) == ("Bob", "member", "Bob")
    assert link.expires_at - link.created_at == timedelta(hours=12)
    assert "was used" in entered(client, live, 429, code=code)


def test_entered_twice_at_one_instant_a_code_lets_in_once(
    client: Client, live: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Party.objects.filter(name="Bob").update(email="bob@example.org")
    _ask(client, live, "bob@example.org")
    code, before = code_in_mail(live), MemberLink.objects.count()
    monkeypatch.setattr(link_views, "counted", lambda _: 0)  # neither has seen the other
    assert entered(client, live, 303, code=code).startswith("/m/")
    assert "was used" in entered(client, live, 429, code=code)
    assert MemberLink.objects.count() == before + 1


def test_one_address_of_two_asks_whose_membership_and_a_stranger_gets_nowhere(
    client: Client, live: World
) -> None:
    _ask(client, live, "home@example.org")
    code = code_in_mail(live)
    page = entered(client, live, 200, code=code)
    assert "Whose membership?" in page and "Ann" in page and "Bob" in page
    ann = Party.objects.get(name="Ann")
    assert entered(client, live, 303, code=code, party=str(ann.id)).startswith("/m/")
    stranger, before = Client(), MemberLink.objects.count()
    _ask(stranger, live, "nobody@example.org")
    assert "That is not the code" in entered(stranger, live, 422, code=code)
    mine = sign_in_code(live.organization.id, "nobody@example.org", "guessed")
    for _ in range(TRIES - 1):
        entered(stranger, live, 422, code=mine)
    assert "tried too often" in entered(stranger, live, 429, code=mine)
    assert MemberLink.objects.count() == before


def test_codes_differ_by_address_organization_and_asking() -> None:
    here, there = uuid4(), uuid4()
    codes = {
        sign_in_code(organization, email, key)
        for organization in (here, there) for email in ("a@example.org", "b@example.org") for key in ("1", "2")
    }  # fmt: skip
    assert len(codes) == 8 and all(re.fullmatch(r"\d{4} \d{4}", one) for one in codes)
    assert sign_in_code(here, "A@Example.org", "1") in codes
