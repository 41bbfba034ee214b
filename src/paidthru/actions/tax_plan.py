"""Say which tax a plan's fees bear (A-14)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Tax
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Plan
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def tax_plan(
    organization: Organization, plan_id: UUID, tax_id: UUID | None, *, actor: Actor, now: datetime
) -> Plan:
    """What is billed from now on bears the tax, or none; what was billed stays.

    Refused `plan_unknown`, `tax_unknown`.
    """
    with transaction.atomic():
        plan = Plan.objects.select_for_update().filter(id=plan_id, organization=organization).first()
        if plan is None:
            raise Refused("plan_unknown", "There is no such plan.", field="plan", fix="Look it up again.")
        tax = Tax.objects.filter(id=tax_id, organization=organization).first() if tax_id else None
        if tax_id and tax is None:
            raise Refused("tax_unknown", "There is no such tax.", field="tax", fix="Look it up again.")
        if plan.tax_id != tax_id:
            plan.tax = tax
            plan.save(update_fields=["tax"])
            facts = {"plan": plan.name, "tax": tax.name if tax else "no tax"}
            record(organization.id, actor, now, [Happening("plan_taxed", "plan", plan.id, facts=facts)])
        return plan
