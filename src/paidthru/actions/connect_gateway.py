"""Connect a gateway: from now on the organization collects through an account of its own at a processor.

The connection was tested, and the keys were sealed, before this: no key is ever here as it is.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayAccountFacts
from paidthru.payments.models import GatewayAccount, PaymentIntent, PaymentMethod
from paidthru.payments.queries.accounts import holds_money_of, last_account
from paidthru.payments.rules.intents import INTENT
from paidthru.timeline.operations import Actor, Happening, record


def connect_gateway(
    organization: Organization,
    account_id: UUID,
    facts: GatewayAccountFacts,
    *,
    gateway: str,
    publishable_key: str,
    secret: bytes,
    webhook_secret: bytes | None,
    actor: Actor,
    now: datetime,
) -> GatewayAccount:
    """Stores an account that has answered (`facts`), with its secrets as they were sealed for the row `account_id`.

    Refused: `sandbox_processor`, `gateway_connected` (another account is), `account_taken` (another organization here
    has it), `books_hold_test_money` and `books_hold_live_money` (real and test money never meet in one set of books).

    Where it is another account than before, the tokens and intents of that one mean nothing at it: members' ways to
    pay are taken off file, so that they are asked anew, and declined intents are closed, so that none is used again.
    """
    with transaction.atomic():
        Organization.objects.select_for_update().get(id=organization.id)
        _refuse(organization, account_id, facts, gateway)
        before = last_account(organization.id)
        left = [] if before in (None, account_id) else _leave_account(organization)
        account, _ = GatewayAccount.objects.update_or_create(
            id=account_id,
            organization=organization,
            defaults={
                "gateway": gateway,
                "livemode": facts.livemode,
                "account_ref": facts.ref,
                "name": facts.name,
                "publishable_key": publishable_key,
                "secret": secret,
                "webhook_secret": webhook_secret,
                "old_webhook_secret": None,
                "old_secret_until": None,
                "state": "connected",
                "connected_by": actor.name,
                "connected_at": now,
                "tested_at": now,
            },
        )
        mode = "live" if facts.livemode else "test"
        told = {"gateway": gateway, "account": facts.name, "ref": facts.ref, "mode": mode}
        happening = Happening("gateway_connected", "organization", organization.id, facts=told)
        record(organization.id, actor, now, [happening, *left])
        return account


def _leave_account(organization: Organization) -> list[Happening]:
    """What was kept at the account that was connected before is not used at another one; nothing is under way there,
    or it could not have been disconnected."""
    why = "It was saved at the account that was connected before."
    methods = list(
        PaymentMethod.objects.select_for_update().filter(
            organization=organization, state__in=("active", "gift")
        )
    )
    PaymentMethod.objects.filter(id__in=[one.id for one in methods]).update(state="removed")
    declined = PaymentIntent.objects.filter(organization=organization, state="declined")
    declined.update(state=INTENT.next("declined", "close"))
    return [
        Happening(
            "method_removed",
            "method",
            one.id,
            one.party_id,
            why,
            {"kind": one.kind, "brand": one.brand, "last4": one.last4},
        )
        for one in methods
    ]


def _refuse(organization: Organization, account_id: UUID, facts: GatewayAccountFacts, gateway: str) -> None:
    if organization.is_sandbox:
        raise Refused(
            "sandbox_processor",
            "A sandbox collects through its own processor, where no money moves.",
            fix="Connect an account in a live organization; the processor’s test mode works there too.",
        )
    connected = GatewayAccount.objects.filter(state="connected").exclude(id=account_id)
    if connected.filter(organization=organization).exists():
        raise Refused(
            "gateway_connected",
            "Another account is connected.",
            fix="Disconnect that one first.",
        )
    same = connected.filter(gateway=gateway, account_ref=facts.ref, livemode=facts.livemode)
    if same.exists():
        raise Refused(
            "account_taken",
            "Another organization of this installation collects through this account.",
            fix="Give each organization an account of its own: otherwise nobody can tell whose money it is.",
        )
    if holds_money_of(organization.id, livemode=not facts.livemode):
        if facts.livemode:
            raise Refused(
                "books_hold_test_money",
                "These books hold payments of the processor’s test mode; real money can’t be added to them.",
                field="secret_key",
                fix="Make a new organization for real money, and keep this one for trials.",
            )
        raise Refused(
            "books_hold_live_money",
            "These books hold real money; test payments can’t be added to them.",
            field="secret_key",
            fix="Try things out in a sandbox, or in an organization made for trials.",
        )
