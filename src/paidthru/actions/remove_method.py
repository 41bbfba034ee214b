"""Remove a payment method: the member's way to pay is taken off file; from then on nothing is charged by itself."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.payments.models import PaymentMethod
from paidthru.payments.operations.methods import drop_method
from paidthru.timeline.operations import Actor, record


def remove_method(
    organization: Organization, party_id: UUID, *, actor: Actor, now: datetime
) -> PaymentMethod:
    """Takes the method on file away; an attempt that is under way ends as it ends. What to do at the gateway (forget
    the token) is the caller's, afterwards. Refused `no_payment_method`."""
    with transaction.atomic():
        method, happening = drop_method(organization, party_id)
        record(organization.id, actor, now, [happening])
        return method
