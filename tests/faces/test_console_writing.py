"""Invoices written in the console: draft, change, send, discard, found in the list; a line credited (A-10 to A-17)."""

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.faces.acting import at, confirmed, filled, hidden, text
from tests.faces.test_console_members import words
from tests.staff import signed_in

from paidthru.actions.add_tax import add_tax
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.invoicing.models import CreditNoteLine, Invoice, Line, RecurringInvoice
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)
CLERK = Actor("staff", "Clerk")
LINES = {
    "lines": "2", "line-0-description": "Hall", "line-0-quantity": "3", "line-0-amount": "33.33",
    "line-0-tax": "VAT", "line-1-description": "", "line-1-quantity": "1",
}  # fmt: skip


def with_tax() -> Collection:
    found = billed("Ann")
    now = found.world.desk.clock.now()
    add_tax(found.world.organization, "VAT", rate_ppm=200_000, inclusive=False, actor=CLERK, now=now)
    return found


def typed(found: Collection, **more: str) -> dict[str, str]:
    due = found.world.desk.today.isoformat()
    return {"payer": "", "name": "Guest", "email": "guest@example.org", "due_on": due, **LINES, **more}


def drafts() -> list[Invoice]:
    return list(Invoice.objects.filter(state="draft"))


def send(client: Client, path: str, fields: dict[str, str]) -> str:
    """Presses what leads to the confirm page; the page."""
    page = client.post(path, hidden(client.get(path).content.decode()) | fields)
    assert page.status_code == 200, words(page.content)
    return page.content.decode()


def test_an_invoice_is_written_sent_and_found() -> None:
    found = with_tax()
    client, new = signed_in(found.world, "finance"), at(found.world, "invoices/new/")
    page = send(client, new, typed(found, do="reckon"))
    assert "VAT 20 %" in words(page) and "$119.99" in words(page)
    page = send(client, new, typed(found, do="send", often="month"))
    assert "It is mailed to guest@example.org" in words(page) and "The next ones come on" in words(page)
    assert not Invoice.objects.filter(kind="invoice").exists(), "only read so far"
    assert "Invoice 2 over $119.99 is issued." in confirmed(client, new, page)
    assert "nothing was done twice" in confirmed(client, new, page)
    assert RecurringInvoice.objects.count() == 1
    listed = text(client, at(found.world, "invoices/?show=open&q=guest"))
    assert "Guest" in listed and "$119.99" in listed
    assert b"Guest" in b"".join(client.get(at(found.world, "invoices/?export=csv")).streaming_content)  # type: ignore[attr-defined]
    found.check()


def test_a_draft_is_changed_sent_or_discarded() -> None:
    found = with_tax()
    client, new = signed_in(found.world, "finance"), at(found.world, "invoices/new/")
    for _ in range(2):
        client.post(new, hidden(client.get(new).content.decode()) | typed(found, do="draft"))
    first, second = drafts()
    assert "Drafts of invoices 2 Read them" in text(client, at(found.world))
    here = at(found.world, f"invoices/{first.id}/")
    assert "Hall" in text(client, here) and "VAT 20 %" in text(client, here)
    client.post(
        f"{here}edit/",
        hidden(client.get(f"{here}edit/").content.decode())
        | typed(found, do="draft")
        | {"line-0-quantity": "1"},
    )
    assert "Changed the draft; it comes to $40.00." in text(client, here)
    page = client.get(f"{here}issue/").content.decode()
    assert "Invoice 2 is issued." in confirmed(client, f"{here}issue/", page)
    gone = at(found.world, f"invoices/{second.id}/discard/")
    assert "The draft is discarded." in confirmed(client, gone, client.get(gone).content.decode())
    assert "is discarded" in text(client, gone, 409)
    found.check()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"line-0-quantity": "-1"}, "The quantity has to be from 1 to 1,000,000."),
        ({"line-0-quantity": "9" * 17}, "The quantity has to be from 1 to 1,000,000."),
        ({"line-0-amount": "99999999999999", "line-0-quantity": "1000000"}, "Line 1"),
        ({"line-0-amount": "-5"}, "less than nothing"),
        ({"email": "a@b.c\nBcc: x@y.z"}, "e-mail address"),
        ({"name": "", "email": ""}, "Say whom it is for."),
        ({"line-0-description": "", "line-0-amount": ""}, "An invoice needs a line."),
        ({"until": "2030-01-01"}, "A single invoice has no end."),
    ],
)
def test_bad_input_is_named_at_its_field(fields: dict[str, str], said: str) -> None:
    found = with_tax()
    client, new = signed_in(found.world, "finance"), at(found.world, "invoices/new/")
    answer = client.post(new, hidden(client.get(new).content.decode()) | typed(found, do="send") | fields)
    assert answer.status_code == 422
    assert said in words(answer.content)
    assert not Invoice.objects.filter(kind="invoice").exists()


def test_a_line_is_credited_with_its_tax_to_the_cent() -> None:
    found = with_tax()
    organization, now = found.world.organization, found.world.desk.clock.now()
    written = [WrittenLine("Hall", 1, 100_00, "VAT"), WrittenLine("Tea", 1, 10_00)]
    invoice = write_invoice(
        organization, Payer(None, "Guest", "g@example.org"), written, actor=CLERK, now=now
    )
    hall = Line.objects.get(invoice=invoice, description="Hall")
    with pytest.raises(Refused) as refused:
        credit_invoice(organization, invoice.id, lines={hall.id: 120_01}, actor=CLERK, now=now)
    assert (refused.value.code, refused.value.row) == ("amount_invalid", 1)
    assert "Hall" in refused.value.message
    client, path = signed_in(found.world), at(found.world, f"invoices/{invoice.id}/credit/")
    assert "$120.00 is left, of it $20.00 tax (VAT 20 %)" in text(client, path)
    tea, by_line = invoice.lines.get(description="Tea"), {"extent": "lines", "reason": "Broken"}
    for more, said in (
        ({}, "at least one line"),
        ({f"line_{hall.id}": "120.01"}, "Enter 120.00 USD or less"),
        ({f"line_{hall.id}": "1", "amount": "5"}, "Empty this amount"),
        ({f"line_{tea.id}": "1", "extent": "all"}, "Choose “By line”"),
    ):
        assert said in words(filled(client, path, 422, **(by_line | more)).encode()), said
    page = filled(client, path, 200, **by_line, **{f"line_{hall.id}": "30.00"})
    assert "Hall: $30.00, of it $5.00 tax." in words(page.encode())
    assert "Credit note 1 over $30.00 is issued." in confirmed(client, path, page)
    assert sorted(CreditNoteLine.objects.values_list("amount_minor", flat=True)) == [5_00, 25_00]
    credit_invoice(organization, invoice.id, lines={hall.id: 90_00}, actor=CLERK, now=now)
    assert Invoice.objects.get(id=invoice.id).balance_minor == 10_00
    found.check()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_write(role: str) -> None:
    found = billed("Ann")
    client = signed_in(found.world, role)
    allowed = 200 if "charge" in MAY[role] else 403
    assert client.get(at(found.world, "invoices/new/")).status_code == allowed
    for act, status in (("edit/", 409), ("issue/", 409), ("discard/", 409)):
        path = at(found.world, f"invoices/{found.invoice('Ann').id}/{act}")
        assert client.get(path).status_code == (status if allowed == 200 else 403)
