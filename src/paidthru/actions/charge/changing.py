"""Before sending: what waits for a payment method that is no longer on file is opened anew with the present one."""

from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction

from paidthru.actions.charge.claiming import METHOD_CHANGED
from paidthru.actions.charge.opening import open_attempts
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt, IntentInvoice, PaymentIntent
from paidthru.payments.queries.gates import refuse_unsafe
from paidthru.payments.rules.intents import INTENT
from paidthru.timeline.operations import Actor

_OUTDATED = """
    SELECT a.initiator, h.invoice_id, a.off_session, a.id, t.id, t.gateway_ref IS NULL
    FROM payments_attempt a
    JOIN payments_paymentmethod m ON m.id = a.method_id AND m.state NOT IN ('active', 'once', 'gift')
    JOIN payments_paymentintent t ON t.id = a.intent_id
    JOIN payments_intentinvoice h ON h.intent_id = t.id AND h.open
    WHERE a.organization_id = %s AND a.state = 'created' AND a.abandoned_at IS NULL
    ORDER BY a.initiator, a.id FOR UPDATE OF a SKIP LOCKED"""


def open_with_present_methods(organization: Organization, *, actor: Actor, now: datetime) -> int:
    """Closes the attempts that were never sent and whose method was replaced, removed or revoked, and opens others at
    their invoices with the methods on file now; returns how many were closed.

    The retry rules are asked anew, for it is another card: what they refuse, and who has no method any more, is listed
    again with the reason. Nothing is opened for a payer who was there to pay and has gone. Refused as `refuse_unsafe`.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_OUTDATED, [organization.id])
            rows = cursor.fetchall()
        if not rows:
            return 0
        refuse_unsafe(live=not organization.is_sandbox, livemode=False, now=now)
        _close({row[3] for row in rows}, {row[4]: row[5] for row in rows}, now)
        budget = policies_of(organization).number("collect.max_attempts")
        for initiator, of in groupby(rows, key=lambda row: row[0]):
            open_attempts(
                organization,
                [invoice_id for _, invoice_id, off_session, *_ in of if off_session],
                max_attempts=budget,
                initiator=initiator,
                actor=actor,
                now=now,
            )
        return len({row[3] for row in rows})


def _close(attempt_ids: set[UUID], intents: dict[UUID, bool], now: datetime) -> None:
    """Ends what was never sent. Intents of which the gateway never heard are closed (`intents`: whether it is one);
    one that was declined before is declined again, to be used for the next try."""
    Attempt.objects.filter(id__in=attempt_ids).update(
        state="canceled", concluded_at=now, next_look_at=None, message=METHOD_CHANGED
    )
    for unheard, event in ((True, "close"), (False, "decline")):
        ids = [id_ for id_, of in intents.items() if of is unheard]
        PaymentIntent.objects.filter(id__in=ids).update(state=INTENT.next("open", event))
    IntentInvoice.objects.filter(intent__in=intents).update(open=False)
