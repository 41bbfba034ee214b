"""A live organization that collects through the stand-in for Stripe, in its own time or in ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from tests.stripe_stand_in import StripeStandIn
from tests.world import STAFF

from paidthru.adapters.stripe.gateway import StripeGateway
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Install, Organization
from paidthru.organizations.operations import create_organization
from paidthru.payments.models import GatewayAccount
from paidthru.wiring import GatewayKeys, connect_account, rotate_webhook

SECRET_KEY, PUBLISHABLE_KEY = "sk_test_51standin0000abcd", "pk_test_51standin0000wxyz"
WEBHOOK_SECRET = "whsec_standin"


def installed() -> str:
    """This installation's name at gateways; made if it has none yet."""
    row = Install.objects.first() or Install.objects.create(fingerprint=new_id(), epoch=1)
    return str(row.fingerprint)


def a_live_organization(name: str = "Maple Club", *, now: datetime, currency: str = "USD") -> Organization:
    """Not a sandbox: it has the real clock, and no processor yet."""
    return create_organization(
        name=name, preset="association", currency=currency, zone="America/New_York", locale="en_US", mode="live",
        now=now,
    )  # fmt: skip


@contextmanager
def reached(desk: StripeStandIn) -> Iterator[None]:
    """Accounts are looked for at the stand-in meanwhile."""
    before = settings.STRIPE_API
    settings.STRIPE_API = desk.url
    try:
        yield
    finally:
        settings.STRIPE_API = before


def connected(
    organization: Organization, *, secret_key: str = SECRET_KEY, webhook: str = WEBHOOK_SECRET
) -> GatewayAccount:
    """The organization's account, connected with a signing secret."""
    account = connect_account(organization, GatewayKeys.entered(secret_key, ""), actor=STAFF)
    return rotate_webhook(organization, webhook, actor=STAFF) if webhook else account


def gateway_at(desk: StripeStandIn, *, livemode: bool = False) -> StripeGateway:
    """The adapter on the stand-in, as this installation."""
    key = SECRET_KEY.replace("_test_", "_live_") if livemode else SECRET_KEY
    return StripeGateway(key, instance=installed(), livemode=livemode, base_address=desk.url)


Json = dict[str, Any]
