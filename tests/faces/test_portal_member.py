"""A member's own pages: what they have and pay, cancel and undo, switch, and the way out of past due."""

import re
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.join import join
from paidthru.actions.make_join_link import make_join_link
from paidthru.actions.make_link import make_link
from paidthru.membership.models import Fee, JoinLink, Membership, Plan
from paidthru.payments.models import Attempt, Payment
from paidthru.runs.ending import cancel
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("community", name="Maple Church", switch__effective__member="now")


@pytest.fixture
def plan(world: World) -> Plan:
    return world.plan("Family", 10_000, interval_unit="month")


def _joined(world: World, name: str, plan: Plan) -> UUID:
    """A member who joined by card and has paid."""
    party_id = world.party(name, email=f"{name.lower()}@example.org")
    world.card(party_id)
    actor = Actor("member", name)
    made = join(world.organization, party_id, plan.id, actor=actor, now=world.desk.clock.now(), autopay=True)
    assert made.invoice_id
    runs.pay_online(world.desk, made.invoice_id, actor=actor)
    return party_id


def _link(world: World, party_id: UUID, purpose: str = "member", **about: Any) -> str:
    organization, now = world.organization, world.desk.clock.now()
    _, token = make_link(organization, party_id, purpose=purpose, actor=STAFF, now=now, **about)
    return f"/m/{token}/"


def _page(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, response
    assert "no-store" in response["Cache-Control"]
    return response.content.decode()


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]+)"', page)
    assert found, page
    return found[1]


def _after(world: World, month: int, day: int) -> None:
    here = world.desk.clock.now()
    runs.advance(world.desk, here.replace(month=month, day=day, hour=23))


def test_a_member_sees_what_they_have_and_what_comes(client: Client, world: World, plan: Plan) -> None:
    """C-42: plan, status, paid until, next charge with amount and date, the method's last four digits."""
    url = _link(world, _joined(world, "Ann", plan))
    page = _page(client, url)
    for said in (
        "Family",
        "Active",
        "Jan 31, 2026",
        "Feb 1, 2026",
        "$100.00",
        "4242",
        "Cancel my membership",
    ):
        assert said in page, said
    assert "Undo" not in page
    assert "Change your payment method" in _page(client, f"{url}method/")


def test_canceling_and_undoing_is_staff_s_act_by_another_hand(
    client: Client, world: World, plan: Plan
) -> None:
    """C-41, C-45, C-46: read first, done once, undone until it takes effect; the same events as by staff."""
    ann, bob = _joined(world, "Ann", plan), _joined(world, "Bob", plan)
    url = _link(world, ann)
    page = _page(client, f"{url}cancel/")
    assert "goes on through Jan 31, 2026" in page
    assert Membership.objects.get(party_id=ann).state == "active", "reading changes nothing"
    assert client.get(f"{url}cancel/confirm/").status_code == 405
    for _ in range(2):
        said = client.post(
            f"{url}cancel/confirm/", {"key": _value(page, "key")}, follow=True
        ).content.decode()
        assert "Undo the cancellation" in said
        assert "Active" in said, "it is active until the cycle ends"
    assert "Canceled: your" not in _page(client, f"{url}membership/"), "what was done is said once"
    cancel(world.desk, Membership.objects.get(party_id=bob).id, actor=STAFF)
    told = {
        party: [
            (one.verb, one.facts)
            for one in Event.objects.filter(party_id=party, verb__startswith="cancel").order_by("id")
        ]
        for party in (ann, bob)
    }
    assert told[ann] == told[bob] != []
    for _ in range(2):
        assert "Your membership goes on." in client.post(f"{url}undo/", follow=True).content.decode()
    _after(world, 2, 1)
    members = {one.party_id: one.state for one in Membership.objects.all()}
    assert (members[ann], members[bob]) == ("active", "ended")
    assert Payment.objects.filter(party_id=ann).count() == 2
    assert Payment.objects.filter(party_id=bob).count() == 1
    assert "Cancel my membership" not in _page(client, _link(world, bob))
    assert invariants.check(world.organization.id) == []


def test_a_member_switches_and_pays_what_they_read(client: Client, world: World, plan: Plan) -> None:
    """P-28, X15: what it costs is read first; charged at once, once."""
    other = world.plan("Patron", 25_000, interval_unit="month")
    world.plan("Old", 1_000, closed=True)
    ann = _joined(world, "Ann", plan)
    url = _link(world, ann)
    page = _page(client, f"{url}switch/")
    assert "Patron" in page and "$250.00" in page and "Old" not in page
    page = _page(client, f"{url}switch/?plan={other.id}")
    assert "$250.00 is billed now" in page
    there = f"{url}switch/confirm/?plan={other.id}"
    assert "has changed" in client.post(there, {"switch": "1:now-1-0-None"}).content.decode()
    said = _value(page, "switch")
    for _ in range(2):
        assert "You are on Patron." in client.post(there, {"switch": said}, follow=True).content.decode()
    present = Membership.objects.exclude(state="ended").get(party_id=ann)
    assert (present.plan_id, present.paid_through) == (other.id, date(2026, 1, 31))
    assert sorted(Payment.objects.values_list("amount_minor", flat=True)) == [10_000, 25_000]
    assert client.get(f"{url}switch/?plan=nonsense").status_code == 200
    assert invariants.check(world.organization.id) == []


def test_a_free_plan_is_given_by_staff_unless_it_is_offered(client: Client, world: World, plan: Plan) -> None:
    """P-28: life members pay nothing, and nobody makes themselves one; what is offered to anybody may be taken up."""
    life = world.plan("Life", None, kind="free")
    ann = _joined(world, "Ann", plan)
    url = _link(world, ann)
    assert "Life" not in _page(client, f"{url}switch/")
    assert "There is no other plan to choose." in _page(client, f"{url}switch/?plan={life.id}")
    client.post(f"{url}switch/confirm/?plan={life.id}", {"switch": "1:next_renewal-0-0-None"})
    present = Membership.objects.get(party_id=ann)
    assert (present.plan_id, present.next_plan_id) == (plan.id, None)
    make_join_link(world.organization, life.id, actor=STAFF, now=world.desk.clock.now())
    assert "See what Life means" in _page(client, f"{url}switch/")
    JoinLink.objects.update(enabled=False)
    Plan.objects.filter(id=life.id).update(is_default=True)
    assert "See what Life means" in _page(client, f"{url}switch/")


def test_the_way_out_of_past_due(client: Client, world: World, plan: Plan) -> None:
    """C-43: past due, a new card is saved; what will be charged now is read, then charged, and it is active again."""
    ann = _joined(world, "Ann", plan)
    world.processor.set_script(str(ann), "decline", "insufficient_funds")
    _after(world, 2, 1)
    assert "Past Due" in _page(client, _link(world, ann))
    url = _link(world, ann, "method")
    page = _page(client, url)
    assert "Past due" in page and "$100.00" in page and "press Pay" in page
    world.processor.set_script(str(ann), "accept", None)
    sandbox = client.post(f"{url}save/")["Location"]
    page = _page(client, client.post(sandbox, {"method": "card:ok"})["Location"])
    assert "Pay $100.00 now" in page
    before = Attempt.objects.count()
    assert client.post(f"{url}pay/", {"pay": "2:1"}).status_code == 409, "another amount than was read"
    assert client.post(f"{url}pay/", {"pay": "99:10000"}).status_code == 404
    assert client.post(f"{url}pay/", {"pay": "1e3"}).status_code == 404
    for _ in range(2):
        said = client.post(f"{url}pay/", {"pay": _value(page, "pay")}, follow=True).content.decode()
        assert "is paid" in said, re.findall(r'role="status">([^<]*)', said)
        assert "Active" in said
    assert Attempt.objects.count() == before + 1
    bob = _link(world, _joined(world, "Bob", plan))
    assert client.post(f"{bob}pay/", {"pay": "1:10000"}).status_code == 404, "somebody else's invoice"
    assert invariants.check(world.organization.id) == []


def test_what_waits_for_the_bank_is_paid_by_confirming_it(client: Client, world: World, plan: Plan) -> None:
    """C-43, field-notes C.4: whoever comes to pay it completes the same payment, and no second one is made."""
    ann = _joined(world, "Ann", plan)
    world.processor.set_script(str(ann), "authenticate")
    _after(world, 2, 1)
    url = _link(world, ann)
    page = _page(client, f"{url}membership/")
    assert "with my bank" in page
    bank = client.post(f"{url}pay/", {"pay": _value(page, "pay")})["Location"]
    back = client.post(bank, {"answer": "succeeded"})["Location"]
    client.get(back)
    states = Attempt.objects.filter(party_id=ann).order_by("id").values_list("state", flat=True)
    assert (list(states), Payment.objects.filter(party_id=ann).count()) == (["succeeded", "succeeded"], 2)
    assert "with my bank" not in _page(client, f"{url}membership/")


def test_a_link_to_confirm_a_payment_opens_nothing_else(client: Client, world: World, plan: Plan) -> None:
    ann = _joined(world, "Ann", plan)
    attempt = Attempt.objects.get()
    url = _link(world, ann, "confirm", attempt_id=attempt.id)
    for path in ("membership/", "cancel/", "switch/"):
        assert client.get(f"{url}{path}")["Location"] == url
    assert client.post(f"{url}cancel/confirm/", {"key": "1"})["Location"] == url
    assert Membership.objects.get().state == "active"
    stranger = _link(world, world.party("Cid"))
    assert "Save a payment method" in _page(client, stranger)


def test_a_member_pays_what_the_button_says(client: Client, world: World, plan: Plan) -> None:
    """G-44: what is voluntary is not taken along with what is owed."""
    fee = {"organization": world.organization, "plan": plan, "name": "Gift", "position": 1}
    Fee.objects.create(**fee, amount_minor=2_000, voluntary=True)
    ann = world.party("Ann", email="ann@example.org")
    world.card(ann)
    join(world.organization, ann, plan.id, actor=STAFF, now=world.desk.clock.now(), autopay=True)
    url = _link(world, ann)
    said = _value(_page(client, url), "pay")
    assert said.endswith(":10000")
    assert "is paid" in client.post(f"{url}pay/", {"pay": said}, follow=True).content.decode()
    assert Payment.objects.get().amount_minor == 10_000
    assert invariants.check(world.organization.id) == []


def test_a_member_is_told_what_became_of_paying(client: Client, world: World, plan: Plan) -> None:
    """A refused card is said with its reason; a debit that the bank takes its days for can't be pressed again."""
    ann = world.party("Ann", email="ann@example.org")
    world.card(ann)
    join(world.organization, ann, plan.id, actor=STAFF, now=world.desk.clock.now(), autopay=True)
    url = _link(world, ann)
    world.processor.set_script(str(ann), "decline", "insufficient_funds")
    said = client.post(
        f"{url}pay/", {"pay": _value(_page(client, f"{url}membership/"), "pay")}, follow=True
    ).content.decode()
    assert "did not go through, and nothing was taken. There is not enough money in the account." in said
    world.processor.set_script(str(ann), "accept", None)
    sandbox = client.post(f"{url}save/")["Location"]
    page = _page(client, client.post(sandbox, {"method": "bank:ok"})["Location"])
    said = client.post(f"{url}pay/", {"pay": _value(page, "pay")}, follow=True).content.decode()
    assert "Your payment is on its way. A bank takes some business days for it." in said
    for there in (f"{url}membership/", f"{url}method/"):
        page = _page(client, there)
        assert "On its way" in page and "$100.00" in page and "Please don&#x27;t pay it again." in page
        assert 'name="pay"' not in page and "press Pay" not in page
    assert invariants.check(world.organization.id) == []
