"""Transfer a unit: somebody else owns or rents it from a day on (A-32)."""

from datetime import date, datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import refuse_far
from paidthru.organizations.models import Organization
from paidthru.people.models import Holding, Party
from paidthru.people.operations import hand_over, locked_unit
from paidthru.timeline.operations import Actor, Happening, once, record


def transfer_unit(
    organization: Organization,
    unit_id: UUID,
    party_id: UUID,
    *,
    on: date | None = None,
    role: str = "owner",
    autopay: bool = False,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Holding:
    """A party owns (or rents) a unit from a local date on, today without. What comes due from then on is billed to the
    new owner; what was billed before stays owed by whom it was billed to, and stays in the unit's history. The former
    owner's consent to be charged ends. The same `key` gives the same transfer.

    Refused `unit_unknown`, `member_unknown`, `already_owner`, `transfer_before_owner`, `date_out_of_range`,
    `key_reused`.
    """
    today = local_date(now, organization.zone)
    since = on or today
    refuse_far(since, today, field="on")

    def act() -> dict[str, str]:
        unit = locked_unit(organization.id, unit_id)
        party = Party.objects.filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        present = Holding.objects.filter(unit=unit, role=role, until_on=None).select_related("party").last()
        if present is not None and present.party_id == party.id:
            raise Refused(
                "already_owner",
                f"{party.name} is the {role} of {unit.name} already, since {present.from_on}.",
                field="member",
                value=party.name,
                fix="Choose whom it goes to.",
            )
        hand_over(unit, party.id, on=since, role=role, autopay=autopay)
        facts = {
            "unit": unit.name, "role": role, "from": present.party.name if present else "", "to": party.name,
            "on": since.isoformat(),
        }  # fmt: skip
        happenings = [Happening("unit_transferred", "unit", unit.id, party.id, facts=facts)]
        if present is not None:
            happenings.append(Happening("unit_given_up", "unit", unit.id, present.party_id, facts=facts))
        record(organization.id, actor, now, happenings)
        holding = Holding.objects.get(unit=unit, role=role, until_on=None)
        return {"holding": str(holding.id)}

    inputs = {"unit": unit_id, "party": party_id, "on": since, "role": role, "autopay": autopay}
    return Holding.objects.get(id=once(organization.id, key, "transfer_unit", inputs, now, act)["holding"])
