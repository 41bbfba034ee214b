"""What visitors and members do twice at the same moment, from two tabs, or on a page that was read before the world
changed: it is done once, and what was read is what is done (P-22, B-19). And what no page of ours would send."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.faces.test_portal_joining import ANN, _ask, _choice, _key, _link, _save
from tests.together import together
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.make_link import make_link
from paidthru.membership.models import Membership, Plan, SignUp
from paidthru.organizations.models import Tries
from paidthru.payments.models import Attempt, Payment, PaymentMethod
from paidthru.people.models import Party
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("coworking", name="Maple Hub", switch__effective__member="now")


@pytest.fixture
def desk(world: World) -> Plan:
    return world.plan("Hot desk", 10_000, interval_unit="month")


def press(url: str, **fields: str) -> Callable[[], object]:
    """A button pressed in a browser of its own."""
    client = Client(raise_request_exception=False)
    return lambda: client.post(url, fields)


def at_once(*acts: Callable[[], object]) -> list[HttpResponse]:
    """The answers to what is pressed at the same moment, of which none is a fault of ours."""
    answers = [one for one in together(acts) if isinstance(one, HttpResponse)]
    assert len(answers) == len(acts) and all(one.status_code < 500 for one in answers), answers
    return answers


def charges(world: World) -> int:
    return sum(line.charges for line in world.processor.books())


def sound(world: World) -> bool:
    return invariants.check(world.organization.id) == []


def _member(client: Client, world: World, plan: Plan) -> Membership:
    way = _ask(client, _link(world, plan))
    client.post(f"{way}go/", {"go": _choice(_save(client, way), "go")})
    return Membership.objects.get()


def _home(world: World, membership: Membership) -> str:
    organization, now = world.organization, world.desk.clock.now()
    return f"/m/{make_link(organization, membership.party_id, purpose='member', actor=STAFF, now=now)[1]}/"


def test_every_step_of_joining_pressed_at_once_is_one_member_and_one_charge(
    client: Client, world: World, desk: Plan
) -> None:
    link = _link(world, desk)
    url = f"/join/{link.token}/"
    key = _key(client, url)
    at_once(*(press(url, **ANN, key=key) for _ in range(3)))
    assert (SignUp.objects.count(), Message.objects.filter(kind="sign_up").count()) == (1, 1)
    way = _ask(client, link, key=key)
    pages = [one["Location"] for one in at_once(*(press(f"{way}save/") for _ in range(3)))]
    assert Party.objects.count() == 1
    backs = [client.post(page, {"method": "card:ok"})["Location"] for page in pages]
    at_once(*(lambda back=back: Client().get(back) for back in [*backs, *backs]))
    assert PaymentMethod.objects.filter(state="active").count() == 1
    digest = _choice(client.get(way).content.decode(), "go")
    at_once(*(press(f"{way}go/", go=digest) for _ in range(4)))
    assert (Membership.objects.count(), Payment.objects.count(), Attempt.objects.count()) == (1, 1, 1)
    assert charges(world) == 1
    assert sound(world)


@pytest.mark.parametrize("price", [10_000, None])
def test_who_asked_twice_and_goes_both_ways_at_once_is_one_person(
    client: Client, world: World, price: int | None
) -> None:
    """The mail was slow, so it was asked for again: two ways, two tabs, one member and at most one charge."""
    plan = world.plan("Any", price, kind="subscription" if price else "free", interval_unit="month")
    link = _link(world, plan)
    ways = [_ask(client, link), _ask(client, link, email="Ann@Example.org")]
    if price:
        for opened in at_once(*(press(f"{way}save/") for way in ways)):
            client.get(client.post(opened["Location"], {"method": "card:ok"})["Location"])
    digests = [_choice(client.get(way).content.decode(), "go") for way in ways]
    at_once(*(press(f"{way}go/", go=digest) for way, digest in zip(ways, digests, strict=True)))
    assert (Party.objects.count(), Membership.objects.count()) == (1, 1)
    assert charges(world) == Payment.objects.count() == (1 if price else 0)
    assert sound(world)


def test_a_member_s_acts_from_two_tabs_are_done_once(client: Client, world: World, desk: Plan) -> None:
    ann = _member(client, world, desk)
    home, other, third = (
        _home(world, ann),
        world.plan("Patron", 25_000, interval_unit="month"),
        world.plan("Third", 35_000, interval_unit="month"),
    )

    def read(path: str, name: str) -> str:
        return _choice(client.get(f"{home}{path}").content.decode(), name)

    def switch(plan: Plan) -> Callable[[], object]:
        return press(
            f"{home}switch/confirm/?plan={plan.id}", switch=read(f"switch/?plan={plan.id}", "switch")
        )

    def cancel() -> Callable[[], object]:
        return press(f"{home}cancel/confirm/", key=read("cancel/", "key"))

    at_once(*(cancel() for _ in range(3)))
    at_once(*(press(f"{home}undo/") for _ in range(3)))
    told = list(Event.objects.filter(verb__contains="cancel").values_list("verb", flat=True))
    assert len(told) == 2, told
    at_once(switch(other), switch(other))
    assert Payment.objects.count() == charges(world) == 2
    at_once(switch(third), cancel())
    assert Membership.objects.exclude(state="ended").count() == 1
    method = PaymentMethod.objects.get(state="active")
    at_once(*(press(f"{home}remove/", remove=str(method.id)) for _ in range(3)))
    at_once(*(press(f"{home}mails/set/", mails="reminders:no") for _ in range(3)))
    assert Event.objects.filter(verb="mail_declined").count() == 1
    assert sound(world)


def test_a_member_pays_from_three_tabs_and_takes_the_card_away(
    client: Client, world: World, desk: Plan
) -> None:
    ann = _member(client, world, desk)
    world.processor.set_script(str(ann.party_id), "decline", "insufficient_funds")
    runs.advance(world.desk, world.desk.clock.now() + timedelta(days=32))
    world.processor.set_script(str(ann.party_id), "accept", None)
    home, method = _home(world, ann), PaymentMethod.objects.get(state="active")
    said, before = _choice(client.get(home).content.decode(), "pay"), charges(world)
    pays = [press(f"{home}pay/", pay=said) for _ in range(3)]
    at_once(*pays, press(f"{home}remove/", remove=str(method.id)))
    assert charges(world) - before <= 1
    assert Payment.objects.count() - 1 == charges(world) - before
    assert sound(world)


def test_canceling_is_read_again_when_it_means_something_else_by_now(
    client: Client, world: World, desk: Plan
) -> None:
    """Read in January, pressed in February: another term has been billed and paid meanwhile."""
    ann = _member(client, world, desk)
    home = _home(world, ann)
    stale = _choice(client.get(f"{home}cancel/").content.decode(), "key")
    world.organization.refresh_from_db()
    runs.advance(world.desk, world.desk.clock.now() + timedelta(days=33))
    home, page = _home(world, ann), ""
    for wrong in (stale, "", "1", "\0"):
        answer = client.post(f"{home}cancel/confirm/", {"key": wrong})
        page = answer.content.decode()
        assert (answer.status_code, "Please read it again" in page) == (409, True)
        assert "through Feb" in page
    ann.refresh_from_db()
    assert ann.state == "active"
    assert (
        "Canceled"
        in client.post(f"{home}cancel/confirm/", {"key": _choice(page, "key")}, follow=True).content.decode()
    )


def test_what_no_page_of_the_portal_would_send_is_refused_in_words(
    client: Client, world: World, desk: Plan
) -> None:
    home, other = _home(world, _member(client, world, desk)), world.plan("Patron", 25_000)
    link, slug = _link(world, other), world.organization.slug
    way = _ask(client, link, name="Bob", email="bob@example.org")
    page = client.get(f"{home}switch/?plan={other.id}").content.decode()
    asked = {**ANN, "key": "k"}
    places = {
        f"{home}switch/confirm/?plan={other.id}": {"switch": ""},
        f"{home}pay/": {"pay": ""}, f"{home}cancel/confirm/": {"key": ""}, f"{home}remove/": {"remove": ""},
        f"{home}mails/set/": {"mails": ""}, f"/join/{link.token}/": asked, f"{way}go/": {"go": ""},
        f"{way}member/": {"member": ""}, f"/my/{slug}/": {"email": "ann@example.org", "key": "k"},
    }  # fmt: skip
    digest = _choice(page, "switch").partition(":")[2]
    bad = ("\0", f"\0:{digest}", "x" * 300_000, "1:" + "9" * 5_000, "9" * 30 + ":1", "²:1", "\u202e")
    client.raise_request_exception, wrong = False, []

    def look(status: int, *what: object) -> None:
        Tries.objects.all().delete()  # nobody is turned away for asking too often
        if status >= 500:
            wrong.append((status, *what))

    for at, fields in places.items():
        for name in fields:
            for one in bad:
                look(client.post(at, fields | {name: one}).status_code, at, name, one[:20])
        for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain; charset=none"):
            look(client.generic("POST", at, b"\xff\xfe{" * 10, content_type=kind).status_code, at, kind)
    for query in ("plan=%00", "plan=%ff", "setup=%00", f"setup={'9' * 5_000}"):
        for at in (f"{home}switch/", f"{home}back/", f"{way}back/", way, home):
            look(client.get(f"{at}?{query}").status_code, at, query)
    assert wrong == []
    answer = client.post(f"/join/{link.token}/", {**asked, "name": "x" * 10_000_000})
    assert (answer.status_code, "too long" in answer.content.decode()) == (400, True)
    assert (SignUp.objects.filter(name__startswith="x").count(), charges(world)) == (0, 1)
    assert sound(world)
