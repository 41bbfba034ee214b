"""Keep a method for a gift: its donor gave another card or account on the processor's page, for this gift alone."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.giving.operations import consent_to, locked_gift, told_of_gift
from paidthru.giving.queries import interval_of
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.models import PaymentMethod
from paidthru.timeline.operations import Actor, record


def keep_gift_method(
    organization: Organization, gift_id: UUID, method_id: UUID, *, actor: Actor, now: datetime
) -> PaymentMethod | None:
    """Charges a gift to a method that was given for it, from its next date on; returns the one that it was charged to
    before, if that was the gift's own: the caller drops it. Again with the same it changes nothing. Refused
    `gift_unknown`, `gift_stopped`, `no_payment_method` (what was used or left too long)."""
    with transaction.atomic():
        gift = locked_gift(organization.id, gift_id)
        if gift.method_id == method_id:
            return None
        if gift.state not in ("active", "paused"):
            raise Refused("gift_stopped", "This gift was stopped.", field="gift", fix="Begin a new one.")
        given = PaymentMethod.objects.select_for_update().filter(
            id=method_id, party_id=gift.party_id, organization=organization, state="once"
        )
        method = given.first()
        if method is None:
            raise Refused(
                "no_payment_method",
                "This card or account can't be used here any more.",
                field="method",
                fix="Enter it again.",
            )
        method.state = "gift"
        method.save(update_fields=["state"])
        before, gift.method = gift.method, method
        gift.consent_text = consent_to(gift.amount_minor, gift.currency, interval_of(gift), of_its_own=True)
        gift.save(update_fields=["method", "consent_text"])
        told = told_of_gift("gift_method_changed", gift, brand=method.brand, last4=method.last4)
        record(organization.id, actor, now, [told])
        return before
