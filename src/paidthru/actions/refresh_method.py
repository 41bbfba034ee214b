"""Refresh a payment method: the card network told the processor of a new date or number; nothing is charged by it."""

from datetime import datetime

from django.db import transaction

from paidthru.giving.models import Gift
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayMethod
from paidthru.payments.models import PaymentMethod
from paidthru.timeline.operations import Actor, Happening, record

_SHOWN = ("brand", "last4", "exp_month", "exp_year", "fingerprint")


def refresh_method(
    organization: Organization, found: GatewayMethod, *, gateway: str, actor: Actor, now: datetime
) -> PaymentMethod | None:
    """Takes over what may be shown of a saved method, as the gateway tells it now; None for one that isn't ours.

    Again, or with nothing new, it changes nothing. A new expiry date or fingerprint is a new version to the retry rules
    (field-notes C.8), so it is a row of its own, under the same token: attempts keep the one they were made with. No
    attempt is made for it; the next one, at the billing hour, finds it.
    """
    with transaction.atomic():
        method = (
            PaymentMethod.objects.select_for_update()
            .filter(organization=organization, gateway=gateway, token=found.token)
            .filter(state__in=("active", "gift"))
            .first()
        )
        if method is None:
            return None
        changed = [name for name in _SHOWN if getattr(method, name) != getattr(found, name)]
        if not changed:
            return method
        gifts = list(Gift.objects.filter(method=method).values_list("id", flat=True))
        before = {"last4": method.last4, "expires": _expiry(method.exp_month, method.exp_year)}
        PaymentMethod.objects.filter(id=method.id).update(state="replaced")
        method.id, method.created_at, method._state.adding = new_id(), now, True
        for name in changed:
            setattr(method, name, getattr(found, name))
        method.save(force_insert=True)
        Gift.objects.filter(id__in=gifts).update(method=method)
        facts = {
            "brand": method.brand,
            "last4": method.last4,
            "expires": _expiry(method.exp_month, method.exp_year),
            "before": before,
            "new_number": "fingerprint" in changed,
        }
        why = "The card network told the processor."
        happening = Happening("method_refreshed", "method", method.id, method.party_id, why, facts)
        record(organization.id, actor, now, [happening])
        return method


def _expiry(month: int | None, year: int | None) -> str:
    return f"{year:04d}-{month:02d}" if month and year else ""
