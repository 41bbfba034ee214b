"""Take somebody into a household or company, from a day on."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import refuse_far
from paidthru.kernel.texts import checked_name
from paidthru.membership.queries.covering import holding
from paidthru.organizations.models import Organization
from paidthru.people.models import Belonging, Party
from paidthru.people.queries import stays_in
from paidthru.people.rules.belonging import GROUPS, most_at_once
from paidthru.timeline.operations import Actor, Happening, record


def take_in(
    organization: Organization,
    party_id: UUID,
    group_id: UUID,
    *,
    from_on: date,
    actor: Actor,
    now: datetime,
    role: str = "",
) -> Belonging:
    """From `from_on` (a local day) the party belongs to the household or company, until it is let go.

    What the group's membership gives then covers it. Refused: `member_unknown`, `not_a_group`, `already_belongs`,
    `sold_out` where the group's plan has no seat left on one of those days, `date_out_of_range`, and as
    `checked_name`.
    """
    refuse_far(from_on, local_date(now, organization.zone), field="from_on")
    role = checked_name(role, field="role", most=60) if role.strip() else ""
    with transaction.atomic():
        group = Party.objects.select_for_update().filter(id=group_id, organization=organization).first()
        party = Party.objects.filter(id=party_id, organization=organization).first()
        if group is None or party is None:
            raise Refused(
                "member_unknown", "There is no such member.", field="name", fix="Look them up again."
            )
        if group.kind not in GROUPS or party.kind in GROUPS:
            wrong = party.name if group.kind in GROUPS else group.name
            raise Refused(
                "not_a_group",
                f"{party.name} can't belong to {group.name}: people belong to a household or a company.",
                field="name",
                value=wrong,
                fix="Choose a person, and a household or a company.",
            )
        stays = stays_in(group.id)
        if any(one.party_id == party.id and one.reaches(from_on) for one in stays):
            raise Refused(
                "already_belongs",
                f"{party.name} belongs to {group.name} already, or is to.",
                field="name",
                value=party.name,
                fix="End that first, or choose a day after it.",
            )
        _refuse_full(group, stays_taken=most_at_once(stays, from_on), from_on=from_on)
        made = Belonging.objects.create(
            organization=organization, party=party, group=group, from_on=from_on, role=role, created_at=now
        )
        facts = {"name": party.name, "group": group.name, "on": from_on.isoformat()}
        told = [
            Happening("taken_in", "party", party.id, party.id, role, facts),
            Happening("took_in", "party", group.id, group.id, role, facts),
        ]
        record(organization.id, actor, now, told)
        return made


def _refuse_full(group: Party, *, stays_taken: int, from_on: date) -> None:
    membership = holding(group.id, from_on)
    seats = membership.plan.seats if membership else None
    if membership is not None and seats is not None and stays_taken >= seats:
        raise Refused(
            "sold_out",
            f"{group.name} has no seat left on {membership.plan.name}, which has {seats}.",
            field="name",
            value=group.name,
            fix="Free a seat first, or give the plan more seats.",
        )
