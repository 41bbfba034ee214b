"""What waits to be sent to a gateway."""

from datetime import datetime
from uuid import UUID

from paidthru.payments.models import Attempt


def next_resend(organization_id: UUID) -> datetime | None:
    """The earliest instant at which an attempt that was turned away, or given back, may be sent again."""
    found = Attempt.objects.filter(
        organization_id=organization_id, state="submitted", lease_token=None, next_look_at__isnull=False
    )
    return found.order_by("next_look_at").values_list("next_look_at", flat=True).first()


def waits_to_be_sent(organization_id: UUID, *, now: datetime) -> bool:
    """Whether something could be sent at `now`."""
    if Attempt.objects.filter(organization_id=organization_id, state="created").exists():
        return True
    resend = next_resend(organization_id)
    return resend is not None and resend <= now
