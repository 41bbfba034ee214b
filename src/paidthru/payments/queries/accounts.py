"""Questions about an organization's accounts at processors."""

from uuid import UUID

from paidthru.payments.models import OPEN_ATTEMPT, Attempt, GatewayAccount, PaymentIntent, Refund

#: Refunds of which the processor has heard, or will.
_OPEN_REFUND = ("approved", "submitted", "unknown", "pending")


def connected_account(organization_id: UUID) -> GatewayAccount | None:
    """The account that the organization collects through, if it has one."""
    return GatewayAccount.objects.filter(organization_id=organization_id, state="connected").first()


def last_account(organization_id: UUID) -> UUID | None:
    """Our row of the account that the organization was connected to last, connected or not."""
    found = GatewayAccount.objects.filter(organization_id=organization_id).order_by("-connected_at", "-id")
    return found.values_list("id", flat=True).first()


def account_known(organization_id: UUID, gateway: str, account_ref: str, *, livemode: bool) -> UUID | None:
    """Our row of an account that the organization was connected to before: its address for events stays the same."""
    found = GatewayAccount.objects.filter(
        organization_id=organization_id, gateway=gateway, account_ref=account_ref, livemode=livemode
    )
    return found.values_list("id", flat=True).first()


def holds_money_of(organization_id: UUID, *, livemode: bool) -> bool:
    """Whether the organization's books hold money that a processor took in that mode."""
    return PaymentIntent.objects.filter(
        organization_id=organization_id, state="succeeded", livemode=livemode
    ).exists()


def under_way(organization_id: UUID, gateway: str) -> int:
    """How many payments and refunds a gateway has yet to answer for."""
    attempts = Attempt.objects.filter(
        organization_id=organization_id, intent__gateway=gateway, state__in=OPEN_ATTEMPT
    )
    refunds = Refund.objects.filter(
        organization_id=organization_id, via="gateway", payment__gateway=gateway, state__in=_OPEN_REFUND
    )
    return attempts.count() + refunds.count()
