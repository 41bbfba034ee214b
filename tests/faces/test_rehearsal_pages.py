"""Rehearsals in the console and on the command line: asked for once, played by a worker, read side by side."""

from html import unescape
from uuid import UUID

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.collecting import Collection, billed
from tests.faces.acting import at, hidden, text
from tests.faces.test_cli import run
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import a_world

from paidthru.organizations.models import Course, Organization, Rehearsal
from paidthru.organizations.rules.policies import CATALOGUE
from paidthru.runs.rehearsing import play_course
from paidthru.wiring import COURSE, desk_for, fork_for

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = {"name": "Fewer tries", "months": "2", "changes": "collect.max_attempts = 1\ncollect.offsets = [0]",
         "declined": "2.5", "lost": "0", "by_hand": "100", "by_hand_days": "5"}  # fmt: skip


@pytest.fixture
def found() -> Collection:
    world = a_world("coworking")
    found = billed("Ann", "Bob", world=world, plan=world.plan(interval_unit="month"))
    found.behave("Bob", "decline", "insufficient_funds")
    return found


def posted(client: Client, found: Collection, **changed: str) -> str:
    """Where asking for a rehearsal leads."""
    path = at(found.world, "rehearsals/new/")
    fields = hidden(client.get(path).content.decode()) | ASKED | changed
    answer = client.post(path, fields)
    assert answer.status_code == 302, words(answer.content)
    return str(answer["Location"])


def play() -> None:
    for course in Course.objects.select_related("rehearsal", "organization"):
        play_course(course, fork=fork_for, desk_for=desk_for)


def test_it_is_asked_for_played_read_and_thrown_away(found: Collection) -> None:
    client = signed_in(found.world, "finance")
    assert "Nothing was rehearsed yet." in text(client, at(found.world, "rehearsals/"))
    page = posted(client, found, declined="0")  # else Ann, too, now and then
    assert ProcrastinateJob.objects.filter(task_name=COURSE).count() == 2
    assert "2 months are played in a copy" in text(client, page)
    play()
    shown = text(client, page)
    for said in (
        "With the changes",
        "Owed at the end",
        "0 % of charges fail",
        "collect.max_attempts = 1",
        "Bob",
    ):
        assert said in shown, said
    assert "For whom it differs: 1" in shown
    assert "Bob" in text(client, f"{page}members/")
    assert "Declined with the changes Mails with the changes Ended with the changes" in shown
    lines = b"".join(client.get(f"{page}members/?export=csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2 and "Bob" in lines[1]
    row = Rehearsal.objects.get()
    assert (row.declined, row.lost, row.by_hand, row.by_hand_days) == (0, 0, 1000, 5)
    inside = Organization.objects.filter(forked_from=found.world.organization.id)
    assert inside.count() == 2
    assert "copies of the organization" in text(client, f"{page}discard/")
    for _ in range(2):
        assert "figures stays" in words(client.post(f"{page}discard/", follow=True).content)
    assert not inside.exists() and "Owed at the end" in text(client, page)


def test_a_policy_is_named_by_its_title_too(found: Collection) -> None:
    titles = [one.title.casefold() for one in CATALOGUE.values()]
    assert len(titles) == len(set(titles)), "one title means one policy"
    title = CATALOGUE["collect.max_attempts"].title
    posted(signed_in(found.world, "finance"), found, changes=f"{title.upper()} = 1")
    assert Rehearsal.objects.get().changes == {"collect.max_attempts": 1}
    assert Rehearsal.objects.get().declined == 25, "2.5 %, of a thousand"


def test_a_double_click_asks_once(found: Collection) -> None:
    client = signed_in(found.world, "finance")
    path = at(found.world, "rehearsals/new/")
    fields = hidden(client.get(path).content.decode()) | ASKED
    ways = {client.post(path, fields)["Location"] for _ in range(2)}
    assert len(ways) == 1 and Rehearsal.objects.count() == 1 and Course.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"months": "25"}, "less than or equal to 24"),
        ({"changes": "collect.max_attempts"}, "has no “=”"),
        ({"changes": "no.such = 1"}, "There is no policy called “no.such”."),
        ({"changes": "collect.max_attempts = many"}, "collect.max_attempts"),
        ({"declined": "101"}, "less than or equal to 100"),
        ({"by_hand_days": "-1"}, "greater than or equal to 0"),
        ({"name": ""}, "required"),
    ],
)
def test_odd_entries_are_named_and_nothing_is_made(
    found: Collection, changed: dict[str, str], said: str
) -> None:
    client = signed_in(found.world, "finance")
    path = at(found.world, "rehearsals/new/")
    fields = hidden(client.get(path).content.decode()) | ASKED | changed
    answer = client.post(path, fields)
    assert answer.status_code == 422 and said in unescape(words(answer.content)), words(answer.content)
    assert not Rehearsal.objects.exists()


def test_a_copy_is_seen_by_its_people_and_by_nobody_else(found: Collection) -> None:
    client = signed_in(found.world, "approver")
    posted(client, found)
    play()
    copy = Organization.objects.filter(forked_from=found.world.organization.id).first()
    assert copy is not None
    shown = text(client, f"/o/{copy.slug}/invoices/")
    assert "This is a copy, made for a rehearsal" in shown and "Next day" not in shown
    assert copy.slug not in client.get(at(found.world)).content.decode(), "it is no organization to switch to"
    stranger = signed_in(a_world(name="Others"), "admin", email="eve@others.example")
    assert stranger.get(f"/o/{copy.slug}/").status_code == 404
    mover = signed_in(found.world, "admin", email="ada@maple.example")
    assert mover.post(f"/o/{copy.slug}/time/", {"move": "day"}).status_code == 403


def test_a_viewer_reads_and_asks_for_nothing(found: Collection) -> None:
    page = posted(signed_in(found.world, "finance"), found)
    viewer = signed_in(found.world, "viewer", email="vic@maple.example")
    assert viewer.get(page).status_code == 200
    assert viewer.get(at(found.world, "rehearsals/new/")).status_code == 403
    assert viewer.post(f"{page}discard/").status_code == 403


def test_another_organizations_rehearsal_does_not_exist(found: Collection) -> None:
    page = posted(signed_in(found.world, "finance"), found)
    other = a_world(name="Others")
    stranger = signed_in(other, "approver", email="eve@others.example")
    id_ = page.rstrip("/").rsplit("/", 1)[1]
    for path in ("", "members/", "discard/"):
        assert stranger.get(at(other, f"rehearsals/{id_}/{path}")).status_code == 404
        assert stranger.get(f"{page}{path}").status_code == 404


def test_on_the_command_line(found: Collection) -> None:
    made = Rehearsal.objects
    assert not made.exists()
    said = run("rehearsal", "list", "--json").json
    assert said == {"rehearsals": []}
    client = signed_in(found.world, "finance")
    page = posted(client, found)
    play()
    id_ = UUID(page.rstrip("/").rsplit("/", 1)[1])
    shown = run("rehearsal", "show", str(id_), "--json").json
    assert set(shown["courses"]) == {"present", "proposed"} and shown["differing"] == 1
    assert "Owed at the end" in run("rehearsal", "show", str(id_)).out
    assert "figures stay" in run("rehearsal", "discard", str(id_)).out
    listed = run("rehearsal", "list", "--json").json["rehearsals"]
    assert made.get().discarded_at is not None and listed[0]["courses"]["present"] == "discarded"
