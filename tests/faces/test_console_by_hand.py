"""Money that staff apply by hand in the console: a lump sum over several invoices, credit, taking it off again; and
what is unpaid by age (A-37, A-41)."""

from datetime import timedelta

import pytest
from django.http import HttpResponseBase, StreamingHttpResponse
from tests.faces.acting import at, confirmed, done, filled, hidden, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru import invariants
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.invoicing.models import Invoice, Receivable
from paidthru.invoicing.queries import age_totals
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.payments.models import Payment

pytestmark = pytest.mark.django_db


def invoiced(world: World, *amounts: int, currency: str = "") -> list[Invoice]:
    """Invoices to somebody who is typed in."""
    return [
        write_invoice(
            world.organization,
            Payer(None, "Zoë", "zoe@example.org"),
            [WrittenLine("Course", 1, amount)],
            currency=currency,
            actor=STAFF,
            now=world.desk.clock.now(),
        )
        for amount in amounts
    ]


def test_a_lump_sum_is_shared_out_taken_off_and_applied_again() -> None:
    world = a_world()
    first, second = invoiced(world, 60_00, 30_00)
    (yen,) = invoiced(world, 1_000, currency="JPY")
    client = signed_in(world, "approver")
    here = at(world, f"members/{first.party_id}/")
    entry = {"amount": "80", "currency": "USD", "means": "check", "received_on": "2026-01-01"}
    parts = {f"part_{first.id}": "50", f"part_{second.id}": "20"}

    html = filled(client, f"{here}pay/", 422, **entry, **parts)
    assert "You entered amounts for invoices." in words(html)
    html = filled(client, f"{here}pay/", 422, **entry, invoice="by_hand", **{f"part_{yen.id}": "100"})
    assert "This invoice is in JPY, the money in USD." in words(html)
    html = filled(
        client, f"{here}pay/", 422, **entry, invoice="by_hand", **parts | {f"part_{first.id}": "61"}
    )
    assert "More would be applied to invoice 1 than is open of it." in words(html)
    html = filled(client, f"{here}pay/", 200, **entry, invoice="by_hand", **parts)
    assert "Pays $50.00 on invoice 1" in words(html)
    assert "Keeps $10.00 as the member’s credit." in words(html)
    client.post(f"{here}pay/confirm/", hidden(html))
    client.post(f"{here}pay/confirm/", hidden(html))
    payment = Payment.objects.get()
    assert (payment.amount_minor, payment.unallocated_minor) == (80_00, 10_00)

    said = done(client, at(world, f"payments/{payment.id}/take-off/"), invoice=str(second.id))
    assert "Payment 1 is taken off; the money is credit." in said
    second.refresh_from_db()
    assert (second.state, second.balance_minor) == ("sent", 30_00)
    html = filled(client, f"{here}credit/", 422)
    assert "Enter how much of the credit an invoice gets." in words(html)
    html = filled(client, f"{here}credit/", 409, **{f"part_{first.id}": "10", f"part_{second.id}": "30"})
    assert "There is only $30.00 of credit." in words(html)
    said = done(client, f"{here}credit/", **{f"part_{second.id}": "30"})
    assert "The credit is applied." in said
    second.refresh_from_db()
    assert second.state == "paid"
    assert "Took $20.00 of payment 1 off" in text(client, at(world, f"payments/{payment.id}/"))

    html = filled(client, f"{here}pay/", 200, **entry | {"amount": "1000", "currency": "JPY"}, invoice="")
    assert "Pays ¥1,000 on invoice 3" in words(html)
    assert confirmed(client, f"{here}pay/confirm/", html)
    yen.refresh_from_db()
    assert yen.state == "paid"
    assert not invariants.check(world.organization.id)


def test_what_is_unpaid_stands_by_its_age_and_sums_to_the_books_a41() -> None:
    world = a_world()
    invoiced(world, 60_00, 30_00)
    invoiced(world, 1_000, currency="JPY")
    client = signed_in(world, "viewer")
    page = text(client, at(world, "unpaid/"))
    assert "Not due yet 1–30 days 31–60 days 61–90 days Over 90 days Together" in page
    assert "Owed $90.00 In the books $90.00 the same" in page
    assert "¥" not in page, "never two currencies in one sum"
    assert "Owed ¥1,000 In the books ¥1,000 the same" in text(client, at(world, "unpaid/?currency=JPY"))
    for days, column in ((1, 1), (30, 1), (31, 2), (61, 3), (90, 3), (91, 4)):
        Receivable.objects.update(due_on=world.desk.today - timedelta(days=days))
        ages = age_totals(world.organization.id, world.desk.today)
        assert {currency: sums.index(max(sums)) for currency, sums in ages.items()} == {
            "JPY": column,
            "USD": column,
        }
    answer = client.get(at(world, "unpaid/?export=csv"))
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "number,member,currency,not due,1-30,31-60,61-90,90+,total"
    assert lines[1].endswith(",JPY,0,0,0,0,1000,1000")
    assert lines[2].endswith(",USD,0.00,0.00,0.00,0.00,90.00,90.00")


def test_a_checks_number_is_kept_and_stays_with_its_correction() -> None:
    """By it the payment is found on the bank's statement; a card's number is never kept."""
    world = a_world()
    (invoice,) = invoiced(world, 60_00)
    client = signed_in(world, "approver")
    here = at(world, f"members/{invoice.party_id}/")
    entry = {"amount": "60", "currency": "USD", "means": "check", "received_on": "2026-01-01", "invoice": ""}
    said = words(filled(client, f"{here}pay/", 422, **entry, reference="4242 4242 4242 4242"))
    assert "never stored" in said
    html = filled(client, f"{here}pay/", 200, **entry, reference=" No. 1042 ")
    assert "No. 1042" in confirmed(client, f"{here}pay/confirm/", html)
    payment = Payment.objects.get()
    assert payment.reference == "No. 1042"
    assert "No. 1042" in words(client.get(at(world, "payments/")).content)
    sheet: HttpResponseBase = client.get(at(world, "payments/?export=csv"))
    assert isinstance(sheet, StreamingHttpResponse)
    assert b"No. 1042" in b"".join(sheet)
    done(
        client,
        at(world, f"payments/{payment.id}/correct/"),
        amount="50",
        means="check",
        received_on="2026-01-01",
    )
    assert list(Payment.objects.order_by("number").values_list("amount_minor", "reference")) == [
        (60_00, "No. 1042"),
        (50_00, "No. 1042"),
    ]
