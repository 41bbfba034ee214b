"""Abandon an attempt: it is never sent again; what the gateway has of it is canceled there before it is closed here."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Invoice, names_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.payments.models import OPEN_ATTEMPT, Attempt
from paidthru.timeline.operations import Actor, Happening, record


def abandon_attempt(
    organization: Organization, attempt_id: UUID, *, why: str, actor: Actor, now: datetime
) -> None:
    """Marks an open attempt as given up; `runs.abandon` then fences it. A second time it changes nothing.

    Refused: `attempt_unknown`, `attempt_ended`, and `attempt_in_review`, for what became of that is found out with
    evidence, not by giving it up.
    """
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(of=["self"])
            .select_related("intent")
            .filter(id=attempt_id, organization=organization)
            .first()
        )
        if attempt is None:
            raise Refused("attempt_unknown", "There is no such attempt.", field="attempt", value=attempt_id)
        if attempt.state not in OPEN_ATTEMPT:
            raise Refused(
                "attempt_ended",
                "This attempt has ended: nothing is left to give up.",
                field="attempt",
                fix="What was paid can be refunded.",
            )
        if attempt.state == "needs_review":
            raise Refused(
                "attempt_in_review",
                "It isn't known what became of this attempt.",
                field="attempt",
                fix="Look it up at the processor, then propose what became of it, with evidence.",
            )
        if attempt.abandoned_at is not None:
            return
        Attempt.objects.filter(id=attempt.id).update(abandoned_at=now)
        numbers = Invoice.objects.filter(intents__intent=attempt.intent_id).order_by("id")
        facts = {
            "invoices": names_of(numbers),
            "amount": plain(attempt.intent.amount_minor, attempt.intent.currency),
            "currency": attempt.intent.currency,
        }
        happening = Happening("payment_abandoned", "attempt", attempt.id, attempt.party_id, why[:500], facts)
        record(organization.id, actor, now, [happening])
