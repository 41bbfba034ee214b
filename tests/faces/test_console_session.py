"""Signing in and out, the organizations, and the time bar."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.core.cache import caches
from django.test import Client
from tests.staff import signed_in
from tests.world import NOW, World, a_world

from paidthru import runs
from paidthru.faces.console.doorkeeper import OF_A_PAIR, OF_A_PLACE
from paidthru.faces.console.views import session
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import Membership
from paidthru.organizations.models import Organization, User
from paidthru.organizations.operations import create_organization, grant_role
from paidthru.payments.models import Payment
from paidthru.wiring import desk_for

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long enough password"
ADDRESS = "pat@maple.example"


@pytest.fixture(autouse=True)
def _nobody_has_tried() -> Iterator[None]:
    caches["default"].clear()
    yield
    caches["default"].clear()


def staff(world: World, *roles: str) -> User:
    user = User(email=ADDRESS, name="Pat Treasurer")
    user.set_password(PASSWORD)
    user.save()
    for role in roles or ("viewer",):
        grant_role(world.organization, user, role)
    return user


def words(html: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.decode()).split()).replace("&#x27;", "'")


def signs_in(client: Client, password: str = PASSWORD, email: str = ADDRESS, to: str = "") -> tuple[int, str]:
    answer = client.post("/sign-in/", {"username": email, "password": password, "next": to})
    return answer.status_code, answer.get("Location") or words(answer.content)


# ---------------------------------------------------------------- signing in


def test_the_page_that_was_asked_for_comes_after_signing_in() -> None:
    world = a_world()
    staff(world)
    client = Client()
    asked = client.get(f"/o/{world.organization.slug}/payments/?q=ann")
    assert asked.status_code == 302
    sign_in = client.get(asked["Location"])
    assert b'name="next" value="/o/maple-club/payments/?q=ann"' in sign_in.content
    assert signs_in(client, to="/o/maple-club/payments/?q=ann") == (302, "/o/maple-club/payments/?q=ann")
    assert client.get("/o/maple-club/payments/").status_code == 200


def test_home_is_what_waits_in_the_first_organization() -> None:
    world = a_world()
    staff(world)
    client = Client()
    assert signs_in(client) == (302, "/")
    assert client.get("/", follow=True).redirect_chain == [
        ("/o/maple-club/", 302),
    ]


def test_whoever_is_signed_in_is_not_asked_again() -> None:
    client = signed_in(a_world())
    assert client.get("/sign-in/?next=/o/maple-club/batches/")["Location"] == "/o/maple-club/batches/"


@pytest.mark.parametrize(
    ("email", "password"), [(ADDRESS, "wrong"), ("nobody@maple.example", PASSWORD), (ADDRESS, PASSWORD + " ")]
)
def test_a_wrong_password_is_named_and_tells_nothing_else(email: str, password: str) -> None:
    staff(a_world())
    client = Client()
    status, said = signs_in(client, password, email)
    assert status == 422
    assert "The e-mail address or the password is wrong." in said
    assert client.get("/").status_code == 302, "nobody is signed in"


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [("", "x", "Enter your e-mail address."), (ADDRESS, "", "Enter your password."), ("a\0b", "x", "Null characters"),
     (ADDRESS, "x\0y", "Null characters")],
)  # fmt: skip
def test_what_is_missing_is_named(email: str, password: str, said: str) -> None:
    staff(a_world())
    status, shown = signs_in(Client(), password, email)
    assert status == 422
    assert said in shown


def test_the_address_may_be_typed_in_any_case() -> None:
    staff(a_world())
    assert signs_in(Client(), email=" Pat@Maple.EXAMPLE ")[0] == 302


def test_someone_switched_off_can_t_sign_in() -> None:
    user = staff(a_world())
    User.objects.filter(id=user.id).update(is_active=False)
    status, said = signs_in(Client())
    assert status == 422
    assert "wrong" in said


def test_guessing_is_slowed_down_for_that_person_in_that_place_only() -> None:
    world = a_world()
    staff(world)
    other = User(email="kim@maple.example", name="Kim")
    other.set_password(PASSWORD)
    other.save()
    client = Client()
    assert [signs_in(client, "wrong")[0] for _ in range(OF_A_PAIR)] == [422] * OF_A_PAIR
    status, said = signs_in(client)  # the right one, too late
    assert status == 429
    assert "Wait 15 minutes" in said
    assert signs_in(Client(), email="PAT@maple.example")[0] == 429, "another spelling is the same person"
    assert signs_in(Client(), email="kim@maple.example")[0] == 302
    elsewhere = Client(REMOTE_ADDR="203.0.113.7")
    assert signs_in(elsewhere)[0] == 302, "a stranger can't keep the treasurer out from elsewhere"


def test_one_place_can_t_try_everybody() -> None:
    staff(a_world())
    client = Client(REMOTE_ADDR="203.0.113.9")
    for n in range(OF_A_PLACE):
        assert signs_in(client, "wrong", f"guess{n}@maple.example")[0] == 422
    assert signs_in(client)[0] == 429


def test_sending_nothing_does_not_begin_the_count_anew() -> None:
    staff(a_world())
    for _ in range(OF_A_PAIR):
        signs_in(Client(), "wrong")
        signs_in(Client(), "")
    assert signs_in(Client())[0] == 429


def test_a_mistyped_password_is_forgotten_with_the_right_one() -> None:
    staff(a_world())
    for _ in range(3):
        for _ in range(OF_A_PAIR - 1):
            assert signs_in(Client(), "wrong")[0] == 422
        assert signs_in(Client())[0] == 302


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
    ],
)
def test_nobody_is_sent_elsewhere(elsewhere: str) -> None:
    world = a_world()
    staff(world, "admin")
    client = Client()
    assert signs_in(client, to=elsewhere) == (302, "/")
    moved = client.post("/o/maple-club/time/", {"move": "day", "next": elsewhere})
    assert moved["Location"] == "/o/maple-club/"


def test_forms_need_their_token() -> None:
    world = a_world()
    staff(world)
    client = Client(enforce_csrf_checks=True)
    assert client.post("/sign-in/", {"username": ADDRESS, "password": PASSWORD}).status_code == 403
    assert signed_in(world, csrf=True).post("/sign-out/").status_code == 403
    assert signed_in(world, csrf=True).post("/o/maple-club/time/", {"move": "day"}).status_code == 403


def test_signing_out_is_posted_and_ends_the_session() -> None:
    client = signed_in(a_world())
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/o/maple-club/members/").status_code == 302


def test_without_a_role_there_is_nothing_but_how_to_get_one() -> None:
    user = User.objects.create(email="new@maple.example", name="New")
    client = Client()
    client.force_login(user)
    answer = client.get("/")
    assert answer.status_code == 403
    assert "no role in any organization" in words(answer.content)


def test_organizations_are_switched_and_strangers_see_none() -> None:
    maple, birch, closed = a_world(), a_world(name="Birch"), a_world(name="Closed")
    client = signed_in(maple, "viewer", email="both@example.org")
    signed_in(birch, "viewer", email="both@example.org")
    page = client.get("/o/maple-club/members/").content.decode()
    assert 'href="/o/birch/"' in page
    assert 'href="/o/closed/"' not in page
    assert client.get("/o/birch/members/").status_code == 200
    assert client.get(f"/o/{closed.organization.slug}/members/").status_code == 404
    assert client.get("/o/nowhere/members/").status_code == 404


# ---------------------------------------------------------------- the time bar


def today(world: World) -> date:
    world.organization.refresh_from_db()
    return world.desk.today


def moves(world: World, move: str, to: str = "", **said: str) -> str:
    client = signed_in(world, "admin", "viewer")
    return words(client.post("/o/maple-club/time/", {"move": move, "to": to, **said}, follow=True).content)


def test_a_sandbox_moves_by_a_day_and_to_a_date() -> None:
    world = a_world()
    assert "It is now Jan 2, 2026. Everything due until then is done." in moves(world, "day")
    assert today(world) == date(2026, 1, 2)
    assert "It is now Mar 15, 2026" in moves(world, "date", "2026-03-15")
    assert today(world) == date(2026, 3, 15)


def test_moving_to_the_next_renewal_bills_and_collects_it() -> None:
    world = a_world("recommended")
    member = world.member("Ann", world.plan(), paid_through=date(2026, 1, 31), card=True, autopay=True)
    page = signed_in(world).get("/o/maple-club/members/").content.decode()
    assert "Next renewal" in words(page.encode())
    moves(world, "renewal")
    assert today(world) == date(2026, 2, 1)
    assert Invoice.objects.get(organization=world.organization).state == "paid"
    assert Payment.objects.get(organization=world.organization).amount_minor == 10_000
    member.refresh_from_db()
    assert member.paid_through == date(2027, 1, 31)


def test_moving_far_does_each_thing_on_its_own_day() -> None:
    world = a_world("recommended")
    world.member(
        "Ann", world.plan(interval_unit="month"), paid_through=date(2026, 1, 31), card=True, autopay=True
    )
    moves(world, "date", "2026-05-10")
    received = Payment.objects.filter(organization=world.organization).order_by("number")
    assert [p.received_on for p in received] == [date(2026, m, 1) for m in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("move", "to", "said"),
    [
        ("date", "2025-12-31", "Time never runs backwards."),
        ("date", "2026-01-01", "Time never runs backwards."),
        ("date", "31.12.2026", "“31.12.2026” is no date."),
        ("date", "", "is no date."),
        ("date", "2031-01-01", "more than three years ahead"),
        ("renewal", "", "No membership renews by itself."),
        ("sideways", "", "is no date."),
    ],
)
def test_a_move_that_is_none_is_named(move: str, to: str, said: str) -> None:
    world = a_world()
    assert said in moves(world, move, to)
    assert today(world) == date(2026, 1, 1)


def test_a_live_organization_s_time_can_t_be_moved() -> None:
    live = create_organization(
        name="Maple Club",
        preset="recommended",
        currency="USD",
        zone="UTC",
        locale="en_US",
        mode="live",
        now=NOW,
    )
    world = World(live, desk_for(live))
    client = signed_in(world, "admin", "viewer")
    assert "timebar" not in client.get("/o/maple-club/batches/").content.decode()
    answer = client.post("/o/maple-club/time/", {"move": "date", "to": "2099-01-01"})
    assert answer.status_code == 409
    assert "A live organization's time can't be moved." in words(answer.content)
    live.refresh_from_db()
    assert live.sandbox_now is None


def test_everybody_sees_that_it_is_a_sandbox_and_who_may_moves_its_time() -> None:
    world = a_world()
    client = signed_in(world, "finance", "approver", "viewer")
    page = client.get("/o/maple-club/members/").content.decode()
    assert "Sandbox" in page
    assert "timebar-today" in page
    assert "timebar-moves" not in page
    assert client.post("/o/maple-club/time/", {"move": "day"}).status_code == 403
    assert today(world) == date(2026, 1, 1)


def test_a_large_sandbox_is_moved_by_a_worker_and_the_page_shows_how_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "AT_ONCE", 0)
    world = a_world("recommended")
    world.member("Ann", world.plan(), paid_through=date(2026, 1, 31), card=True, autopay=True)
    client = signed_in(world)
    sent = client.post(
        "/o/maple-club/time/", {"move": "date", "to": "2026-02-10", "next": "/o/maple-club/batches/"}
    )
    assert sent["Location"].startswith("/o/maple-club/time/?from=2026-01-01")
    assert today(world) == date(2026, 1, 1), "the page did not wait for it"
    shown = client.get(sent["Location"])
    assert "To Feb 10, 2026" in words(shown.content)
    assert "0 of 40 days" in words(shown.content)
    again = client.post("/o/maple-club/time/", {"move": "day"})
    assert again.status_code == 409
    assert "on its way already" in words(again.content)

    runs.reach_goal(world.desk)

    assert today(world) == date(2026, 2, 10)
    polled = client.get(sent["Location"], headers={"HX-Request": "true"})
    assert "Done." in words(polled.content)
    assert "/o/maple-club/batches/" in polled.content.decode()
    back = client.get(sent["Location"], follow=True)
    assert back.redirect_chain == [("/o/maple-club/batches/", 302)]
    assert "It is now Feb 10, 2026" in words(back.content)
    assert Membership.objects.get(organization=world.organization).paid_through == date(2027, 1, 31)


def test_the_zone_says_which_day_it_is() -> None:
    world = a_world(zone="Pacific/Auckland", now=datetime(2026, 1, 1, 12, 0, tzinfo=UTC))
    assert today(world) == date(2026, 1, 2)
    moves(world, "day")
    assert today(world) == date(2026, 1, 3)
    assert Organization.objects.get().sandbox_now == datetime(2026, 1, 2, 17, 0, tzinfo=UTC)  # 6:00 there
