"""The members' pages in German, French and Spanish: whose language it is, what sticks, and that none is left over."""

import re
from html import unescape
from uuid import UUID

import pytest
from django.test import Client
from django.utils import translation
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions.join import join
from paidthru.actions.make_join_link import make_join_link
from paidthru.actions.make_link import make_link
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.reworded import reworded
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import pay_token
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Plan
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)

#: Words that no German, French or Spanish sentence of ours has, and hardly an English one lacks.
ENGLISH = re.compile(
    r"\b(the|your|my|is|are|by|and|with|for|please|from|what|it|this|that|not|of|to|now|charged?|paid|due)\b",
    re.IGNORECASE,
)
GREETING = {
    "en": ("Next charge", "Cancel my membership"),
    "de": ("Nächste Abbuchung", "Mitgliedschaft kündigen"),
    "fr": ("Prochain prélèvement", "Résilier mon adhésion"),
    "es": ("Próximo cobro", "Cancelar mi membresía"),
}


@pytest.fixture
def world() -> World:
    return a_world("community", name="Maple Church", currency="EUR", switch__effective__member="now")


@pytest.fixture
def plan(world: World) -> Plan:
    return world.plan("Familie", 123_400, interval_unit="month")


@pytest.fixture
def ann(world: World, plan: Plan) -> UUID:
    """A member who joined by card and has paid."""
    party_id = world.party("Ann", email="ann@example.org")
    world.card(party_id)
    actor = Actor("member", "Ann")
    made = join(world.organization, party_id, plan.id, actor=actor, now=world.desk.clock.now(), autopay=True)
    assert made.invoice_id
    runs.pay_online(world.desk, made.invoice_id, actor=actor)
    return party_id


def _link(world: World, party_id: UUID, purpose: str = "member") -> str:
    now = world.desk.clock.now()
    _, token = make_link(world.organization, party_id, purpose=purpose, actor=STAFF, now=now)
    return f"/m/{token}/"


def _page(client: Client, url: str, language: str = "") -> str:
    response = client.get(url, headers={"accept-language": language} if language else None)
    assert response.status_code == 200, (url, response)
    return response.content.decode()


def _read(page: str) -> str:
    """What a reader sees of a page's sheet."""
    sheet = page[page.index("<main") : page.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", sheet)).split())


def _left_over(page: str) -> list[str]:
    return ENGLISH.findall(_read(page))


def _lang(page: str) -> str:
    found = re.search(r'<html lang="([^"]+)"', page)
    assert found
    return found[1].partition("-")[0]


@pytest.mark.parametrize("language", GREETING)
def test_a_members_own_language_is_spoken_whatever_the_browser_says(
    client: Client, world: World, ann: UUID, language: str
) -> None:
    Party.objects.filter(id=ann).update(language=language)
    other = "en" if language != "en" else "fr"
    page = _page(client, f"{_link(world, ann)}membership/", other)
    assert all(words in page for words in GREETING[language]) and _lang(page) == language
    assert (
        unescape({"en": "€1,234.00", "de": "1.234,00", "fr": "1\u202f234,00", "es": "1,234.00"}[language])
        in page
    )


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_nothing_is_left_in_english_on_a_members_pages(
    client: Client, world: World, ann: UUID, language: str
) -> None:
    """Every page that the main page leads to, with another plan, and what canceling and switching do."""
    Party.objects.filter(id=ann).update(language=language)
    other = world.plan("Einzel", 2_000, interval_unit="year")
    home = _link(world, ann)
    main = _page(client, home)
    assert f"{home}cancel/" in main and f"{home}switch/" in main
    ways = {way for way in re.findall(r'href="([^"#]+)"', main) if way.startswith(home)}
    assert len(ways) >= 6
    assert _left_over(_page(client, f"/my/{world.organization.slug}/")), "English is noticed"
    for way in (home, *sorted(ways), f"{home}switch/?plan={other.id}", f"{home}switch/?plan=nothing"):
        assert not _left_over(_page(client, way)), (way, _read(_page(client, way)))


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_the_pages_for_anybody_speak_the_browsers_language(
    client: Client, world: World, plan: Plan, language: str
) -> None:
    """The join page, signing in, and paying by link; as what is typed there wrong."""
    now = world.desk.clock.now()
    ben = world.party("Ben", email="ben@example.org")
    made = join(world.organization, ben, plan.id, actor=STAFF, now=now)
    assert made.invoice_id
    invoice = Invoice.objects.get(id=made.invoice_id)
    to_pay = make_pay_link(world.organization, invoice.id, actor=STAFF, now=now)
    to_join = make_join_link(world.organization, plan.id, actor=STAFF, now=now)
    sign_in, joining = f"/my/{world.organization.slug}/", f"/join/{to_join.token}/"
    for url in (sign_in, joining, f"/pay/{pay_token(to_pay.id)}/"):
        page = _page(client, url, language)
        assert _lang(page) == language and not _left_over(page), _read(page)
        assert _lang(_page(client, url, "ja, tlh;q=0.5")) == "en", "a language that we haven't"
    for url in (sign_in, joining):
        wrong = client.post(url, {"email": "nobody", "key": "1"}, headers={"accept-language": language})
        said = wrong.content.decode()
        assert wrong.status_code == 422 and not _left_over(said), _read(said)
    gone = client.get("/m/never-was/", headers={"accept-language": language}).content.decode()
    assert _lang(gone) == language and not _left_over(gone), _read(gone)


def test_a_chosen_language_sticks_in_the_browser(client: Client, world: World, plan: Plan) -> None:
    url = f"/my/{world.organization.slug}/"
    answer = client.get("/language/", {"language": "fr", "next": url})
    assert (answer.status_code, answer["Location"]) == (303, url)
    assert _lang(_page(client, url, "de")) == "fr"
    assert 'aria-current="true">Français' in " ".join(_page(client, url).split())
    client.get("/language/", {"language": "tlh", "next": url})
    assert _lang(_page(client, url)) == "fr", "an unknown one changes nothing"
    for away in ("https://example.org/", "//example.org/", "javascript:alert(1)", ""):
        assert client.get("/language/", {"language": "fr", "next": away})["Location"] == "/"


def test_what_a_member_chooses_is_kept_with_them_and_told(client: Client, world: World, ann: UUID) -> None:
    home = _link(world, ann)
    assert _lang(_page(client, home)) == "en"
    for _ in range(2):
        answer = client.post(f"{home}language/", {"language": "de", "next": f"{home}mails/"})
        assert (answer.status_code, answer["Location"]) == (303, f"{home}mails/")
    assert client.get(f"{home}language/").status_code == 405
    assert Party.objects.get(id=ann).language == "de"
    told = Event.objects.filter(verb="language_chosen", party_id=ann)
    assert [(one.actor_kind, one.facts["language"]) for one in told] == [("member", "de")]
    assert _lang(_page(Client(), home, "es")) == "de", "in another browser, too"
    client.post(f"{home}language/", {"language": "tlh", "next": home})
    assert Party.objects.get(id=ann).language == "de"
    assert Client(enforce_csrf_checks=True).post(f"{home}language/", {"language": "es"}).status_code == 403


def test_without_any_wish_the_organizations_language_is_spoken(
    client: Client, world: World, ann: UUID
) -> None:
    Organization.objects.filter(id=world.organization.id).update(locale="de_CH")
    page = _page(client, _link(world, ann))
    assert '<html lang="de-ch">' in page and "1’234.00" in page, "as it is written in its region"
    Organization.objects.filter(id=world.organization.id).update(locale="ja_JP")
    assert _lang(_page(client, _link(world, ann))) == "en"
    assert translation.get_language() == "en", "one reader's language is not the next one's"


def test_the_calendar_is_in_the_language_of_the_mails(client: Client, world: World, ann: UUID) -> None:
    Party.objects.filter(id=ann).update(language="de")
    page = _page(client, f"{_link(world, ann)}calendar/")
    feed = re.search(r"/calendar/[^\"]+\.ics", page)
    assert feed
    said = client.get(feed[0], headers={"accept-language": "fr"}).content.decode().replace("\r\n ", "")
    assert "SUMMARY:1.234\\,00 € an Maple Church" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "wird automatisch abgebucht" in said


def test_what_a_switch_and_a_cancellation_do_is_done_as_it_was_read(
    client: Client, world: World, ann: UUID
) -> None:
    Party.objects.filter(id=ann).update(language="de")
    home = _link(world, ann)
    key = re.search(r'name="key"\s+value="([^"]+)"', _page(client, f"{home}cancel/"))
    assert key
    Party.objects.filter(id=ann).update(language="fr")  # chosen in between: what it does is the same
    said = client.post(f"{home}cancel/confirm/", {"key": key[1]}, follow=True).content.decode()
    assert "Résiliée" in said and "Revenir sur l" in said and not _left_over(said), _read(said)


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "Regular from 2026-01-01 to 2026-12-31 costs 50.00 EUR: 6 of 12 months of the full 100.00 EUR.",
            "Regular vom 2026-01-01 bis 2026-12-31 kostet 50.00 EUR: 6 von 12 Monaten, voller Preis 100.00 EUR.",
        ),
        (
            "Regular from 2026-01-01 to 2026-12-31 costs 9.00 EUR: 10.00 EUR, 10 % off (“X”); 6 of 12 months.",
            "Regular vom 2026-01-01 bis 2026-12-31 kostet 9.00 EUR: 10.00 EUR, 10 % Nachlass („X“); 6 von 12 Monaten.",
        ),
        (
            "Regular from 2026-01-01 to 2026-03-31 costs 25.00 EUR: the term lasts 3 months instead of 1 year.",
            "Regular vom 2026-01-01 bis 2026-03-31 kostet 25.00 EUR: der Zeitraum dauert 3 Monate statt 1 Jahr.",
        ),
        ("Donation to Roof, in honour of Eve", "Spende für Roof, zu Ehren von Eve"),
        ("Roof, 1A, instalment 1 of 3", "Roof, 1A, Rate 1 von 3"),
        (
            "9.05 EUR × 1 of 3 (units) = 3 EUR, with 1 EUR of what is left over: 3.02 EUR; instalment 2 of 3: 1.11",
            "9.05 EUR × 1 von 3 (Einheiten) = 3 EUR, mit 1 EUR von dem, was übrig bleibt: 3.02 EUR; Rate 2 von 3: 1.11",
        ),
        (
            "250.00 EUR every 3 months from 2026-01-01, as assessed.",
            "250.00 EUR alle 3 Monate ab 2026-01-01, wie festgesetzt.",
        ),
        ("Assessment, 1A, 2026-01-01 to 2026-01-31", "Assessment, 1A, 2026-01-01 bis 2026-01-31"),
        ("Clubhouse of the year", "Clubhouse of the year"),
    ],
)
def test_sentences_of_deeper_floors_are_said_again(english: str, german: str) -> None:
    with translation.override("de"):
        assert reworded(english) == german
    assert reworded(english) == english


def test_a_refusal_is_said_in_the_readers_language() -> None:
    fix = "Check how it is written, or go on without it."
    refused = Refused("code_unknown", "There is no discount with the code “X” today.", fix=fix)
    with translation.override("es"):
        assert said_of(refused) == (
            "Hoy no hay ningún descuento con el código «X». Compruebe cómo se escribe, o siga sin él."
        )
    assert said_of(Refused("x", "Nobody thought of this.")) == "Nobody thought of this."
