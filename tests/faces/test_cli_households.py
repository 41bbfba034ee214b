"""Households and companies on the command line."""

from datetime import UTC, date, datetime

import pytest
from tests.faces.test_cli import refused, run
from tests.world import a_world

from paidthru.people.models import Party

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_household_is_peopled_and_seated() -> None:
    world = a_world("recommended", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    run("household", "add", "Lee", "--email", "lee@example.org")
    run("household", "add", "Works", "--company")
    assert set(Party.objects.values_list("name", "kind")) == {("Lee", "household"), ("Works", "organization")}
    assert "Nobody belongs" in run("household", "list").out
    world.member("Team Works", world.plan("Team"), paid_through=date(2026, 12, 31))
    Party.objects.filter(name="Team Works").update(kind="organization")
    for name in ("Ann", "Ben"):
        world.party(name)
    assert "Seats of Team: 1." in " ".join(run("household", "seats", "Team", "1").out.split())
    assert refused("household", "seats", "Team", "0") == "seats_invalid"
    run("household", "take-in", "Ann", "Team Works", "--role", "front desk")
    run("household", "take-in", "Ann", "Lee")
    assert refused("household", "take-in", "Ben", "Team Works") == "sold_out"
    assert refused("household", "take-in", "Ben", "Ann") == "not_a_group"
    rows = {row["group"]: row for row in run("household", "list", "--json").json}
    assert (rows["Team Works"]["covered_by"], rows["Lee"]["covered_by"]) == ("Team", "")
    (cover,) = run("household", "covered", "Ann", "--json").json
    assert (cover["holder"], cover["access"]) == ("Team Works", "full")
    run("household", "let-go", "Ann", "Team Works", "--on", "2026-01-20")
    assert refused("household", "let-go", "Ben", "Lee") == "belonging_unknown"
    run("household", "take-in", "Ben", "Team Works", "--from", "2026-01-20")
    assert "Nothing covers Ann on 2026-01-20" in run("household", "covered", "Ann", "--on", "2026-01-20").out


def test_somebody_else_pays() -> None:
    """C-25."""
    world = a_world("recommended", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    ann = world.member("Ann", world.plan("Gold"), paid_through=date(2026, 12, 31))
    works = world.party("Works")
    assert "Works pays for Ann" in " ".join(
        run("household", "payer", "Ann", "Works", "--autopay").out.split()
    )
    ann.refresh_from_db()
    assert (ann.payer_id, ann.autopay) == (works, True)
    assert refused("household", "payer", "Ann", "Ann") == "payer_is_member"
    run("household", "payer", "Ann")
    ann.refresh_from_db()
    assert (ann.payer_id, ann.autopay) == (None, False)
