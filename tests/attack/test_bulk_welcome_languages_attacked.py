"""Acts for many, the first run and the languages, under attack."""

from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from tests.actions.test_collection_races import together
from tests.faces.acting import at, hidden
from tests.faces.test_bulk_acts import ids, posted, press, read
from tests.faces.test_console_members import words
from tests.faces.test_portal_languages import _link
from tests.faces.test_welcome import filled
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru.faces.console import bulk_acts
from paidthru.membership.models import Membership
from paidthru.organizations.models import Organization, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def club() -> World:
    made = a_world()
    plan = made.plan()
    for name in ("Ann", "Bob", "Cleo"):
        made.member(name, plan, paid_through=date(2026, 6, 30), card=True)
    return made


def test_an_act_for_many_that_was_cut_off_is_not_called_done(club: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Membership.objects.update(autopay=False)
    client = signed_in(club)
    client.raise_request_exception = False
    page = read(client, club, act="autopay_on", pick=ids(club, "Ann", "Bob", "Cleo"))
    fields = posted(page)
    real, calls = bulk_acts.switch_autopay, []

    def cut_off(*args: object, **more: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("the process ends here")
        real(*args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(bulk_acts, "switch_autopay", cut_off)
        assert press(client, club, fields)[0] == 500
    assert list(Membership.objects.order_by("party__number").values_list("autopay", flat=True)) == [True, False, False]
    status, said = press(client, club, fields)
    done = Membership.objects.filter(autopay=True).count()
    assert done == 3 or "done already" not in said, (done, said[:300])


def test_all_that_failed_is_counted(club: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from paidthru.kernel.errors import Refused
    plan = club.plan("Other")
    for n in range(15):
        club.member(f"M{n}", plan, paid_through=date(2026, 6, 30))
    client = signed_in(club)
    Membership.objects.update(autopay=False)
    page = read(client, club, act="autopay_on", all="yes")

    def no(*args: object, **more: object) -> None:
        raise Refused("x", "It changed.")

    monkeypatch.setattr(bulk_acts, "switch_autopay", no)
    _, said = press(client, club, posted(page))
    warned = said.count("It changed.")
    assert warned == 18 or "8 more" in said or "others" in said, (warned, said)


@pytest.mark.parametrize("name", ["日本クラブ", "!!!", "x" * 200, "new", "settings", "<b>Ann</b>", "{0} {x.__class__}", "a\u202eb", "a\x07b", "\u00ad", "\u200b"])
def test_odd_names_of_organizations(name: str) -> None:
    client = Client(raise_request_exception=False)
    answer = client.post("/welcome/", filled(organization=name), follow=True)
    assert answer.status_code in (200, 422), answer.status_code
    assert (Organization.objects.count(), User.objects.count()) in ((1, 1), (0, 0))


@pytest.mark.parametrize("changed", [
    {"email": "\u0130pek@example.org"}, {"email": "a@example.org\nBcc: b@x.org"}, {"email": "STRASSE\u1e9e@example.org"},
    {"email": "k\u212a@example.org"}, {"password": "p" * 1_000_000}, {"name": "x\x07y"}, {"name": "\u200b"}, {"currency": "\u0131sk"},
    {"currency": "usd\x00"}, {"currency": "JPY"}, {"currency": "XTS"}, {"zone": "Etc/GMT+12"}, {"zone": "../etc"}, {"code": "\u0660"},
    {"mode": "other"}, {"preset": "recommended"}, {"preset": "ams_hoa", "mode": "live"}, {"preset": "sandbox"}, {"zone": "posix/UTC"}, {"zone": "right/UTC"}, {"password": "\ud7ffcorrect horse battery"},
])
def test_odd_entries_of_the_first_run(changed: dict[str, str]) -> None:
    cache.clear()
    client = Client(raise_request_exception=False)
    answer = client.post("/welcome/", filled(**changed), follow=True)
    assert answer.status_code in (200, 422), answer.status_code
    assert (Organization.objects.count(), User.objects.count()) in ((1, 1), (0, 0))
    if User.objects.exists():
        assert "Getting started" in words(answer.content), words(answer.content)[:200]
        typed = filled(**changed)
        other = Client()
        assert other.post("/sign-in/", {"username": typed["email"], "password": typed["password"]}).status_code == 302


def test_a_double_click_comes_in(club: None = None) -> None:
    came = together([lambda: Client().post("/welcome/", filled()).status_code] * 2)
    assert came == [302, 302], came


@pytest.mark.parametrize("wanted", ["*", "de;q=abc", "xx" * 5000, "de-" + "a" * 9000, "en;q=0,de;q=0", ",,,;;;", "de;q=1.0000000000001", "\u00e9", "de, " * 3000])
def test_odd_wishes_of_a_browser(club: World, wanted: str) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get(f"/my/{club.organization.slug}/", headers={"accept-language": wanted})
    assert answer.status_code == 200
    assert translation.get_language() == "en"


@pytest.mark.parametrize("there", ["//evil.example", "/\\evil.example", "/\t/evil.example", "\\\\evil.example", "/\n/evil.example", "///evil.example", "http:///evil.example", "javascript:alert(1)", "/%2f/evil.example", "/ok/\r\nX: y", "/\u2028x", "/" + "a" * 20000, "/\x00"])
def test_odd_goals_of_a_choice(there: str) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get("/language/", {"language": "de", "next": there})
    assert answer.status_code == 303
    assert not answer["Location"].startswith(("//", "/\\", "http", "java", "\\"))


@pytest.mark.parametrize("name", ["{0}", "{x.__class__}", "%(name)s %s", "<script>alert(1)</script>", "{organization}"])
def test_names_with_braces_in_every_language(name: str) -> None:
    made = a_world(name=f"Maple {name}")
    plan = made.plan(f"P {name}")
    made.member(name, plan, paid_through=date(2026, 6, 30), card=True)
    from paidthru.people.models import Party
    party = Party.objects.get(name=name)
    client = Client()
    for language in ("en", "de", "fr", "es"):
        Party.objects.update(language=language)
        home = _link(made, party.id)
        for path in ("", "membership/", "cancel/", "documents/", "mails/", "calendar/", "give/", "method/", "switch/"):
            answer = client.get(home + path)
            assert answer.status_code in (200, 302, 404, 409, 422), (language, path, answer.status_code)
            assert b"<script>alert" not in answer.content
            assert "class '" not in answer.content.decode()


def test_a_kept_view_with_odd_queries(club: World) -> None:
    client = signed_in(club)
    client.raise_request_exception = False
    found = {}
    for query in ("q=%00", "plan=nonsense", "status=%F0%9F%98%80", "sort=__class__", "q=" + "x" * 900, "q=" + "x" * 10000, "javascript:alert(1)", "q=<script>alert(1)</script>", "a&b&c=", "ending=maybe", "sort=-nothing", "q=%ff%fe", "q=\ud7ff"):
        answer = client.post(at(club, "views/keep/"), {"path": "members/", "query": query, "name": f"n{len(found)}"}, follow=True)
        found[query[:30]] = answer.status_code
        assert b"<script>alert" not in answer.content
    for path in ("//evil/", "/etc/", "..", "members/../", "https://evil/", "\\evil/", "members/?x=/", "sign-out/", "members//", "settings/", "views/keep/", "members/\x00/", "m\u00e9mbers/"):
        answer = client.post(at(club, "views/keep/"), {"path": path, "query": "q=a", "name": "n"}, follow=True)
        found[path] = answer.status_code
    assert not {status for status in found.values() if status >= 500}, found
