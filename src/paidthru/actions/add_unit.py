"""Add a unit: a home, a lot or a flat that assessments are billed to (A-29)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.models import Party, Unit
from paidthru.people.operations import add_unit as write_unit
from paidthru.people.operations import hand_over
from paidthru.timeline.operations import Actor, Happening, record


def add_unit(
    organization: Organization,
    name: str,
    *,
    share: int = 0,
    area: int = 0,
    address: str = "",
    owner_id: UUID | None = None,
    autopay: bool = False,
    owned_from: date | None = None,
    actor: Actor,
    now: datetime,
) -> Unit:
    """Writes a unit, with its owner where there is one: since `owned_from` (a local date, today without), with the
    consent to be charged by itself or without.

    Refused `member_unknown`, and as `people.operations.add_unit`.
    """
    with transaction.atomic():
        owner = Party.objects.filter(id=owner_id, organization=organization).first() if owner_id else None
        if owner_id and owner is None:
            raise Refused(
                "member_unknown", "There is no such owner.", field="owner", fix="Look them up again."
            )
        unit = write_unit(organization.id, name, share=share, area=area, address=address, now=now)
        happenings = [
            Happening("unit_added", "unit", unit.id, facts={"unit": unit.name, "share": str(share)})
        ]
        if owner is not None:
            since = owned_from or local_date(now, organization.zone)
            hand_over(unit, owner.id, on=since, autopay=autopay)
            facts = {"unit": unit.name, "to": owner.name, "on": since.isoformat()}
            happenings.append(Happening("unit_transferred", "unit", unit.id, owner.id, facts=facts))
        record(organization.id, actor, now, happenings)
        return unit
