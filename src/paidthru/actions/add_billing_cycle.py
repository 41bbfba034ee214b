"""Add a billing cycle: the customer types that a renewal run for it bills (I-06)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.membership.models import BillingCycle
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def add_billing_cycle(
    organization: Organization, name: str, types: Sequence[str], *, actor: Actor, now: datetime
) -> UUID:
    """Writes a billing cycle. Refused: `name_missing`, `types_missing`, `billing_cycle_taken`."""
    name = checked_name(name, field="name", most=100)
    if not types:
        raise Refused(
            "types_missing",
            "A billing cycle needs a customer type.",
            field="types",
            fix="Name the types that it bills.",
        )
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)  # two at once: one name
        if BillingCycle.objects.filter(organization=organization, name=name).exists():
            raise Refused(
                "billing_cycle_taken",
                f"There is already a billing cycle called “{name}”.",
                field="name",
                value=name,
                fix="Give it another name.",
            )
        cycle = BillingCycle.objects.create(organization=organization, name=name, types=list(types))
        record(
            organization.id,
            actor,
            now,
            [
                Happening(
                    "billing_cycle_added",
                    "billing_cycle",
                    cycle.id,
                    facts={"name": cycle.name, "types": list(types)},
                )
            ],
        )
        return cycle.id
