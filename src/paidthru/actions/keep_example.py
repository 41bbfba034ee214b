"""Keep an example beside the organization's policies, or change one."""

from datetime import datetime

from django.db import transaction

from paidthru.organizations.models import Organization, PolicyExample
from paidthru.organizations.operations import keep_examples
from paidthru.organizations.rules.examples import Draft
from paidthru.timeline.operations import Actor, Happening, record


def keep_example(organization: Organization, draft: Draft, *, actor: Actor, now: datetime) -> PolicyExample:
    """Keeps an example in its place. Kept again as it is, nothing happens. Refused as `keep_examples`."""
    with transaction.atomic():
        same = PolicyExample.objects.filter(
            organization=organization, name=draft.replaces or draft.title, text=draft.text
        ).first()
        if same is not None:
            return same
        (kept,) = keep_examples(organization, [draft], source=actor.name, now=now)
        facts = {"example": kept.name} | ({"before": draft.replaces} if draft.replaces else {})
        record(organization.id, actor, now,
               [Happening("example_kept", "organization", organization.id, facts=facts)])  # fmt: skip
        return kept
