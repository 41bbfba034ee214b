"""What an organization is set up with: plans, fees, tables, cycles, policies. Each refusal leaves nothing behind."""

from collections.abc import Callable
from datetime import date

import pytest
from tests.world import NOW, STAFF, World, a_world

from paidthru import runs
from paidthru.actions.add_billing_cycle import add_billing_cycle
from paidthru.actions.add_fee import add_fee
from paidthru.actions.add_party import add_party
from paidthru.actions.add_plan import PlanDraft, add_plan
from paidthru.actions.add_prorate_table import add_prorate_table
from paidthru.actions.bring_in import bring_in
from paidthru.actions.change_price import change_price
from paidthru.actions.join import join
from paidthru.actions.set_policy import set_policy
from paidthru.actions.switch_worker import switch_worker
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Account
from paidthru.membership.models import BillingCycle, Fee, Membership, Plan, ProrateTable, Term
from paidthru.membership.rules.existing import Existing
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import set_policy as set_scoped
from paidthru.people.models import Party
from paidthru.people.operations import PartyDraft
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def refused(act: Callable[[], object]) -> str:
    """The code with which something is refused; the refusal is told, and nothing else is."""
    before = Event.objects.count()
    with pytest.raises(Refused) as refusal:
        act()
    assert Event.objects.count() == before
    return refusal.value.code


def plan(world: World, **draft: object) -> Plan:
    columns = {"name": "Choir", "amount_minor": 4_000} | draft
    return Plan.objects.get(
        id=add_plan(world.organization, PlanDraft(**columns), actor=STAFF, now=NOW)  # type: ignore[arg-type]
    )


def test_a_plan_with_its_price_account_and_event() -> None:
    world = a_world()
    made = plan(world, income_code="Income:Choir", fund="Music", interval_count=6, interval_unit="month")
    fee = Fee.objects.get(plan=made)
    assert (fee.amount_minor, fee.is_primary, made.currency, made.fund) == (4_000, True, "USD", "Music")
    assert Account.objects.filter(
        organization=world.organization, code="Income:Choir", currency="USD"
    ).exists()
    event = Event.objects.get(verb="plan_added")
    assert event.facts == {"plan": "Choir", "price": "40.00", "currency": "USD"}


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"currency": "XXQ"}, "currency_unknown"),
        ({"kind": "lifelong"}, "plan_kind_unknown"),
        ({"amount_minor": -1}, "amount_invalid"),
        ({"amount_minor": 2**63}, "amount_invalid"),
        ({"interval_count": 0}, "interval_invalid"),
        ({"prorate_table": "Halves"}, "prorate_table_unknown"),
        ({"name": "Regular"}, "plan_name_taken"),
        ({"is_default": True}, "default_plan_taken"),
    ],
)
def test_a_plan_that_can_not_be(draft: dict[str, object], code: str) -> None:
    world = a_world()
    plan(world, name="Regular", is_default=True)
    assert refused(lambda: plan(world, **draft)) == code
    assert Plan.objects.count() == 1


def test_a_plan_without_a_price_gets_one_later() -> None:
    world = a_world()
    made = plan(world, amount_minor=None)
    change_price(world.organization, made.id, 2_500, actor=STAFF, now=NOW)
    assert Fee.objects.get(plan=made).amount_minor == 2_500
    change_price(world.organization, made.id, 3_000, actor=STAFF, now=NOW)
    assert Fee.objects.get(plan=made).amount_minor == 3_000
    told = list(Event.objects.filter(verb="price_changed").order_by("id").values_list("facts", flat=True))
    assert [(facts["from"], facts["to"]) for facts in told] == [("", "25.00"), ("25.00", "30.00")]
    assert (
        refused(lambda: change_price(world.organization, made.id, -1, actor=STAFF, now=NOW))
        == "amount_invalid"
    )
    free = plan(world, name="Friends", amount_minor=None, kind="free")
    assert refused(lambda: change_price(world.organization, free.id, 1, actor=STAFF, now=NOW)) == "plan_free"


def test_fees_stand_in_the_order_in_which_they_came() -> None:
    world = a_world()
    made = plan(world)
    for name in ("Newsletter", "Building Fund"):
        add_fee(
            world.organization, made.id, name, 500, actor=STAFF, now=NOW, voluntary=name == "Building Fund"
        )
    assert list(Fee.objects.filter(plan=made).order_by("position").values_list("name", "voluntary")) == [
        ("Choir", False), ("Newsletter", False), ("Building Fund", True),
    ]  # fmt: skip
    assert (
        refused(lambda: add_fee(world.organization, made.id, "", 500, actor=STAFF, now=NOW)) == "name_missing"
    )
    assert (
        refused(lambda: add_fee(world.organization, made.id, "X", -5, actor=STAFF, now=NOW))
        == "amount_invalid"
    )


def test_tables_and_cycles_have_names_of_their_own() -> None:
    organization = a_world().organization
    factors = ["1.00"] * 12
    add_prorate_table(organization, "Full", factors, actor=STAFF, now=NOW)
    add_billing_cycle(organization, "People", ["regular"], actor=STAFF, now=NOW)
    assert ProrateTable.objects.get().factors == factors
    assert BillingCycle.objects.get().types == ["regular"]
    assert refused(lambda: add_prorate_table(organization, "Full", factors, actor=STAFF, now=NOW)) == (
        "prorate_table_taken"
    )
    assert refused(lambda: add_prorate_table(organization, "Short", factors[1:], actor=STAFF, now=NOW)) == (
        "prorate_table_invalid"
    )
    assert refused(lambda: add_billing_cycle(organization, "People", ["x"], actor=STAFF, now=NOW)) == (
        "billing_cycle_taken"
    )
    assert (
        refused(lambda: add_billing_cycle(organization, "None", [], actor=STAFF, now=NOW)) == "types_missing"
    )


def test_a_person_has_one_current_membership() -> None:
    world = a_world()
    made = plan(world)
    assert (
        refused(lambda: add_party(world.organization, PartyDraft(""), actor=STAFF, now=NOW)) == "name_missing"
    )
    ann = add_party(world.organization, PartyDraft("Ann"), actor=STAFF, now=NOW)
    known = Existing(through=date(2026, 12, 31))
    bring_in(world.organization, ann, made.id, known, actor=STAFF, now=NOW)
    assert Membership.objects.get().paid_through == date(2026, 12, 31)
    assert refused(lambda: bring_in(world.organization, ann, made.id, known, actor=STAFF, now=NOW)) == (
        "already_a_member"
    )
    assert Party.objects.get().name == "Ann"


def test_policies_are_set_together_or_not_at_all() -> None:
    organization = a_world("recommended").organization
    assert refused(lambda: set_policy(
        organization, {"accounting.method": "cash", "paid_through.on": "billed"}, actor=STAFF, now=NOW
    )) == "policy_conflict"  # fmt: skip
    set_policy(
        organization, {"paid_through.on": "billed", "accounting.method": "accrual"}, actor=STAFF, now=NOW
    )
    facts = Event.objects.get(verb="policy_set", facts__policy="paid_through.on").facts
    assert facts == {
        "policy": "paid_through.on", "value": "billed", "before": "primary_paid", "source": "preset recommended",
    }  # fmt: skip


def test_the_worker_is_switched_once() -> None:
    organization = a_world().organization
    for stopped in (True, True, False):
        switch_worker(organization, stopped=stopped, actor=STAFF, now=NOW)
        assert Organization.objects.get().worker_stopped is stopped
    verbs = Event.objects.filter(verb__startswith="worker").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["worker_stopped", "worker_started"]


def test_a_customer_may_have_an_interval_of_their_own_g07() -> None:
    world = a_world(term__basis="anniversary", term__interval_months="12")
    yearly = world.plan(amount_minor=12_000)
    ann = world.member("Ann", yearly, paid_through=date(2025, 12, 31))
    bob = world.member("Bob", yearly, paid_through=date(2025, 12, 31))
    cid = world.party("Cid")
    for party_id in (ann.party_id, cid):
        set_scoped(
            world.organization,
            "term.interval_months",
            3,
            actor="Pat",
            now=NOW,
            scope="customer",
            scope_id=party_id,
        )
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    join(world.organization, cid, yearly.id, actor=STAFF, now=NOW)
    ends = {
        term.membership.party_id: (term.end_on, term.amount_minor)
        for term in Term.objects.exclude(source="import")
    }
    assert ends == {
        ann.party_id: (date(2026, 4, 1), 3_000),
        bob.party_id: (date(2027, 1, 1), 12_000),
        cid: (date(2026, 4, 1), 3_000),
    }
