"""Save a payment method: the member's new way to pay takes the place of the old one, which is never charged again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayMethod
from paidthru.payments.models import PaymentMethod
from paidthru.payments.operations.methods import keep_method
from paidthru.timeline.operations import Actor, record


def save_method(
    organization: Organization,
    party_id: UUID,
    saved: GatewayMethod,
    *,
    gateway: str,
    livemode: bool = False,
    actor: Actor,
    now: datetime,
) -> PaymentMethod:
    """Stores the gateway's token and what may be shown of it; nothing else of a card is ever here (I-22, A-02)."""
    with transaction.atomic():
        method, happenings = keep_method(
            organization, party_id, saved, gateway=gateway, livemode=livemode, now=now
        )
        record(organization.id, actor, now, happenings)
        return method
