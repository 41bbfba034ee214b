"""Drop a visitor's method: what somebody gave for one invoice, or for a gift, is not kept once that is over."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import Gift
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, PaymentMethod
from paidthru.timeline.operations import Actor, Happening, record


def drop_visitor_method(method_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Takes a method that was for a single invoice, or for a gift that is stopped or has another one, away, unless a
    payment with it is still open; returns whether it was taken. To have the gateway forget it is the caller's,
    afterwards."""
    with transaction.atomic():
        found = PaymentMethod.objects.select_for_update().filter(id=method_id, state__in=("once", "gift"))
        method = found.first()
        if method is not None and Gift.objects.filter(method=method).exclude(state="stopped").exists():
            return False
        if method is None or Attempt.objects.filter(method=method, state__in=OPEN_ATTEMPT).exists():
            return False
        method.state = "removed"
        method.save(update_fields=["state"])
        facts = {"brand": method.brand, "last4": method.last4}
        told = Happening("visitor_method_dropped", "party", method.party_id, method.party_id, facts=facts)
        record(method.organization_id, actor, now, [told])
        return True
