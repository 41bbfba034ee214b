"""Write steps about ways to pay: the new one takes the place of the old one, which is never charged again (C-40)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayMethod
from paidthru.payments.models import PaymentMethod
from paidthru.people.models import Party
from paidthru.timeline.operations import Happening


def keep_method(
    organization: Organization,
    party_id: UUID,
    saved: GatewayMethod,
    *,
    gateway: str,
    livemode: bool,
    now: datetime,
    once: bool = False,
) -> tuple[PaymentMethod, list[Happening]]:
    """Stores the gateway's token and what may be shown of it, nothing else of a card (I-22, A-02).

    Returns the method, and what to tell.

    The method that was on file is `replaced`: an attempt under way keeps it, the next uses the new one (B-16). One that
    is for a single invoice (`once`) leaves it where it is, and is no news of the member's.
    """
    party = Party.objects.select_for_update(no_key=True).get(id=party_id, organization=organization)
    if not once:
        PaymentMethod.objects.filter(party=party, state="active").update(state="replaced")
    method = PaymentMethod.objects.create(
        organization=organization,
        party=party,
        gateway=gateway,
        kind=saved.kind,
        token=saved.token,
        brand=saved.brand,
        last4=saved.last4,
        exp_month=saved.exp_month,
        exp_year=saved.exp_year,
        fingerprint=saved.fingerprint,
        livemode=livemode,
        customer_ref=saved.customer_ref,
        mandate_ref=saved.mandate_ref,
        created_at=now,
        state="once" if once else "active",
    )
    if once:
        return method, []
    facts = {"kind": saved.kind, "brand": saved.brand, "last4": saved.last4}
    return method, [Happening("method_saved", "method", method.id, party.id, facts=facts)]


def drop_method(
    organization: Organization, party_id: UUID, *, state: str = "removed"
) -> tuple[PaymentMethod, Happening]:
    """Takes the method on file away: `removed` by the member, `revoked` by their bank. Refused `no_payment_method`."""
    party = Party.objects.select_for_update(no_key=True).get(id=party_id, organization=organization)
    method = PaymentMethod.objects.filter(party=party, state="active").first()
    if method is None:
        raise Refused(
            "no_payment_method",
            "There is no payment method on file.",
            field="method",
            fix="Nothing has to be removed.",
        )
    method.state = state
    method.save(update_fields=["state"])
    facts = {"kind": method.kind, "brand": method.brand, "last4": method.last4}
    return method, Happening(f"method_{state}", "method", method.id, party.id, facts=facts)


def move_methods(organization_id: UUID, places: Mapping[UUID, tuple[str, str]], *, gateway: str) -> None:
    """Has ways to pay lie with another gateway from now on: by their ids, each with its token there and whose it is
    there. For an organization that was copied, never for one that takes money."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """UPDATE payments_paymentmethod SET gateway = %s, livemode = false, token = %s, customer_ref = %s
               WHERE id = %s AND organization_id = %s""",
            [(gateway, token, ref, id_, organization_id) for id_, (token, ref) in places.items()],
        )
