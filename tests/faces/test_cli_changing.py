"""The command line changes running memberships, and decides about what is unpaid, as the console does."""

from datetime import date

import pytest
from tests.collecting import billed
from tests.faces.test_cli import refused, run
from tests.world import a_world

from paidthru.dunning.models import Case
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import Membership
from paidthru.payments.models import Payment

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_membership_is_changed_by_the_acts_of_the_console() -> None:
    """X15, P-14, C-24, C-37: a preview writes nothing; what the console has confirmed is confirmed here with --yes."""
    world = a_world("recommended")
    world.member("Ann", world.plan(), paid_through=date(2026, 6, 30))
    world.plan("Student", 4_000)
    found = run("member", "switch", "Ann", "--plan", "Student", "--preview", "--json").json
    assert found["preview"] and found["plan"] == "Student"
    assert not Membership.objects.filter(next_plan__name="Student").exists()
    assert "Student" in run("member", "switch", "Ann", "--plan", "Student").out
    assert refused("member", "switch", "Ann", "--plan", "Student") == "same_plan"
    assert refused("member", "switch", "Ann", "--plan", "Senior") == "plan_unknown"

    world.member("Bob", world.plan("Weekly"), paid_through=date(2026, 6, 30))
    bob = Membership.objects.get(party__name="Bob")
    preview = run("member", "renewal-date", "Bob", "2026-08-01", "--preview", "--json").json
    bob.refresh_from_db()
    assert (preview["bills"], bob.next_bill_on) == ("100.00", date(2026, 7, 1))
    run("member", "renewal-date", "Bob", "2026-08-01", "--why", "Asked for it")
    bob.refresh_from_db()
    assert bob.next_bill_on == date(2026, 8, 1)
    assert refused("member", "renewal-date", "Bob", "2025-12-01") == "past_date"
    assert refused("member", "renewal-date", "Bob", "soon") == "date_invalid"
    assert refused("member", "set-dates", "Bob", "--why", "Typo") == "date_missing"
    run("member", "set-dates", "Bob", "--why", "Typo", "--joined", "2024-05-01")
    bob.refresh_from_db()
    assert bob.joined_on == date(2024, 5, 1)
    assert refused("member", "mark-paid", "Bob", "--reason", "check") == "invoice_paid"
    assert refused("member", "mark-paid", "Bob", "--reason", "kindness") == "reason_unknown"
    assert refused("member", "switch", "Bob", "--plan", "Student", "--as", "x@y.example") == "staff_unknown"


def test_what_is_unpaid_is_paused_arranged_and_resolved() -> None:
    """A-52, X12: the case of a declined payment."""
    found = billed("Ann", "Bob", preset="ams_nonprofit")
    for name in ("Ann", "Bob"):
        found.behave(name, "decline", "insufficient_funds")
    found.advance(days=1)
    today = found.desk.today.isoformat()
    assert "owes 100.00 USD, unpaid since" in " ".join(run("case", "show", "Ann").out.split())
    assert refused("case", "pause", "Ann", "--until", today) == "past_date"
    assert refused("case", "pause", "Ann", "--until", "9999-12-31") == "date_out_of_range"
    assert run("case", "pause", "Ann", "--until", "2026-02-01", "--json").json["until"] == "2026-02-01"
    assert "Nothing is done before 2026-02-01" in " ".join(run("case", "show", "Ann").out.split())
    assert "goes on" in run("case", "resume", "Ann").out
    assert refused("case", "resume", "Ann") == "case_not_paused"
    step = run("case", "show", "Ann", "--json").json["next"]
    assert refused("case", "skip", "Ann", "--step", "nothing") == "step_not_next"
    assert run("case", "skip", "Ann", "--step", step, "--json").json["next"] != step
    assert refused("case", "arrange", "Ann", "--part", "2026-02-01") == "option_unreadable"
    assert refused("case", "arrange", "Ann", "--part", "2026-02-01=30.00") == "arrangement_invalid"
    halves = ("--part", "2026-02-01=50.00", "--part", "2026-03-01=50.00")
    assert "in 2 parts" in run("case", "arrange", "Ann", *halves).out
    assert run("case", "close", "Ann", "--why", "Hardship", "--json").json["state"] == "closed"
    assert refused("case", "show", "Ann") == "case_unknown"
    assert Case.objects.filter(state="open").count() == 1

    assert refused("member", "resolve", "Bob", "--way", "waive") == "reason_missing"
    said = run("member", "resolve", "Bob", "--way", "paid_outside", "--reason", "check", "--json").json
    assert (said["owed"], Payment.objects.get(means="check").amount_minor) == ("0.00", 10_000)
    assert refused("member", "set-active", "Bob", "--renewal-date", "2025-01-01") == "past_date"
    assert Invoice.objects.filter(state="paid").count() == 1
