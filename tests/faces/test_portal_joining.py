"""Joining by link: the public page, the way that is mailed, one charge; and nobody learns whose address is known."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from tests.world import STAFF, World, a_world

from paidthru import invariants
from paidthru.actions.change_join_link import change_join_link
from paidthru.actions.give_discount import DiscountDraft, end_discount, give_discount
from paidthru.actions.make_join_link import make_join_link
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import JoinLink, Membership, Plan, SignUp
from paidthru.organizations.models import Organization
from paidthru.payments.models import Attempt, Payment
from paidthru.people.models import Party
from paidthru.timeline.models import Message

pytestmark = pytest.mark.django_db(transaction=True)

ANN = {"name": "Ann Ames", "email": "ann@example.org", "consent": "on"}


@pytest.fixture
def world() -> World:
    return a_world("coworking", name="Maple Hub")


@pytest.fixture
def link(world: World) -> JoinLink:
    return _link(world, world.plan("Hot desk", 10_000, interval_unit="month"))


def _link(world: World, plan: Plan) -> JoinLink:
    return make_join_link(world.organization, plan.id, actor=STAFF, now=world.desk.clock.now())


def _key(client: Client, url: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', client.get(url).content.decode())
    assert found
    return found[1]


def _ask(client: Client, link: JoinLink, **about: str) -> str:
    """Asks to join, and returns the way on, which a sandbox shows."""
    url = f"/join/{link.token}/"
    page = client.post(url, {**ANN, "key": _key(client, url), **about}, follow=True).content.decode()
    found = re.search(r"/join/on/[^/]+/", page)
    assert found, page
    return found[0]


def _choice(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]+)"', page)
    assert found, page
    return found[1]


def _save(client: Client, way: str, method: str = "card:ok") -> str:
    """Saves a way to pay at the processor, and returns the page that follows."""
    sandbox = client.post(f"{way}save/")["Location"]
    back = client.post(sandbox, {"method": method})["Location"]
    assert client.get(back)["Location"] == way
    return client.get(way).content.decode()


def test_a_visitor_joins_by_link_and_pays_once(client: Client, world: World, link: JoinLink) -> None:
    """P-22, P-26: what is charged is read first; double clicks and double submits are one member and one charge."""
    page = client.get(f"/join/{link.token}/").content.decode()
    for said in (
        "Maple Hub",
        "Join Hot desk",
        "$100.00",
        "every month",
        "Feb 1, 2026",
        "I want to join Hot desk",
    ):
        assert said in page
    for never in ("card-number", "cc-number", "cvc", "iban"):
        assert never not in page
    key = _key(client, f"/join/{link.token}/")
    way = _ask(client, link, key=key)
    assert _ask(client, link, key=key) != ""  # the same form again
    assert SignUp.objects.count() == 1
    way = _ask(client, link, key=key)
    assert (Party.objects.count(), Membership.objects.count()) == (0, 0)
    assert "Join and pay" not in client.get(way).content.decode()
    page = _save(client, way)
    assert "Join and pay $100.00" in page
    assert Membership.objects.count() == 0, "saving a card is no joining"
    digest = _choice(page, "go")
    assert client.post(f"{way}go/", {"go": "other"}).status_code == 409
    for _ in range(2):
        assert client.post(f"{way}go/", {"go": digest})["Location"] == way
    page = client.get(way).content.decode()
    assert "Welcome" in page and "$100.00" in page
    membership = Membership.objects.get()
    assert (membership.state, membership.autopay, membership.paid_through) == (
        "active",
        True,
        date(2026, 1, 31),
    )
    assert (Party.objects.count(), Invoice.objects.count(), Payment.objects.count()) == (1, 1, 1)
    kinds = list(Message.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["sign_up", "welcome", "receipt"]
    home = client.post(f"{way}member/", {"member": str(membership.id)})["Location"]
    assert client.get(home).status_code == 200
    assert invariants.check(world.organization.id) == []


def test_who_bills_by_runs_has_the_next_charge_agreed_to_as_well(client: Client) -> None:
    """Whoever joins with a card is on autopay, so that a run of staff's charges it: the consent says so (I-13)."""
    world = a_world("association", name="Maple Guild")
    link = _link(world, world.plan("Regular", 18_000))
    page = client.get(f"/join/{link.token}/").content.decode()
    assert "may charge $180.00 now, and from " in page
    assert "until I cancel" in page
    assert "Charged next" in page


def test_a_declined_first_payment_is_paid_by_another_card(
    client: Client, world: World, link: JoinLink
) -> None:
    way = _ask(client, link)
    page = _save(client, way, "card:insufficient_funds")
    client.post(f"{way}go/", {"go": _choice(page, "go")})
    page = client.get(way).content.decode()
    assert "did not go through" in page
    assert Membership.objects.get().state == "pending"
    page = _save(client, way)
    client.post(f"{way}go/", {"go": _choice(page, "go")})
    assert "Welcome" in client.get(way).content.decode()
    assert list(Attempt.objects.order_by("id").values_list("state", flat=True)) == ["declined", "succeeded"]
    assert Payment.objects.count() == 1
    assert invariants.check(world.organization.id) == []


def test_a_free_plan_needs_no_way_to_pay(client: Client, world: World) -> None:
    way = _ask(client, _link(world, world.plan("Friends", None, kind="free")))
    page = client.get(way).content.decode()
    assert "save/" not in page
    client.post(f"{way}go/", {"go": _choice(page, "go")})
    assert "Welcome" in client.get(way).content.decode()
    assert (Membership.objects.get().state, Invoice.objects.count()) == ("active", 0)


def test_the_answer_is_the_same_whoever_is_known(client: Client, world: World, link: JoinLink) -> None:
    """P-28: a member who opens another plan's link is offered the switch, by mail; a stranger learns nothing."""
    member = world.member("Ann Ames", world.plan("Day pass", 1_000), paid_through=date(2026, 1, 31))
    Party.objects.filter(id=member.party_id).update(email="Ann@example.org")

    def answer(name: str, email: str) -> str:
        key = _key(client, f"/join/{link.token}/")
        page = client.post(
            f"/join/{link.token}/", {**ANN, "name": name, "email": email, "key": key}, follow=True
        )
        said = page.content.decode().replace(email, "ADDRESS")
        said = re.sub(r"/join/on/[^/]+/", "WAY", said)
        return f"{page.status_code} {said}"

    assert answer("Ann Ames", "ann@example.org") == answer("Xy", "stranger@example.org")
    assert {one.party_id for one in Message.objects.filter(kind="sign_up")} == {None}
    way = _ask(client, link)
    page = client.get(way).content.decode()
    assert "Switch Ann Ames to Hot desk" in page and "Day pass" in page
    assert "Join as" not in page, "the same name again is the same person"
    there = client.post(f"{way}member/", {"member": str(member.id)})["Location"]
    assert there.endswith(f"/switch/?plan={link.plan_id}")
    other = _ask(client, link, name="Bob Ames")
    assert "Join as Bob Ames" in client.get(other).content.decode()
    client.post(f"{other}another/")
    assert "Save a card" in client.get(other).content.decode()
    assert client.post(f"{other}member/", {"member": str(link.id)}).status_code == 404


def test_links_that_take_nobody_say_so(client: Client, world: World, link: JoinLink) -> None:
    organization, now = world.organization, world.desk.clock.now()
    way = _ask(client, link)
    assert client.get("/join/never-was/").status_code == 404
    assert client.get("/join/on/never-was/").status_code == 404
    change_join_link(organization, link.id, enabled=False, expires_on=None, actor=STAFF, now=now)
    for url in (f"/join/{link.token}/", way):
        page = client.get(url)
        assert (page.status_code, "switched off" in page.content.decode()) == (410, True)
    assert client.post(f"{way}save/").status_code == 410
    yesterday = world.desk.today - timedelta(days=1)
    JoinLink.objects.update(enabled=True, expires_on=yesterday)
    assert "has expired" in client.get(f"/join/{link.token}/").content.decode()
    JoinLink.objects.update(expires_on=world.desk.today)
    assert client.get(f"/join/{link.token}/").status_code == 200
    Plan.objects.update(closed=True)
    assert client.get(f"/join/{link.token}/").status_code == 410
    Plan.objects.update(closed=False)
    SignUp.objects.update(until=now)
    assert client.get(way).status_code == 404


def test_what_is_typed_is_checked_and_a_flood_is_turned_away(
    client: Client, world: World, link: JoinLink
) -> None:
    url = f"/join/{link.token}/"
    key = _key(client, url)
    for wrong, said in (
        ({"name": " "}, "tell us your name"),
        ({"email": "ann"}, "no e-mail address"),
        ({"consent": ""}, "tick that you agree"),
        ({"name": "Ann\x07Ames"}, "control character"),
    ):
        page = client.post(url, {**ANN, "key": key, **wrong})
        assert (page.status_code, said in page.content.decode()) == (422, True), wrong
    assert SignUp.objects.count() == 0
    for n in range(4):
        assert client.post(url, {**ANN, "key": f"k{n}"}).status_code == 303, "Reload sends nothing again"
    assert client.post(url, {**ANN, "key": "k5"}).status_code == 429  # one address
    codes = [
        client.post(url, {**ANN, "email": f"a{n}@example.org", "key": f"m{n}"}).status_code for n in range(9)
    ]
    assert codes == [303] * 8 + [429]  # one place
    assert Client(enforce_csrf_checks=True).post(url, {**ANN, "key": "x"}).status_code == 403
    assert client.get(url).headers["Cache-Control"].count("no-store") == 1
    Organization.objects.filter(id=world.organization.id).update(mode="live", sandbox_now=None)
    JoinLink.objects.update(created_at=world.desk.clock.now())
    assert "can’t take cards" in client.get(url).content.decode()


def test_a_code_s_price_is_read_before_it_is_charged(client: Client, world: World, link: JoinLink) -> None:
    """A wrong code is told in place; who gives one agrees to its price, and is charged that, also when the discount
    is only for the first term."""
    now = world.desk.clock.now()
    draft = DiscountDraft("percentage", rate_ppm=300_000, code="SPRING", name="Spring", terms=1)
    spring = give_discount(world.organization, draft, actor=STAFF, now=now)
    other = DiscountDraft("complimentary", plan_id=world.plan("Other").id, code="OTHER")
    give_discount(world.organization, other, actor=STAFF, now=now)
    url = f"/join/{link.token}/"
    filled = {**ANN, "key": _key(client, url)}
    for code, why in (("SUMMER", "There is no discount"), ("other", "is not for Hot desk"), ("a\0b", "")):
        wrong = client.post(url, {**filled, "code": code})
        assert (wrong.status_code, SignUp.objects.count()) == (422, 0)
        assert why in wrong.content.decode()
    read = client.post(url, {**filled, "code": "spring"}).content.decode()
    assert "This is the price with the code" in read and SignUp.objects.count() == 0
    for page in (read, client.get(f"{url}?code=Spring").content.decode()):
        assert "$70.00" in page and "instead of $100.00" in page
        assert "and $100.00 every month once the discount is over" not in page, (
            "the next term is full already"
        )
        assert "from Feb 1, 2026 $100.00 every month" in page
    assert "There is no discount" in client.get(f"{url}?code=SUMMER").content.decode()
    way = _ask(client, link, code="spring", read_with="SPRING")
    page = _save(client, way)
    assert "Join and pay $70.00" in page
    client.post(f"{way}go/", {"go": _choice(page, "go")})
    assert (Invoice.objects.get().total_minor, Payment.objects.get().amount_minor) == (70_00, 70_00)
    end_discount(world.organization, spring.id, actor=STAFF, now=now)
    way = _ask(client, link, email="bob@example.org", name="Bob", code="", read_with="")
    assert "Join and pay $100.00" in _save(client, way)


def test_a_code_that_ends_before_it_is_confirmed_is_told(
    client: Client, world: World, link: JoinLink
) -> None:
    now = world.desk.clock.now()
    draft = DiscountDraft("percentage", rate_ppm=300_000, code="SPRING", name="Spring")
    spring = give_discount(world.organization, draft, actor=STAFF, now=now)
    way = _ask(client, link, code="SPRING", read_with="SPRING")
    page = _save(client, way)
    end_discount(world.organization, spring.id, actor=STAFF, now=now)
    assert client.post(f"{way}go/", {"go": _choice(page, "go")}).status_code == 409
    page = client.get(way).content.decode()
    assert "This is the price without it." in page and "Join and pay $100.00" in page
    assert not Membership.objects.exists()


def test_whoever_joins_in_french_is_written_to_in_french(
    client: Client, world: World, link: JoinLink
) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr-CA,fr;q=0.9"
    way = _ask(client, link)
    assert Message.objects.get(kind="sign_up").facts["language"] == "fr"
    page = _save(client, way)
    client.post(f"{way}go/", {"go": _choice(page, "go")})
    assert Party.objects.get(email="ann@example.org").language == "fr"
