"""A list's filters kept under a name: one's own or everybody's, found again, removed; nobody else's business."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from tests.actions.test_collection_races import together
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru.actions.keep_view import MOST, kept_query
from paidthru.organizations.models import SavedView
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
UNPAID = "members/?status=Active&sort=-name"


@pytest.fixture
def world() -> World:
    made = a_world()
    plan = made.plan()
    for name in ("Ann", "Bob"):
        made.member(name, plan, paid_through=None)
    return made


def at(world: World, path: str) -> str:
    return f"/o/{world.organization.slug}/{path}"


def keep(client: Client, world: World, name: str, **fields: str) -> str:
    """What keeping a view leads to, in words."""
    posted = {"path": "members/", "query": "status=Active&sort=-name", "name": name} | fields
    return unescape(words(client.post(at(world, "views/keep/"), posted, follow=True).content))


def test_a_view_is_kept_found_again_and_removed(world: World) -> None:
    client = signed_in(world, "viewer")
    assert "Keep this view" not in words(client.get(at(world, "members/")).content), "nothing to keep yet"
    assert "Keep this view" in words(client.get(at(world, UNPAID)).content)
    assert "“Late ones” is kept." in keep(client, world, "Late ones")
    page = client.get(at(world, "members/")).content.decode()
    link = re.search(r'href="([^"]*)"[^>]*>Late ones', page)
    assert link and unescape(link[1]) == at(world, "members/?status=Active&sort=-name")
    shown = client.get(at(world, f"{UNPAID}&after=somewhere")).content.decode()
    assert 'aria-current="true">Late ones' in shown and "Keep this view" not in shown
    assert "Late ones" not in client.get(at(world, "invoices/")).content.decode(), "it is of another list"
    (kept,) = SavedView.objects.all()
    drop = at(world, f"views/{kept.id}/drop/")
    assert "Remove the view" in words(client.get(drop).content)
    assert "is no longer kept" in words(client.post(drop, follow=True).content)
    assert "done already" in words(client.post(drop, follow=True).content)
    assert not SavedView.objects.exists()
    assert list(Event.objects.filter(verb__startswith="view_").order_by("id").values_list("verb", flat=True)) == [
        "view_kept", "view_dropped",
    ]  # fmt: skip


def test_ones_own_is_ones_own_and_everybodys_is_everybodys(world: World) -> None:
    ann = signed_in(world, "finance", email="ann@maple.example")
    bob = signed_in(world, "viewer", email="bob@maple.example")
    keep(ann, world, "Mine")
    keep(ann, world, "Ours", shared="yes")
    seen = bob.get(at(world, "members/")).content.decode()
    assert ">Ours<" in seen and ">Mine<" not in seen
    mine, ours = SavedView.objects.get(name="Mine"), SavedView.objects.get(name="Ours")
    assert bob.get(at(world, f"views/{mine.id}/drop/")).status_code == 404
    assert bob.post(at(world, f"views/{ours.id}/drop/")).status_code == 403
    refused = bob.post(
        at(world, "views/keep/"), {"path": "members/", "query": "q=x", "name": "B", "shared": "yes"}
    )
    assert refused.status_code == 403
    assert SavedView.objects.count() == 2
    assert ann.post(at(world, f"views/{ours.id}/drop/")).status_code == 302


def test_a_view_gets_another_name_and_becomes_everybodys(world: World) -> None:
    ann = signed_in(world, "finance", email="ann@maple.example")
    bob = signed_in(world, "viewer", email="bob@maple.example")
    keep(ann, world, "Mine")
    keep(ann, world, "Ours", shared="yes", query="q=a")
    keep(bob, world, "Bob’s", query="q=b")
    mine, ours, bobs = (SavedView.objects.get(name=name) for name in ("Mine", "Ours", "Bob’s"))

    def change(client: Client, view: SavedView, **fields: str) -> str:
        answer = client.post(at(world, f"views/{view.id}/change/"), fields, follow=True)
        return unescape(words(answer.content))

    assert "There is a view “Ours”" in change(ann, mine, name="Ours"), (
        "the same person would see two of one name"
    )
    assert "There is a view “Ours”" in keep(ann, world, "Ours", query="q=c")
    assert "Late ones" in change(ann, mine, name="Late ones", shared="on")
    assert "Enter" in change(ann, mine, name=" ") or "required" in change(ann, mine, name=" ")
    mine.refresh_from_db()
    assert (mine.name, mine.owner) == ("Late ones", None)
    assert "Late ones everybody’s" in words(bob.get(at(world, "members/")).content)
    assert bob.get(at(world, f"views/{mine.id}/change/")).status_code == 403
    assert bob.post(at(world, f"views/{ours.id}/change/"), {"name": "Stolen"}).status_code == 403
    assert ann.get(at(world, f"views/{bobs.id}/change/")).status_code == 404
    change(bob, bobs, name="B", shared="on")  # who may not share keeps it for themselves
    bobs.refresh_from_db()
    assert bobs.name == "B" and bobs.owner is not None
    change(ann, ours, name="Ours")  # without the tick: one's own again
    ours.refresh_from_db()
    assert ours.owner is not None
    told = Event.objects.filter(verb="view_changed").order_by("id").values_list("facts__view", "facts__whose")
    assert list(told) == [("Late ones", "everybody’s"), ("B", "own"), ("Ours", "own")]
    keep(bob, world, "Theirs", query="q=d")
    keep(ann, world, "Theirs", query="q=d")
    anns = SavedView.objects.get(name="Theirs", owner__email="ann@maple.example")
    assert "There is a view “Theirs”" in change(ann, anns, name="Theirs", shared="on"), (
        "somebody has one of it"
    )


def test_another_organization_sees_and_removes_nothing(world: World) -> None:
    keep(signed_in(world, "finance"), world, "Ours", shared="yes")
    kept, other = SavedView.objects.get(), a_world(name="Others")
    stranger = signed_in(other, "admin", email="eve@others.example")
    assert ">Ours<" not in stranger.get(at(other, "members/?q=a")).content.decode()
    for client_path in (at(other, f"views/{kept.id}/drop/"), at(world, f"views/{kept.id}/drop/")):
        assert stranger.get(client_path).status_code == 404
        stranger.post(client_path)
    assert SavedView.objects.filter(id=kept.id).exists()
    assert stranger.get(at(other, f"views/{uuid4()}/drop/")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "name"),
        ({"query": ""}, "Set a filter or an order first"),
        ({"query": "after=x&export=csv"}, "Set a filter or an order first"),
        ({"query": "q=" + "x" * 1200}, "too long"),
    ],
)
def test_what_cannot_be_kept_is_said(world: World, fields: dict[str, str], said: str) -> None:
    shown = keep(signed_in(world, "finance"), world, **({"name": "Odd"} | fields))
    assert said in shown and not SavedView.objects.exists()


@pytest.mark.parametrize(
    "path", ["", "/", "//evil.example/", "../others/members/", "https://evil.example/", "nowhere/", "members"]
)
def test_only_lists_of_ours_are_kept(world: World, path: str) -> None:
    client = signed_in(world, "finance")
    answer = client.post(at(world, "views/keep/"), {"path": path, "query": "q=1", "name": "x"})
    assert answer.status_code == 404 and not SavedView.objects.exists()


def test_a_name_once_and_not_more_than_a_few(world: World) -> None:
    client = signed_in(world, "finance")
    together([lambda: keep(client, world, "Twice") and None] * 2)
    assert SavedView.objects.count() == 1
    assert "There is a view “Twice” of this list already." in keep(client, world, "Twice", query="q=other")
    for n in range(MOST - 1):
        keep(client, world, f"View {n}", query=f"q={n}")
    assert "views of this list are kept already" in keep(client, world, "One more", query="q=more")
    assert SavedView.objects.count() == MOST


def test_what_a_view_keeps() -> None:
    assert (
        kept_query("q=&status=Past+Due&after=x&before=y&sort=-name&export=csv")
        == "status=Past+Due&sort=-name"
    )
