"""An installation's first organization, made in a browser by whoever can read the setup code, once."""

import re
from html import unescape

import pytest
from django.core.cache import caches
from django.test import Client
from tests.actions.test_collection_races import together
from tests.faces.acting import at, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.add_plan import PlanDraft, add_plan
from paidthru.config import home
from paidthru.membership.models import Fee, Plan
from paidthru.organizations.models import Organization, OrganizationBrand, StaffRole, User
from paidthru.organizations.queries import policies_of
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery staple"


def filled(**changed: str) -> dict[str, str]:
    return {
        "code": home.setup_code(), "organization": "Maple Club", "preset": "association", "currency": "usd",
        "zone": "America/New_York", "mode": "sandbox", "name": "Pat Treasurer", "email": "Pat@Example.org",
        "password": PASSWORD, "alone": "on",
    } | changed  # fmt: skip


def test_from_nothing_to_an_organization_and_its_admin() -> None:
    client = Client()
    assert client.get("/sign-in/")["Location"] == "/welcome/"
    assert home.setup_code() not in client.get("/welcome/").content.decode(), "it has to be known already"
    assert home.setup_code() in client.get(f"/welcome/?code={home.setup_code()}").content.decode()
    answer = client.post("/welcome/", filled(), follow=True)
    assert answer.status_code == 200 and "Getting started: 0 of" in words(answer.content)
    made, pat = Organization.objects.get(), User.objects.get()
    assert (made.slug, made.currency, made.mode, made.preset) == (
        "maple-club",
        "USD",
        "sandbox",
        "association",
    )
    assert pat.email == "pat@example.org" and pat.check_password(PASSWORD)
    assert set(StaffRole.objects.values_list("role", flat=True)) == {"admin", "finance", "approver"}
    assert policies_of(made).word("staff.separation") == "off"
    event = Event.objects.get(verb="founded")
    assert (event.actor, event.facts["preset"]) == ("Pat Treasurer", "association")
    assert PASSWORD not in str(event.facts)


def test_who_is_not_alone_needs_a_second_person_for_money_out() -> None:
    """E.3: the box was left empty."""
    several = {key: value for key, value in filled().items() if key != "alone"}
    assert Client().post("/welcome/", several).status_code == 302
    assert policies_of(Organization.objects.get()).word("staff.separation") == "on"


def test_afterwards_there_is_nothing_to_begin() -> None:
    Client().post("/welcome/", filled())
    stranger = Client()
    assert stranger.get("/welcome/")["Location"] == "/"
    assert stranger.post("/welcome/", filled(email="eve@example.org"))["Location"] == "/"
    assert stranger.get("/sign-in/").status_code == 200
    assert User.objects.count() == Organization.objects.count() == 1


def test_of_two_at_once_one_is_the_first() -> None:
    def press(email: str) -> int:
        return Client().post("/welcome/", filled(email=email)).status_code

    codes = together([lambda: press("ann@example.org"), lambda: press("bob@example.org")])
    assert User.objects.count() == Organization.objects.count() == 1
    assert 302 in codes


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "0000-0000"}, "This is not the setup code."),
        ({"code": ""}, "Enter the setup code."),
        ({"currency": "XXQ"}, "XXQ"),
        ({"zone": ""}, "Choose the time zone"),
        ({"zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"email": "pat"}, "Write it as ann@example.org."),
        ({"password": "12345"}, "too short"),
        ({"organization": "  "}, "Enter its name."),
        ({"preset": "guild"}, "Select a valid choice"),
    ],
)
def test_odd_entries_are_named_and_nothing_is_made(changed: dict[str, str], said: str) -> None:
    answer = Client().post("/welcome/", filled(**changed))
    assert answer.status_code == 422 and said in unescape(words(answer.content))
    assert PASSWORD not in answer.content.decode()
    assert not User.objects.exists() and not Organization.objects.exists()


def test_guessing_the_code_is_slowed_down() -> None:
    caches["default"].clear()
    client = Client()
    for _ in range(5):
        assert client.post("/welcome/", filled(code="guess")).status_code == 422
    assert client.post("/welcome/", filled()).status_code == 429 and not User.objects.exists()


@pytest.fixture
def world() -> World:
    return a_world()


def test_the_steps_say_what_is_next(world: World) -> None:
    admin = signed_in(world)
    page = text(admin, at(world, "setup/"))
    assert "0 of 7 steps are done." in page
    plan_for(world)
    set_brand_of(world)
    page = text(admin, at(world, "setup/"))
    assert "2 of 7 steps are done." in page
    assert re.search(r"See what is decided.*?Next.*?Set your letterhead.*?Done", page, re.S)
    assert "Getting started: 2 of 7 done" in text(admin, at(world))
    viewer = signed_in(world, "viewer", email="vic@maple.example")
    assert "Getting started" not in text(viewer, at(world))


def plan_for(world: World) -> None:
    draft = PlanDraft("Regular", amount_minor=10_000)
    add_plan(world.organization, draft, actor=STAFF, now=world.desk.clock.now())


def set_brand_of(world: World) -> None:
    OrganizationBrand.objects.create(
        organization=world.organization, number=1, name="Maple Club Inc.", accent="#145a46", band="#145a46",
        set_by="Pat", set_at=world.desk.clock.now(),
    )  # fmt: skip


def test_a_plan_is_added_once_however_often_it_is_pressed(world: World) -> None:
    admin = signed_in(world, "admin")
    assert "No membership levels yet" in text(admin, at(world, "plans/")) or "yet" in text(
        admin, at(world, "plans/")
    )
    entry = {"key": "k1", "name": "Family", "kind": "subscription", "amount": "120", "interval_count": "1",
             "interval_unit": "year", "trial_days": "0"}  # fmt: skip
    path = at(world, "plans/add/")
    ways = {admin.post(path, entry)["Location"] for _ in range(2)}
    assert len(ways) == 1
    plan = Plan.objects.get()
    assert (plan.name, plan.interval_unit, Fee.objects.get(plan=plan).amount_minor) == (
        "Family",
        "year",
        12_000,
    )
    taken = admin.post(path, entry | {"key": "k2"})
    assert taken.status_code == 422 and "already a plan called" in unescape(words(taken.content))
    for changed, said in (
        ({"amount": "-5"}, "more than nothing"),
        ({"interval_count": "0"}, "greater than or equal to 1"),
        ({"kind": "free"}, "A free plan has no price"),
        ({"name": ""}, "Give it a name."),
    ):
        answer = admin.post(path, entry | {"key": "k3", "name": "Other"} | changed)
        assert answer.status_code == 422 and said in unescape(words(answer.content)), said
    assert Plan.objects.count() == 1
    assert signed_in(world, "finance", email="fin@maple.example").get(path).status_code == 403


def test_the_loser_of_two_presses_is_led_to_the_sign_in_page() -> None:
    clients = [Client(), Client()]
    came = together([lambda one=one: one.post("/welcome/", filled())["Location"] for one in clients])  # type: ignore[misc]
    assert sorted(map(str, came)) in (["/", "/sign-in/"], ["/", "/"]), (
        "the other one, or nothing there any more"
    )
    assert Organization.objects.count() == User.objects.count() == 1
    for one, led in zip(clients, came, strict=True):
        if led == "/sign-in/":
            assert "made already" in words(one.get("/sign-in/").content)


@pytest.mark.parametrize(
    ("zone", "region", "locale"),
    [
        ("Europe/Berlin", "", "en_DE"),
        ("Europe/Berlin", "US", "en_US"),
        ("America/New_York", "", "en_US"),
        ("Asia/Tokyo", "", "ja_JP"),
    ],
)
def test_amounts_are_written_as_in_the_country(zone: str, region: str, locale: str) -> None:
    assert Client().post("/welcome/", filled(zone=zone, region=region, currency="EUR")).status_code == 302
    assert Organization.objects.get().locale == locale


def test_what_is_asked_is_said_before_any_error() -> None:
    page = Client().get("/welcome/").content.decode()
    assert "12 characters or more" in page
    assert "Etc/" not in page and "US/Eastern" not in page
    assert page.index("America/New_York") < page.index("Africa/Abidjan")
    assert page.count('value="Europe/Berlin"') == 1
