"""Take an example away from beside the organization's policies."""

from datetime import datetime

from django.db import transaction

from paidthru.organizations.models import Organization
from paidthru.organizations.operations import remove_example as remove
from paidthru.timeline.operations import Actor, Happening, record


def remove_example(organization: Organization, name: str, *, actor: Actor, now: datetime) -> None:
    """Takes an example away: policies may change without it. Its text stays in the event. Refused `example_unknown`."""
    with transaction.atomic():
        row = remove(organization, name)
        facts = {"example": row.name, "text": row.text}
        record(organization.id, actor, now,
               [Happening("example_removed", "organization", organization.id, facts=facts)])  # fmt: skip
