"""Void an invoice that should not have been: it keeps its number, asks for nothing any more, and is never submitted."""

from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice, Receivable
from paidthru.invoicing.operations import locked_for_credit, take_back
from paidthru.invoicing.queries import open_on
from paidthru.invoicing.rules.states import DOCUMENT
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.membership.operations.receiving import told_of_dates
from paidthru.membership.operations.unbilling import after_void
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def void_invoice(
    organization: Organization,
    invoice_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    key: str | None = None,
) -> Invoice:
    """Takes back all that an invoice asks for, as if it had never been billed.

    The term that it billed stays and is unpaid, so that the calendar does not bill it once more by itself; where
    billing alone had moved paid-through, that goes back (G-16). A payment that is under way may still come: it then
    stands as credit and Failed to Settle (I-52); the caller fences what can be fenced. Refused `invoice_unknown`,
    `invoice_paid`, `invoice_closed`, `invoice_part_paid`, `key_reused`.
    """

    def act() -> dict[str, str]:
        invoice = locked_for_credit(organization, invoice_id)
        if invoice.balance_minor != invoice.total_minor:
            raise Refused(
                "invoice_part_paid",
                f"Invoice {invoice.label} is paid or credited in part.",
                field="invoice",
                value=invoice.named,
                fix="Credit what is open of it; give back the money with a refund.",
            )
        on, receivables = local_date(now, organization.zone), open_on(invoice.id)
        batch = open_batch(organization.id, "adjustments", on, now=now)
        take_back(
            invoice,
            {one: one.balance_minor for one in receivables},
            batch_id=batch.id,
            account=None,
            source=("invoice", invoice.id, "voided"),
            text=f"Invoice {invoice.label} voided",
            on=on,
            now=now,
        )
        Receivable.objects.filter(id__in=[one.id for one in receivables]).update(
            state="void", balance_minor=0
        )
        Invoice.objects.filter(id=invoice.id).update(state=DOCUMENT.next("sent", "void"), balance_minor=0)
        facts = {
            "invoice": invoice.named,
            "amount": plain(invoice.total_minor, invoice.currency),
            "currency": invoice.currency,
        }
        happening = Happening("invoice_voided", "invoice", invoice.id, invoice.party_id, reason, facts)
        moved = after_void((one.source_id, one.period_start) for one in receivables if one.is_primary)
        dates = told_of_dates(moved, f"Invoice {invoice.label} voided")
        record(organization.id, actor, now, [happening, *dates])
        return {"invoice": str(invoice.id)}

    outcome = once(organization.id, key, "void_invoice", {"invoice": invoice_id, "reason": reason}, now, act)
    return Invoice.objects.get(id=outcome["invoice"])
