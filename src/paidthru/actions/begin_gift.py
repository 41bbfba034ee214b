"""Begin a gift: the first donation of one that a visitor asked for is paid, so its card is kept for it alone (A-20)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import Donation, Gift
from paidthru.giving.operations import told_of_gift
from paidthru.giving.queries import interval_of
from paidthru.kernel.clock import local_date
from paidthru.kernel.periods import nth_start
from paidthru.notices.operations import tell_of_gift
from paidthru.organizations.models import Organization
from paidthru.payments.models import Attempt, PaymentMethod
from paidthru.timeline.operations import Actor, record

_CAME = (
    "succeeded",
    "processing",
)  # a debit that the bank takes its days for; should it fail, it is tried again


def begin_gift(organization: Organization, invoice_id: UUID, *, actor: Actor, now: datetime) -> Gift | None:
    """Begins the gift whose first donation stands on an invoice, once the money has come or is on its way: the card or
    account of that payment is kept for the gift and nothing else, by the consent that was read before it. None where
    there is no such gift, nothing has come yet, or it has begun before."""
    with transaction.atomic():
        waiting = Gift.objects.select_for_update(of=("self",)).select_related("party", "campaign")
        first = Donation.objects.filter(invoice_id=invoice_id, organization=organization, n=0)
        gift = waiting.filter(id__in=first.values("gift_id"), state="begun").first()
        if gift is None:
            return None
        tried = Attempt.objects.filter(intent__invoices__invoice_id=invoice_id, state__in=_CAME)
        came = (
            tried.filter(method__state="once").select_related("method").order_by("-created_at", "-id").first()
        )
        if came is None:
            return None
        PaymentMethod.objects.filter(id=came.method_id).update(state="gift")
        gift.method, gift.state = came.method, "active"
        today = local_date(now, organization.zone)
        while (next_on := nth_start(gift.anchor_on, interval_of(gift), gift.made)) <= today:
            gift.made += 1
        gift.next_on = next_on
        gift.save(update_fields=["method", "state", "made", "next_on"])
        record(organization.id, actor, now, [told_of_gift("gift_begun", gift)])
        tell_of_gift(gift, "gift_begun", now=now)
        return gift
