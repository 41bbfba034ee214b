"""What staff change of a membership in the console: read first, done once (C-36, C-37, C-39, P-10, P-14, P-24, X12)."""

from datetime import date

import pytest
from tests.collecting import Collection, billed
from tests.faces.acting import at, done, filled, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import a_world

from paidthru.membership.models import Membership
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

ACTS = ("switch/", "renewal-date/", "active/", "dates/", "paid/", "resolve/")


def of_member(found: Collection, act: str = "", name: str = "Ann") -> str:
    return at(found.world, f"members/{found.party(name)}/{act}")


def failed(*names: str) -> Collection:
    found = billed(*names)
    for name in names:
        found.behave(name, "decline", "insufficient_funds")
    found.collect()
    for name in names:
        found.behave(name, "accept")
    return found


def current(found: Collection, name: str = "Ann") -> Membership:
    return Membership.objects.exclude(state="ended").get(party_id=found.party(name))


def test_a_cycle_is_marked_as_paid_by_its_box_and_warned_c37_c39() -> None:
    found = failed("Ann")
    client, path = signed_in(found.world, "front_desk"), of_member(found, "paid/")
    assert "Mark cycle paid" in text(client, of_member(found))
    assert "Check the box" in words(filled(client, path, 422, reason="check"))
    page = filled(client, path, paid="on", reason="terminal")
    said = words(page)
    assert "Only mark as paid if you have actually collected the funds." in said
    assert (
        "Records a payment of $100.00 for the cycle from Jan 1, 2026: paid at an external terminal." in said
    )
    assert "The next charge is on Jan 1, 2027." in said
    assert 'name="acknowledge"' in page
    done(client, path, paid="on", reason="terminal")
    assert [one.means for one in found.payments("Ann")] == ["terminal"]
    assert "Paid at an external terminal. The next charge is on Jan 1, 2027." in text(
        client, of_member(found)
    )
    assert "No cycle of this member is unpaid." in words(filled(client, path, 409, paid="on", reason="cash"))
    found.check()


def test_a_failed_cycle_is_resolved_in_one_act_p10() -> None:
    found = failed("Ann", "Bob")
    client, path = signed_in(found.world, "finance"), of_member(found, "resolve/")
    assert "Resolve the failed cycle" in text(client, of_member(found))
    assert "Say why it is waived." in words(filled(client, path, 422, way="waive"))
    assert "has to lie ahead" in words(filled(client, path, 422, way="skip", renewal_date="2025-01-01"))
    said = words(filled(client, path, way="charge_now", renewal_date="2027-02-01"))
    assert "Charges $100.00 for the cycle from Jan 1, 2026 to " in said
    assert "The next charge by itself is on Feb 1, 2027." in said
    done(client, path, way="charge_now", renewal_date="2027-02-01")
    assert (found.states("Ann"), current(found).next_bill_on) == (["declined", "succeeded"], date(2027, 2, 1))
    path = of_member(found, "active/", "Bob")
    assert "has to lie ahead" in words(filled(client, path, 422, renewal_date="2026-01-01"))
    page = words(filled(client, path, renewal_date="2027-01-01"))
    assert "$100.00 that is unpaid of the term from Jan 1, 2026 is asked for no more." in page
    done(client, path, renewal_date="2027-01-01")
    assert current(found, "Bob").unpaid_since is None
    found.check()


def test_plan_renewal_date_and_dates_say_what_they_do_p14_p24() -> None:
    found = billed("Ann", "Bob", billing__past_date="ask")
    found.collect()
    plus = found.world.plan("Plus", 30_000)
    day_pass = found.world.plan("Day Pass", 2_500, kind="non_recurring")
    client, path = signed_in(found.world, "finance"), of_member(found, "switch/")
    said = words(filled(client, path, plan=str(plus.id)))
    assert "Ann stays on Regular until the next renewal; nothing is billed before." in said
    assert "The term from Jan 1, 2027 is billed by Plus." in said
    done(client, path, plan=str(plus.id))
    assert "Plus" in text(client, of_member(found))
    assert "make a charge from the member’s page" in words(
        filled(client, of_member(found, "switch/", "Bob"), plan=str(day_pass.id))
    )
    path = of_member(found, "renewal-date/")
    past = filled(client, path, renewal_date="2025-12-20")
    assert "The date is past. Bills and charges $300.00 at the top of the hour" in words(past)
    assert 'name="acknowledge"' in past
    said = words(filled(client, path, renewal_date="2027-03-01", why="Her wish"))
    assert "goes on until Feb 28, 2027 at no further cost." in said
    assert "Bills $300.00 on Mar 1, 2027, and nothing before." in said
    done(client, path, renewal_date="2027-03-01", why="Her wish")
    assert "The renewal date is Mar 1, 2027; it was Jan 1, 2027." in text(client, of_member(found))
    path = of_member(found, "dates/")
    assert "Enter the date that is to change." in words(filled(client, path, 422, why="x"))
    assert "Say why in a sentence." in words(filled(client, path, 422, joined_on="2020-02-02"))
    done(client, path, joined_on="2020-02-02", why="Her first letter")
    assert Event.objects.get(verb="dates_set").why == "Her first letter"
    found.check()


def test_who_may_not_is_not_offered_it() -> None:
    found = failed("Ann")
    other = signed_in(a_world(name="Other"), "finance", email="other@other.example")
    viewer, desk_clerk = signed_in(found.world, "viewer"), signed_in(found.world, "front_desk")
    for act in ACTS:
        no = viewer.get(of_member(found, act))
        assert no.status_code == 403 and "yours there is viewer. Nothing was changed." in words(no.content)
        assert viewer.post(of_member(found, act), {}).status_code == 403
        assert other.get(of_member(found, act)).status_code == 404
        assert f"{act}" not in viewer.get(of_member(found)).content.decode().split("<main", 1)[1]
        assert desk_clerk.get(of_member(found, act)).status_code == (200 if act == "paid/" else 403)
    assert signed_in(found.world, csrf=True).post(of_member(found, "active/"), {}).status_code == 403


def test_only_whoever_may_credit_calls_a_cycle_paid_for_which_no_money_came() -> None:
    found = failed("Ann")
    clerk = signed_in(found.world, "front_desk")
    asked = {"paid": "on", "reason": "resolved", "key": "k"}
    assert clerk.post(of_member(found, "paid/"), asked).status_code == 403
    assert clerk.post(of_member(found, "paid/"), asked | {"reason": "cash"}).status_code == 200
    assert found.invoice("Ann").state == "sent"
