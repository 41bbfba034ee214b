"""Two workers, two clicks and a transfer in between: what homes owe is billed once each (A-30 to A-33)."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from tests.together import crossed, together
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions import bill_assessments as bill_assessments_file
from paidthru.actions.add_unit import add_unit
from paidthru.actions.assess import assess_units
from paidthru.actions.bill_assessments import bill_assessments
from paidthru.actions.charge_late_fees import charge_late_fees
from paidthru.actions.end_assessment import end_assessment
from paidthru.actions.set_policy import set_policy
from paidthru.actions.transfer_unit import transfer_unit
from paidthru.assessments.models import Assessment, Levy, LevyPart
from paidthru.assessments.queries import billed_of
from paidthru.invoicing.models import Invoice, Receivable
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Unit
from paidthru.organizations.operations import move_clock
from paidthru.organizations.rules.policies import parse
from paidthru.people.models import Holding
from paidthru.people.models import Unit as Home
from paidthru.runs.clockwork import advance
from paidthru.runs.homes import hand_over_home, levy_now, waive_late_fee
from paidthru.runs.impact import impact
from paidthru.runs.impact_words import sentences
from paidthru.timeline.models import Event
from paidthru.timeline.operations import SCHEDULE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    """Six homes of two owners, each assessed 100.00 a month from today."""
    world = a_world(
        "ams_hoa", name="Maple Court", now=datetime(2026, 1, 10, 15, tzinfo=UTC), late_fee="once(25.00, 5)"
    )
    people = [world.party(name) for name in ("Ann", "Bob")]
    now, since = world.desk.clock.now(), world.desk.today
    units = [
        add_unit(world.organization, f"U{n}", share=1, owner_id=people[n % 2], owned_from=since, actor=STAFF, now=now)
        for n in range(6)
    ]  # fmt: skip
    assess_units(world.organization, [(one.id, 100_00) for one in units], every=Interval(1, Unit.MONTH),
                 starts_on=since, actor=STAFF, now=now)  # fmt: skip
    return world


def test_several_workers_bill_each_period_and_late_fee_once(world: World) -> None:
    now = world.desk.clock.now()
    together([lambda: bill_assessments(world.organization, actor=SCHEDULE, now=now)] * 4)
    while bill_assessments(world.organization, actor=SCHEDULE, now=now):
        pass
    assert Invoice.objects.count() == 6
    assert set(Assessment.objects.values_list("made", flat=True)) == {1}
    later = now + timedelta(days=8)
    together([lambda: charge_late_fees(world.organization, actor=SCHEDULE, now=later)] * 4)
    while charge_late_fees(world.organization, actor=SCHEDULE, now=later):
        pass
    fees = Receivable.objects.filter(kind="late_fee")
    assert fees.count() == 6 and fees.values("fee_id").distinct().count() == 6
    fee = fees.latest("id")
    done = together([lambda: waive_late_fee(world.desk, fee.id, reason="Once", actor=STAFF, key="waive")] * 3)
    assert len({getattr(one, "id", one) for one in done}) == 1
    assert fees.filter(state="void").count() == 1
    assert invariants.check(world.organization.id) == []


def test_a_levy_that_is_clicked_twice_is_levied_once(world: World) -> None:
    def click() -> object:
        return levy_now(world.desk, name="Roof", amount_minor=100_00, method="share", due_on=world.desk.today,
                        instalments=2, actor=STAFF, key="levy")  # fmt: skip

    assert len({getattr(one, "id", one) for one in together([click] * 3)}) == 1
    assert Levy.objects.count() == 1
    assert sum(LevyPart.objects.values_list("amount_minor", flat=True)) == 100_00
    assert LevyPart.objects.filter(n=1, invoice=None).count() == 0
    assert Receivable.objects.filter(kind="levy").count() == 6


def test_a_levy_of_many_homes_is_billed_on_by_the_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bill_assessments_file, "A_BATCH", 2)
    roof = levy_now(
        world.desk, name="Roof", amount_minor=100_00, method="share", due_on=world.desk.today + timedelta(days=20),
        instalments=2, whole=False, actor=STAFF, key="levy",
    )  # fmt: skip
    assert billed_of(roof.id) == (2, 0, 6)
    together([lambda: runs.work(world.desk)] * 2)
    runs.work(world.desk)
    assert billed_of(roof.id) == (6, 0, 6)
    assert Receivable.objects.filter(kind="levy").count() == 6
    assert invariants.check(world.organization.id) == []


def test_late_fees_that_a_policy_would_bring_are_foretold(world: World) -> None:
    runs.work(world.desk)
    off = parse("late_fee", "off")
    set_policy(world.organization, {"late_fee": off}, actor=STAFF, now=world.desk.clock.now())
    move_clock(world.organization, world.desk.clock.now() + timedelta(days=20))
    asked = {"late_fee": parse("late_fee", "monthly(10.00, 5, 100.00)")}
    found = impact(world.desk, asked, days=27)
    assert found.late_fees == (0, 6) and "Late fees on what homes owe now: 6 instead of 0." in sentences(
        found
    )
    world.organization.refresh_from_db()
    set_policy(world.organization, asked, actor=STAFF, now=world.desk.clock.now())
    fees = Receivable.objects.filter(kind="late_fee")
    runs.work(world.desk)
    assert fees.count() == 0, "none for what was before"
    owed = set(Receivable.objects.filter(kind="assessment").values_list("id", flat=True))
    advance(world.desk, world.desk.clock.now() + timedelta(days=27))
    assert fees.filter(fee_id__in=owed).count() == 6


def test_a_home_is_not_handed_over_in_another_age(world: World) -> None:
    home, bob = Home.objects.get(name="U0"), Holding.objects.get(unit__name="U1").party_id
    for on in (date(9999, 12, 31), date(1, 1, 1)):
        with pytest.raises(Refused) as refused:
            transfer_unit(world.organization, home.id, bob, on=on, actor=STAFF, now=world.desk.clock.now())
        assert (refused.value.code, refused.value.field) == ("date_out_of_range", "on")


def test_arrears_that_follow_a_home_are_asked_once_whoever_clicks(world: World) -> None:
    follow = parse("transfer.arrears", "follow")
    set_policy(world.organization, {"transfer.arrears": follow}, actor=STAFF, now=world.desk.clock.now())
    world.organization.refresh_from_db()
    runs.work(world.desk)
    home, bob = Home.objects.get(name="U0"), Holding.objects.get(unit__name="U1").party_id
    kept = Invoice.objects.get(lines__receivable__source_id=home.id)
    act = partial(hand_over_home, world.desk, home.id, bob, actor=STAFF, key="click")
    together(
        [act, act, lambda: bill_assessments(world.organization, actor=SCHEDULE, now=world.desk.clock.now())]
    )
    kept.refresh_from_db()
    assert kept.state == "void"
    owed = Receivable.objects.filter(source_id=home.id)
    assert sorted(owed.values_list("state", flat=True)) == ["canceled", "open"]
    assert owed.get(state="open").party_id == bob
    assert Event.objects.filter(verb="arrears_taken_over").count() == 1
    ann = Holding.objects.get(unit__name="U2").party_id
    hand_over_home(
        world.desk, home.id, ann, on=world.desk.today + timedelta(days=3), actor=STAFF, key="to come"
    )
    assert owed.get(state="open").party_id == bob, "the day is still to come"
    assert invariants.check(world.organization.id) == []


def test_a_transfer_and_an_end_while_it_is_billed(world: World) -> None:
    """Whoever owned the unit when the transfer is committed is billed, and no other; an ended one is billed no more."""
    now, home = world.desk.clock.now(), Home.objects.get(name="U0")
    bob = Holding.objects.get(unit__name="U1").party_id
    one = Assessment.objects.get(unit__name="U2")
    crossed(
        lambda: bill_assessments(world.organization, actor=SCHEDULE, now=now),
        [
            lambda: transfer_unit(
                world.organization, home.id, bob, on=world.desk.today, actor=STAFF, now=now
            ),
            lambda: end_assessment(
                world.organization, one.id, on=world.desk.today - timedelta(days=1), actor=STAFF, now=now
            ),
        ],
    )
    assert Receivable.objects.filter(source_id=home.id).count() == 1
    one.refresh_from_db()
    assert (one.made, one.next_on) == (1, None)
    assert Holding.objects.filter(unit=home, until_on=None).count() == 1
    owners = Holding.objects.filter(unit__name__in=["U2", "U1"]).values_list("party_id", flat=True)
    move = partial(transfer_unit, world.organization, home.id, on=world.desk.today, actor=STAFF, now=now)
    taken = together([partial(move, party_id) for party_id in owners])
    assert invariants.check(world.organization.id) == []
    assert len(taken) == 2 and Holding.objects.filter(unit=home, until_on=None).count() == 1
