"""What visitors and members do twice at the same moment, from two tabs, or from a page that was read before the world
changed: it is done once, and what was read is what is done (P-22, B-19)."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from tests.faces.test_portal_joining import ANN, _ask, _choice, _key, _link, _save
from tests.together import together
from tests.world import World, a_world

from paidthru import invariants
from paidthru.actions.make_link import make_link
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import Membership, SignUp
from paidthru.payments.models import Attempt, MemberLink, Payment, PaymentMethod
from paidthru.people.models import Party
from paidthru.timeline.models import Event, Message
from tests.world import STAFF

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("coworking", name="Maple Hub", switch__effective__member="now")


def posted(url: str, fields: dict[str, str] | None = None) -> Any:
    client = Client(raise_request_exception=False)
    return partial(client.post, url, fields or {})


def codes(answers: list[object]) -> list[int]:
    return sorted(one.status_code for one in answers)  # type: ignore[attr-defined]


def charges(world: World) -> int:
    return sum(line.charges for line in world.processor.books())


def test_one_form_sent_four_times_at_once(client: Client, world: World) -> None:
    link = _link(world, world.plan("Hot desk", 10_000, interval_unit="month"))
    url = f"/join/{link.token}/"
    key = _key(client, url)
    said = together([posted(url, {**ANN, "key": key}) for _ in range(4)])
    print(codes(said))
    assert SignUp.objects.count() == 1
    assert Message.objects.filter(kind="sign_up").count() == 1
    way = _ask(client, link, key=key)
    setups = together([posted(f"{way}save/") for _ in range(3)])
    print("save", codes(setups), Party.objects.count())
    assert Party.objects.count() == 1
    backs = [client.post(one["Location"], {"method": "card:ok"})["Location"] for one in setups]
    print("back", codes(together([partial(Client(raise_request_exception=False).get, one) for one in [*backs, *backs]])))
    print(PaymentMethod.objects.values_list("state", flat=True))
    page = client.get(way).content.decode()
    digest = _choice(page, "go")
    gone = together([posted(f"{way}go/", {"go": digest}) for _ in range(4)])
    print("go", codes(gone))
    assert (Membership.objects.count(), Payment.objects.count(), Attempt.objects.count(), charges(world)) == (1, 1, 1, 1)
    there = together([posted(f"{way}member/", {"member": str(Membership.objects.get().id)}) for _ in range(2)])
    print("member", codes(there))
    assert invariants.check(world.organization.id) == []


@pytest.mark.parametrize("at_once", [False, True])
def test_two_sign_ups_of_one_person(client: Client, world: World, at_once: bool) -> None:
    link = _link(world, world.plan("Hot desk", 10_000, interval_unit="month"))
    ways = [_ask(client, link), _ask(client, link)]
    if at_once:
        setups = together([posted(f"{way}save/") for way in ways])
        for one in setups:
            client.get(client.post(one["Location"], {"method": "card:ok"})["Location"])
    else:
        for way in ways:
            _save(client, way)
    print("parties", Party.objects.count())
    digests = [_choice(client.get(way).content.decode(), "go") for way in ways]
    acts = [posted(f"{way}go/", {"go": digest}) for way, digest in zip(ways, digests, strict=True)]
    print(codes(together(acts) if at_once else [act() for act in acts]))
    print(Party.objects.count(), Membership.objects.count(), Payment.objects.count(), charges(world))
    for way in ways:
        print(re.findall("<h1.*?</h1>|role=.status.*?<", client.get(way).content.decode(), re.S))
    assert invariants.check(world.organization.id) == []
    assert (Party.objects.count(), Membership.objects.count(), Payment.objects.count()) == (1, 1, 1)


def a_member(client: Client, world: World) -> tuple[str, Membership]:
    link = _link(world, world.plan("Hot desk", 10_000, interval_unit="month"))
    way = _ask(client, link)
    client.post(f"{way}go/", {"go": _choice(_save(client, way), "go")})
    membership = Membership.objects.get()
    _, token = make_link(world.organization, membership.party_id, purpose="member", actor=STAFF, now=world.desk.clock.now())
    return f"/m/{token}/", membership


def test_a_member_s_acts_from_two_tabs(client: Client, world: World) -> None:
    url, membership = a_member(client, world)
    other = world.plan("Patron", 25_000, interval_unit="month")
    third = world.plan("Third", 35_000, interval_unit="month")
    wrong = []

    def both(what: str, *acts: Any) -> None:
        said = together(acts)
        membership.refresh_from_db()
        print(what, codes(said), membership.state, Attempt.objects.count(), charges(world))
        if max(codes(said)) >= 500:
            wrong.append((what, codes(said)))

    keys = [_choice(client.get(f"{url}cancel/").content.decode(), "key") for _ in range(3)]
    both("cancel", *(posted(f"{url}cancel/confirm/", {"key": key}) for key in keys))
    assert Event.objects.filter(verb="canceled").count() <= 1, Event.objects.values_list("verb", flat=True)
    both("undo", *(posted(f"{url}undo/") for _ in range(3)))
    key = _choice(client.get(f"{url}cancel/").content.decode(), "key")
    switch = lambda plan: _choice(client.get(f"{url}switch/?plan={plan.id}").content.decode(), "switch")
    a, b = switch(other), switch(other)
    both("switch same plan, two tabs", posted(f"{url}switch/confirm/?plan={other.id}", {"switch": a}), posted(f"{url}switch/confirm/?plan={other.id}", {"switch": b}))
    assert Payment.objects.count() == 2 == charges(world)
    a, b = switch(third), switch(third)
    both("switch, cancel", posted(f"{url}switch/confirm/?plan={third.id}", {"switch": a}), posted(f"{url}cancel/confirm/", {"key": key}))
    print(list(Membership.objects.values_list("state", "plan__name")), list(Payment.objects.values_list("amount_minor", flat=True)))
    print(list(Invoice.objects.values_list("state", "balance_minor")))
    removal = {"remove": str(PaymentMethod.objects.get(state="active").id)}
    both("remove", *(posted(f"{url}remove/", removal) for _ in range(3)))
    assert Event.objects.filter(verb__contains="method_removed").count() == 1
    both("mails", *(posted(f"{url}mails/set/", {"mails": "reminders:no"}) for _ in range(3)))
    assert wrong == []
    assert invariants.check(world.organization.id) == []


def test_a_member_pays_from_three_tabs_and_the_card_is_removed_meanwhile(client: Client, world: World) -> None:
    url, membership = a_member(client, world)
    world.processor.set_script(str(membership.party_id), "decline", "insufficient_funds")
    from paidthru import runs
    runs.advance(world.desk, world.desk.clock.now() + timedelta(days=32))
    world.processor.set_script(str(membership.party_id), "accept", None)
    _, token = make_link(world.organization, membership.party_id, purpose="member", actor=STAFF, now=world.desk.clock.now())
    url = f"/m/{token}/"
    pay = _choice(client.get(url).content.decode(), "pay")
    before, tries = charges(world), Attempt.objects.count()
    removal = {"remove": str(PaymentMethod.objects.get(state="active").id)}
    said = together([*(posted(f"{url}pay/", {"pay": pay}) for _ in range(3)), posted(f"{url}remove/", removal)])
    print(codes(said), charges(world) - before, Attempt.objects.count() - tries, [re.findall(r'role="status">([^<]*)', one.content.decode()) for one in said])
    assert max(codes(said)) < 500
    assert charges(world) - before <= 1
    assert invariants.check(world.organization.id) == []


def test_what_no_form_of_the_portal_would_send(client: Client, world: World) -> None:
    url, membership = a_member(client, world)
    plan = world.plan("Patron", 25_000, interval_unit="month")
    link = _link(world, plan)
    way = _ask(client, link, name="Other", email="other@example.org")
    switch = _choice(client.get(f"{url}switch/?plan={plan.id}").content.decode(), "switch").partition(":")[2]
    places = {
        f"{url}pay/": ["pay"], f"{url}cancel/confirm/": ["key"], f"{url}undo/": ["undo"], f"{url}remove/": ["remove"],
        f"{url}mails/set/": ["mails"], f"{url}save/": ["kind"], f"{url}confirm/": ["go"],
        f"{url}switch/confirm/?plan={plan.id}": ["switch"], f"{url}switch/confirm/?plan=%00": ["switch"],
        f"/join/{link.token}/": ["name", "email", "key", "consent"], f"{way}go/": ["go"], f"{way}member/": ["member"],
        f"{way}another/": ["another"], f"{way}confirm/": ["go"], f"{way}save/": ["kind"],
        f"/my/{world.organization.slug}/": ["email", "key"],
    }
    bad = ["\0", "nul \0:here", "x" * 5000, "x" * 4_000_000, "9" * 18 + ":1", "1:" + "9" * 5000, "\u202e", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), f"\0:{switch}", "x" * 6_000_000, "-1", "²:1", "٣:٣"]
    wrong = []
    own = Client(raise_request_exception=False)
    for at, names in places.items():
        for name in names:
            for one in bad:
                base = {**ANN, "key": "k"} if "/join/" in at and "/on/" not in at else {"email": "a@example.org", "key": "k"} if "/my/" in at else {}
                code = own.post(at, {**base, name: one}).status_code
                if code >= 500:
                    wrong.append((at, name, one[:20], len(one), code))
                from django.core.cache import cache
                cache.clear()
        for content in ("application/json", "multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded; charset=utf-16", "text/plain; charset=nonsense"):
            code = own.generic("POST", at, b"\xff\xfe{" * 10, content_type=content).status_code
            if code >= 500:
                wrong.append((at, content, code))
    for query in ("plan=%00", "plan=" + "9" * 5000, "setup=%00", "setup=%ff", "plan=%ff"):
        for at in (f"{url}switch/", f"{url}back/", f"{way}back/", way, url, f"{url}documents/", f"{url}mails/"):
            code = own.get(f"{at}?{query}").status_code
            if code >= 500:
                wrong.append((at, query, code))
    for one in wrong:
        print(one)
    big = own.post(f"/join/{link.token}/", {**ANN, "key": "k", "name": "x" * 10_000_000})
    print(big.status_code, big.content[:600])
    assert wrong == []
    assert invariants.check(world.organization.id) == []
