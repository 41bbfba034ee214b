"""Add a prorate table: twelve factors for those who join during a fixed term (G-38)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.membership.models import ProrateTable
from paidthru.membership.rules.pricing import prorate_table
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def add_prorate_table(
    organization: Organization, name: str, factors: Sequence[str], *, actor: Actor, now: datetime
) -> UUID:
    """Writes a table; `factors` as people write them, the fiscal year's first month first.

    Refused: `name_missing`, `prorate_table_taken`, `prorate_table_invalid`.
    """
    name = checked_name(name, field="name", most=100)
    prorate_table(factors)
    with transaction.atomic():
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)  # two at once: one name
        if ProrateTable.objects.filter(organization=organization, name=name).exists():
            raise Refused(
                "prorate_table_taken",
                f"There is already a prorate table called “{name}”.",
                field="name",
                value=name,
                fix="Give it another name.",
            )
        table = ProrateTable.objects.create(organization=organization, name=name, factors=list(factors))
        record(
            organization.id,
            actor,
            now,
            [
                Happening(
                    "prorate_table_added",
                    "prorate_table",
                    table.id,
                    facts={"name": table.name, "factors": list(factors)},
                )
            ],
        )
        return table.id
