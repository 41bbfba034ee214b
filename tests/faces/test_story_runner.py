"""The runner itself: what it tells about a story that does not hold, and what it leaves behind."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from tests.world import NOW, STAFF, a_world

from paidthru.actions.discard_sandbox import discard_sandbox
from paidthru.actions.join import join
from paidthru.faces.stories import expectations, setup, steps
from paidthru.faces.stories.grammar import forms
from paidthru.faces.stories.household_steps import Belongs
from paidthru.faces.stories.runner import Result, run_files, run_story
from paidthru.invariants import Violation
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import create_organization
from paidthru.organizations.queries import tables_of_organizations
from paidthru.runs import pay_online

pytestmark = pytest.mark.django_db(transaction=True)

BEGINNING = """story: A year's dues
organization Maple Club: preset association, currency USD, zone America/New_York
plan Regular: 100.00 every year
member Ann: plan Regular, paid through 2025-12-31, by card, autopay on
"""

Tell = Callable[[str], Result]


@pytest.fixture
def tell(tmp_path: Path) -> Tell:
    def told(rest: str) -> Result:
        path = tmp_path / "dues.story"
        path.write_text(BEGINNING + rest)
        return run_story(path)

    return told


def only(result: Result) -> str:
    """The one failure, without the folder."""
    (failure,) = result.failures
    return failure[failure.index("dues.story") :]


def test_a_story_that_holds(tell: Tell) -> None:
    result = tell("2026-01-01\n  = Ann is Inactive\n")
    assert (result.ok, result.title, result.failures) == (True, "A year's dues", ())
    assert result.seconds > 0


def test_a_wrong_expectation_gives_a_diff_and_the_story_goes_on(tell: Tell) -> None:
    result = tell("2026-01-01\n  = Ann owes 20.00\n  = Ann is Active\n  = Ann credit 0.00\n")
    assert [failure[failure.index("dues.story") :] for failure in result.failures] == [
        "dues.story:6: = Ann owes 20.00\n    expected  20.00\n    got       0.00",
        "dues.story:7: = Ann is Active\n    expected  Active\n    got       Inactive",
    ]


def test_an_unknown_line_names_file_and_line(tell: Tell) -> None:
    told = only(tell("2026-01-01\n  Ann dances\n"))
    assert told.startswith("dues.story:6: ")
    assert "Ann dances" in told


def test_a_file_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    assert not run_story(tmp_path / "missing.story").ok


def test_a_story_without_a_day_is_a_failure(tell: Tell) -> None:
    assert "no date line" in only(tell(""))


def test_a_step_that_must_be_refused(tell: Tell) -> None:
    wanted = "2026-01-01\n  staff generates renewals"
    assert tell(f'{wanted} "A" effective 2025-01-01 -> refused run_bills_nobody\n').ok
    other = only(tell(f'{wanted} "A" effective 2025-01-01 -> refused run_name_taken\n'))
    assert "expected  refused run_name_taken" in other
    assert "got       refused run_bills_nobody: " in other
    none = only(tell(f'{wanted} "A" effective 2026-01-01 -> refused run_name_taken\n'))
    assert none.endswith("expected  refused run_name_taken\n    got       it was done")


def test_a_refusal_that_nobody_expected_stops_the_story(tell: Tell) -> None:
    told = only(tell("2026-01-01\n  Ann pays invoice 1\n  = Ann owes 1.00\n"))
    assert told.startswith("dues.story:6: Ann pays invoice 1\n    refused invoice_unknown")
    assert len(told.splitlines()) == 3, "the code with the message, and the way out"


def test_a_name_that_nobody_has_is_a_slip(tell: Tell) -> None:
    told = only(tell("2026-01-01\n  gateway declines Anm insufficient_funds\n"))
    assert "refused member_unknown: Nobody in this story is called “Anm”." in told
    before_joining = "2026-01-01\n  gateway declines Bob insufficient_funds\n  Bob joins Regular by card\n"
    assert tell(f"{before_joining}  = attempts Bob: 2026-01-01 declined\n  = Bob is Pending\n").ok


def test_a_setup_that_is_refused_names_its_line(tell: Tell) -> None:
    told = only(tell("member Bob: plan Regula\n2026-01-01\n  = Ann owes 0.00\n"))
    assert told.startswith("dues.story:5: member Bob: plan Regula\n    refused plan_unknown: ")


def test_the_order_of_policies_does_not_matter(tell: Tell) -> None:
    anniversary_after = "policy proration.join = months\npolicy term.basis = annual\n"
    assert tell(f"{anniversary_after}2026-01-01\n  = Ann owes 0.00\n").ok
    told = only(
        tell(
            "policy term.basis = anniversary\npolicy proration.join = table\n2026-01-01\n  = Ann owes 0.00\n"
        )
    )
    assert "dues.story:6: policy proration.join = table\n    refused policy_conflict" in told


def test_steps_come_before_the_days_work_and_expectations_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "day.story"
    path.write_text(
        "story: A day\norganization Church: preset community, currency USD, zone America/Chicago\n"
        "policy billing.slot = fixed_time(06:00)\n"
        "plan Family: 35.00 every month\nmember Ann: plan Family, next renewal 2026-03-10, by card\n"
        "2026-03-10\n"
        "  gateway declines Ann insufficient_funds\n"  # in time for the day's charge
        "  = attempts Ann: 2026-03-10 06:00 declined\n"
        "  gateway accepts Ann\n"
        "  Ann pays invoice 1\n"
        "  = attempts Ann: 2026-03-10 06:00 declined, 2026-03-10 23:59 succeeded\n"
        "2026-04-10 06:00\n"
        "  gateway declines Ann insufficient_funds\n"  # too late
        "  = attempts Ann: 2026-03-10 declined, 2026-03-10 succeeded, 2026-04-10 06:00 succeeded\n"
        "2026-05-10 05:59\n"
        "  = invoices Ann: 2\n"
    )
    assert run_story(path).failures == ()


def test_a_broken_invariant_fails_the_story(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "paidthru.faces.stories.runner.check", lambda _: [Violation("entries_sum", "journal 1", "sum 5")]
    )
    told = only(tell("2026-01-01\n  = Ann owes 0.00\n"))
    assert told == "dues.story:5: 2026-01-01\n    invariant entries_sum is broken: journal 1: sum 5"


def test_a_fault_of_ours_is_told_and_nothing_is_left(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise KeyError("oh")

    monkeypatch.setattr("paidthru.faces.stories.steps.record_payment", breaks)
    told = only(tell("2026-01-01\n  Ann pays 5.00 by cash\n  = Ann credit 5.00\n"))
    assert told == "dues.story:6: Ann pays 5.00 by cash\n    a fault in Paidthru: KeyError: 'oh'"
    assert left() == {}


def left() -> dict[str, int]:
    """How many rows each table has that belong to organizations, where there are any."""
    counts = {}
    with connection.cursor() as cursor:
        for table in [*tables_of_organizations(), Organization._meta.db_table]:
            cursor.execute(f"SELECT count(*) FROM {table}")
            row = cursor.fetchone()
            assert row
            if row[0]:
                counts[table] = row[0]
    return counts


def test_nothing_is_left_of_a_story_pass_or_fail(tell: Tell) -> None:
    rest = (
        "fee Roof: 5.00 on Regular\nbilling cycle All: types regular\n2026-01-01\n"
        '  staff generates renewals "2026" effective 2026-01-01\n  staff submits invoices\n'
        "  Ann pays 10.00 by check\n  staff posts batch 1\n  = Ann credit 10.00\n"
    )
    assert tell(rest).ok
    assert left() == {}
    assert not tell(f"{rest}  = Ann credit 99.00\n").ok
    assert left() == {}


def test_a_sandbox_is_discarded_whole_and_alone() -> None:
    stays, goes = a_world(name="Stays"), a_world("recommended", name="Goes", accounting__method="accrual")
    for world in (stays, goes):
        member = world.member("Ann", world.plan(), paid_through=date(2025, 12, 31), card=True)
        party = world.party("Bob")
        world.card(party)
        joined = join(world.organization, party, member.plan_id, actor=STAFF, now=NOW, autopay=True)
        assert joined.invoice_id
        pay_online(world.desk, joined.invoice_id, actor=STAFF)
    before = left()
    discard_sandbox(goes.organization.id)
    with connection.cursor() as cursor:
        for table in tables_of_organizations():
            cursor.execute(f"SELECT count(*) FROM {table} WHERE organization_id = %s", [goes.organization.id])
            assert cursor.fetchone() == (0,), table
    assert list(Organization.objects.all()) == [stays.organization]
    after = left()
    assert after["ledger_entry"] < before["ledger_entry"]
    assert after["sandbox_sandboxcharge"] == 1


def test_a_live_organization_is_never_discarded() -> None:
    live = create_organization(
        name="Real",
        preset="recommended",
        currency="USD",
        zone="UTC",
        locale="en_US",
        mode="live",
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    with pytest.raises(Refused) as refused:
        discard_sandbox(live.id)
    assert refused.value.code == "not_a_sandbox"


def test_folders_are_run_by_name(tmp_path: Path) -> None:
    for name in ("b/second.story", "a/first.story"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(f"{BEGINNING}2026-01-01\n  = Ann owes 0.00\n")
    (tmp_path / "notes.txt").write_text("not a story")
    assert [Path(result.file).name for result in run_files([tmp_path])] == ["first.story", "second.story"]


def test_every_form_is_done_and_every_doer_is_for_a_form() -> None:
    classes = {form.cls for form in forms()}
    done = set(steps._DOERS) | set(expectations._READERS) | set(setup._DOERS) | set(setup._DONE_BEFORE)
    assert done == classes | {Belongs}  # a part of a line
