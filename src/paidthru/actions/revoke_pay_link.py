"""Revoke a pay link: the address doesn't work any more, wherever it was sent."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Invoice, PayLink
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def revoke_pay_link(organization: Organization, invoice_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Ends the invoice's link; a payment that was begun by it is finished. Nothing happens where there is none any
    more. Refused `invoice_unknown`."""
    with transaction.atomic():
        found = Invoice.objects.select_for_update().filter(id=invoice_id, organization=organization)
        invoice = found.first()
        if invoice is None:
            raise Refused(
                "invoice_unknown", "There is no such invoice.", field="invoice", fix="Look it up again."
            )
        ended = PayLink.objects.filter(invoice=invoice, revoked_at=None)
        if ended.update(revoked_at=now, revoked_by=actor.name[:200]):
            facts = {"invoice": invoice.named}
            record(
                organization.id,
                actor,
                now,
                [Happening("pay_link_revoked", "invoice", invoice.id, invoice.party_id, facts=facts)],
            )
