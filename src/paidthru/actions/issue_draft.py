"""Issue a draft: from now on it is owed, numbered and booked (A-17)."""

from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations.writing import books_of, issue_paper, issued, locked_draft, paper_of
from paidthru.kernel.clock import local_date
from paidthru.notices.operations import tell_of_invoice
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.operations import use_credit
from paidthru.timeline.operations import Actor, once, record


def issue_draft(
    organization: Organization,
    invoice_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    key: str | None = None,
) -> Invoice:
    """The draft as an invoice of today, under the next number and its own id, due as many days later as it was to be.
    One click, one invoice: the same `key` gives the same.

    Refused `invoice_unknown`, `invoice_not_draft`, `key_reused`, and as `items_of` (a tax that is gone meanwhile).
    """

    def act() -> dict[str, str]:
        draft = locked_draft(organization.id, invoice_id)
        on = local_date(now, organization.zone)
        policies = policies_of(organization).within(customer=draft.party_id)
        paper = paper_of(draft, bill_on=on)
        invoice = issue_paper(organization.id, paper, books_of(policies), now=now, draft=draft)
        record(organization.id, actor, now, [issued(invoice, reason)])
        if policies.word("credit.apply") == "auto" and invoice.batch_id is not None:
            use_credit(organization.id, invoice.batch_id, [invoice.party_id], on=on, now=now)
        tell_of_invoice(organization.id, invoice, now=now)
        return {"invoice": str(invoice.id)}

    inputs = {"invoice": invoice_id, "reason": reason}
    return Invoice.objects.get(id=once(organization.id, key, "issue_draft", inputs, now, act)["invoice"])
