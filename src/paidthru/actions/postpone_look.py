"""Postpone a look: nothing is asked about a payment whose gateway isn't the one that can be asked here."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Invoice, names_of
from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.payments.models import Attempt
from paidthru.payments.rules.intents import reconcile_delay
from paidthru.timeline.operations import Actor, Happening, record

_ASKED_ABOUT = ("submitted", "unknown", "requires_action", "processing")
NOT_ASKED = "The processor of this payment can't be asked: it isn't connected, or its keys don't open here."


def postpone_look(organization: Organization, attempt_id: UUID, *, actor: Actor, now: datetime) -> str:
    """Leaves an open attempt as it is, sets its next look, and tells staff the first time; returns its state.

    What another gateway, another account's mode, or none says of it would be no answer (C.3, 8c).
    """
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(of=["self"])
            .select_related("intent")
            .get(id=attempt_id, organization=organization)
        )
        if attempt.state not in _ASKED_ABOUT:
            return attempt.state
        told = attempt.message == NOT_ASKED
        attempt.next_look_at = now + timedelta(seconds=reconcile_delay(attempt.looks))
        attempt.looks, attempt.message = min(attempt.looks + 1, 1000), NOT_ASKED
        attempt.save(update_fields=["next_look_at", "looks", "message"])
        if not told:
            numbers = Invoice.objects.filter(intents__intent=attempt.intent_id).order_by("id")
            facts = {
                "invoices": names_of(numbers),
                "amount": plain(attempt.intent.amount_minor, attempt.intent.currency),
                "currency": attempt.intent.currency,
            }
            happening = Happening(
                "payment_not_asked", "attempt", attempt.id, attempt.party_id, NOT_ASKED, facts
            )
            record(organization.id, actor, now, [happening])
        return attempt.state
