"""The calendar of work, in the console and on the command line: an outage is seen and made up for (A-51), and the whole
renewal goes by itself (I-71)."""

from datetime import UTC, date, datetime

import pytest
from tests.faces.acting import at, hidden, text
from tests.faces.test_cli import refused, run
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions.switch_worker import switch_worker
from paidthru.faces.worker.jobs import catch_up_on, work_on
from paidthru.invoicing.models import Invoice
from paidthru.organizations.operations import move_clock
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.automation import BY_ITSELF, BY_STAFF, automatic
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    """A club whose worker has been away since two renewal dates."""
    world = a_world("recommended", collect__arrears="all_open")
    plan = world.plan("Monthly", 3_000, interval_unit="month")
    world.member("Ann", plan, paid_through=date(2026, 1, 9), card=True, autopay=True)
    world.member("Bob", plan, paid_through=date(2026, 1, 9))
    runs.work(world.desk)
    switch_worker(world.organization, stopped=True, actor=STAFF, now=world.desk.clock.now())
    move_clock(world.organization, datetime(2026, 2, 15, 18, 0, tzinfo=UTC))
    return world


def test_the_command_line_lists_what_was_missed_and_does_it(world: World) -> None:
    said = run("status", "--json")
    assert said.code == 1  # something is late by more than an hour
    (found,) = said.json["organizations"]
    assert (found["due_not_done"], found["late"], found["stopped"]) == (2, True, True)
    assert [one["kind"] for one in found["work"]] == ["terms"]
    assert found["worked_at"].startswith("2026-01-01 09:00")
    missed = run("catch-up", "--json").json["missed"]
    assert [(one["day"], one["count"], one["amount"]) for one in missed] == [
        ("2026-01-10", 2, "60.00"),
        ("2026-02-10", 2, "60.00"),
    ]
    assert not Invoice.objects.exists()
    assert "Terms to bill" in run("catch-up").out
    done = run("catch-up", "--yes", "--json").json
    assert (len(done["missed"]), done["left"]) == (2, [])
    assert Invoice.objects.count() == 4
    assert run("catch-up", "--yes").out.strip() == "Nothing is due that has not been done."
    said = run("status")
    assert said.code == 0
    assert "Due but not done: 0" in said.out
    assert "switched off" in said.out


def test_the_console_lists_what_was_missed_and_does_it_once(world: World) -> None:
    pat, viewer = signed_in(world), signed_in(world, "viewer")
    assert "Due but not done 2" in text(pat, at(world))
    shown = text(viewer, at(world, "calendar/"))
    assert "Something has been due for more than an hour" in shown
    assert "Terms to bill 2 $60.00" in shown
    assert "Do it now" not in shown
    assert viewer.get(at(world, "calendar/catch-up/")).status_code == 403
    assert viewer.get(at(world, "calendar/automatic/")).status_code == 403
    path = at(world, "calendar/catch-up/")
    asked = pat.get(path).content.decode()
    assert "Payments are tried today, not on the day they were due." in words(asked.encode())
    assert pat.post(path, hidden(asked) | {"digest": "read something else"}).status_code == 409
    for said in ("What was due is done.", "Everything that is due is done."):
        answer = pat.post(path, hidden(asked), follow=True)
        assert said in words(answer.content)
    assert Invoice.objects.count() == 4
    assert "Due but not done 0" in text(pat, at(world))


def test_other_peoples_calendars_are_not_there(world: World) -> None:
    stranger = signed_in(a_world("recommended", name="Elm Club"))
    for path in ("calendar/", "calendar/catch-up/", "calendar/automatic/"):
        assert stranger.get(at(world, path)).status_code == 404


def test_a_worker_leaves_its_heartbeat_and_catches_up_when_asked(world: World) -> None:
    assert runs.watch(world.desk).seen_at is None
    work_on(str(world.organization.id))
    watch = runs.watch(world.desk)
    assert watch.seen_at is not None
    assert watch.count == 2  # the worker is switched off for this organization
    catch_up_on(str(world.organization.id))
    assert runs.watch(world.desk).count == 0


def test_the_whole_renewal_by_itself_is_one_switch() -> None:
    """I-71: four policies together, told in the log, and back."""
    world = a_world("association", now=datetime(2026, 1, 1, 15, 0, tzinfo=UTC))
    plan = world.plan()
    world.member("Ann", plan, paid_through=date(2025, 12, 31), card=True, autopay=True)
    pat, path = signed_in(world), at(world, "calendar/automatic/")
    asked = pat.get(path).content.decode()
    shown = words(asked.encode())
    assert "Who starts billing: " in shown and "(billing.trigger)." in shown
    assert "1 term from Jan 1, 2026: billed at once, $100.00." in shown
    answer = pat.post(path, hidden(asked), follow=True)
    assert "Renewals go by themselves." in words(answer.content)
    assert "Fully automatic" in words(answer.content)
    assert automatic(policies_of(world.organization))
    assert pat.post(path, hidden(asked)).status_code == 409  # it would switch it off again
    runs.advance(world.desk, datetime(2026, 1, 2, 12, 0, tzinfo=UTC))
    told = Event.objects.filter(organization=world.organization, actor_kind="schedule")
    verbs = set(told.values_list("verb", flat=True))
    assert {
        "run_started",
        "run_committed",
        "run_done",
        "billed",
        "payment_submitted",
        "batch_posted",
    } <= verbs
    assert run("automatic").out.startswith("The whole renewal goes by itself.")
    assert run("automatic", "off", "--json").json == {"automatic": False, "policies": dict(BY_STAFF)}
    assert run("automatic", "on", "--json").json == {"automatic": True, "policies": dict(BY_ITSELF)}
    assert refused("automatic", "perhaps") == "switch_unknown"
