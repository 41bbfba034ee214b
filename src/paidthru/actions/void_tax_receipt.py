"""Void a tax receipt: it is not valid, and none takes its place until staff issue one (A-25)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import TaxReceipt
from paidthru.giving.operations import lock_receipts, told_of_receipt
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, record


def void_tax_receipt(
    organization: Organization, receipt_id: UUID, *, reason: str, actor: Actor, now: datetime
) -> TaxReceipt:
    """Voids a receipt; what was given stays, and its number is never given again. One that is void already stays as it
    is. Refused `receipt_unknown`, `reason_missing`."""
    if not reason.strip():
        raise Refused("reason_missing", "Say why it is void.", field="why", fix="Give a reason.")
    with transaction.atomic():
        lock_receipts(organization.id)
        one = TaxReceipt.objects.filter(id=receipt_id, organization=organization).first()
        if one is None:
            raise Refused("receipt_unknown", "There is no such tax receipt.", fix="Look it up again.")
        if one.state == "issued":
            one.state, one.held_back = "void", True
            one.save(update_fields=["state", "held_back"])
            record(organization.id, actor, now, [told_of_receipt("tax_receipt_voided", one, reason.strip())])
        return one
