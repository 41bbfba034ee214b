"""Send an invoice: its payer is mailed what it asks for, with a link by which it is paid (A-15, A-16)."""

from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations import current_documents
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.notices.operations import invoice_sent, tell
from paidthru.notices.queries import invoice_facts
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, once, record


def send_invoice(
    organization: Organization,
    invoice_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    key: str | None = None,
) -> Invoice:
    """Puts the mail into the outbox, and notes on the invoice when that was. Sent again it is the same document and the
    same link; the same `key`, one for each click, is one mail.

    Refused `invoice_unknown`, `invoice_paid`, `invoice_closed` (also of one that is void or written off), `no_email`.
    """

    def act() -> dict[str, str]:
        invoice = Invoice.objects.select_for_update().filter(id=invoice_id, organization=organization).first()
        if invoice is None or invoice.state == "draft":
            raise Refused(
                "invoice_unknown", "There is no such invoice.", field="invoice", fix="Look it up again."
            )
        refuse_unsendable(invoice)
        party = Party.objects.get(id=invoice.party_id)
        if not party.email:
            raise Refused(
                "no_email",
                f"{party.name} has no e-mail address.",
                field="invoice",
                value=invoice.named,
                fix="Copy the link and hand it over, or add the address first.",
            )
        occasion = f"invoice {invoice.id} {key or new_id()}"
        facts = invoice_facts([invoice])[invoice.id]
        tell(organization.id, party.id, "invoice", occasion[:120], facts, now=now)
        Invoice.objects.filter(id=invoice.id).update(sent_at=now)
        record(organization.id, actor, now, [invoice_sent(invoice, party.email, reason)])
        return {"invoice": str(invoice.id)}

    inputs = {"invoice": invoice_id, "reason": reason}
    return Invoice.objects.get(id=once(organization.id, key, "send_invoice", inputs, now, act)["invoice"])


def refuse_unsendable(invoice: Invoice) -> None:
    """Refuses what asks for nothing any more: `invoice_paid`, `invoice_closed`. Of a closed one, what asks for the same
    now is named."""
    if invoice.state == "paid":
        raise Refused(
            "invoice_paid",
            f"Invoice {invoice.label} is paid.",
            field="invoice",
            value=invoice.named,
            fix="Nothing is left to ask for.",
        )
    if invoice.state == "sent" and invoice.balance_minor > 0:
        return
    standing = Invoice.objects.filter(id__in=current_documents([invoice.id]).values()).first()
    if standing is None:
        fix = "It asks for nothing any more."
    elif standing.state == "sent":
        fix = f"Send invoice {standing.label}, which asks for the same now."
    else:
        fix = "Its link still works: whoever pays by it pays what is owed. The next invoice is made with the next try."
    raise Refused(
        "invoice_closed",
        f"Invoice {invoice.label} is {invoice.state}." if invoice.number else "The draft was discarded.",
        field="invoice",
        value=invoice.named,
        fix=fix,
    )
