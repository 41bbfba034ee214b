"""The steps of invoices that staff write, and the taxes on them."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.add_tax import add_tax
from paidthru.actions.write_invoice import Payer, Recurrence
from paidthru.invoicing.rules.tax import read_rate
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Unit
from paidthru.runs.invoices import bill, send

from .billing_forms import StaffInvoices, StaffSendsInvoice
from .forms import Step
from .setup_forms import TaxSetup
from .telling import STAFF, Telling


def set_tax(telling: Telling, line: TaxSetup) -> None:
    """A tax of the setup."""
    add_tax(
        telling.organization,
        line.name,
        rate_ppm=read_rate(line.rate),
        inclusive=line.mode == "inclusive",
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _invoices(telling: Telling, step: StaffInvoices) -> None:
    priced = [(item, *telling.money(item.amount)) for item in step.items]
    currency = priced[0][2]
    for row, (item, _, other) in enumerate(priced, start=1):
        if other != currency:
            raise Refused(
                "currency_mismatch",
                f"An invoice is in one currency; this one begins in {currency}.",
                field="currency",
                row=row,
                value=item.amount.text,
                fix="Write an invoice for each currency.",
            )
    whom = step.recipient
    if whom.email is not None:
        payer = Payer(name=whom.name, email=whom.email)
    else:
        payer = Payer(telling.party(whom.name).id)
    bill(
        telling.desk,
        payer,
        [WrittenLine(item.description, item.quantity, amount, item.tax or "") for item, amount, _ in priced],
        actor=STAFF,
        currency=currency,
        due_on=step.due,
        as_draft=step.draft,
        recurrence=Recurrence(Interval(1, Unit(step.every))) if step.every else None,
    )


def _sends(telling: Telling, step: StaffSendsInvoice) -> None:
    invoice = telling.invoice(step.invoice)
    if step.amount is not None and telling.money(step.amount) != (invoice.total_minor, invoice.currency):
        raise Refused(
            "amount_invalid",
            "An invoice is sent as a whole.",
            field="amount",
            value=step.amount.text,
            fix="Leave the amount out.",
        )
    send(telling.desk, invoice.id, actor=STAFF, reason=step.reason or "")


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    StaffInvoices: _invoices,
    StaffSendsInvoice: _sends,
}
