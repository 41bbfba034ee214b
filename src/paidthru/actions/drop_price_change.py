"""Take a planned change of a plan's price back, before its day has come."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.money import plain
from paidthru.membership.models import PriceChange
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def drop_price_change(organization: Organization, change_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Forgets a change that was planned: terms from its day on have the price of before. A second time, or once its day
    has come, it changes nothing."""
    with transaction.atomic():
        found = PriceChange.objects.select_for_update(of=("self",)).select_related("fee__plan")
        change = found.filter(id=change_id, organization=organization).first()
        if change is None:
            return
        plan = change.fee.plan
        facts = {
            "plan": plan.name,
            "to": plain(change.amount_minor, plan.currency),
            "on": change.from_on.isoformat(),
        }
        PriceChange.objects.filter(id=change.id).delete()
        record(organization.id, actor, now, [Happening("price_change_dropped", "plan", plan.id, facts=facts)])
