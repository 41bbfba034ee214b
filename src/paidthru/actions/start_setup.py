"""Start a setup: a member is about to save a way to pay on the processor's page. Nothing of it is typed here (C-15)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import PayLink
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import Gateway, GatewayError, GatewaySetup, MethodKind, SetupRequest
from paidthru.payments.models import MemberLink, MethodSetup, PaymentMethod
from paidthru.people.models import Party


@dataclass(frozen=True, slots=True)
class Begun:
    """A saving that was opened at the gateway, and our row of it."""

    id: UUID
    setup: GatewaySetup


def start_setup(
    organization: Organization,
    party_id: UUID,
    gateway: Gateway,
    *,
    kinds: tuple[MethodKind, ...],
    return_url: str,
    now: datetime,
    link: MemberLink | None = None,
    pay_link: PayLink | None = None,
) -> Begun:
    """Writes the intention, asks the gateway for its page, and binds what it says. `return_url` may hold `{setup}`, our
    row's id. Whoever comes by a `pay_link` is somebody of their own at the gateway: not the party, whose invoice it is.

    Refused `member_unknown`, `setup_unavailable` when the gateway can't open a page now: nothing is lost, the member
    tries again.
    """
    party = Party.objects.filter(id=party_id, organization=organization).first()
    if party is None:
        raise Refused("member_unknown", "There is no such member.", field="member", fix="Look them up again.")
    with transaction.atomic():
        begun = MethodSetup.objects.create(
            organization=organization,
            party=party,
            link=link,
            pay_link=pay_link,
            gateway=gateway.name,
            state="open",
            created_at=now,
        )
    visitor = pay_link is not None
    request = SetupRequest(
        party=str(begun.id if visitor else party.id),
        customer_ref=None if visitor else _customer(party.id, gateway.name),
        name=f"Visitor {begun.id}" if visitor else party.name,
        email="" if visitor else party.email,
        kinds=kinds,
        currency=organization.currency,
        return_url=return_url.replace("{setup}", str(begun.id)),
        metadata={"organization": str(organization.id), "party": str(party.id), "setup": str(begun.id)},
    )
    try:
        setup = gateway.start_setup(request, key=f"setup:{begun.id}")
    except GatewayError as error:
        raise Refused(
            "setup_unavailable",
            "The payment processor can't open its page at the moment.",
            field="method",
            fix="Try again in a few minutes.",
        ) from error
    MethodSetup.objects.filter(id=begun.id).update(gateway_ref=setup.ref)
    return Begun(begun.id, setup)


def _customer(party_id: UUID, gateway: str) -> str | None:
    """The gateway's customer that the party has become before."""
    known = PaymentMethod.objects.filter(party_id=party_id, gateway=gateway).exclude(customer_ref="")
    known = known.exclude(state__in=("once", "gift"))
    return known.order_by("-created_at", "-id").values_list("customer_ref", flat=True).first()
