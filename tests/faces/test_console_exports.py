"""The books' pages of the console: exports, closed periods, what tax came to (A-14, A-55, I-17)."""

from datetime import UTC, date, datetime

import pytest
from beancount import loader
from django.test import Client
from tests.actions.test_books import a_club, pays, post_all
from tests.faces.acting import at, filled, hidden, text
from tests.faces.test_console_members import words
from tests.faces.test_console_money import rows
from tests.staff import signed_in
from tests.world import STAFF, World, a_world, party_named

from paidthru.actions.add_tax import add_tax
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.record_refund import record_refund
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.invoicing.models import Invoice, Tax
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.ledger.models import BookExport, ClosedPeriod
from paidthru.ledger.queries import trial_balance
from paidthru.organizations.operations import move_clock, set_policy
from paidthru.payments.models import Payment

pytestmark = pytest.mark.django_db(transaction=True)


def body(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, words(answer.content)
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_books_leave_by_the_console() -> None:
    """What is posted leaves once under a number, and by period as often as one likes, in three formats."""
    world = a_club()
    client, here = signed_in(world), at(world, "exports/")
    assert "No export was made yet" in text(client, here)
    assert "Every posted batch has been exported" in text(client, f"{here}make/", 409)
    pays(world, "Ann", 5_000)
    post_all(world)
    assert "Export what is new" in text(client, here)
    form = hidden(client.get(f"{here}make/").content.decode())
    for _ in range(2):
        assert "Export 1 is made" in words(client.post(f"{here}make/", form, follow=True).content)
    assert BookExport.objects.count() == 1
    assert "Everything posted is exported" in text(client, here)
    months = "?from=2026-01-01&to=2026-03-31&format="
    for path in (f"{here}1/?format=", f"{here}period/{months}"):
        assert not loader.load_string(body(client, f"{path}beancount"))[1]
        assert "assets:undeposited" in body(client, f"{path}hledger").lower()
        assert "Assets:Undeposited" in body(client, f"{path}csv")
        assert "is no format of ours" in text(client, f"{path}pdf", 409)
    assert "There is no export 9" in text(client, f"{here}9/", 409)
    assert client.get(f"{here}period/?from=2026-03-01&to=2026-01-01").status_code == 409
    viewer = signed_in(world, "viewer")
    assert "Export what is new" not in text(viewer, here)
    assert viewer.post(f"{here}make/", form).status_code == 403


def test_a_month_is_closed_and_opened_again() -> None:
    """What hinders it is listed; a second person opens it where two are needed."""
    world = a_club()
    move_clock(world.organization, datetime(2026, 3, 10, 9, 0, tzinfo=UTC))
    client, here = signed_in(world), at(world, "closing/")
    page = text(client, here)
    assert "Nothing is closed" in page
    assert "isn’t posted" in page
    choices = words(client.get(f"{here}close/").content)
    assert "January 31, 2026" in choices or "Jan 31, 2026" in choices
    refused = filled(client, f"{here}close/", through="2026-01-31")
    assert "Not posted yet" in words(client.post(f"{here}close/", hidden(refused)).content)
    assert "be closed. Choose one" in words(
        filled(client, f"{here}close/", 422, through="2026-03-31").encode()
    )
    post_all(world)
    assert "Nothing hinders it" in text(client, here)
    close = filled(client, f"{here}close/", through="2026-01-31")
    assert "The books are closed through" in words(
        client.post(f"{here}close/", hidden(close), follow=True).content
    )
    client.post(f"{here}close/", hidden(close), follow=True)
    period = ClosedPeriod.objects.get()
    assert period.closed_through == date(2026, 1, 31)
    again = f"{here}{period.id}/reopen/"
    assert "Say why in a sentence" in words(filled(client, again, 422, why=" ").encode())
    set_policy(world.organization, "staff.separation", "on", actor="Pat", now=world.desk.clock.now())
    assert "Two people are needed" in text(client, again)
    form = hidden(client.get(again).content.decode()) | {"why": "A bill was forgotten"}
    assert "somebody else has to approve it" in words(client.post(again, form, follow=True).content)
    approving = f"{here}{period.id}/approve/"
    assert "You asked for" in words(client.post(approving, {}, follow=True).content)
    assert "It stays closed" in words(client.post(f"{here}{period.id}/withdraw/", {}, follow=True).content)
    client.post(again, form | {"key": "another"})
    other = signed_in(world, "approver", email="kim@maple.example")
    assert "A bill was forgotten" in text(other, approving)
    assert "is undone" in words(other.post(approving, {}, follow=True).content)
    assert "Opened again" in text(client, here)
    stranger = a_world(name="Other")
    assert signed_in(stranger).get(at(stranger, f"closing/{period.id}/reopen/")).status_code == 404
    assert signed_in(world, "viewer").get(f"{here}close/").status_code == 403


def taxed(method: str) -> World:
    """Ann is billed 100 and 50 at 20 %, and 30 at 5 %; 72 of the first line are credited, 12 of it tax; she pays what
    is left, and 12 of that are given back."""
    world = a_world("ams_nonprofit", accounting__method=method)
    plan = world.plan()
    world.member("Ann", plan, paid_through=date(2026, 12, 31))
    now, ann = world.desk.clock.now(), party_named(world, "Ann").id
    for name, ppm in (("VAT", 200_000), ("Reduced", 50_000)):
        add_tax(world.organization, name, rate_ppm=ppm, inclusive=False, actor=STAFF, now=now)
    lines = [
        WrittenLine("Hall", 1, 100_00, "VAT"),
        WrittenLine("Chairs", 1, 50_00, "VAT"),
        WrittenLine("Books", 1, 30_00, "Reduced"),
    ]
    invoice = write_invoice(world.organization, Payer(ann), lines, actor=STAFF, now=now)
    assert Tax.objects.count() == 2
    assert invoice.total_minor == 211_50
    line = invoice.lines.order_by("position")[0]
    credit_invoice(world.organization, invoice.id, lines={line.id: 72_00}, actor=STAFF, now=now)
    pays(world, "Ann", 139_50)
    payment = Payment.objects.get()
    record_refund(
        world.organization,
        payment.id,
        amount_minor=12_00,
        currency="USD",
        via="cash",
        actor=STAFF,
        now=world.desk.clock.now(),
    )
    return world


@pytest.mark.parametrize("method", ["accrual", "cash"])
def test_what_tax_came_to(method: str) -> None:
    """By tax and rate, on both bases; and the sum is the account's own."""
    world = taxed(method)
    client, here = signed_in(world, "viewer"), at(world, "taxes/")
    html = client.get(here).content.decode()
    found = rows(html)
    assert any(row.startswith("Reduced 5 % $30.00 $1.50 $0.00 $0.00 $1.50") for row in found), found
    assert any(row.startswith("VAT 20 % $150.00 $30.00 $60.00 $12.00 $18.00") for row in found), found
    assert "no line" not in words(html)
    balance = next(one for one in trial_balance(world.organization.id) if one.code == "Tax")
    refunded = 19_50 + balance.balance_minor
    assert 0 < refunded <= 2_00
    assert f"${-balance.balance_minor / 100:.2f} the account Tax" in words(html)
    lines = body(client, f"{here}?export=csv")
    assert "VAT,20 %,USD,150.00,30.00,60.00,12.00,18.00" in lines
    assert "is after" in text(client, f"{here}?from=2026-02-01&to=2026-01-01", 409)
    assert "No tax in this period" in text(client, f"{here}?from=2025-01-01&to=2025-01-31")
    invoice = Invoice.objects.latest("id")
    assert "Tax by rate" in text(client, at(world, f"invoices/{invoice.id}/"))
