"""Note card testing: somebody tried card after card by pay links, and was turned away (field-notes E.2, "carding")."""

from datetime import datetime, timedelta
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.organizations.models import Organization
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor, Happening, record

VISITOR = Actor("visitor", "Somebody with the pay link")


def note_card_testing(
    organization: Organization, invoice_id: UUID, *, within: timedelta, now: datetime
) -> None:
    """Tells staff of it, with the invoice: once within a time, however often it is tried. Neither where it came from
    nor anything of a card is kept."""
    known = Event.objects.filter(
        organization=organization, subject_id=invoice_id, verb="card_testing", at__gt=now - within
    )
    if known.exists():
        return
    invoice = Invoice.objects.get(id=invoice_id)
    why = "Too many cards failed in a short time: no more were taken for a while."
    happening = Happening(
        "card_testing", "invoice", invoice.id, invoice.party_id, why, {"invoice": invoice.named}
    )
    record(organization.id, VISITOR, now, [happening])
