"""Make a pay link: an address at which whoever has it pays one invoice, without signing in (A-16)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Invoice, PayLink
from paidthru.invoicing.queries import pay_link_of
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def make_pay_link(organization: Organization, invoice_id: UUID, *, actor: Actor, now: datetime) -> PayLink:
    """The invoice's link; made now where there is none, or the last one was revoked. It can be asked for as often as
    one likes, and is the same. Refused `invoice_unknown` (a draft asks nobody yet)."""
    with transaction.atomic():
        issued = Invoice.objects.select_for_update().filter(number__isnull=False)
        invoice = issued.filter(id=invoice_id, organization=organization).first()
        if invoice is None:
            raise Refused(
                "invoice_unknown", "There is no such invoice.", field="invoice", fix="Look it up again."
            )
        standing = pay_link_of(invoice.id)
        if standing is not None:
            return standing
        link = PayLink.objects.create(
            organization=organization, invoice=invoice, created_by=actor.name[:200], created_at=now
        )
        facts = {"invoice": invoice.named}
        record(
            organization.id,
            actor,
            now,
            [Happening("pay_link_made", "invoice", invoice.id, invoice.party_id, facts=facts)],
        )
        return link
