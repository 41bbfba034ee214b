"""Plans in the console: their join links, prorate tables defined and assigned, and the billing contact."""

from datetime import date, timedelta

import pytest
from django.test import Client
from tests.collecting import billed
from tests.faces.acting import at, done, filled, hidden, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.join import join
from paidthru.actions.make_join_link import make_join_link
from paidthru.actions.record_payment import record_payment
from paidthru.membership.models import BillingRun, JoinLink, Membership, Plan, ProrateTable, Term
from paidthru.people.models import BillingContact, Party
from paidthru.timeline.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def client(world: World) -> Client:
    return signed_in(world, csrf=False)


def test_a_join_link_is_made_copied_and_ended(client: Client, world: World) -> None:
    """P-26: at the bottom of the plan there is the link to copy; it can be disabled and let expire."""
    plan = world.plan("Regular", 12_000)
    there = at(world, f"plans/{plan.id}/")
    assert "Regular" in text(client, at(world, "plans/")) and "No link yet" in text(client, there)
    form = client.get(f"{there}links/make/").content.decode()
    for _ in range(2):
        client.post(f"{there}links/make/", hidden(form))
    link = JoinLink.objects.get()
    assert f"/join/{link.token}/" in text(client, there)
    assert "Works" in text(client, there)
    change = f"{there}links/{link.id}/"
    past = (world.desk.today - timedelta(days=1)).isoformat()
    assert "in the past" in filled(client, change, 422, enabled="on", expires_on=past)
    client.post(change, {"key": "1", "expires_on": "2026-12-31"})
    link.refresh_from_db()
    assert (link.enabled, link.expires_on) == (False, date(2026, 12, 31))
    assert "Switched off" in text(client, there) and "Changed a join link" in text(client, there)
    Plan.objects.update(closed=True)
    assert "Make a join link" not in text(client, there)
    assert "takes no new members" in filled(client, f"{there}links/make/", 422)


def test_prorate_tables_are_defined_and_assigned(client: Client, world: World) -> None:
    """G-38: twelve rows, no other number; a plan without a rule of its own is billed the full price."""
    for key, value in {"term.basis": "annual", "proration.join": "table", "term.first_month": "1"}.items():
        client.post(at(world, f"settings/{key}/"), {"value": value})
    plan, bare = world.plan("Regular", 20_000), world.plan("Bare", 20_000)
    add = at(world, "plans/prorate/add/")
    assert "this one has 11" in filled(client, add, 422, name="Halves", factors=" ".join(["1.00"] * 11))
    assert "not a number" in filled(client, add, 422, name="Halves", factors=" ".join(["1.00"] * 11 + ["x"]))
    client.post(add, {"key": "1", "name": "Halves", "factors": " ".join(["1"] * 6 + ["0.5"] * 6)})
    table = ProrateTable.objects.get()
    assert "Halves" in text(client, at(world, "plans/prorate/"))
    client.post(at(world, f"plans/{plan.id}/prorate/"), {"key": "2", "prorate": str(table.id)})
    assert "By the table Halves" in text(client, at(world, f"plans/{plan.id}/"))
    assert "Regular is prorated: Halves." in text(client, at(world, f"plans/{plan.id}/"))
    world.organization.refresh_from_db()
    july = world.desk.clock.now().replace(month=7)
    for name, chosen in (("Ann", plan), ("Bob", bare)):
        party = world.party(name)
        join(world.organization, party, chosen.id, actor=STAFF, now=july)
    amounts = dict(Term.objects.values_list("plan__name", "amount_minor"))
    assert amounts == {"Regular": 10_000, "Bare": 20_000}
    client.post(at(world, f"plans/{plan.id}/prorate/"), {"key": "3", "prorate": "none"})
    plan.refresh_from_db()
    assert (plan.prorate, plan.prorate_table_id) == ("none", None)


def test_the_billing_contact_hears_of_each_purchase(client: Client, world: World) -> None:
    """G-46: an id or a selected contact; one mail a purchase; nobody, if that is wished."""
    there = at(world, "billing-contact/")
    kim = world.party("Kim Contact", email="kim@example.org")
    world.party("Lee Mute")
    assert "nobody called" in filled(client, there, 422, contact="Zed")
    assert "no e-mail address" in filled(client, there, 422, contact="Lee Mute")
    client.post(there, {"contact": "KIM@example.org"})
    assert BillingContact.objects.get().party_id == kim
    plan = world.plan("Regular", 12_000)
    ann = world.party("Ann Ames")
    join(world.organization, ann, plan.id, actor=STAFF, now=world.desk.clock.now())
    mail = Message.objects.get(party_id=kim)
    assert mail.kind == "billing_contact"
    assert (mail.facts["buyer"], mail.facts["bought"], mail.facts["amount"]) == (
        "Ann Ames",
        "Regular",
        "120.00",
    )
    client.post(there, {"contact": ""})
    join(world.organization, world.party("Bo"), plan.id, actor=STAFF, now=world.desk.clock.now())
    assert Message.objects.filter(party_id=kim).count() == 1


def test_who_may_and_whose_they_are(world: World) -> None:
    plan = world.plan("Regular", 12_000)
    link = make_join_link(world.organization, plan.id, actor=STAFF, now=world.desk.clock.now())
    other = a_world(name="Other Club")
    theirs = other.plan("Theirs", 100)
    acts = ("links/make/", f"links/{link.id}/", "prorate/")
    clerk, admin = signed_in(world, "front_desk"), signed_in(world, "admin")
    assert clerk.get(at(world, f"plans/{plan.id}/")).status_code == 200
    for path in (*(f"plans/{plan.id}/{act}" for act in acts), "plans/prorate/add/", "billing-contact/"):
        assert clerk.get(at(world, path)).status_code == 403, path
        assert clerk.post(at(world, path)).status_code == 403, path
        assert admin.get(at(world, path)).status_code == 200, path
    for act in ("", *acts):
        assert admin.get(at(world, f"plans/{theirs.id}/{act}")).status_code == 404
        assert admin.get(at(other, f"plans/{theirs.id}/{act}")).status_code == 404
    assert admin.get(at(world, f"plans/{plan.id}/links/{plan.id}/")).status_code == 404
    assert signed_in(world, csrf=True).post(at(world, f"plans/{plan.id}/links/make/")).status_code == 403
    assert Membership.objects.count() == 0


def test_renewal_notices_are_read_and_sent_once() -> None:
    """G-45: one of them is shown first; pressed twice, nobody gets two."""
    found = billed("Ann", "Bob")
    client, run = signed_in(found.world), BillingRun.objects.get()
    there = at(found.world, f"renewals/runs/{run.id}/notices/")
    assert "Send renewal notices" in text(client, at(found.world, f"renewals/runs/{run.id}/"))
    Party.objects.filter(id=found.party("Ann")).update(email="ann@example.org")
    Party.objects.filter(id=found.party("Bob")).update(email="")
    page = text(client, there)
    assert "Mails 1 member what is due" in page
    assert "1 member has no e-mail address: print the notice" in page
    assert "$100.00" in page and "To be paid by Jan 1, 2026" in page
    for _ in range(2):
        after = words(client.post(there, follow=True).content)
        assert "1 renewal notice is sent" in after and "1 member has no e-mail address" in after
    assert Message.objects.filter(kind="renewal_notice").count() == 2
    pays = Message.objects.get(kind="renewal_notice", party_id=found.party("Ann")).facts["pays"]
    assert pays == str(found.invoice("Ann").id), "the mail has the way to pay it"
    assert signed_in(found.world, "viewer").post(there).status_code == 403


def test_a_recorded_payment_is_corrected_once() -> None:
    """G-04: read what it does, then it is reversed and recorded anew; what is posted stays."""
    found = billed("Ann")
    client, now = signed_in(found.world), found.desk.clock.now()
    organization, party = found.world.organization, found.party("Ann")
    wrong = record_payment(
        organization, party, amount_minor=1_000, currency="USD", means="check", actor=STAFF, now=now
    )
    there = at(found.world, f"payments/{wrong.id}/correct/")
    assert "Correct" in text(client, at(found.world, f"payments/{wrong.id}/"))
    said = done(client, there, amount="100", means="cash", received_on="2026-01-01")
    assert "is corrected" in said
    assert [(one.amount_minor, one.state) for one in found.payments("Ann")] == [
        (1_000, "reversed"),
        (10_000, "succeeded"),
    ]
    found.check()
