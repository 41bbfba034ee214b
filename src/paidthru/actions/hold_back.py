"""Hold back invoices that fell due and can't be tried: without a payment method, or with a card that has expired."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.membership.operations import mark_unpaid
from paidthru.membership.queries import memberships_on_invoices
from paidthru.notices.operations import tell_held_back
from paidthru.organizations.models import Organization
from paidthru.payments.queries import Collectable
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor, Happening, record


def hold_back(organization: Organization, held: Sequence[Collectable], *, actor: Actor, now: datetime) -> int:
    """Notes their memberships as unpaid, and tells each invoice's reason once, its payer too (C-14, C-30); returns how
    many were told.

    Nothing is asked of the gateway. `held` are invoices with `refused`, `why` and `fix`.
    """
    if not held:
        return 0
    with transaction.atomic():
        ids = [one.invoice_id for one in held]
        mark_unpaid(memberships_on_invoices(ids), on=local_date(now, organization.zone))
        told = set(
            Event.objects.filter(subject_id__in=ids, verb="payment_held_back").values_list(
                "subject_id", "facts__reason"
            )
        )
        news = [one for one in held if (one.invoice_id, one.refused) not in told]
        happenings = [
            Happening(
                "payment_held_back",
                "invoice",
                one.invoice_id,
                one.party_id,
                one.why,
                {"invoice": one.named, "reason": one.refused, "fix": one.fix},
            )
            for one in news
        ]
        record(organization.id, actor, now, happenings)
        tell_held_back(organization, news, now=now)
        return len(happenings)
