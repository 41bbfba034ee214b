"""What is due and not done is counted, whatever it is; after an outage each day is made up for by what held then."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.change_price import change_price
from paidthru.actions.follow_up import doing, finding
from paidthru.actions.set_policy import set_policy
from paidthru.actions.switch_worker import switch_worker
from paidthru.dunning.models import Case, Step
from paidthru.invoicing.models import Invoice, Receivable
from paidthru.membership.models import Membership
from paidthru.membership.operations import access
from paidthru.organizations.operations import move_clock
from paidthru.organizations.rules.policies import parse
from paidthru.runs.clockwork import next_work
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)

BEGINS = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def stopped(world: World, until: datetime) -> None:
    """The worker is away until an instant."""
    now = world.desk.clock.now()
    switch_worker(world.organization, stopped=True, actor=STAFF, now=now)
    move_clock(world.organization, until)
    world.organization.refresh_from_db()


def back(world: World) -> None:
    switch_worker(world.organization, stopped=False, actor=STAFF, now=world.desk.clock.now())
    runs.work(world.desk)


def test_plans_prices_and_access_are_watched_too() -> None:
    world = a_world(
        "recommended", zone="UTC", now=BEGINS, access__restrict="after(5)", dunning__mail_days="[]"
    )
    old, new = world.plan("Old", 3_000), world.plan("New", 5_000)
    moving = world.member("Ann", old, paid_through=date(2026, 1, 19))
    Membership.objects.filter(id=moving.id).update(next_plan=new, next_bill_on=None)
    late = world.member("Bob", old, paid_through=date(2026, 6, 30))
    runs.work(world.desk)
    Membership.objects.filter(id=late.id).update(unpaid_since=date(2026, 1, 10))
    assert next_work(world.desk) == datetime(2026, 1, 15, tzinfo=UTC)  # Bob's access
    change_price(
        world.organization, new.id, 6_000, actor=STAFF, now=world.desk.clock.now(), from_on=date(2026, 1, 12)
    )
    assert next_work(world.desk) == datetime(2026, 1, 12, tzinfo=UTC)
    stopped(world, datetime(2026, 1, 25, 12, tzinfo=UTC))
    due = {one.kind: (one.count, one.since.date()) for one in runs.watch(world.desk).due}
    assert due == {
        "plans": (1, date(2026, 1, 20)),
        "prices": (1, date(2026, 1, 12)),
        "access": (1, date(2026, 1, 15)),
    }
    listed = [(one.on, one.kind) for one in runs.missed(world.desk)]
    assert listed == [(on, kind) for kind, (_, on) in sorted(due.items(), key=lambda one: one[1][1])]
    back(world)
    assert runs.watch(world.desk).due == ()
    moving.refresh_from_db()
    late.refresh_from_db()
    assert (moving.plan_id, late.access_told) == (new.id, "limited")


def test_a_change_that_was_planned_for_a_day_of_the_outage_comes_on_that_day() -> None:
    """What began before it is billed, priced and followed up by what held then; the rest by the change. A case of what
    could only be billed now begins now."""
    world = a_world("recommended", zone="UTC", now=BEGINS, dunning__mail_days="[2, 4, 9]")
    plan = world.plan("Monthly", 3_000, interval_unit="month")
    world.member("Ann", plan, paid_through=date(2026, 1, 9))
    world.member("Bob", plan, paid_through=date(2026, 1, 24))
    world.member("Cid", plan, paid_through=date(2026, 1, 5))
    runs.advance(world.desk, datetime(2026, 1, 6, 20, tzinfo=UTC))
    now, day = world.desk.clock.now(), date(2026, 1, 20)
    changes = {"term.interval_months": 3, "dunning.mail_days": parse("dunning.mail_days", "[1, 20]")}
    set_policy(world.organization, changes, actor=STAFF, now=now, on=day)
    change_price(world.organization, plan.id, 4_000, actor=STAFF, now=now, from_on=day)
    stopped(world, datetime(2026, 1, 28, 12, tzinfo=UTC))
    back(world)
    billed = {one.party.name: one.total_minor for one in Invoice.objects.select_related("party")}
    assert billed == {"Ann": 3_000, "Bob": 12_000, "Cid": 3_000}
    ends = {one.party.name: one.period_end for one in Receivable.objects.select_related("party")}
    assert (ends["Ann"], ends["Bob"]) == (date(2026, 2, 10), date(2026, 4, 25))
    ladders = {one.party.name: one.ladder["mail_days"] for one in Case.objects.select_related("party")}
    assert ladders == {"Cid": [2, 4, 9], "Ann": [1, 20], "Bob": [1, 20]}
    assert sorted(Step.objects.exclude(mail="").values_list("case__party__name", "due_on", "state")) == [
        ("Cid", date(2026, 1, 8), "withheld"),
        ("Cid", date(2026, 1, 10), "withheld"),
        ("Cid", date(2026, 1, 15), "done"),
    ]
    assert list(Message.objects.values_list("kind", flat=True)) == ["final_notice"]
    changed = Event.objects.filter(verb="policy_set").order_by("id").values_list("at", flat=True)
    assert {one.date() for one in changed} == {date(2026, 1, 28)}  # when it was done is said as it was
    assert invariants.check(world.organization.id) == []


def test_many_cases_are_opened_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doing, "BATCH", 2)
    world = a_world("recommended", zone="UTC", now=BEGINS, dunning__mail_days="[1]")
    plan = world.plan("Monthly", 3_000, interval_unit="month")
    for n in range(5):
        world.member(f"Member {n}", plan, paid_through=date(2026, 1, 4))
    runs.work(world.desk)
    asked: list[object] = []
    unpaid = finding.unpaid

    def counted(*at: Any, **how: Any) -> Any:
        asked.append(how["after"])
        return unpaid(*at, **how)

    monkeypatch.setattr(finding, "unpaid", counted)
    move_clock(world.organization, datetime(2026, 1, 7, 12, tzinfo=UTC))
    runs.work(world.desk)
    assert len(asked) == 3
    assert Case.objects.count() == Event.objects.filter(verb="case_opened").count() == 5
    assert Step.objects.filter(state="done", mail="reminder").count() == 5
    assert invariants.check(world.organization.id) == []


def test_of_whom_nothing_is_to_be_told_stands_before_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world("recommended", zone="UTC", now=BEGINS, access__restrict="after(5)")
    plan = world.plan("Old", 3_000)
    members = [world.member(name, plan, paid_through=date(2026, 6, 30)) for name in ("Ann", "Bob", "Cid")]
    Membership.objects.filter(id=members[2].id).update(unpaid_since=date(2025, 12, 1))
    monkeypatch.setattr(access, "PAGE", 1)
    monkeypatch.setattr(
        access, "differing", lambda id_, policies, on: Membership.objects.filter(organization_id=id_)
    )
    runs.tell_access(world.desk)
    members[2].refresh_from_db()
    assert members[2].access_told == "limited"
