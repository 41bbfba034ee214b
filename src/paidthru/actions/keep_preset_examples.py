"""Keep the examples that come with the organization's preset and speak of what it has decided."""

from datetime import datetime

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.organizations.operations import keep_templates
from paidthru.timeline.operations import Actor, Happening, record


def keep_preset_examples(organization: Organization, *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Keeps those that are not kept yet, and returns their names. Refused as `keep_examples`."""
    with transaction.atomic():
        names = tuple(one.name for one in keep_templates(organization, now=now))
        record(
            organization.id,
            actor,
            now,
            [
                Happening("example_kept", "organization", organization.id, facts={"example": name})
                for name in names
            ],
        )
        return names
