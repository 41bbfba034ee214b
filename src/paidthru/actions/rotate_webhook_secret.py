"""Rotate a webhook's signing secret: events are let in with the new one, and for a while with the old one too."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.models import GatewayAccount
from paidthru.timeline.operations import Actor, Happening, record

#: How long the old secret is good for: a processor signs with both for at most a day.
OVERLAP = timedelta(hours=24)


def rotate_webhook_secret(
    organization: Organization,
    account_id: UUID,
    *,
    secret: bytes,
    old_secret: bytes | None,
    actor: Actor,
    now: datetime,
) -> GatewayAccount:
    """Stores the new secret, and the present one as `old_secret`, each as it was sealed for its own column.

    Refused `gateway_unknown`.
    """
    with transaction.atomic():
        account = (
            GatewayAccount.objects.select_for_update()
            .filter(id=account_id, organization=organization, state="connected")
            .first()
        )
        if account is None:
            raise Refused(
                "gateway_unknown", "No such account is connected.", fix="Connect the account first."
            )
        account.webhook_secret, account.old_webhook_secret = secret, old_secret
        account.old_secret_until = now + OVERLAP if old_secret is not None else None
        account.save(update_fields=["webhook_secret", "old_webhook_secret", "old_secret_until"])
        told = {"gateway": account.gateway, "account": account.name}
        happening = Happening("webhook_secret_rotated", "organization", organization.id, facts=told)
        record(organization.id, actor, now, [happening])
        return account
