"""Discard a draft: nobody is asked for it, and it never gets a number (A-17)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations.writing import locked_draft
from paidthru.invoicing.rules.states import DOCUMENT
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def discard_draft(
    organization: Organization, invoice_id: UUID, *, actor: Actor, now: datetime, reason: str = ""
) -> Invoice:
    """The draft is void. Refused `invoice_unknown`, `invoice_not_draft`."""
    with transaction.atomic():
        draft = locked_draft(organization.id, invoice_id)
        draft.state = DOCUMENT.next(draft.state, "void")
        draft.written = draft.send_on = None
        draft.save(update_fields=["state", "written", "send_on"])
        told = Happening("draft_discarded", "invoice", draft.id, draft.party_id, reason)
        record(organization.id, actor, now, [told])
        return draft
