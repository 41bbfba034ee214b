"""Add a fee: a further item that is billed with a plan."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from paidthru.kernel.money import plain
from paidthru.kernel.texts import checked_name
from paidthru.membership.models import Fee, Plan
from paidthru.membership.rules.pricing import checked_price
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def add_fee(
    organization: Organization,
    plan_id: UUID,
    name: str,
    amount_minor: int,
    *,
    actor: Actor,
    now: datetime,
    voluntary: bool = False,
    complimentary: bool = False,
) -> UUID:
    """Writes a fee (minor units of the plan's currency, for one interval of the plan) after the plan's others.

    A complimentary one is shown and costs nothing; a voluntary one is asked for and not owed (G-44).
    Refused: `name_missing`, `amount_invalid`.
    """
    name = checked_name(name, field="name", most=100)
    checked_price(amount_minor)
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(id=plan_id, organization=organization)
        last = Fee.objects.filter(plan=plan).aggregate(last=Max("position"))["last"]
        fee = Fee.objects.create(
            organization=organization,
            plan=plan,
            name=name,
            amount_minor=amount_minor,
            position=0 if last is None else last + 1,
            voluntary=voluntary,
            complimentary=complimentary,
        )
        record(
            organization.id,
            actor,
            now,
            [
                Happening(
                    "fee_added",
                    "plan",
                    plan.id,
                    facts={"plan": plan.name, "fee": fee.name, "amount": plain(amount_minor, plan.currency)},
                )
            ],
        )
        return fee.id
