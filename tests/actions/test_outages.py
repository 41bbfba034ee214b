"""An outage is calm: what was missed is listed, done once, and ends as if nobody had been away (A-51, P-01, C-17)."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.cancel_membership import cancel_membership
from paidthru.actions.switch_worker import switch_worker
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import BillingRun, Membership, Plan
from paidthru.membership.queries import label_on
from paidthru.organizations.operations import move_clock
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt
from paidthru.runs.clockwork import next_work
from paidthru.timeline.models import Message

pytestmark = pytest.mark.django_db(transaction=True)

BEGINS = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
DAYS = 48


def a_club(name: str) -> World:
    """Those who pay by card, one who pays nothing, one whose card is dead, one who leaves, one on a prepaid plan."""
    world = a_world(
        "recommended",
        name=name,
        now=BEGINS,
        dunning__catch_up="latest",
        collect__on_exhausted="lapse(18)",  # two days after the last try, so that a few weeks tell everything
    )
    monthly = world.plan("Monthly", 3_000, interval_unit="month")
    weekly = world.plan("Weekly", 900, interval_unit="week", interval_count=2)
    yearly = world.plan("Yearly", 20_000)
    for name_, plan, paid_through in (
        ("Ann", monthly, date(2026, 1, 9)),
        ("Bob", weekly, date(2026, 1, 3)),
        ("Cid", yearly, date(2026, 1, 24)),
        ("Dot", yearly, date(2026, 1, 20)),
        ("Eve", monthly, date(2026, 1, 30)),
        ("Fay", yearly, date(2026, 1, 11)),
    ):
        by_card = name_ != "Dot"
        world.member(name_, plan, paid_through=paid_through, card=by_card, autopay=by_card)
    prepaid = world.plan("Prepaid", 5_000, kind="prepaid", interval_unit="month")
    gus = world.member("Gus", prepaid, paid_through=date(2026, 1, 22))
    Membership.objects.filter(id=gus.id).update(next_bill_on=None)
    world.processor.set_script(str(party(world, "Fay")), "decline", "insufficient_funds")
    return world


def party(world: World, name: str) -> object:
    return Membership.objects.get(organization=world.organization, party__name=name).party_id


def lived(world: World, outages: list[tuple[int, int]]) -> None:
    """So many days, the worker away on some: from noon of a day to noon of another."""
    at = BEGINS + timedelta(hours=8)
    for first, last in outages:
        runs.advance(world.desk, at + timedelta(days=first))
        switch(world, stopped=True)
        runs.advance(world.desk, at + timedelta(days=last))
        switch(world, stopped=False)
    runs.advance(world.desk, at + timedelta(days=DAYS))


def switch(world: World, *, stopped: bool) -> None:
    switch_worker(world.organization, stopped=stopped, actor=STAFF, now=world.desk.clock.now())


def states(world: World) -> dict[str, tuple[object, ...]]:
    """What became of everybody: label, dates, what is owed, how many invoices."""
    found: dict[str, tuple[object, ...]] = {}
    policies = policies_of(world.organization)
    for one in Membership.objects.filter(organization=world.organization).select_related("party", "plan"):
        invoices = Invoice.objects.filter(party_id=one.party_id)
        found[one.party.name] = (
            label_on(one, policies, world.desk.today),
            one.plan.name,
            one.renewed_through,
            one.paid_through,
            one.next_bill_on,
            sum(invoice.balance_minor for invoice in invoices if invoice.state == "sent"),
            invoices.count(),
        )
    return found


def test_an_outage_ends_in_the_same_states_as_none() -> None:
    """A handful of outages, drawn at random, over everything that the calendar does; ended in time for what they put
    off to have run its course."""
    never = a_club("Never away")
    lived(never, [])
    expected = states(never)
    assert {one[0] for one in expected.values()} == {"Active", "Lapsed", "Canceled"}
    for seed in range(2):
        draw = Random(seed)
        days = sorted(draw.sample(range(1, 26), 4))
        world = a_club(f"Away {seed}")
        lived(world, [(days[0], days[1]), (days[2], days[3])])
        assert states(world) == expected, (seed, days)
        assert invariants.check(world.organization.id) == []
        mails = Message.objects.filter(organization=world.organization).values_list("party_id", "kind", "key")
        assert len(set(mails)) == len(mails)


def monthly_club(**policies: str) -> tuple[World, Plan]:
    world = a_world("recommended", now=BEGINS, **policies)
    plan = world.plan("Monthly", 3_000, interval_unit="month")
    world.member("Ann", plan, paid_through=date(2026, 1, 9), card=True, autopay=True)
    world.member("Bob", plan, paid_through=date(2026, 1, 9))
    return world, plan


def test_what_was_missed_is_listed_by_day_and_done_once() -> None:
    world, _ = monthly_club(collect__arrears="all_open")
    runs.advance(world.desk, BEGINS + timedelta(days=2))
    worked_at = world.desk.clock.now()
    assert runs.missed(world.desk) == []
    assert runs.watch(world.desk).worked_at == worked_at
    switch(world, stopped=True)
    move_clock(world.organization, datetime(2026, 3, 15, 18, 0, tzinfo=UTC))
    told = [(one.on, one.kind, one.count, one.amount_minor) for one in runs.missed(world.desk)]
    assert told == [
        (date(2026, 1, 10), "terms", 2, 6_000),
        (date(2026, 2, 10), "terms", 2, 6_000),
        (date(2026, 3, 10), "terms", 2, 6_000),
    ]
    watch = runs.watch(world.desk)
    assert watch.is_late
    assert watch.worked_at == worked_at
    assert [(one.kind, one.count, one.since) for one in watch.due] == [
        ("terms", 2, datetime(2026, 1, 10, 13, 0, tzinfo=UTC))
    ]
    runs.catch_up(world.desk)  # by hand, for the worker is off
    assert runs.missed(world.desk) == []
    assert not runs.watch(world.desk).is_late
    names = (
        BillingRun.objects.filter(organization=world.organization)
        .order_by("id")
        .values_list("name", flat=True)
    )
    assert list(names) == ["Automatic 2026-01-10", "Automatic 2026-02-10", "Automatic 2026-03-10"]
    assert Attempt.objects.filter(state="succeeded").count() == 3
    before = Invoice.objects.count(), Attempt.objects.count(), Message.objects.count()
    runs.catch_up(world.desk)
    switch(world, stopped=False)
    runs.work(world.desk)
    assert (Invoice.objects.count(), Attempt.objects.count(), Message.objects.count()) == before
    assert invariants.check(world.organization.id) == []


def test_what_ends_when_nothing_more_is_tried_is_foretold() -> None:
    """Dot has nothing on file: a week after the due date she moves to the default plan, and the list says so."""
    world = a_world("coworking", now=BEGINS)
    monthly = world.plan("Monthly", 3_000, interval_unit="month")
    world.plan("Free", kind="free", is_default=True)
    world.member("Dot", monthly, paid_through=date(2026, 1, 5), autopay=True)
    runs.advance(world.desk, BEGINS + timedelta(days=6))
    switch(world, stopped=True)
    move_clock(world.organization, BEGINS + timedelta(days=20))
    told = [(one.on, one.count) for one in runs.missed(world.desk) if one.kind == "dunning"]
    assert told == [(date(2026, 1, 13), 1)]
    runs.catch_up(world.desk)
    assert Membership.objects.filter(party__name="Dot").exclude(state="ended").get().plan.name == "Free"
    assert runs.missed(world.desk) == []


LARGE = (
    "membership_membership", "membership_term", "people_party", "invoicing_receivable", "invoicing_invoice",
    "invoicing_line", "payments_attempt", "payments_allocation", "payments_payment", "dunning_case", "ledger_entry",
    "timeline_event", "timeline_message",
)  # fmt: skip


def test_a_workers_minute_and_the_watchdog_ask_along_indexes() -> None:
    """However many members there are: none of the questions reads all of them, or all that they ever owed."""
    world, _ = monthly_club(access__restrict="after(5)")
    prepaid = world.plan("Prepaid", 5_000, kind="prepaid")
    world.member("Gus", prepaid, paid_through=date(2026, 6, 30))
    runs.advance(world.desk, BEGINS + timedelta(days=14))  # somebody owes, and is followed up
    with CaptureQueriesContext(connection) as asked:
        runs.work(world.desk)
        next_work(world.desk)
        runs.watch(world.desk)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        try:
            for sql in {query["sql"] for query in asked.captured_queries}:
                if sql.lstrip().split(maxsplit=1)[0] not in ("SELECT", "WITH", "UPDATE"):
                    continue
                cursor.execute(f"EXPLAIN {sql}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                read = [table for table in LARGE if f"Seq Scan on {table}" in plan]
                assert not read, f"{sql}\n{plan}"
        finally:
            cursor.execute("RESET enable_seqscan")


def test_the_members_day_is_spread_and_idle_ticks_find_nothing() -> None:
    """P-03: the calendar tries each at their own minute; a tick between two of them opens nothing."""
    world = a_world("coworking", zone="America/New_York", now=datetime(2026, 3, 14, 20, 0, tzinfo=UTC))
    plan = world.plan("Desk", 20_000, interval_unit="month")
    for n in range(12):
        world.member(f"Member {n:02}", plan, paid_through=date(2026, 3, 14), card=True, autopay=True)
    runs.advance(world.desk, datetime(2026, 3, 15, 4, 5, tzinfo=UTC))
    assert Invoice.objects.count() == 12  # one run for the day, as the window opens
    assert BillingRun.objects.count() == 1
    assert Attempt.objects.count() == 0
    runs.advance(world.desk, datetime(2026, 3, 15, 6, 5, tzinfo=UTC))
    tried = Attempt.objects.count()
    assert 0 < tried < 12
    assert runs.collect_due(world.desk) == 0
    runs.advance(world.desk, datetime(2026, 3, 16, 4, 0, tzinfo=UTC))
    minutes = list(Attempt.objects.order_by("created_at").values_list("created_at", flat=True))
    assert len(minutes) == 12
    assert len(set(minutes)) == 12
    assert minutes[0] >= datetime(2026, 3, 15, 4, 1, tzinfo=UTC)
    assert minutes[-1] <= datetime(2026, 3, 16, 3, 59, tzinfo=UTC)


def test_a_cancellation_that_fell_into_the_outage_is_not_billed() -> None:
    world, _ = monthly_club()
    membership = Membership.objects.get(organization=world.organization, party__name="Ann")
    cancel_membership(world.organization, membership.id, actor=STAFF, now=world.desk.clock.now())
    switch(world, stopped=True)
    move_clock(world.organization, datetime(2026, 3, 15, 18, 0, tzinfo=UTC))
    told = [(one.on, one.kind, one.count) for one in runs.missed(world.desk)]
    assert (date(2026, 1, 10), "ends", 1) in told
    assert (date(2026, 1, 10), "terms", 1) in told
    switch(world, stopped=False)
    runs.work(world.desk)
    membership.refresh_from_db()
    assert membership.state == "ended"
    assert not Invoice.objects.filter(party_id=membership.party_id).exists()
