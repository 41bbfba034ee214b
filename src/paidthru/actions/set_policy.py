"""Set policies of an organization; what excludes each other is refused with the reason (G-01, G-12, G-35)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import set_policies as write
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import CATALOGUE, Value, shown
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def set_policy(
    organization: Organization,
    values: Mapping[str, Value],
    *,
    actor: Actor,
    now: datetime,
    customer_id: UUID | None = None,
) -> None:
    """Sets policies together, all of them or none, and notes what each was before and where that came from.

    With `customer_id` they hold for that customer alone, before the organization's (G-07, G-09).
    Refused: `policy_unknown`, `not_built`, `policy_value_invalid`, `policy_conflict`, `policy_scope`.
    """
    with transaction.atomic():
        before = policies_of(organization)
        if customer_id is None:
            write(organization, values, actor=actor.name, now=now)
        else:
            Party.objects.get(id=customer_id, organization=organization)
            write(organization, values, actor=actor.name, now=now, scope="customer", scope_id=customer_id)
            _refuse_unscoped(values)
        happenings = []
        for key, value in values.items():
            was = before.effective(key, customer=str(customer_id or ""))
            happenings.append(
                Happening(
                    "policy_set",
                    "party" if customer_id else "organization",
                    customer_id or organization.id,
                    customer_id,
                    facts={
                        "policy": key,
                        "value": shown(value),
                        "before": shown(was.value),
                        "source": was.source,
                    },
                )
            )
        record(organization.id, actor, now, happenings)


def _refuse_unscoped(values: Mapping[str, Value]) -> None:
    for key, value in values.items():
        if "customer" not in CATALOGUE[key].scopes:
            raise Refused(
                "policy_scope",
                f"{key} is the same for all members.",
                field=key,
                value=shown(value),
                fix="Set it for the organization.",
            )
