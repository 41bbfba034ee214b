"""Change a draft, while nobody has been asked for anything yet (A-10)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations.writing import books_of, items_of, locked_draft, paper_of
from paidthru.invoicing.rules.totals import total
from paidthru.invoicing.rules.writing import WrittenLine, check_due, checked_lines, stored
from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, record


def change_draft(
    organization: Organization,
    invoice_id: UUID,
    lines: Sequence[WrittenLine],
    *,
    due_on: date,
    actor: Actor,
    now: datetime,
) -> Invoice:
    """Puts other lines and another due date into a draft. Refused `invoice_unknown`, `invoice_not_draft`,
    and as `check_due`, `checked_lines` and `items_of`."""
    checked = checked_lines(lines)
    with transaction.atomic():
        draft = locked_draft(organization.id, invoice_id)
        check_due(draft.bill_on, due_on)
        draft.written, draft.due_on = stored(checked), due_on
        books = books_of(policies_of(organization).within(customer=draft.party_id))
        paper = paper_of(draft, bill_on=draft.bill_on)
        draft.total_minor = total(item.amount_minor for item in items_of(organization.id, paper, books))
        draft.save(update_fields=["written", "due_on", "total_minor"])
        facts = {"amount": plain(draft.total_minor, draft.currency), "currency": draft.currency}
        told = Happening("draft_changed", "invoice", draft.id, draft.party_id, facts=facts)
        record(organization.id, actor, now, [told])
        return draft
