"""Discounts, exempt payers, and the tax in what is credited: from giving them to the bill."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.add_tax import add_tax
from paidthru.actions.give_discount import DiscountDraft, end_discount, give_discount, redeem_code
from paidthru.actions.join import join, preview_join
from paidthru.actions.preview_run import preview, start_run
from paidthru.actions.record_payment import record_payment
from paidthru.actions.set_tax_exempt import set_tax_exempt
from paidthru.actions.switch_plan import preview_switch, switch_plan
from paidthru.invoicing.models import Invoice, Tax
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.queries import next_charge
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import credit_of
from paidthru.runs.impact import foretold

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 1, 1, 15, 0, tzinfo=UTC)


def test_preview_next_charge_and_bill_agree() -> None:
    world = a_world("recommended", now=NOW)
    organization, plan = world.organization, world.plan("Regular", 100_00, interval_unit="month")
    ann, bob = world.party("Ann"), world.party("Bob")
    student = DiscountDraft("percentage", party_id=ann, rate_ppm=200_000, name="Student", terms=2)
    once_given = [give_discount(organization, student, actor=STAFF, now=NOW, key="a").id for _ in "12"]
    assert once_given[0] == once_given[1]
    spring = DiscountDraft("amount", plan_id=plan.id, amount_minor=30_00, code="SPRING")
    give_discount(organization, spring, actor=STAFF, now=NOW)
    redeem_code(organization, bob, "spring", actor=STAFF, now=NOW)
    for party, costs in ((ann, 80_00), (bob, 70_00), (world.party("Cid"), 100_00)):
        first = preview_join(organization, party, plan.id, date(2026, 1, 1))
        assert sum(line.amount_minor for line in first.lines) == costs
        joined = join(organization, party, plan.id, actor=STAFF, now=NOW)
        assert Invoice.objects.get(id=str(joined.invoice_id)).total_minor == costs
        record_payment(
            organization, party, amount_minor=costs, currency="USD", means="check", actor=STAFF, now=NOW
        )
    policies = policies_of(organization)

    def next_of(party: UUID) -> int:
        charge = next_charge(Membership.objects.get(party_id=party), policies, date(2026, 1, 2))
        assert charge is not None
        return charge.amount_minor

    assert (next_of(ann), next_of(bob)) == (80_00, 70_00)
    run = start_run(organization, name="Feb", effective_on=date(2026, 2, 1), actor=STAFF, now=NOW)
    assert preview(run.id).total_minor == 80_00 + 70_00 + 100_00
    own = redeem_code(organization, bob, "SPRING", actor=STAFF, now=NOW)  # given twice, it is the same one
    end_discount(organization, own.id, actor=STAFF, now=NOW)
    assert next_of(bob) == 100_00


def test_complimentary_until_a_day_then_the_full_price() -> None:
    world = a_world("recommended", now=NOW)
    plan, ann = world.plan("Regular", 100_00, interval_unit="month"), world.party("Ann")
    until = DiscountDraft("complimentary", party_id=ann, until_on=date(2026, 2, 1))
    give_discount(world.organization, until, actor=STAFF, now=NOW)
    joined = join(world.organization, ann, plan.id, actor=STAFF, now=NOW)
    membership = Membership.objects.get(id=joined.membership_id)
    assert (membership.state, membership.paid_through) == ("active", date(2026, 1, 31))
    charge = next_charge(membership, policies_of(world.organization), date(2026, 1, 2))
    assert charge is not None
    assert (charge.on, charge.amount_minor) == (date(2026, 2, 1), 100_00)


def test_bad_discounts_name_the_field() -> None:
    world = a_world("recommended", now=NOW)
    plan = world.plan("Regular", 100_00)
    good = DiscountDraft("percentage", plan_id=plan.id, rate_ppm=200_000, code="ONE")
    give_discount(world.organization, good, actor=STAFF, now=NOW)
    bad = {
        "kind": replace(good, kind="free"),
        "rate": replace(good, rate_ppm=1_000_001),
        "amount": replace(good, kind="amount", amount_minor=-1),
        "fee": replace(good, kind="waiver", why="So."),
        "terms": replace(good, terms=0),
        "until": replace(good, until_on=date(2025, 1, 1)),
        "code": replace(good, code="one"),
        "for": replace(good, plan_id=None, code=""),
    }
    for field, draft in bad.items():
        with pytest.raises(Refused) as refused:
            give_discount(world.organization, draft, actor=STAFF, now=NOW)
        assert refused.value.field == field
    with pytest.raises(Refused, match="no discount with the code"):
        redeem_code(world.organization, world.party("Ann"), "TWO", actor=STAFF, now=NOW)


def test_who_is_exempt_joins_without_tax_and_unused_time_is_credited_with_its_tax_a14() -> None:
    world = a_world("recommended", now=NOW, switch__effective__staff="now")
    organization = world.organization
    add_tax(organization, "VAT", rate_ppm=200_000, inclusive=False, actor=STAFF, now=NOW)
    tax = Tax.objects.get(organization=organization)
    basic = world.plan("Basic", 31_00, interval_unit="month", tax=tax)
    small = world.plan("Small", 1_00, interval_unit="month")
    ann, bob = world.party("Ann"), world.party("Bob")
    set_tax_exempt(organization, bob, "Certificate 7", actor=STAFF, now=NOW)
    for party, total in ((ann, 37_20), (bob, 31_00)):
        joined = join(organization, party, basic.id, actor=STAFF, now=NOW)
        assert Invoice.objects.get(id=str(joined.invoice_id)).total_minor == total
        record_payment(
            organization, party, amount_minor=total, currency="USD", means="check", actor=STAFF, now=NOW
        )
    later = datetime(2026, 1, 21, 15, 0, tzinfo=UTC)  # 11 of 31 days are left
    seen = preview_switch(organization, ann, small.id, actor=STAFF, now=later)
    assert seen.unused_minor == 11_00 + 2_20
    switch_plan(organization, ann, small.id, actor=STAFF, now=later)
    assert credit_of(ann) == {"USD": 13_20 - 1_00}


def test_what_an_outage_s_list_and_a_forecast_say_is_what_is_billed() -> None:
    """A discount for so many terms runs out on the way; who is exempt, who has switched, each at their own price."""
    now = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
    world = a_world("recommended", now=now, zone="UTC")
    organization = world.organization
    add_tax(organization, "VAT", rate_ppm=200_000, inclusive=False, actor=STAFF, now=now)
    tax = Tax.objects.get(organization=organization)
    plan = world.plan("Regular", 100_00, interval_unit="month", tax=tax)
    weekly = world.plan("Weekly", 10_00, interval_unit="week")
    ann, bob, cid = (
        world.member(who, plan, paid_through=date(2025, 12, 31)) for who in ("Ann", "Bob", "Cid")
    )
    eve = world.member("Eve", weekly, paid_through=date(2026, 3, 14))
    set_tax_exempt(organization, bob.party_id, "Certificate 7", actor=STAFF, now=now)
    Membership.objects.filter(id=cid.id).update(next_plan=weekly, next_bill_on=date(2026, 3, 8))
    for party_id in (ann.party_id, eve.party_id):
        twice = DiscountDraft(
            "percentage", party_id=party_id, rate_ppm=500_000, from_on=date(2026, 1, 1), terms=2
        )
        give_discount(organization, twice, actor=STAFF, now=now)
    listed = sum(one.amount_minor or 0 for one in runs.terms_due(world.desk))
    assert listed == (60_00 + 60_00 + 120_00) + 3 * 100_00 + 10_00
    seen = foretold(world.desk, policies_of(organization), days=20)[eve.id]
    assert [one.amount_minor for one in seen if one.kind == "bill"] == [5_00, 5_00, 10_00]
    runs.catch_up(world.desk)
    assert sum(one.total_minor for one in Invoice.objects.all()) == listed
    runs.advance(world.desk, datetime(2026, 3, 29, 15, 0, tzinfo=UTC))
    assert [one.total_minor for one in Invoice.objects.filter(party_id=eve.party_id).order_by("number")] == [
        5_00,
        5_00,
        10_00,
    ]
