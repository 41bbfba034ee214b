"""Change a plan's price, for what is billed from now on, or for terms that start on a day to come or later."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.membership.models import Fee, Plan, PriceChange
from paidthru.membership.rules.pricing import checked_price
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def change_price(
    organization: Organization,
    plan_id: UUID,
    amount_minor: int,
    *,
    actor: Actor,
    now: datetime,
    from_on: date | None = None,
    key: str | None = None,
) -> None:
    """Sets the plan's price (minor units of its currency, for one interval). What is billed keeps its price; a
    preview made before is stale. With a local date ahead, terms that start on it or later have the price, whenever they
    are billed. With the same `key` it is done once. Refused: `amount_invalid`, `plan_free`, `past_date`,
    `key_reused`."""
    checked_price(amount_minor)
    today = local_date(now, organization.zone)
    if from_on is not None and from_on < today:
        raise Refused(
            "past_date",
            f"{from_on} is in the past: what is billed keeps its price.",
            field="from_on",
            value=from_on.isoformat(),
            fix="Choose today or a day to come.",
        )
    later = from_on if from_on is not None and from_on > today else None

    def act() -> dict[str, str]:
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
        day = later if fee is not None else None  # where it had none there is nothing to wait for
        if fee is None:
            Fee.objects.create(
                organization=organization,
                plan=plan,
                name=plan.name,
                amount_minor=amount_minor,
                is_primary=True,
            )
        elif day is not None:
            PriceChange.objects.update_or_create(
                organization=organization, fee=fee, from_on=day, defaults={"amount_minor": amount_minor}
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
                    facts={
                        "plan": plan.name,
                        "from": before,
                        "to": plain(amount_minor, plan.currency),
                        "on": day.isoformat() if day else None,
                    },
                )
            ],
        )
        return {"plan": str(plan_id)}

    inputs = {"plan": str(plan_id), "amount": amount_minor, "on": later.isoformat() if later else ""}
    once(organization.id, key, "change_price", inputs, now, act)


def take_up_prices(organization: Organization, *, actor: Actor, now: datetime) -> int:
    """Makes prices whose day has come the plans' own; returns how many. A second time it finds nothing."""
    due = PriceChange.objects.filter(
        organization=organization, from_on__lte=local_date(now, organization.zone)
    )
    if not due.exists():
        return 0
    with transaction.atomic():
        changes = list(due.select_for_update(of=("self",)).select_related("fee__plan").order_by("from_on"))
        for change in changes:
            Fee.objects.filter(id=change.fee_id).update(amount_minor=change.amount_minor)
        PriceChange.objects.filter(id__in=[change.id for change in changes]).delete()
        happenings = [
            Happening(
                "price_taken_up",
                "plan",
                change.fee.plan_id,
                facts={
                    "plan": change.fee.plan.name,
                    "to": plain(change.amount_minor, change.fee.plan.currency),
                    "on": change.from_on.isoformat(),
                },
            )
            for change in changes
        ]
        record(organization.id, actor, now, happenings)
        return len(changes)
