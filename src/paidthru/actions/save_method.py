"""Save a payment method: the member's new way to pay takes the place of the old one, which is never charged again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayMethod
from paidthru.payments.models import PaymentMethod
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


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
        party = Party.objects.select_for_update().get(id=party_id, organization=organization)
        PaymentMethod.objects.filter(party=party, state="active").update(state="replaced")
        method = PaymentMethod.objects.create(
            organization=organization,
            party=party,
            gateway=gateway,
            kind=saved.kind,
            token=saved.token,
            brand=saved.brand,
            last4=saved.last4,
            exp_month=saved.exp_month,
            exp_year=saved.exp_year,
            fingerprint=saved.fingerprint,
            livemode=livemode,
            customer_ref=saved.customer_ref,
            mandate_ref=saved.mandate_ref,
            created_at=now,
        )
        record(
            organization.id,
            actor,
            now,
            [
                Happening(
                    "method_saved",
                    "method",
                    method.id,
                    party.id,
                    facts={"kind": saved.kind, "brand": saved.brand, "last4": saved.last4},
                )
            ],
        )
        return method
