"""What an invoice asks for is taken back: it should not have been, or is forgiven."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice, Receivable
from paidthru.kernel.errors import Refused
from paidthru.ledger.operations import JournalDraft, cancel_deferred, write_journals
from paidthru.ledger.rules.credits import CreditedLine, credited
from paidthru.organizations.models import Organization


def locked_for_credit(organization: Organization, invoice_id: UUID) -> Invoice:
    """An invoice that is sent, locked, so that what it asks for can be taken back. Refused `invoice_unknown`,
    `invoice_paid`, `invoice_closed`."""
    invoice = Invoice.objects.select_for_update().filter(id=invoice_id, organization=organization).first()
    if invoice is None:
        raise Refused(
            "invoice_unknown", "There is no such invoice.", field="invoice", fix="Look it up again."
        )
    if invoice.state == "paid":
        raise Refused(
            "invoice_paid",
            f"Invoice {invoice.label} is paid.",
            field="invoice",
            value=invoice.named,
            fix="Give the money back with a refund.",
        )
    if invoice.state != "sent":
        raise Refused(
            "invoice_closed",
            f"Invoice {invoice.label} is {invoice.state}.",
            field="invoice",
            value=invoice.named,
            fix="Only an invoice that is open can be taken back.",
        )
    return invoice


def take_back(
    invoice: Invoice,
    parts: Mapping[Receivable, int],
    *,
    batch_id: UUID,
    account: str | None,
    source: tuple[str, UUID, str],
    text: str,
    on: date,
    now: datetime,
) -> None:
    """Books that parts (minor units) of what a locked invoice asks for are no longer asked for; the caller changes the
    balances. What is not earned yet leaves Deferred, the rest is borne by `account`, or (None) by the income that was
    booked. `source` is the journal's: kind, id and event."""
    unearned = cancel_deferred({one.id: amount for one, amount in parts.items() if one.deferred})
    lines = [
        CreditedLine(
            one.party_id,
            invoice.id,
            one.id,
            "cash" if one.basis == "cash" else "accrual",
            amount,
            one.income_code if one.tax_of_id or account is None else account,
            one.voluntary,
            unearned.get(one.id, 0),
        )
        for one, amount in parts.items()
    ]
    draft = JournalDraft(*source, on, text, credited(lines))
    if draft.entries:
        write_journals(invoice.organization_id, batch_id, invoice.currency, [draft], now=now)
