"""Reopen a gateway: sending to it was paused, and a person lets it go on."""

from datetime import datetime

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.operations.throttle import reopen
from paidthru.timeline.operations import Actor


def reopen_gateway(organization: Organization, gateway: str, *, actor: Actor, now: datetime) -> None:
    """Lets sending go on at once. Refused `not_paused`. A gate that is still shut pauses it again."""
    with transaction.atomic():
        if not reopen(organization.id, gateway, actor=actor, now=now):
            raise Refused(
                "not_paused",
                "Sending to the processor isn't paused.",
                field="gateway",
                value=gateway,
                fix="What waits is sent when its time comes.",
            )
