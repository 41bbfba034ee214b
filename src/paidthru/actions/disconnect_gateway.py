"""Disconnect a gateway: nothing is collected through the account any more, and its secrets are forgotten."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.models import GatewayAccount
from paidthru.payments.queries.accounts import under_way
from paidthru.timeline.operations import Actor, Happening, record


def disconnect_gateway(
    organization: Organization, account_id: UUID, *, actor: Actor, now: datetime
) -> GatewayAccount:
    """Forgets the account's secrets; what was collected through it stays as it is. Again, it changes nothing.

    Refused: `gateway_unknown`, `payments_under_way` (nobody could ask what became of them).
    """
    with transaction.atomic():
        account = (
            GatewayAccount.objects.select_for_update()
            .filter(id=account_id, organization=organization)
            .first()
        )
        if account is None:
            raise Refused("gateway_unknown", "There is no such account.", fix="Nothing has to be done.")
        if account.state != "connected":
            return account
        waiting = under_way(organization.id, account.gateway)
        if waiting:
            raise Refused(
                "payments_under_way",
                f"{waiting:,} payments or refunds through this account have no final answer yet.",
                value=waiting,
                fix="Retrieve them first; bank debits take some days. Then disconnect.",
            )
        account.state, account.secret = "disconnected", b""
        account.webhook_secret = account.old_webhook_secret = account.old_secret_until = None
        account.save(
            update_fields=[
                "state",
                "secret",
                "webhook_secret",
                "old_webhook_secret",
                "old_secret_until",
            ]
        )
        told = {"gateway": account.gateway, "account": account.name}
        happening = Happening("gateway_disconnected", "organization", organization.id, facts=told)
        record(organization.id, actor, now, [happening])
        return account
