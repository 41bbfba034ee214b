"""Finish a setup: what the member saved at the processor becomes their way to pay, once, whoever hears of it first."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewaySetup
from paidthru.payments.models import MethodSetup, PaymentMethod
from paidthru.payments.operations.methods import keep_method
from paidthru.timeline.operations import Actor, record


def finish_setup(
    organization: Organization, setup_id: UUID, answer: GatewaySetup, *, actor: Actor, now: datetime
) -> PaymentMethod | None:
    """Stores the method of a saving that is complete; closes one that expired; None while nothing is saved. What a
    visitor gave by a pay link is for its invoice alone, and doesn't come on file.

    The answer was fetched from the gateway just now. A second time it returns the same method.
    """
    with transaction.atomic():
        begun = MethodSetup.objects.select_for_update().get(id=setup_id, organization=organization)
        if begun.state == "complete" or answer.status == "open":
            return begun.method
        if answer.method is None:
            MethodSetup.objects.filter(id=begun.id).update(state="expired", concluded_at=now)
            return None
        method, happenings = keep_method(
            organization,
            begun.party_id,
            answer.method,
            gateway=begun.gateway,
            livemode=answer.livemode,
            now=now,
            once=begun.pay_link_id is not None,
        )
        begun.state, begun.method, begun.concluded_at = "complete", method, now
        begun.save(update_fields=["state", "method", "concluded_at"])
        record(organization.id, actor, now, happenings)
        return method
