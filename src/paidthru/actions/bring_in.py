"""Bring in a membership that existed before Paidthru: no mail, no charge, no bill (C-16, C-50)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.operations import Existing
from paidthru.membership.operations import bring_in as write
from paidthru.membership.queries import interval_of, plan_facts, term_rules
from paidthru.membership.rules.standing import KnownDates, standing
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def bring_in(
    organization: Organization, party_id: UUID, plan_id: UUID, known: KnownDates, *, actor: Actor, now: datetime,
    override_months: int | None = None, autopay: bool = False,
) -> UUID:
    """Writes the membership as its known dates say and returns its id; the next term bills when it falls due.

    Refused: `already_a_member`, `dates_contradict`.
    """
    with transaction.atomic():
        party = Party.objects.select_for_update().get(id=party_id, organization=organization)
        if Membership.objects.filter(party=party).exclude(state="ended").exists():
            raise Refused("already_a_member", f"{party.name} already has a membership.", field="member",
                          value=party.name, fix="A person has one current membership.")
        policies = policies_of(organization)
        plan = plan_facts(organization.id)[plan_id]
        interval, _ = interval_of(plan, policies, subscription=override_months, customer=None)
        stands = standing(term_rules(policies), plan.kind, interval, known, local_date(now, organization.zone))
        existing = Existing(party.id, plan.id, known.joined_on, stands, override_months, autopay)
        write(organization.id, [existing], now=now)
        record(organization.id, actor, now, [Happening(
            "brought_in", "membership", existing.id, party.id,
            facts={"plan": plan.name, "paid_through": stands.through.isoformat() if stands.through else ""},
        )])
        return existing.id
