"""Withdraw a planned change of policy before its day."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization, PolicyChange
from paidthru.timeline.operations import Actor, Happening, record


def withdraw_policy_change(
    organization: Organization, change_id: UUID, *, actor: Actor, now: datetime
) -> PolicyChange:
    """Withdraws it; a second time changes nothing. Refused `policy_change_made` when its day has come."""
    with transaction.atomic():
        change = PolicyChange.objects.select_for_update().get(id=change_id, organization=organization)
        if change.outcome == PolicyChange.Outcome.WITHDRAWN:
            return change
        if change.outcome != PolicyChange.Outcome.PLANNED:
            raise Refused(
                "policy_change_made",
                f"Its day came on {change.comes_on}.",
                field="change",
                value=change.comes_on.isoformat(),
                fix="Set the policy back, now or from a later date.",
            )
        change.outcome, change.ended_at = PolicyChange.Outcome.WITHDRAWN, now
        change.save(update_fields=["outcome", "ended_at"])
        facts = {"policy": ", ".join(change.values), "on": change.comes_on.isoformat()}
        record(
            organization.id,
            actor,
            now,
            [Happening("policy_change_withdrawn", "organization", organization.id, facts=facts)],
        )
        return change
