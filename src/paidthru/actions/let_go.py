"""Let somebody go from a household or company, from a day on."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.models import Belonging, Party
from paidthru.timeline.operations import Actor, Happening, record


def let_go(
    organization: Organization, belonging_id: UUID, *, until_on: date, actor: Actor, now: datetime
) -> Belonging:
    """`until_on` (a local day) is the first on which the party no longer belongs; their seat is free from then on. A
    stay that hasn't begun by then never does. An end that is set may be brought forward, and put off by taking them in
    anew. Refused: `belonging_unknown`, `belonging_over` where it ends by then anyway."""
    with transaction.atomic():
        known = Belonging.objects.filter(id=belonging_id, organization=organization).first()
        if known is None:
            raise Refused(
                "belonging_unknown", "Nobody belongs there.", field="name", fix="Look the household up again."
            )
        Party.objects.select_for_update().get(id=known.group_id)
        stay = Belonging.objects.select_related("party", "group").get(id=known.id)
        until_on = max(until_on, stay.from_on)
        if stay.until_on is not None and stay.until_on <= until_on:
            raise Refused(
                "belonging_over",
                f"{stay.party.name} belongs to {stay.group.name} until {stay.until_on} only.",
                field="until_on",
                value=until_on.isoformat(),
                fix="Choose an earlier day, or leave it as it is.",
            )
        stay.until_on = until_on
        stay.save(update_fields=["until_on"])
        facts = {"name": stay.party.name, "group": stay.group.name, "on": until_on.isoformat()}
        told = [
            Happening("was_let_go", "party", stay.party_id, stay.party_id, facts=facts),
            Happening("let_go", "party", stay.group_id, stay.group_id, facts=facts),
        ]
        record(organization.id, actor, now, told)
        return stay
