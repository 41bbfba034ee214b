"""Why a member stands as they do, and why they were billed or not, in sentences (A-54)."""

import re
from datetime import UTC, date, datetime

import pytest
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)


def text_of(world: World, party_id: object, path: str = "why/") -> str:
    answer = signed_in(world, "viewer").get(f"/o/{world.organization.slug}/members/{party_id}/{path}")
    assert answer.status_code == 200
    main = answer.content.decode().split('id="content"')[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def in_order(text: str, *parts: str) -> bool:
    places = [text.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)] + " is not in " + text
    return places == sorted(places)


def test_a_lapse_is_told_from_the_bill_to_the_end() -> None:
    world = a_world(
        "recommended", now=datetime(2026, 1, 1, 15, tzinfo=UTC), collect__on_exhausted="lapse(20)",
        billing__trigger="auto",
    )  # fmt: skip
    plan = world.plan()
    dot = world.member("Dot Lapse", plan, paid_through=date(2026, 1, 4), card=True, autopay=True)
    ann = world.member("Ann Fine", plan, paid_through=date(2026, 1, 4), card=True, autopay=True)
    world.processor.set_script(str(dot.party_id), "decline", "insufficient_funds")
    runs.advance(world.desk, datetime(2026, 1, 8, 20, tzinfo=UTC))
    early = text_of(world, dot.party_id)
    assert in_order(
        early, "Why Dot Lapse is Past Due", "were not paid when they were due.", "asked for $100.00", "Next:"
    )
    runs.advance(world.desk, datetime(2026, 3, 15, 20, tzinfo=UTC))
    assert Membership.objects.get(id=dot.id).ended_because == "lapsed"
    story = text_of(world, dot.party_id)
    assert in_order(
        story,
        "Why Dot Lapse is Lapsed",
        "The dues for Jan 5, 2026",
        "collect.on_exhausted, from the organization",
        "Active from this day",
        "asked for $100.00",
        "Tried to collect $100.00: declined. There is not enough money in the account.",
        "was mailed",
        "The membership lapsed",
    )
    assert "it would leave Dot Lapse out. Canceled. The membership has ended." in story
    fine = text_of(world, ann.party_id)
    assert in_order(fine, "Why Ann Fine is Active", "Billed $100.00", "it would leave Ann Fine out. Not due.")
    assert "Tried to collect" not in fine


def test_each_run_says_why_it_billed_somebody_or_left_them_out() -> None:
    world = a_world("association", now=datetime(2026, 1, 1, 15, tzinfo=UTC))
    plan = world.plan()
    ann = world.member("Ann", plan, paid_through=date(2025, 12, 31))
    bob = world.member("Bob", plan, paid_through=date(2027, 12, 31))
    before = text_of(world, ann.party_id)
    assert "it would bill Ann $100.00" in before and "No run has looked at this membership yet." in before
    run = runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF).name
    assert in_order(text_of(world, ann.party_id), run, "Billed", "$100.00")
    left_out = text_of(world, bob.party_id)
    assert "Left out" in left_out and left_out.count("which is not before Jan 1, 2026.") == 2
    lonely = world.party("Nobody")
    path = f"/o/{world.organization.slug}/members/{lonely}/why/"
    assert signed_in(world, "viewer").get(path).status_code == 404


def test_what_became_of_what_a_run_billed_is_told_too() -> None:
    world = a_world("association", now=datetime(2026, 1, 1, 15, tzinfo=UTC))
    ann = world.member("Ann", world.plan(), paid_through=date(2025, 12, 31))
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    assert "Invoice 1 is open." in text_of(world, ann.party_id)
    invoice = Invoice.objects.get()
    credit_invoice(
        world.organization, invoice.id, reason="Moved away.", actor=STAFF, now=world.desk.clock.now()
    )
    told = text_of(world, ann.party_id)
    assert in_order(
        told,
        "Credit note 1 took $100.00 back of invoice 1. Moved away.",
        "Invoice 1 is closed, credited by credit note 1.",
    )
