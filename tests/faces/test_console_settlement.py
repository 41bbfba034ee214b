"""What was taken back, paid out or can't be placed, and the freeze, in the console (I-70; C.10, D.4, D.6)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from tests.collecting import Collection, billed
from tests.faces.acting import at, confirmed, filled, text
from tests.faces.test_console_members import exported, words
from tests.refunding import paid, payment_of
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru import invariants
from paidthru.actions.freeze import freeze
from paidthru.kernel.clock import SystemClock
from paidthru.organizations.models import Install, Organization
from paidthru.organizations.operations import create_organization, set_mark
from paidthru.organizations.queries import frozen_why
from paidthru.organizations.rules.freezing import REPLAY
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.payments.models import Payment, Stray, Throttle
from paidthru.payments.operations.strays import note_stray
from paidthru.runs.sweep import sweep
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 1, 1, tzinfo=UTC)


def debited(*names: str) -> Collection:
    """Members who paid by bank debit."""
    found = billed(*names, card=None)
    for name in names:
        found.bank(name, "auto")
    found.collect()
    found.advance(days=7)
    return found


# ---------------------------------------------------------------- taken back


def test_a_debit_that_came_back_is_a_case_with_its_reason_and_next_step() -> None:
    found = debited("Ann", "Bob")
    client = signed_in(found.world, "viewer")
    assert "No bank debit was returned" in text(client, at(found.world, "returns/"))
    found.world.processor.return_payment(payment_of(found, "Ann").gateway_ref or "", "R01")
    sweep(found.desk, since=START)
    listed = text(client, at(found.world, "returns/"))
    for said in ("Ann", "R01", "The debit may be presented again", "Returned", "$100.00"):
        assert said in listed, said
    (row,) = exported(client, at(found.world, "returns/?export=csv"))
    assert (row["member"], row["code"], row["still owed"], row["invoices"]) == ("Ann", "R01", "100.00", "1")
    assert row["trace"]
    for tail, there in ((f"?trace={row['trace']}", True), ("?trace=nothing", False), ("?q=bob", False)):
        assert ("R01" in text(client, at(found.world, f"returns/{tail}"))) == there, tail
    payment = text(client, at(found.world, f"payments/{payment_of(found, 'Ann').id}/"))
    assert "Taken back $100.00" in payment and "R01" in payment
    assert "Ann" in text(client, at(found.world, "payments/?status=returned"))


def test_disputes_are_listed_with_their_state_and_what_is_due() -> None:
    found = paid("Ann", "Bob", "Cid")
    client = signed_in(found.world, "viewer")
    assert "No payment is disputed" in text(client, at(found.world, "disputes/"))
    levers = found.world.processor
    refs = {name: payment_of(found, name).gateway_ref or "" for name in ("Ann", "Bob", "Cid")}
    for ref in refs.values():
        levers.dispute(ref)
    sweep(found.desk, since=START)
    levers.decide(levers.dispute_of(refs["Bob"]), "won")
    levers.decide(levers.dispute_of(refs["Cid"]), "lost")
    sweep(found.desk, since=START)
    for status, name in (("open", "Ann"), ("won", "Bob"), ("lost", "Cid")):
        rows = exported(client, at(found.world, f"disputes/?status={status}&export=csv"))
        assert [row["member"] for row in rows] == [name], status
    listed = text(client, at(found.world, "disputes/"))
    assert "Send the evidence at the processor before its deadline" in listed
    assert "Disputes 1" in listed, "one is open"
    assert "There is no status “odd” here." in text(client, at(found.world, "disputes/?status=odd"), 409)
    assert "Open disputes 1" in text(client, at(found.world))


# ---------------------------------------------------------------- payouts


def test_a_payout_is_set_against_our_books_line_by_line() -> None:
    found = paid("Ann", "Bob")
    client = signed_in(found.world, "viewer")
    assert "No payout yet" in text(client, at(found.world, "settlement/"))
    levers = found.world.processor
    levers.set_fee(payment_of(found, "Ann").gateway_ref or "", 320)
    found.move(days=1)
    levers.pay_out("USD")
    found.move(days=1)
    sweep(found.desk, since=START)
    listed = text(client, at(found.world, "settlement/"))
    assert "$196.80" in listed and "Every cent accounted for" in listed
    linked = re.search(r"/settlement/([^/\"]+)/", client.get(at(found.world, "settlement/")).content.decode())
    assert linked
    ref = linked[1]
    one = text(client, at(found.world, f"settlement/{ref}/"))
    for said in ("Payout of $196.80", "Difference $0.00", "$3.20", "Payment"):
        assert said in one, said
    assert client.get(at(found.world, "settlement/nothing/")).status_code == 404
    Payment.objects.filter(id=payment_of(found, "Bob").id).update(gateway_ref="ch_other")
    listed = text(client, at(found.world, f"settlement/{ref}/"))
    assert "This payout does not agree with our books" in listed
    assert "Our books know no such charge." in listed


# ---------------------------------------------------------------- strays


def a_stray(
    found: Collection, kind: str = "charge", ref: str = "ch_lost", amount_minor: int = 12_000
) -> Stray:
    with transaction.atomic():
        stray = note_stray(
            found.world.organization,
            kind=kind,
            gateway="sandbox",
            gateway_ref=ref,
            currency="USD",
            amount_minor=amount_minor,
            occurred_at=found.desk.clock.now(),
            why="Nobody of ours made it.",
            now=found.desk.clock.now(),
        )
    assert stray
    return stray


def test_money_nobody_can_place_becomes_a_member_s_payment() -> None:
    found = billed("Ann")
    client = signed_in(found.world, "finance")
    assert "Every cent has its place" in text(client, at(found.world, "strays/"))
    path = at(found.world, f"strays/{a_stray(found).id}/place/")
    assert "Nobody of ours made it." in text(client, at(found.world, "strays/"))
    for fields, said in (
        ({"why": "x"}, "Choose what it is."),
        ({"whose": "member", "why": "x"}, "Enter the member’s number."),
        ({"whose": "member", "member": "999", "why": "x"}, "There is no member 999."),
        ({"whose": "member", "member": "1; drop", "why": "x"}, "There is no member 1; drop."),
        ({"whose": "member", "member": "1"}, "Say how you know whose money this is."),
    ):
        assert said in words(filled(client, path, 422, **fields)), said
    page = filled(client, path, whose="member", member="#1", why="Her name is on the statement")
    for said in (
        "Takes $120.00 out of suspense as a payment of Ann, member 1.",
        "Pays $100.00 on invoice 1.",
        "Keeps $20.00 as the member’s credit.",
    ):
        assert said in words(page), said
    assert "$120.00 is placed." in confirmed(client, path, page)
    assert "nothing was done twice" in confirmed(client, path, page)
    assert found.invoice("Ann").state == "paid"
    assert "Payment 1" in text(client, at(found.world, "strays/?show=placed"))
    broken = {one.invariant for one in invariants.check(found.world.organization.id)}
    assert broken == {"sandbox_books"}, "the money is of the test's making; all else holds"


def test_money_that_is_no_member_s_is_income_or_leaves_again() -> None:
    found = billed("Ann")
    client = signed_in(found.world)
    path = at(found.world, f"strays/{a_stray(found).id}/place/")
    page = filled(client, path, whose="income", account="Income:Other", why="A sale")
    assert "Takes $120.00 out of suspense into Income:Other." in words(page)
    confirmed(client, path, page)
    second = at(found.world, f"strays/{a_stray(found, 'refund', 're_lost').id}/place/")
    form = client.get(second).content.decode()
    assert 'name="member"' not in form, "a refund has no payer to be found"
    page = filled(client, second, whose="none", account="Income:Other", why="Made by mistake")
    assert "Leaves $120.00 in suspense until it leaves the processor" in words(page)
    confirmed(client, second, page)
    assert list(Stray.objects.values_list("state", flat=True)) == ["placed", "placed"]
    assert client.get(path).status_code == 302
    assert "Not a member’s" in text(client, at(found.world, "strays/?show=placed"))


# ---------------------------------------------------------------- the freeze


def live(name: str = "Live Club") -> World:
    organization = create_organization(
        name=name, preset="association", currency="USD", zone="UTC", locale="en_US", mode="live",
        now=SystemClock().now(),
    )  # fmt: skip
    return World(organization, desk_for(organization))


def frozen(world: World) -> None:
    """Frozen long enough ago, and the processor's books have been read since."""
    freeze(why="The bank asked us to wait", actor=Actor("staff", "Pat"), now=SystemClock().now())
    Install.objects.update(frozen_at=SystemClock().now() - timedelta(minutes=10))
    for organization in Organization.objects.filter(mode="live"):
        set_mark(organization.id, REPLAY, SystemClock().now())


def test_a_freeze_is_told_on_every_page_and_released_with_a_reason() -> None:
    world, sandbox = live(), a_world()
    client = signed_in(world)
    assert "Nothing is frozen" in text(client, at(world, "freeze/"))
    assert client.get(at(world, "freeze/release/")).status_code == 302
    frozen(world)
    for path in ("", "members/", "payments/", "refunds/", "settings/"):
        assert "Charging is frozen. The bank asked us to wait" in text(client, at(world, path)), path
    assert "Charging is frozen" not in text(signed_in(sandbox), at(sandbox)), "a sandbox isn't held"
    page = text(client, at(world, "freeze/"))
    assert "Somebody froze it" in page and "Nothing is missing" in page
    path = at(world, "freeze/release/")
    assert "Say why in a sentence." in words(filled(client, path, 422))
    asked = filled(client, path, why="The bank agreed")
    assert "Payments and refunds of every live organization are sent again" in words(asked)
    assert "Charging goes on." in confirmed(client, path, asked)
    assert frozen_why() is None
    assert "Charging is not frozen." in confirmed(client, path, asked), "a second click says so"


def test_what_is_missing_is_said_and_keeps_it_frozen() -> None:
    world = live()
    frozen(world)
    Install.objects.update(frozen_at=SystemClock().now())
    client = signed_in(world)
    page = client.get(at(world, "freeze/"))
    assert (
        "wait" in words(page.content)
        and "Let charging go on" not in words(page.content).split("Before it")[0]
    )
    asked = filled(client, at(world, "freeze/release/"), why="Now")
    assert "then replay" in confirmed(client, at(world, "freeze/release/"), asked)
    assert frozen_why()


def test_a_copy_is_released_only_when_the_other_is_gone() -> None:
    world = live()
    frozen(world)
    Install.objects.update(frozen_kind="moved")
    client, path = signed_in(world), at(world, "freeze/release/")
    assert "would charge" in confirmed(client, path, filled(client, path, why="It is a copy"))
    assert frozen_why()
    assert "Charging goes on." in confirmed(client, path, filled(client, path, why="It is gone", moved="on"))
    assert frozen_why() is None


def test_sending_that_is_paused_is_told_and_goes_on_by_a_person() -> None:
    found = billed("Ann")
    client = signed_in(found.world)
    assert "isn't paused" in words(client.post(at(found.world, "sending/"), follow=True).content).replace(
        "’", "'"
    )
    Throttle.objects.create(
        organization=found.world.organization,
        gateway="sandbox",
        tokens_micro=0,
        refilled_at=found.desk.clock.now(),
        closed_until=found.desk.clock.now() + timedelta(hours=1),
        closed_code="account_refused",
        closed_why="The processor refuses the account: expired key",
        closed_at=found.desk.clock.now(),
    )
    home = text(client, at(found.world))
    assert "Nothing is sent to the processor for now" in home and "expired key" in home
    assert "Send again now" not in text(signed_in(found.world, "viewer"), at(found.world))
    said = words(client.post(at(found.world, "sending/"), follow=True).content)
    assert "Payments are sent to the processor again." in said
    assert client.get(at(found.world, "sending/")).status_code == 302


ACTS = {
    "": "view",
    "sending/": "submit",
    "returns/": "view",
    "disputes/": "view",
    "reversals/": "view",
    "settlement/": "view",
    "strays/": "view",
    "strays/{stray}/place/": "resolve",
    "freeze/": "view",
    "freeze/release/": "unfreeze",
}


@pytest.mark.parametrize("path", ACTS)
def test_who_may(path: str) -> None:
    found, other = billed("Ann"), a_world(name="Other")
    world = live() if path.startswith("freeze") else found.world
    if path == "freeze/release/":
        frozen(world)
    tail = path.format(stray=a_stray(found).id)
    for role in ROLES:
        client, allowed = signed_in(world, role), ACTS[path] in MAY[role]
        assert (client.get(at(world, tail)).status_code != 403) == allowed, role
        if not allowed:
            assert client.post(at(world, tail)).status_code == 403, role
    stranger = signed_in(other)
    for method in ("get", "post"):
        assert getattr(stranger, method)(at(world, tail)).status_code == 404
        if "{" in path or path.startswith("freeze"):
            assert getattr(stranger, method)(at(other, tail)).status_code == 404, "a sandbox releases nothing"
        assert getattr(Client(), method)(at(world, tail)).status_code == 302
    if ACTS[path] != "view":
        assert signed_in(world, csrf=True).post(at(world, tail)).status_code == 403
    assert Stray.objects.get().state == "open"
    assert (frozen_why() is not None) == (path == "freeze/release/")
