"""Switch a home's autopay on or off: whether what it owes is collected by itself when it falls due (A-29, X21)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.models import Holding
from paidthru.people.operations import locked_unit
from paidthru.timeline.operations import Actor, Happening, record


def switch_home_autopay(
    organization: Organization, unit_id: UUID, party_id: UUID, *, on: bool, actor: Actor, now: datetime
) -> None:
    """Takes down the owner's consent to be charged for a home, or its end. A second time changes nothing; what is being
    collected already goes on. Refused `unit_unknown`, `not_the_owner` (they don't own it, or not any more)."""
    with transaction.atomic():
        unit = locked_unit(organization.id, unit_id)
        holding = Holding.objects.filter(unit=unit, party=party_id, role="owner", until_on=None).first()
        if holding is None:
            raise Refused(
                "not_the_owner",
                f"{unit.name} isn’t theirs; only its owner’s consent counts.",
                field="autopay",
                value=unit.name,
                fix="Look up who owns it.",
            )
        if holding.autopay == on:
            return
        holding.autopay = on
        holding.save(update_fields=["autopay"])
        verb = "home_autopay_on" if on else "home_autopay_off"
        record(
            organization.id,
            actor,
            now,
            [Happening(verb, "unit", unit.id, holding.party_id, facts={"unit": unit.name})],
        )
