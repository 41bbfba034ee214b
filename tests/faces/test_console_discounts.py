"""Discounts in the console: given to all and to one, with what they make of the next charge, and ended."""

import re
from datetime import UTC, date, datetime

import pytest
from tests.faces.acting import at, done, filled, hidden, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru.kernel.ids import new_id
from paidthru.membership.models import Discount, Fee, Membership
from paidthru.membership.queries import next_charge
from paidthru.organizations.queries import policies_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("coworking", now=datetime(2026, 1, 10, 15, tzinfo=UTC))


def test_what_a_member_is_given_is_what_they_are_charged(world: World) -> None:
    plan = world.plan("Regular", 100_00, interval_unit="month")
    ann = world.member("Ann", plan, paid_through=date(2026, 1, 31), autopay=True)
    client, page = signed_in(world), at(world, f"members/{ann.party_id}/")
    assert "Give a discount" in text(client, page)
    give = f"{page}discount/"
    wrong = {
        "percent": {"kind": "percentage", "percent": "0"},
        "until_on": {"kind": "complimentary", "until_on": "2025-01-01"},
        "amount": {"kind": "amount", "amount": "-5"},
        "item": {"kind": "waiver", "why": "So"},
        "terms": {"kind": "complimentary", "terms": "0"},
    }
    for field, fields in wrong.items():
        form = hidden(client.get(give).content.decode())
        refused = client.post(give, form | fields)
        assert refused.status_code in (409, 422), field
        assert f'id="id_{field}_error' in refused.content.decode(), (field, words(refused.content))
    for percent in ("101", "-1", "x"):
        page_said = words(filled(client, give, 422, kind="percentage", percent=percent).encode())
        assert "more than 0 % and at most 100 %" in page_said
    fields = {"kind": "percentage", "percent": "25", "name": "Student", "terms": "1", "until_on": ""}
    read = words(filled(client, give, 200, **fields).encode())
    assert "The next charge is $75.00 on Feb 1, 2026, instead of $100.00." in read
    assert "Student" in done(client, give, **fields)
    given = Discount.objects.get()
    charge = next_charge(Membership.objects.get(), policies_of(world.organization), date(2026, 1, 10))
    assert charge is not None and charge.amount_minor == 75_00
    assert "25 %" in text(client, page)
    end = at(world, f"settings/discounts/{given.id}/end/")
    assert "$100.00 on Feb 1, 2026, instead of $75.00" in words(filled(client, end, on="2026-01-10").encode())
    done(client, end, on="2026-01-10")
    assert "Over" in text(client, page)
    fee = Fee.objects.get(plan=plan)
    done(client, give, kind="waiver", item=str(fee.id), why="The lock is broken", terms="1")
    free = next_charge(Membership.objects.get(), policies_of(world.organization), date(2026, 1, 10))
    assert free is not None and free.amount_minor == 0


def test_a_discount_for_a_plan_and_for_a_code_and_who_has_it(world: World) -> None:
    plan = world.plan("Regular", 100_00, interval_unit="month")
    world.member("Ann", plan, paid_through=date(2026, 1, 31))
    client, here = signed_in(world), at(world, "settings/discounts/")
    assert "No discounts yet" in text(client, here)
    new = f"{here}new/"
    for code in ("TWO WORDS", ""):
        filled(client, new, 409, kind="percentage", percent="10", code=code)
    said = words(filled(client, new, kind="amount", amount="10", plan=str(plan.id), name="Winter").encode())
    assert "$10.00 off for everybody on Regular." in said and "1 member on it now." in said
    page = done(client, new, kind="amount", amount="10", plan=str(plan.id), name="Winter")
    assert "Ann" in page and "Who has it (1)" in page
    done(client, new, kind="percentage", percent="50", code="SPRING", name="Spring")
    taken = filled(client, new, 409, kind="percentage", percent="5", code="spring")
    assert "already a discount with the code" in words(taken.encode())
    assert "the code SPRING" in text(client, here)
    other, row = a_world(name="Other"), Discount.objects.get(code="SPRING")
    one = f"settings/discounts/{row.id}/"
    for path in (one, f"{one}end/"):
        assert signed_in(other).get(at(other, path)).status_code == 404
    for path in (f"{one}end/", "settings/discounts/new/"):
        assert signed_in(world, "viewer").get(at(world, path)).status_code == 403


def test_more_discounts_than_a_page_holds_are_turned_over(world: World) -> None:
    world.plan("Regular", 100_00, interval_unit="month")
    client, here = signed_in(world), at(world, "settings/discounts/")
    done(client, f"{here}new/", kind="percentage", percent="50", code="SPRING", name="The oldest")
    first = Discount.objects.get()
    more = [
        Discount(**{f.attname: getattr(first, f.attname) for f in Discount._meta.concrete_fields})
        for _ in range(55)
    ]
    for n, one in enumerate(more):
        one.id, one.code, one.name = new_id(), f"CODE{n}", f"Newer {n}"
    Discount.objects.bulk_create(more)
    page = client.get(here).content.decode()
    assert "Newer 54" in page and "The oldest" not in page
    onward = re.search(r'href="([^"]*)"[^>]*rel="next"|rel="next"[^>]*href="([^"]*)"', page)
    assert onward is not None
    assert "The oldest" in client.get(here + (onward[1] or onward[2]).replace("&amp;", "&")).content.decode()
