"""The settings pages: policies by subject with source and example, changed in two steps, at every level (G-01, G-05 to
G-14, G-30, G-35, C-15, P-20, P-32, X7, X20)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from tests.faces.acting import at, confirmed, done, filled, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import NOW, STAFF, World, a_world, party_named

from paidthru.actions.keep_example import keep_example
from paidthru.membership.queries.deciding import decided
from paidthru.organizations.models import PolicyChange, PolicySetting
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.examples import Draft
from paidthru.organizations.rules.policies import CATALOGUE
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def settings(client: Client, world: World, tail: str = "") -> str:
    return text(client, at(world, f"settings/{tail}"))


def changes(client: Client, world: World, name: str, **fields: str) -> str:
    return done(client, at(world, f"settings/{name}/"), **fields)


def test_every_policy_stands_under_its_subject_with_value_source_and_example() -> None:
    world = a_world(term__first_month="7")
    read, html = signed_in(world, "viewer"), ""
    said = settings(read, world)
    for key in CATALOGUE.values():
        assert key.name in said
        assert key.sentence in said
    assert "7 term.first_month Set here" in said
    assert "when it is received accounting.method Preset" in said
    assert "Who joins in month 7 of the year pays $200.00 of a fee of $200.00." in said
    assert said.index("How renewals are billed") < said.index("Terms, proration and paid through")
    html = read.get(at(world, "settings/")).content.decode()
    assert "/settings/term.basis/" not in html, "a viewer can't set it"
    admin = signed_in(world, "admin").get(at(world, "settings/")).content.decode()
    assert "/settings/term.basis/" in admin


def test_each_preset_has_its_words_in_headings_and_menu() -> None:
    for preset, name, member, menu in (
        ("ams_hoa", "Oak Court", "owner", "Assessments"),
        ("coworking", "Loft", "member", "Membership levels"),
        ("recommended", "Fern", "member", "Dues"),
    ):
        world = a_world(preset, name=name)
        client = signed_in(world)
        said = settings(client, world)
        assert f"What {member}s are called and told" in said
        assert menu in said
    world = a_world("coworking", name="Works")
    client = signed_in(world)
    changes(client, world, "words.variant", value="workplace")
    said = settings(client, world)
    assert "Users" in said
    assert "What users are called and told" in said


def test_a_change_is_read_before_it_is_made_and_goes_back_to_the_preset() -> None:
    world = a_world(term__basis="annual")
    client = signed_in(world)
    form = text(client, at(world, "settings/proration.join/"))
    assert "By the months that are left. Who joins in month 7 of the year pays $100.00" in form, "each choice"
    page = filled(client, at(world, "settings/proration.join/"), value="months")
    said = words(page.encode())
    assert "proration.join changes from “not at all” to “by the months that are left”, at once." in said
    assert "For example, now Who joins in month 7 of the year pays $200.00" in said
    assert "And then Who joins in month 7 of the year pays $100.00 of a fee of $200.00." in said
    assert PolicySetting.objects.filter(key="proration.join").count() == 0, "nothing is set yet"
    said = confirmed(client, at(world, "settings/proration.join/"), page)
    assert "proration.join is set to months." in said
    assert "Set proration.join to months; it was none (from the preset association)." in said
    changes(client, world, "collect.on_exhausted", value="lapse", lapse_0="45")
    assert policies_of(world.organization).word("collect.on_exhausted") == "lapse(45)"
    changes(client, world, "billing.slot", value="spread", spread_0="07:30", spread_1="09:00")
    assert policies_of(world.organization).word("billing.slot") == "spread(07:30, 09:00)"
    changes(client, world, "dunning.mail_days", value="list", list="2, 9")
    assert policies_of(world.organization).numbers("dunning.mail_days") == (2, 9)
    assert "is no longer set here" in changes(client, world, "proration.join", value="unset")
    assert policies_of(world.organization).effective("proration.join").source == "preset association"


def test_accrual_reveals_two_more_ways_to_move_paid_through() -> None:
    """G-12: with cash they aren't offered; both pages say so, without any script."""
    world = a_world("community")
    client = signed_in(world)
    form = text(client, at(world, "settings/paid_through.on/"))
    assert "With accounting.method = accrual there are two more" in form
    assert "billing itself. A plan" not in form
    page = filled(client, at(world, "settings/accounting.method/"), value="accrual")
    assert "paid_through.on has two more choices then" in words(page.encode())
    confirmed(client, at(world, "settings/accounting.method/"), page)
    assert "Billing itself. A plan of $100.00" in text(client, at(world, "settings/paid_through.on/"))
    changes(client, world, "paid_through.on", value="billed")
    page = filled(client, at(world, "settings/accounting.method/"), 409, value="cash")
    assert "exists with accrual accounting only" in words(page.encode())


def test_what_can_t_be_set_is_named_at_its_field_and_changes_nothing() -> None:
    world = a_world()
    world.plan()
    client = signed_in(world)
    for name, fields, said in (
        ("status.grace_months", {"value": "number", "number": "99"}, "less than or equal to 24"),
        ("status.grace_months", {"value": "number", "number": ""}, "Enter a value."),
        ("status.past_due_at", {"value": "day", "day_0": "x"}, "Enter a whole number."),
        ("status.past_due_at", {"value": "day"}, "Enter a value."),
        ("accounting.method", {"value": "barter"}, "barter is not one of the choices"),
        ("dunning.mail_days", {"value": "list", "list": "9, 3"}, "each larger than the one before"),
        (
            "billing.slot",
            {"value": "spread", "spread_0": "12:00", "spread_1": "8"},
            "A time of day is written",
        ),
        ("term.basis", {"value": "anniversary", "starting": "2026-01-01"}, "has come already"),
        ("staff.may_enter_payment_details", {"value": "yes"}, "yes is not one of the choices"),
        ("cancel.then", {"value": "downgrade"}, "There is no default plan to move members to."),
    ):
        answer = client.post(at(world, f"settings/{name}/"), {"key": "k"} | fields)
        assert answer.status_code in (409, 422), name
        assert said in words(answer.content), name
    assert PolicySetting.objects.count() == 0
    assert Event.objects.filter(verb="policy_set").count() == 0
    for unknown in ("no.such", "late.fee", "<script>"):
        assert client.get(at(world, f"settings/{unknown}/")).status_code == 404


def test_a_plan_a_member_and_a_membership_decide_for_themselves() -> None:
    """G-06 to G-09 on their pages: the most specific level counts, and each can be taken back."""
    world = a_world("coworking", term__interval_months="12")
    plan = world.plan()
    membership = world.member("Ann", plan, paid_through=NOW.date())
    client, ann = signed_in(world), party_named(world, "Ann")
    where = {
        "plan": (f"plan={plan.id}", f"plans/{plan.id}/"),
        "customer": (f"customer={ann.id}", f"members/{ann.id}/"),
        "subscription": (f"subscription={membership.id}", f"members/{ann.id}/?level=membership"),
    }
    for months, (level, (query, tail)) in enumerate(where.items(), start=3):
        path = at(world, f"settings/term.interval_months/?{query}")
        assert "term.interval_months" in settings(client, world, tail)
        done(client, path, value="number", number=str(months))
        found = decided(world.organization, membership_id=membership.id)
        assert found.effective("term.interval_months", **{level: query.split("=")[1]}).value == months
        shown = (
            "3 months term.interval_months Plan"
            if level == "customer"
            else f"{months} months term.interval_months Set here"
        )
        assert shown in settings(client, world, tail), "a plan goes before a customer"
    said = done(
        client, at(world, f"settings/term.interval_months/?{where['subscription'][0]}"), value="unset"
    )
    assert "3 months term.interval_months Plan" in said
    record = client.get(at(world, f"members/{ann.id}/")).content.decode()
    assert f"settings/members/{ann.id}/" in record
    other = a_world("coworking", name="Elsewhere")
    for path in (f"plans/{plan.id}/", f"members/{ann.id}/", f"term.interval_months/?plan={plan.id}"):
        stranger = signed_in(other, email="sam@else.example")
        assert stranger.get(at(other, f"settings/{path}")).status_code == 404
    for query in ("plan=x", f"plan={uuid4()}", f"customer={ann.id}"):
        assert client.get(at(world, f"settings/cancel.then/?{query}")).status_code == 404


def test_a_later_change_is_listed_and_can_be_withdrawn() -> None:
    world = a_world()
    client, soon = signed_in(world), NOW.date() + timedelta(days=40)
    path = at(world, "settings/accounting.method/")
    page = filled(client, path, value="accrual", starting=soon.isoformat())
    assert "on Feb 10, 2026." in words(page.encode())
    assert "changes to accrual on" in confirmed(client, path, page)
    assert policies_of(world.organization).word("accounting.method") == "cash"
    assert "Planned changes" in settings(client, world)
    change = PolicyChange.objects.get()
    gone = at(world, f"settings/changes/{change.id}/withdraw/")
    assert signed_in(world, "viewer", email="vi@maple.example").post(gone).status_code == 403
    assert client.get(gone).status_code == 404
    assert f"accounting.method will not change on {soon}." in words(client.post(gone, follow=True).content)
    assert "Planned changes" not in settings(client, world)


def test_a_change_that_breaks_an_example_is_named_before_it_is_made() -> None:
    world = a_world("coworking")
    example = "story: We try four times\n2026-03-01\n  = policy collect.offsets from preset = [0, 1, 3, 3]\n"
    keep_example(world.organization, Draft(example), actor=STAFF, now=NOW)
    page = filled(signed_in(world), at(world, "settings/collect.offsets/"), value="list", list="0, 1")
    said = words(page.encode())
    assert "The example “We try four times” would no longer hold: line 3" in said
    assert "Change it" not in said
