"""The overview: every figure is the books', has a definition, and leads to its rows (A-09, A-40 to A-44, X24)."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from tests.collecting import billed
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.add_unit import add_unit
from paidthru.actions.assess import assess
from paidthru.actions.bill_assessments import bill_assessments
from paidthru.actions.record_payment import record_payment
from paidthru.actions.request_refund import request_refund
from paidthru.giving.operations import Giving
from paidthru.kernel.periods import Interval
from paidthru.kernel.periods import Unit as TimeUnit
from paidthru.ledger.models import Entry
from paidthru.membership.models import Membership, Term
from paidthru.membership.queries.health import renewed_between
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import set_policy
from paidthru.payments.models import Payment
from paidthru.payments.queries import collected, collected_by_month
from paidthru.people.models import Unit
from paidthru.runs.giving import give
from paidthru.runs.receipts_ahead import expected_receipts

pytestmark = pytest.mark.django_db(transaction=True)


def shown(client: Client, world: World, path: str = "overview/") -> str:
    answer = client.get(f"/o/{world.organization.slug}/{path}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def words_in(page: str) -> str:
    """What is read of a page."""
    return words(page.encode())


def moved_in_books(world: World) -> int:
    """What came in and what went out again, by the entries of the accounts that hold money or owe it back."""
    found = Entry.objects.filter(
        organization=world.organization,
        account__code__in=(
            "Bank",
            "Undeposited",
            "Clearing",
            "Refunds payable",
            "Processor fees",
            "Dispute fees",
        ),
    )
    return sum(found.values_list("amount_minor", flat=True))


def test_what_was_collected_is_what_the_books_hold_month_by_month() -> None:
    found = billed("Ann", "Bob", "Cid")
    world, desk = found.world, found.desk
    found.collect()
    payments = list(Payment.objects.order_by("number"))
    request_refund(world.organization, payments[0].id, amount_minor=20_00, actor=STAFF, now=desk.clock.now())
    found.advance(days=40)
    record_payment(
        world.organization, found.party("Bob"), amount_minor=7_50, currency="USD", means="cash", actor=STAFF,
        now=desk.clock.now(),
    )  # fmt: skip
    months = collected_by_month(world.organization.id, "USD", date(2020, 1, 1), date(2030, 1, 1))
    assert len(months) == 2 and months[0].refunded_minor == 20_00 and months[1].net_minor == 7_50
    assert sum(one.net_minor for one in months) == moved_in_books(world)
    for one in months:
        end = date(one.month.year + one.month.month // 12, one.month.month % 12 + 1, 1)
        assert collected(world.organization.id, "USD", one.month, end) == one.net_minor
    client = signed_in(world, "viewer")
    page = shown(client, world)
    assert (
        "$7.50" in page and "/overview/collected/?from=" in page and "<svg" in page and "As a table" in page
    )
    whole = "overview/collected/?from=2020-01-01&to=2029-12-31"
    behind = shown(client, world, whole)
    assert "$287.50" in behind and "Refund 1" in behind and "−$20.00" in behind and "Payment 4" in behind
    rows = b"".join(client.get(f"/o/{world.organization.slug}/{whole}&export=csv")).decode()
    amounts = [Decimal(line.split(",")[-2]) for line in rows.strip().splitlines()[1:]]
    assert len(amounts) == 5 and sum(amounts) * 100 == moved_in_books(world)
    rows = b"".join(client.get(f"/o/{world.organization.slug}/overview/?export=collected")).decode()
    lines = rows.strip().splitlines()
    assert len(lines) == 13 and lines[-1].split(",")[1:] == ["7.50", "0.00", "0.00", "7.50", "0.00"]


def test_ten_were_due_and_eight_renewed() -> None:
    world = a_world(now=datetime(2026, 3, 1, 15, tzinfo=UTC))
    plan = world.plan()
    for n in range(10):
        world.member(f"M{n}", plan, paid_through=date(2026, 1, 31))
    world.member("Later", plan, paid_through=date(2026, 3, 31))
    for one in Membership.objects.exclude(party__name="Later").order_by("id")[:8]:
        Term.objects.create(
            organization=world.organization, membership=one, plan=plan, start_on=date(2026, 2, 1),
            end_on=date(2027, 2, 1), amount_minor=100_00, source="renewal", paid_on=date(2026, 2, 3),
        )  # fmt: skip
    rate = renewed_between(world.organization.id, date(2026, 1, 1), date(2026, 3, 2))
    assert (rate.due, rate.renewed, rate.percent) == (10, 8, 80)
    assert renewed_between(world.organization.id, date(2027, 2, 2), date(2028, 1, 1)).percent is None
    page = shown(signed_in(world, "viewer"), world)
    assert "80 %" in page and "those whose next term is paid today" in page
    lists = {
        show: words_in(
            shown(signed_in(world, "viewer"), world, f"overview/renewals/?to=2026-02-28&show={show}")
        )
        for show in ("", "renewed", "left")
    }
    assert [len(re.findall(r"M\d Jan 31, 2026", lists[show])) for show in ("", "renewed", "left")] == [
        10,
        8,
        2,
    ]
    assert (
        "Later" not in lists[""] and "All that were due 10" in lists[""] and "Not renewed 2" in lists["left"]
    )


def test_giving_failures_and_what_is_owed_stand_there_and_lead_on() -> None:
    world = a_world("ams_nonprofit", now=datetime(2026, 3, 1, 15, tzinfo=UTC))
    now = world.desk.clock.now()
    ann = world.party("Ann")
    world.card(ann)
    roof = add_campaign(world.organization, "Roof", goal_minor=100_00, actor=STAFF, now=now)
    give(world.desk, Giving(ann, 25_00, "USD", roof, "portal", "on_file"), actor=STAFF)
    client = signed_in(world, "viewer")
    page = shown(client, world)
    assert "25 %" in page and f"/campaigns/{roof.id}/" in page
    assert "/failures/" in page and "/unpaid/?currency=USD" in page and "/calendar/" in page
    expected = shown(client, world, "overview/expected/")
    assert "Nothing new is expected" in expected and "<html" in expected
    part = client.get(f"/o/{world.organization.slug}/overview/expected/", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert client.get(f"/o/{world.organization.slug}/overview/?currency=XXX").status_code == 200


def test_homes_take_the_place_of_dues() -> None:
    """X24: where homes are billed, the overview counts homes, and what they were asked for and settled."""
    world = a_world("ams_hoa", now=datetime(2026, 3, 1, 15, tzinfo=UTC))
    organization, now = world.organization, world.desk.clock.now()
    ann, bob = world.party("Ann"), world.party("Bob")
    for name, owner in (("1A", ann), ("1B", bob), ("1C", None)):
        add_unit(organization, name, owner_id=owner, owned_from=date(2026, 1, 1), actor=STAFF, now=now)
    for unit in Unit.objects.all():
        assess(
            organization, unit.id, amount_minor=300_00, every=Interval(1, TimeUnit.MONTH),
            starts_on=date(2026, 3, 1), actor=STAFF, now=now,
        )  # fmt: skip
    bill_assessments(organization, actor=STAFF, now=now)
    record_payment(
        organization, ann, amount_minor=300_00, currency="USD", means="check", actor=STAFF, now=now
    )
    Organization.objects.update(sandbox_now=datetime(2026, 3, 10, 15, tzinfo=UTC))
    client = signed_in(world, "viewer")
    page = words_in(shown(client, world))
    assert "Renewal rate" not in page
    assert "This year so far $600.00 $300.00 50 %" in page
    assert "Owing something 1" in page and "Owned by nobody 1" in page
    behind = words_in(shown(client, world, "overview/assessed/"))
    assert "1A Ann $300.00 $300.00" in behind and "1B Bob $300.00 $0.00" in behind and "1C" not in behind
    open_ = words_in(shown(client, world, "overview/assessed/?show=unsettled"))
    assert "1B Bob" in open_ and "1A Ann" not in open_
    shares = b"".join(client.get(f"/o/{organization.slug}/overview/?export=assessed")).decode()
    assert "This year so far,$600.00,$300.00,50 %" in shares


def test_what_is_expected_leads_to_each_charge_and_sums_to_it() -> None:
    world = a_world("community", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    plan = world.plan("Monthly", 30_00, interval_unit="month")
    for name in ("Ann", "Bob"):
        world.member(name, plan, paid_through=date(2026, 1, 31), card=name == "Ann", autopay=name == "Ann")
    client = signed_in(world, "viewer")
    part = words_in(shown(client, world, "overview/expected/"))
    assert "As a table" in part and "Week from" in part
    rows = words_in(shown(client, world, "overview/expected/rows/"))
    assert "Ann Memberships Monthly By itself $30.00" in rows and "Bob Memberships Monthly Asked for" in rows
    csv = b"".join(client.get(f"/o/{world.organization.slug}/overview/expected/rows/?export=csv")).decode()
    amounts = [Decimal(line.split(",")[-1]) for line in csv.strip().splitlines()[1:]]
    assert len(amounts) > 2
    assert sum(amounts) * 100 == sum(one.amount_minor for one in expected_receipts(world.desk))
    assert f"Together ${sum(amounts):,.2f}" in rows and f"${sum(amounts):,.2f}" in part
    assert "Bob" not in words_in(shown(client, world, "overview/expected/rows/?way=by itself"))
    assert "Nothing found" in words_in(shown(client, world, "overview/expected/rows/?source=pledges"))
    weeks = [
        words_in(shown(client, world, f"overview/expected/rows/?week={week}")).count("Ann")
        for week in range(13)
    ]
    assert sum(weeks) == rows.count("Ann")


def test_dues_are_three_lists_with_their_counts_and_ways_on_a09() -> None:
    world = a_world("recommended", now=datetime(2026, 3, 1, 15, tzinfo=UTC))
    plan = world.plan()
    for n in range(3):
        world.member(f"Active {n}", plan, paid_through=date(2026, 12, 31))
        world.member(f"Coming {n}", plan, paid_through=date(2026, 3, 10 + n), card=n > 0, autopay=n > 0)
        world.member(f"Failed {n}", plan, paid_through=date(2026, 2, 27), card=True, autopay=True)
    for one in Membership.objects.filter(party__name__startswith="Failed"):
        world.processor.set_script(str(one.party_id), "decline", "insufficient_funds")
    set_policy(world.organization, "billing.trigger", "auto", actor="Pat", now=world.desk.clock.now())
    runs.advance(world.desk, datetime(2026, 3, 2, 20, tzinfo=UTC))
    client = signed_in(world, "viewer")
    page = shown(client, world, "dues/")
    figures = re.findall(r"<dt>([^<]+)</dt> <dd><span class=.number.>(\d+)</span>", page)
    assert dict(figures) == {"Active": "6", "Renew in the next 30 days": "3", "Payment failures": "3"}
    for path in ("failures/", "dues/upcoming/", "members/?status=Active"):
        assert f"/o/{world.organization.slug}/{path}" in page
    assert page.index("Coming 0") < page.index("Coming 1")
    assert "autopay, Test card ending in 4242" in page
    assert "by the member" in page
    upcoming = shown(client, world, "dues/upcoming/")
    assert upcoming.count("$100.00") == 3 and "Failed" not in upcoming
    lines = (
        b"".join(client.get(f"/o/{world.organization.slug}/dues/upcoming/?export=csv")).decode().splitlines()
    )
    assert len(lines) == 4


def test_an_age_leads_to_who_owes_it_and_what_was_collected_to_what_came() -> None:
    found = billed("Ann", "Bob", price=100)
    found.behave("Bob", "decline", "insufficient_funds")
    found.collect()
    found.move(days=40)
    client, world = signed_in(found.world), found.world
    assert "unpaid/?currency=USD&amp;age=31" in shown(client, world)
    names = {name: f"/members/{found.party(name)}/" for name in ("Ann", "Bob")}
    old, older = shown(client, world, "unpaid/?age=31"), shown(client, world, "unpaid/?age=91")
    assert names["Bob"] in old and names["Ann"] not in old and names["Bob"] not in older
    came = shown(client, world, "payments/?show=came&currency=USD")
    assert names["Ann"] in came and names["Bob"] not in came
    assert names["Ann"] not in shown(client, world, "payments/?show=came&currency=EUR")
