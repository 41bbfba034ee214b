"""Make the changes of policy whose day has come."""

from datetime import date, datetime

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.membership.operations.deciding import make_planned
from paidthru.organizations.models import Organization, PolicyChange
from paidthru.organizations.queries import planned_changes
from paidthru.timeline.operations import Actor, Happening, record


def make_planned_changes(organization: Organization, *, today: date, actor: Actor, now: datetime) -> int:
    """Makes the planned changes up to the local date, each in its own transaction and in the order of their days, and
    returns how many. One that has come to exclude what was decided since isn't made: it says so, and staff see it."""
    made = 0
    for change in planned_changes(organization.id, by=today):
        try:
            with transaction.atomic():
                held = PolicyChange.objects.select_for_update().get(id=change.id)
                if held.outcome != PolicyChange.Outcome.PLANNED:
                    continue
                happenings = make_planned(change, actor=actor, now=now)
                record(organization.id, actor, now, happenings)
                made += 1
        except Refused as refusal:
            with transaction.atomic():
                planned = PolicyChange.objects.filter(id=change.id, outcome=PolicyChange.Outcome.PLANNED)
                if not planned.update(
                    outcome=PolicyChange.Outcome.REFUSED, ended_at=now, why=refusal.message[:500]
                ):
                    continue  # another worker has said so already, or it was withdrawn meanwhile
                facts = {"policy": ", ".join(change.values), "on": change.comes_on.isoformat()}
                refused = Happening(
                    "policy_change_refused", "organization", organization.id, why=refusal.message, facts=facts
                )
                record(organization.id, actor, now, [refused])
    return made
