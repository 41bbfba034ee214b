"""Bring in a membership that existed before Paidthru: no mail, no charge, no bill (C-16, C-50)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.operations import ExistingMembership
from paidthru.membership.operations import bring_in as write
from paidthru.membership.queries import plan_facts
from paidthru.membership.rules.existing import Existing, standing
from paidthru.membership.rules.settings import interval_of
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor


def bring_in(
    organization: Organization,
    party_id: UUID,
    plan_id: UUID,
    known: Existing,
    *,
    actor: Actor,
    now: datetime,
    override_months: int | None = None,
    autopay: bool = False,
) -> UUID:
    """Writes the membership as what is known says and returns its id; the next term bills when it falls due.

    Refused `already_a_member`.
    """
    with transaction.atomic():
        party = Party.objects.select_for_update(no_key=True).get(id=party_id, organization=organization)
        if Membership.objects.filter(party=party).exclude(state="ended").exists():
            raise Refused(
                "already_a_member",
                f"{party.name} already has a membership.",
                field="member",
                value=party.name,
                fix="A person has one current membership.",
            )
        plan = plan_facts(organization.id)[plan_id]
        interval, _ = interval_of(
            plan, policies_of(organization), subscription=override_months, customer=None
        )
        today = local_date(now, organization.zone)
        membership = ExistingMembership(
            party.id,
            plan.id,
            plan.name,
            known.joined_on,
            standing(known, interval, plan.kind, today=today),
            autopay=autopay,
            override_months=override_months,
        )
        write(organization.id, [membership], on=today, why="Brought in by hand", actor=actor, now=now)
        return membership.id
