"""What is expected in the next days is what then comes (A-40)."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions.add_unit import add_unit
from paidthru.actions.assess import assess
from paidthru.actions.donate import donate
from paidthru.actions.pledge import Promise, pledge
from paidthru.giving.operations import Giving
from paidthru.invoicing.models import Invoice
from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.models import Membership
from paidthru.organizations.operations import set_policy
from paidthru.payments.models import Payment
from paidthru.runs.receipts_ahead import expected_receipts

pytestmark = pytest.mark.django_db(transaction=True)

BEGINS = datetime(2026, 1, 1, 15, 0, tzinfo=UTC)
DAYS = 90


def a_club() -> World:
    """Whoever pays by card or by hand, yearly or monthly; one with a dead card; a giver, a pledge, two homes."""
    world = a_world("recommended", now=BEGINS)
    organization, now = world.organization, world.desk.clock.now()
    set_policy(organization, "billing.trigger", "auto", actor="Pat", now=now)
    monthly, yearly = world.plan("Monthly", 3_000, interval_unit="month"), world.plan("Yearly", 20_000)
    for name, plan, paid_through in (
        ("Ann", monthly, date(2026, 1, 9)),
        ("Bob", yearly, date(2026, 2, 14)),
        ("Cid", yearly, date(2026, 1, 20)),
        ("Dot", monthly, date(2026, 1, 30)),
        ("Eve", yearly, date(2026, 6, 30)),
    ):
        by_card = name != "Cid"
        world.member(name, plan, paid_through=paid_through, card=by_card, autopay=by_card)
    dot = Membership.objects.get(party__name="Dot").party_id
    world.processor.set_script(str(dot), "decline", "card_velocity_exceeded")
    ann = Membership.objects.get(party__name="Ann").party_id
    every_month = Interval(1, Unit.MONTH)
    donate(
        organization,
        Giving(ann, 10_00, "USD", None, "portal", "on_file"),
        every=every_month,
        actor=STAFF,
        now=now,
    )
    pledge(organization, ann, Promise(100_00, "USD", 4, every_month, date(2026, 1, 5)), actor=STAFF, now=now)
    unit = add_unit(
        organization, "1A", share=1, owner_id=ann, owned_from=date(2025, 1, 1), actor=STAFF, now=now
    )
    assess(
        organization,
        unit.id,
        amount_minor=40_00,
        every=every_month,
        starts_on=date(2026, 1, 3),
        actor=STAFF,
        now=now,
    )
    empty = add_unit(organization, "1B", share=1, actor=STAFF, now=now)
    assess(
        organization,
        empty.id,
        amount_minor=70_00,
        every=every_month,
        starts_on=date(2026, 1, 3),
        actor=STAFF,
        now=now,
    )
    runs.work(world.desk)
    return world


def test_what_is_expected_comes_on_its_day() -> None:
    world = a_club()
    organization, today = world.organization, world.desk.today
    until = today + timedelta(days=DAYS)
    before = Payment.objects.count()
    expected = expected_receipts(world.desk, days=DAYS)
    assert Payment.objects.count() == before, "nothing is written"
    assert {one.source for one in expected} == {"memberships", "homes", "pledges", "gifts"}
    assert all(today <= one.on < until for one in expected)

    by_itself: Counter[date] = Counter()
    asked: Counter[str] = Counter()
    for one in expected:
        if one.way == "by itself":
            by_itself[one.on] += one.amount_minor
        elif one.way == "asked for":
            asked[one.source] += one.amount_minor
    known, paid = (
        set(Invoice.objects.values_list("id", flat=True)),
        set(Payment.objects.values_list("id", flat=True)),
    )
    runs.advance(world.desk, datetime.combine(until - timedelta(days=1), datetime.max.time(), UTC))
    came: Counter[date] = Counter()
    for payment in Payment.objects.filter(organization=organization).exclude(id__in=paid):
        came[payment.received_on] += payment.amount_minor
    # Dot’s card is declined for the first time in these days, which nobody can know before.
    assert sum(came.values()) > 0
    assert list((by_itself - came).values()) == [30_00] * 3
    assert came - by_itself == Counter()
    billed: Counter[str] = Counter()
    for invoice in Invoice.objects.filter(organization=organization).exclude(id__in=known):
        if invoice.kind in ("assessment", "pledge"):
            billed[{"assessment": "homes", "pledge": "pledges"}[invoice.kind]] += invoice.total_minor
        elif invoice.party.name == "Cid":
            billed["memberships"] += invoice.total_minor
    assert billed == asked


def test_who_was_declined_last_is_not_counted() -> None:
    world = a_world("recommended", now=BEGINS)
    monthly = world.plan("Monthly", 3_000, interval_unit="month")
    world.member("Dot", monthly, paid_through=date(2026, 1, 5), card=True, autopay=True)
    set_policy(world.organization, "billing.trigger", "auto", actor="Pat", now=BEGINS)
    assert sum(one.amount_minor for one in expected_receipts(world.desk, days=30)) == 30_00
    dot = Membership.objects.get(party__name="Dot").party_id
    world.processor.set_script(str(dot), "decline", "insufficient_funds")
    runs.advance(world.desk, datetime(2026, 1, 7, 12, tzinfo=UTC))
    assert expected_receipts(world.desk, days=30) == []
