"""The command line sets an organization up, lets people join, and records their money."""

from datetime import UTC, date, datetime

import pytest
from tests.faces.test_cli import refused, run
from tests.world import World, a_world, party_named

from paidthru.invoicing.models import Invoice
from paidthru.membership.models import BillingCycle, Fee, Membership, Plan, ProrateTable
from paidthru.organizations.models import PolicySetting
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import CATALOGUE
from paidthru.payments.models import Payment
from paidthru.people.models import Party
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

JULY = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return a_world("recommended", proration__join="none", term__basis="anniversary")


# ------------------------------------------------------------------- joining


def test_a_new_person_joins_and_is_billed(world: World) -> None:
    world.plan("Regular")
    said = run("member", "join", "Ann Lee", "--plan", "Regular", "--new", "--email", "ann@example.org",
               "--type", "REG", "--json")  # fmt: skip
    found = said.json
    assert (found["member"], found["plan"], found["amount"], found["balance"], found["currency"]) == (
        "Ann Lee", "Regular", "100.00", "100.00", "USD",
    )  # fmt: skip
    assert (found["start"], found["end"]) == ("2026-01-01", "2027-01-01")
    assert found["invoice"] == Invoice.objects.get().number
    ann = Party.objects.get(name="Ann Lee")
    assert (ann.email, ann.customer_type) == ("ann@example.org", "REG")
    assert found["number"] == ann.number


def test_a_membership_is_canceled_and_goes_on_c46(world: World) -> None:
    world.member("Ann", world.plan(), paid_through=date(2026, 6, 30))
    found = run("member", "cancel", "Ann", "--preview", "--json").json
    assert (found["last_day"], found["owed"], found["preview"]) == ("2026-06-30", [], True)
    assert Membership.objects.get().state == "active"
    assert "is over from 2026-07-01 on" in " ".join(
        run("member", "cancel", "Ann", "--why", "Moves").out.split()
    )
    assert refused("member", "cancel", "Ann") == "already_canceled"
    assert run("member", "undo", "Ann", "--json").json["next_bill"] == "2026-07-01"
    assert refused("member", "undo", "Ann") == "not_canceled"
    assert refused("member", "cancel", "Ann", "--on", "2025-12-31") == "past_date"


def test_a_plan_that_renews_by_itself_wants_a_payment_method(world: World) -> None:
    """C-16."""
    plan = world.plan("Regular")
    world.plan("Course", kind="non_recurring")
    for name in ("Ann", "Bob"):
        world.party(name)
    cid = world.party("Cid")
    world.card(cid)
    said = run("member", "join", "Ann", "--plan", plan.name, "--current-cycle-paid")
    assert "no payment method to renew with" in " ".join(said.out.split())
    assert "counts as paid; nothing is billed" in " ".join(said.out.split())
    assert run("member", "join", "Bob", "--plan", "Course", "--json").json["warning"] is None
    assert run("member", "join", "Cid", "--plan", plan.name, "--json").json["warning"] is None


def test_no_warning_where_staff_renews() -> None:
    world = a_world("association")
    world.plan("Regular")
    world.party("Ann")
    assert run("member", "join", "Ann", "--plan", "Regular", "--json").json["warning"] is None


def test_the_current_cycle_counts_as_paid(world: World) -> None:
    """C-12."""
    world.plan("Regular")
    world.party("Ann")
    found = run("member", "join", "Ann", "--plan", "Regular", "--current-cycle-paid", "--json").json
    assert (found["invoice"], found["paid_through"], found["next_bill"]) == (None, "2026-12-31", "2027-01-01")
    assert not Invoice.objects.exists()


def test_a_date_ahead_bills_then_and_a_past_one_is_asked_about(world: World) -> None:
    """C-10."""
    world.plan("Regular")
    world.party("Ann")
    world.party("Bob")
    ahead = run("member", "join", "Ann", "--plan", "Regular", "--starting", "2026-03-01")
    assert "nothing is billed before 2026-03-01" in ahead.out
    past = ("member", "join", "Bob", "--plan", "Regular", "--starting", "2025-12-01")
    assert refused(*past) == "past_date"
    assert not Membership.objects.filter(party__name="Bob").exists()
    assert run(*past, "--yes", "--json").json["start"] == "2025-12-01"


def test_who_is_meant(world: World) -> None:
    world.plan("Regular")
    ann = world.party("Ann Lee", external_id="M-7")
    world.party("Sam Twin")
    world.party("Sam Twin")
    number = Party.objects.get(id=ann).number
    assert refused("member", "join", "Nobody", "--plan", "Regular") == "member_unknown"
    assert refused("member", "join", "#999", "--plan", "Regular") == "member_unknown"
    for given, way_out in (
        ("ann", f"Ann Lee (#{number}) may be meant: give that name, or #{number}."),
        ("Sam", "It may be Sam Twin (#"),
        ("Nobody", "Give the exact name"),
    ):
        near = run("member", "cancel", given).refused
        assert near is not None and near.code == "member_unknown" and way_out in (near.fix or "")
    for n in range(5):
        world.party(f"Sam {n}")
    near = run("member", "cancel", "sam").refused
    assert near is not None and near.fix
    assert near.fix.count("Sam ") == 5 and " and others: " in near.fix
    assert refused("member", "join", "Sam Twin", "--plan", "Regular") == "which_member"
    assert refused("member", "join", "Ann Lee", "--plan", "Regular", "--new") == "member_known"
    assert (
        refused("member", "join", "Ann Lee", "--plan", "Regular", "--email", "a@example.org")
        == "member_known"
    )
    assert refused("member", "join", "Ann Lee", "--plan", "None such") == "plan_unknown"
    assert refused("member", "join", "Ann Lee", "--plan", "Regular", "--starting", "soon") == "date_invalid"
    assert run("member", "join", "m-7", "--plan", "Regular", "--json").json["number"] == number
    assert refused("member", "join", f"#{number}", "--plan", "Regular") == "already_a_member"
    assert refused("member", "join", str(number), "--plan", "Regular") == "already_a_member"


def test_who_cannot_join_is_not_added_either(world: World) -> None:
    world.plan("Unpriced", None)
    assert refused("member", "join", "Ann", "--plan", "Unpriced", "--new") == "no_price"
    assert not Party.objects.filter(name="Ann").exists()


def test_joining_in_month_seven_costs_six_twelfths() -> None:
    """G-37."""
    world = a_world("association", now=JULY)
    world.plan("Regular", 20_000)
    found = run("member", "join", "Ann", "--plan", "Regular", "--new", "--prorated", "--json").json
    assert (found["amount"], found["start"], found["end"]) == ("100.00", "2026-07-01", "2027-01-01")


# --------------------------------------------------------------------- money


def test_money_pays_what_is_owed_and_the_rest_is_credit(world: World) -> None:
    world.plan("Regular")
    run("member", "join", "Ann", "--plan", "Regular", "--new")
    paid = run("member", "pay", "Ann", "--amount", "130", "--means", "check", "--received-on", "2026-01-01",
               "--json").json  # fmt: skip
    assert (paid["amount"], paid["owed"], paid["credit"]) == ("130.00", "0.00", "30.00")
    assert paid["payment"] == Payment.objects.get().number
    assert Membership.objects.get().paid_through == date(2026, 12, 31)


def test_money_for_an_invoice_and_for_the_oldest_cycle(world: World) -> None:
    world.plan("Regular")
    run("member", "join", "Ann", "--plan", "Regular", "--new")
    number = str(Invoice.objects.get().number)
    part = run("member", "pay", "Ann", "--amount", "40", "--means", "cash", "--invoice", number)
    assert "Still owed: 60.00" in part.out
    assert run("member", "pay", "Ann", "--means", "cash", "--json").json["amount"] == "60.00"
    assert refused("member", "pay", "Ann", "--means", "cash") == "invoice_paid"


def test_money_that_cannot_be_recorded(world: World) -> None:
    world.plan("Regular")
    run("member", "join", "Ann", "--plan", "Regular", "--new")
    pay = ("member", "pay", "Ann", "--amount", "10")
    assert refused(*pay, "--means", "barter") == "means_unknown"
    assert refused(*pay, "--means", "cash", "--received-on", "2027-01-01") == "past_date"
    assert refused(*pay, "--means", "cash", "--invoice", "999") == "invoice_unknown"
    assert refused("member", "pay", "Ann", "--amount", "0", "--means", "cash") == "amount_invalid"
    assert refused("member", "pay", "Ann", "--amount", "5 EUR", "--means", "cash") == "currency_mismatch"
    assert (
        refused("member", "pay", "Ann", "--means", "cash", "--received-on", "2026-01-01") == "amount_missing"
    )
    assert run(*pay).code == 2
    assert not Payment.objects.exists()


# -------------------------------------------------------------------- set-up


def test_a_fee_is_billed_with_its_plan(world: World) -> None:
    world.plan("Regular")
    fee = ("fee", "add", "--plan", "Regular", "--name", "Journal", "--amount", "25")
    assert run(*fee, "--json").json["amount"] == "25.00"
    gift = run("fee", "add", "--plan", "Regular", "--name", "Gift", "--amount", "5", "--voluntary")
    assert "Gift: 5.00 USD" in gift.out
    run("fee", "add", "--plan", "Regular", "--name", "Pin", "--amount", "9", "--complimentary")
    assert Fee.objects.get(name="Gift").voluntary
    assert Fee.objects.get(name="Pin").complimentary
    run("member", "join", "Ann", "--plan", "Regular", "--new")
    assert Invoice.objects.get().lines.filter(description__contains="Journal", amount_minor=2_500).exists()
    assert refused("fee", "add", "--plan", "Other", "--name", "Journal", "--amount", "25") == "plan_unknown"
    assert refused("fee", "add", "--plan", "Regular", "--name", " ", "--amount", "25") == "name_missing"
    assert refused("fee", "add", "--plan", "Regular", "--name", "X", "--amount", "-1") == "amount_invalid"


def test_a_cycle_bills_its_types() -> None:
    world = a_world("association")
    assert run("cycle", "add", "--name", "Spring", "--types", "REG, STU", "--json").json["types"] == [
        "REG",
        "STU",
    ]
    assert BillingCycle.objects.get().types == ["REG", "STU"]
    assert "REG, STU" in run("cycle", "list").out
    assert run("cycle", "list", "--json").json == {"cycles": [{"cycle": "Spring", "types": ["REG", "STU"]}]}
    assert refused("cycle", "add", "--name", "Spring", "--types", "REG") == "billing_cycle_taken"
    assert refused("cycle", "add", "--name", "Autumn", "--types", " , ") == "types_missing"
    regular = world.plan()
    world.member("Ann", regular, paid_through=date(2025, 12, 31), customer_type="STU")
    world.member("Bob", regular, paid_through=date(2025, 12, 31), customer_type="LIFE")
    seen = run(
        "renewals", "preview", "--name", "S", "--effective", "2026-01-01", "--cycle", "Spring", "--json"
    )
    assert seen.json["billed"] == 1


def test_a_plan_prorates_by_a_table() -> None:
    """G-38."""
    a_world("association", now=JULY)
    factors = "1.00 0.92 0.83 0.75 0.67 0.58 0.40 0.42 0.33 0.25 0.17 0.08"
    assert run("prorate", "add", "--name", "Club", "--factors", factors, "--json").json["table"] == "Club"
    assert ProrateTable.objects.get().factors == factors.split()
    assert refused("prorate", "add", "--name", "Club", "--factors", factors) == "prorate_table_taken"
    assert refused("prorate", "add", "--name", "Short", "--factors", "1 0.5") == "prorate_table_invalid"
    add = ("plan", "add", "--name", "Regular", "--price", "200")
    assert refused(*add, "--prorate", "table:None") == "prorate_table_unknown"
    assert refused(*add, "--prorate", "weekly") == "prorate_invalid"
    assert refused(*add, "--prorate", "table:") == "prorate_invalid"
    assert run(*add, "--prorate", "table:Club").code == 0
    assert run("member", "join", "Ann", "--plan", "Regular", "--new", "--json").json["amount"] == "80.00"


def test_a_plan_has_its_own_interval_and_proration(world: World) -> None:
    run("plan", "add", "--name", "Half", "--price", "200", "--interval-months", "6", "--prorate", "days")
    half = Plan.objects.get(name="Half")
    assert (half.override_months, half.prorate) == (6, "days")
    assert run("plan", "add", "--name", "Bad", "--interval-months", "0").code == 2
    found = run("member", "join", "Ann", "--plan", "Half", "--new", "--json").json
    assert (found["end"], found["amount"]) == ("2026-07-01", "100.00")


# ------------------------------------------------------------------ policies


def test_policies_say_their_value_their_source_and_what_they_can_be(world: World) -> None:
    listed = {one["policy"]: one for one in run("policy", "list", "--json").json["policies"]}
    assert set(listed) == set(CATALOGUE)
    assert (listed["term.basis"]["value"], listed["term.basis"]["source"]) == ("anniversary", "organization")
    assert listed["credit.apply"]["source"] == "preset recommended"
    assert listed["credit.apply"]["allowed"] == "auto, ask"
    assert "credit.apply" in run("policy", "list").out


def test_a_policy_is_set_with_its_event(world: World) -> None:
    assert run("policy", "set", "status.past_due_at", "day(14)", "--json").json["value"] == "day(14)"
    assert policies_of(world.organization).word("status.past_due_at") == "day(14)"
    told = Event.objects.get(verb="policy_set")
    assert told.facts["before"] == "first_failure"
    assert refused("policy", "set", "no.such", "x") == "policy_unknown"
    assert refused("policy", "set", "credit.apply", "maybe") == "policy_value_invalid"
    assert refused("policy", "set", "proration.join", "months") == "policy_conflict"


def test_a_members_own_interval_wins_over_the_standard() -> None:
    """G-07: customer = 3 wins over standard = 12."""
    world = a_world("association", term__basis="anniversary")
    regular = world.plan("Regular", 12_000)
    for name in ("Ann", "Bob"):
        world.member(name, regular, paid_through=date(2025, 12, 31))
    run("policy", "set", "term.interval_months", "12")
    own = run("policy", "set", "term.interval_months", "3", "--member", "Ann", "--json").json
    assert (own["scope"], own["member"]) == ("customer", "Ann")
    seen = run("renewals", "preview", "--name", "2026", "--effective", "2026-01-01", "--json").json
    assert {one["member"]: (one["amount"], one["end"]) for one in seen["items"]} == {
        "Ann": ("30.00", "2026-04-01"),
        "Bob": ("120.00", "2027-01-01"),
    }
    ann = party_named(world, "Ann")
    told = Event.objects.get(verb="policy_set", party_id=ann.id)
    assert (told.facts["value"], told.facts["before"], told.facts["source"]) == ("3", "12", "organization")
    listed = {
        one["policy"]: one for one in run("policy", "list", "--member", "Ann", "--json").json["policies"]
    }
    assert (listed["term.interval_months"]["value"], listed["term.interval_months"]["source"]) == (
        "3",
        "customer",
    )


def test_plans_memberships_later_dates_and_the_way_back() -> None:
    """G-06 to G-09: every level is set, listed with its source, unset, and may come on a later day."""
    world = a_world("association", term__basis="anniversary")
    world.member("Ann", world.plan("Regular", 12_000), paid_through=date(2025, 12, 31))
    key = "term.interval_months"

    def of_ann() -> tuple[str, str]:
        listed = run("policy", "list", "--member", "Ann", "--json").json["policies"]
        return next((one["value"], one["source"]) for one in listed if one["policy"] == key)

    assert run("policy", "set", key, "6", "--plan", "Regular", "--json").json["scope"] == "plan"
    assert of_ann() == ("6", "plan")
    assert "for Ann" in run("policy", "set", key, "1", "--membership", "Ann").out
    assert of_ann() == ("1", "subscription")
    run("policy", "unset", key, "--membership", "Ann")
    back = run("policy", "unset", key, "--plan", "Regular", "--json").json
    assert (back["value"], back["source"], back["plan"]) == ("0", "preset association", "Regular")
    assert refused("policy", "set", key, "1", "--plan", "Regular", "--member", "Ann") == "which_scope"
    assert refused("policy", "set", "batch.post", "auto", "--plan", "Regular") == "policy_scope"
    assert refused("policy", "unset", "no.such") == "policy_unknown"
    assert refused("policy", "set", key, "1", "--from", "2026-01-01") == "past_date"
    run("policy", "set", key, "3", "--from", "2026-02-01")
    assert policies_of(world.organization).number(key) == 0
    (coming,) = run("policy", "planned", "--json").json["planned"]
    assert (coming["policy"], coming["value"], coming["from"]) == (key, "3", "2026-02-01")
    assert key in run("policy", "withdraw", key).out
    assert refused("policy", "withdraw", key) == "policy_change_unknown"


def test_a_policy_for_all_is_not_set_for_one(world: World) -> None:
    world.party("Ann")
    assert refused("policy", "set", "credit.apply", "ask", "--member", "Ann") == "policy_scope"
    assert refused("policy", "set", "term.interval_months", "3", "--member", "Bob") == "member_unknown"
    assert not PolicySetting.objects.filter(scope="customer").exists()
    assert not Event.objects.filter(verb="policy_set").exists()


def test_a_former_member_begins_anew_when_it_is_said_x19() -> None:
    world = a_world("recommended")
    ann = world.member("Ann", world.plan(), paid_through=date(2025, 6, 30))
    run("member", "join", "Ann", "--plan", "Regular", "--anew")
    states = Membership.objects.filter(party_id=ann.party_id).order_by("id").values_list("state", flat=True)
    assert list(states) == ["ended", "pending"]
