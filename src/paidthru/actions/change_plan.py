"""Change what a plan is called, and whether anybody may take it up."""

from datetime import datetime
from uuid import UUID

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.membership.models import Plan
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def change_plan(
    organization: Organization,
    plan_id: UUID,
    *,
    name: str,
    closed: bool,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """Gives a plan a name, and closes it to new members or opens it again; whoever is on it stays. What is billed
    already keeps the name that it has. With the same `key` it is done once. Refused `plan_name_taken`, `key_reused`,
    and as `checked_name`."""
    name = checked_name(name, field="name", most=100)

    def act() -> dict[str, str]:
        Organization.objects.select_for_update(no_key=True).get(id=organization.id)  # two at once: one name
        plan = Plan.objects.select_for_update().get(id=plan_id, organization=organization)
        if Plan.objects.filter(organization=organization, name=name).exclude(id=plan.id).exists():
            raise Refused(
                "plan_name_taken",
                f"There is already a plan called “{name}”.",
                field="name",
                value=name,
                fix="Give it another name.",
            )
        told = []
        if name != plan.name:
            told.append(("plan_renamed", {"from": plan.name, "to": name}))
        if closed != plan.closed:
            told.append(("plan_closed" if closed else "plan_opened", {"plan": name}))
        Plan.objects.filter(id=plan.id).update(name=name, closed=closed)
        record(
            organization.id,
            actor,
            now,
            [Happening(verb, "plan", plan.id, facts=facts) for verb, facts in told],
        )
        return {"plan": str(plan.id)}

    once(
        organization.id, key, "change_plan", {"plan": str(plan_id), "name": name, "closed": closed}, now, act
    )
