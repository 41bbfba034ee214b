"""Set policies of an organization; what excludes each other is refused with the reason (G-01, G-12, G-35)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.organizations.operations import set_policies as write
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Value, shown
from paidthru.timeline.operations import Actor, Happening, record


def set_policy(
    organization: Organization, values: Mapping[str, Value], *, actor: Actor, now: datetime
) -> None:
    """Sets policies together, all of them or none, and notes what each was before and where that came from.

    Refused: `policy_unknown`, `not_built`, `policy_value_invalid`, `policy_conflict`.
    """
    with transaction.atomic():
        before = policies_of(organization)
        write(organization, values, actor=actor.name, now=now)
        record(
            organization.id,
            actor,
            now,
            (
                Happening(
                    "policy_set",
                    "organization",
                    organization.id,
                    facts={
                        "policy": key,
                        "value": shown(value),
                        "before": before.word(key),
                        "source": before.effective(key).source,
                    },
                )
                for key, value in values.items()
            ),
        )
