"""Homes on the command line."""

from datetime import UTC, datetime

import pytest
from tests.faces.test_cli import refused, run
from tests.world import a_world

from paidthru import runs
from paidthru.assessments.models import Assessment, Levy

pytestmark = pytest.mark.django_db(transaction=True)


def test_homes_are_added_assessed_levied_on_and_transferred() -> None:
    world = a_world("ams_hoa", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    for name in ("Ann", "Bob"):
        world.party(name)
    run("unit", "add", "1A", "--share", "2", "--owner", "Ann", "--since", "2025-01-01")
    run("unit", "add", "1B", "--share", "1", "--owner", "Bob")
    assert refused("unit", "add", "1a") == "unit_name_taken"
    assert "1A owes 100.00 USD every quarter" in run("unit", "assess", "1A", "100", "--every", "quarter").out
    assert refused("unit", "assess", "1A", "100", "--every", "week") == "interval_invalid"
    assert refused("unit", "assess", "9Z", "100") == "unit_unknown"
    assert Assessment.objects.count() == 1
    roof = ("levy", "Roof", "100.00", "--due", "2026-02-01")
    assert refused(*roof, "--by", "height") == "method_unknown"
    assert "Nothing was levied." in run(*roof, "--dry-run").out
    assert Levy.objects.count() == 0
    assert [row["amount_minor"] for row in run(*roof, "--json").json] == [66_67, 33_33]
    assert [row["owes"] for row in run("unit", "list", "--json").json] == [["66.67 USD"], ["33.33 USD"]]
    run("unit", "transfer", "1A", "Bob", "--on", "2026-03-01")
    assert [row["owner"] for row in run("unit", "list", "--json").json] == ["Bob", "Bob"]


def test_a_new_owner_who_is_unknown_is_answered_with_a_way_that_needs_no_plan() -> None:
    a_world("ams_hoa", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    run("unit", "add", "1A")
    said = run("unit", "transfer", "1A", "Nia New")
    assert said.refused is not None and said.refused.code == "member_unknown"
    assert "`import members` adds somebody" in str(said.refused.fix)


def test_late_fees_are_waived() -> None:
    """A-33: by the unit's name, with a reason; nothing is owed of them any more."""
    world = a_world("ams_hoa", now=datetime(2026, 1, 10, 15, tzinfo=UTC), late_fee="once(25.00, 5)")
    world.party("Ann")
    run("unit", "add", "1A", "--owner", "Ann")
    run("unit", "assess", "1A", "100.00")
    runs.advance(world.desk, datetime(2026, 1, 20, 15, tzinfo=UTC))
    assert run("unit", "list", "--json").json[0]["owes"] == ["125.00 USD"]
    assert "1 late fees of 1A are waived" in run("unit", "waive", "1A", "--why", "First time").out
    assert run("unit", "list", "--json").json[0]["owes"] == ["100.00 USD"]
    assert "no open late fee" in run("unit", "waive", "1A", "--why", "Again").out
