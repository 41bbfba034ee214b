"""Change a plan's price, for what is billed from now on."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.membership.models import Fee, Plan
from paidthru.membership.rules.pricing import checked_price
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def change_price(
    organization: Organization, plan_id: UUID, amount_minor: int, *, actor: Actor, now: datetime
) -> None:
    """Sets the plan's price (minor units of its currency, for one interval). What is billed keeps its price; a
    preview made before is stale. Refused: `amount_invalid`, `plan_free`."""
    checked_price(amount_minor)
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(id=plan_id, organization=organization)
        if plan.kind == "free":
            raise Refused(
                "plan_free",
                f"{plan.name} is free and has no price.",
                field="plan",
                value=plan.name,
                fix="Make another plan for those who pay.",
            )
        fee = Fee.objects.filter(plan=plan, is_primary=True, closed=False).first()
        before = plain(fee.amount_minor, plan.currency) if fee else ""
        if fee is None:
            Fee.objects.create(
                organization=organization,
                plan=plan,
                name=plan.name,
                amount_minor=amount_minor,
                is_primary=True,
            )
        else:
            Fee.objects.filter(id=fee.id).update(amount_minor=amount_minor)
        record(
            organization.id,
            actor,
            now,
            [
                Happening(
                    "price_changed",
                    "plan",
                    plan.id,
                    facts={"plan": plan.name, "from": before, "to": plain(amount_minor, plan.currency)},
                )
            ],
        )
