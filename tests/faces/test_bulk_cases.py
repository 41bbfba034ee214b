"""An act for many unpaid cases: paused until a day, let go on, closed; read first, done once to each."""

from datetime import date
from html import unescape

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.collecting import Collection
from tests.faces.acting import at, posted_many, press_many, read_many
from tests.faces.test_console_cases import case_of, pays, unpaid
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.arrange_payment import arrange_payment
from paidthru.dunning.models import Pause, Step
from paidthru.dunning.rules.arrangement import Part
from paidthru.faces.console.bulk_cases import CASES
from paidthru.timeline.models import Event
from paidthru.wiring import WORK

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "failures/bulk/"


@pytest.fixture
def found() -> Collection:
    return unpaid("Ann", "Bob", "Cleo")


def read(client: Client, found: Collection, act: str, *names: str, **asked: str) -> str:
    which: dict[str, str | list[str]] = {"pick": [str(case_of(found, name).id) for name in names], **asked}
    return read_many(client, found.world, PATH, act=act, **which)


def said_of(page: str) -> str:
    return unescape(words(page.encode()))


def press(client: Client, found: Collection, page: str, **typed: str) -> tuple[int, str]:
    return press_many(client, found.world, PATH, posted_many(page) | typed)


def events(found: Collection, verb: str) -> list[tuple[str, str]]:
    told = Event.objects.filter(organization=found.world.organization, verb=verb).order_by("id")
    return list(told.values_list("actor", "why"))


def test_they_stand_still_until_a_day_and_are_let_go_on(found: Collection) -> None:
    client = signed_in(found.world, "finance")
    board = client.get(at(found.world, "failures/")).content.decode()
    assert all(f'value="{case_of(found, name).id}"' in board for name in found.members)
    said = said_of(page := read(client, found, "pause", "Ann", "Bob"))
    assert (
        "Next: Reminder, on Jan 4, 2026." in said and "Owed in all: $200.00." in said and "Cleo" not in said
    )
    status, told = press(client, found, page, until="2026-02-01", why="The mail was down")
    assert status == 200 and "2 cases: paused." in told
    assert "done already" in press(client, found, page, until="2026-02-01", why="The mail was down")[1]
    assert events(found, "case_paused") == [("Pat Treasurer", "The mail was down")] * 2
    assert ProcrastinateJob.objects.filter(task_name=WORK).exists(), "a worker looks at them again"
    found.advance(days=7)
    assert set(Step.objects.values_list("case__party__name", flat=True)) == {"Cleo"}

    said = said_of(read(client, found, "pause", all="yes"))
    assert "It stands still already. Paused through Jan 31, 2026: The mail was down." in said
    said = said_of(page := read(client, found, "resume", all="yes"))
    assert "It isn’t paused." in said and "Let them go on: 2 cases" in said
    assert press(client, found, page)[0] == 200
    assert not Pause.objects.filter(ended="").exists() and len(events(found, "case_resumed")) == 2
    found.check()


@pytest.mark.parametrize(
    ("until", "said"), [("2026-01-02", "not ahead"), ("soon", "That is no date"), ("", "A date is needed")]
)
def test_a_day_that_can_t_be_is_asked_for_again(found: Collection, until: str, said: str) -> None:
    client = signed_in(found.world, "finance")
    status, told = press(client, found, read(client, found, "pause", all="yes"), until=until)
    assert status == 422 and not Pause.objects.exists(), told
    assert said in told


def test_they_are_closed_with_a_reason_and_stay_owed(found: Collection) -> None:
    client = signed_in(found.world, "finance")
    page = read(client, found, "close", all="yes", q="Bob")
    assert "Stays owed: $100.00." in said_of(page)
    assert press(client, found, page, why="")[0] == 422
    assert press(client, found, page, why="Pays at the desk")[0] == 200
    assert (
        case_of(found, "Bob").closed_why == "Pays at the desk"
        and found.invoice("Bob").balance_minor == 10_000
    )
    assert {case_of(found, name).state for name in ("Ann", "Cleo")} == {"open"}
    said = said_of(read(client, found, "close", "Bob"))
    assert "It is closed: closed by staff." in said and "Close: " not in said
    closed = client.get(at(found.world, "failures/?show=closed")).content.decode()
    assert "Bob" in closed and 'name="pick"' not in closed and 'id="bulk"' not in closed


def test_an_arrangement_that_is_given_up_is_said(found: Collection) -> None:
    arrange_payment(
        found.world.organization, case_of(found, "Ann").id, [Part(date(2026, 3, 1), 10_000)], why="In March",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    said = said_of(read(signed_in(found.world, "finance"), found, "resume", "Ann"))
    assert "The arrangement is given up." in said and "In March" in said


def test_one_that_was_paid_since_it_was_read_is_read_again(found: Collection) -> None:
    client = signed_in(found.world, "finance")
    page = read(client, found, "close", "Ann", "Bob")
    pays(found, "Ann")
    runs.work(found.desk)
    status, told = press(client, found, page, why="Gone")
    assert status == 409 and "something has changed" in told and "It is closed: paid." in told
    assert case_of(found, "Bob").state == "open"


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("viewer", False), ("front_desk", False), ("finance", True), ("approver", True), ("admin", False)],
)
def test_who_may(found: Collection, role: str, allowed: bool) -> None:
    client, picks = signed_in(found.world, role), [str(case_of(found, "Ann").id)]
    board = client.get(at(found.world, "failures/")).content.decode()
    assert ('name="pick"' in board) == ('id="bulk"' in board) == allowed
    for act in CASES.acts:
        answer = client.get(at(found.world, PATH), {"act": act, "pick": picks})
        assert (answer.status_code != 403) == allowed, act
        sent = {"act": act, "pick": picks, "digest": "x", "key": act, "why": "x", "until": "2026-03-01"}
        assert (client.post(at(found.world, PATH), sent).status_code != 403) == allowed, act
    assert case_of(found, "Ann").state == "open" and not Pause.objects.exists()
