"""Rotate a gateway's key: the same account, opened with another key from now on."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayAccountFacts
from paidthru.payments.models import GatewayAccount
from paidthru.timeline.operations import Actor, Happening, record


def rotate_gateway_key(
    organization: Organization,
    account_id: UUID,
    facts: GatewayAccountFacts,
    *,
    publishable_key: str,
    secret: bytes,
    actor: Actor,
    now: datetime,
) -> GatewayAccount:
    """Stores a new key, as it was sealed, that has opened the account (`facts`); "" keeps the publishable key.

    Requests under way with the old key end as they may: what becomes of them is looked up with the new one.
    Refused: `gateway_unknown`, `key_other_account` (the key opens another account), `key_wrong_mode`.
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
        if facts.livemode != account.livemode:
            raise Refused(
                "key_wrong_mode",
                "This key is of the processor’s other mode.",
                field="secret_key",
                fix="Copy the live key for a live account, the test key for a test account.",
            )
        if facts.ref != account.account_ref:
            raise Refused(
                "key_other_account",
                f"This key opens another account than {account.name or account.account_ref}.",
                field="secret_key",
                fix="Copy the key of the account that is connected; to change accounts, disconnect this one first.",
            )
        account.secret, account.tested_at = secret, now
        account.publishable_key = publishable_key or account.publishable_key
        account.save(update_fields=["secret", "tested_at", "publishable_key"])
        told = {"gateway": account.gateway, "account": account.name}
        happening = Happening("gateway_key_rotated", "organization", organization.id, facts=told)
        record(organization.id, actor, now, [happening])
        return account
