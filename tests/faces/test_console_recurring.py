"""Recurring invoices in the console: seen with the days to come, paused, gone on with, ended (A-11)."""

import pytest
from tests.faces.acting import at, confirmed, text
from tests.faces.test_console_members import words
from tests.faces.test_console_writing import CLERK, with_tax
from tests.staff import signed_in
from tests.world import a_world

from paidthru.actions.write_invoice import Payer, Recurrence, write_invoice
from paidthru.invoicing.models import RecurringInvoice
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.periods import Interval, Unit

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_recurring_invoice_is_paused_gone_on_with_and_ended() -> None:
    found = with_tax()
    write_invoice(
        found.world.organization,
        Payer(found.party("Ann")),
        [WrittenLine("Locker", 1, 10_00, "VAT")],
        actor=CLERK,
        now=found.world.desk.clock.now(),
        recurrence=Recurrence(Interval(1, Unit.MONTH)),
    )
    one = RecurringInvoice.objects.get()
    client, path = signed_in(found.world, "finance"), at(found.world, f"invoices/recurring/{one.id}/")
    assert "Locker" in text(client, at(found.world, "invoices/recurring/"))
    shown = text(client, path)
    for said in (
        "Locker, Ann",
        "Every month",
        "$12.00",
        "Going on",
        "Invoices that are there",
        "Set an invoice to",
    ):
        assert said in shown, said
    for verb, said in (("pause", "It is paused."), ("resume", "It goes on."), ("end", "It has ended.")):
        asked = client.get(f"{path}{verb}/").content.decode()
        assert "Ann" in words(asked)
        answers = [confirmed(client, f"{path}{verb}/", asked) for _ in range(2)]
        assert said in answers[0] and (said in answers[1] or "has ended" in answers[1])
    one.refresh_from_db()
    assert (one.next_on, one.paused_at) == (None, None)
    assert "None comes by itself" in text(client, path) and "Go on" not in text(client, path)
    assert "Locker" in text(client, at(found.world, "invoices/recurring/?show=ended"))
    other = a_world(name="Other")
    assert signed_in(other).get(at(other, f"invoices/recurring/{one.id}/")).status_code == 404
    assert signed_in(found.world, "viewer").post(f"{path}pause/").status_code == 403
    assert client.get(f"{path}burn/").status_code == 404
