"""Prorate a plan: how its first fee is reduced for those who join during a fixed term (G-38)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.membership.models import Plan, ProrateTable
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record

KINDS = ("", "none", "months", "days")  # '' = as the organization decides


def prorate_plan(
    organization: Organization,
    plan_id: UUID,
    *,
    kind: str,
    table_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> None:
    """From now on the plan is prorated by `kind`, or by a table's factors; what was billed stays. Refused
    `plan_unknown`, `prorate_invalid`, `prorate_table_unknown`."""
    with transaction.atomic():
        plan = Plan.objects.select_for_update().filter(id=plan_id, organization=organization).first()
        if plan is None:
            raise Refused("plan_unknown", "There is no such plan.", field="plan", fix="Look it up again.")
        table = None
        if table_id is not None:
            table = ProrateTable.objects.filter(id=table_id, organization=organization).first()
            if table is None:
                raise Refused(
                    "prorate_table_unknown",
                    "There is no such prorate table.",
                    field="prorate",
                    fix="Define the table first.",
                )
        elif kind not in KINDS:
            raise Refused(
                "prorate_invalid",
                f"“{kind}” is no way to prorate.",
                field="prorate",
                value=kind,
                fix="Choose none, months, days or a table.",
            )
        now_is = ("table" if table else kind, table.id if table else None)
        if (plan.prorate, plan.prorate_table_id) == now_is:
            return
        plan.prorate, plan.prorate_table_id = now_is
        plan.save(update_fields=["prorate", "prorate_table"])
        facts = {"plan": plan.name, "prorate": table.name if table else kind or "as the organization decides"}
        record(organization.id, actor, now, [Happening("plan_prorated", "plan", plan.id, facts=facts)])
