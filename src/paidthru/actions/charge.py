"""Charge: open an attempt, claim it, send it. The gateway is called between two transactions, never inside one.

The protocol is design.md §5 and field-notes C.3; the steps are named after it. What the gateway answered goes to
`settle`, strung together by `runs`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from paidthru.invoicing.models import Invoice
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import (
    ATTEMPT,
    Confirmation,
    Gateway,
    GatewayError,
    GatewayIntent,
    IntentRequest,
)
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, IntentInvoice, PaymentIntent, PaymentMethod
from paidthru.payments.queries import active_method, history, is_expired
from paidthru.payments.rules.intents import INTENT
from paidthru.payments.rules.retries import retry_allowed
from paidthru.timeline.operations import Actor, Happening, record

SEND_WITHIN_SECONDS = 120  # the latest moment to start a send, after the claim
LEASE_SECONDS = 300  # longer than the deadline and the read timeout together


def open_attempt(
    organization: Organization,
    invoice_id: UUID,
    *,
    max_attempts: int,
    initiator: str,
    actor: Actor,
    now: datetime,
    off_session: bool = True,
) -> Attempt:
    """Step OPEN: writes the intention to collect an invoice's balance, before anything is called.

    An attempt that is already open is returned as it is: that is the answer to a double click. Refused:
    `invoice_paid`, `invoice_closed`, `no_payment_method`, `attempts_exhausted`, `card_expired`,
    `authorization_revoked`, `code_unrecognised`.
    """
    with transaction.atomic():
        invoice = Invoice.objects.select_for_update().get(id=invoice_id, organization=organization)
        standing = Attempt.objects.filter(
            intent__invoices__invoice=invoice, intent__invoices__open=True, state__in=OPEN_ATTEMPT
        ).first()
        if standing is not None:
            return standing
        method = _allowed_method(invoice, max_attempts, local_date(now, organization.zone))
        intent = _intent(organization, invoice, method, now)
        try:
            with transaction.atomic():
                attempt = Attempt.objects.create(
                    organization=organization,
                    intent=intent,
                    party_id=invoice.party_id,
                    n=intent.attempts.count() + 1,
                    method=method,
                    method_fingerprint=method.fingerprint,
                    initiator=initiator,
                    off_session=off_session,
                    idempotency_key=f"att:{new_id()}",
                    created_at=now,
                )
        except IntegrityError as error:  # the guard of the database, should a lock ever be missed
            raise Refused(
                "payment_in_progress",
                f"Invoice {invoice.number} is being collected already.",
                field="invoice",
                value=invoice.number,
                fix="Wait for the answer.",
            ) from error
        record(
            organization.id,
            actor,
            now,
            [
                Happening(
                    "payment_submitted",
                    "invoice",
                    invoice.id,
                    invoice.party_id,
                    facts={
                        "invoice": invoice.number,
                        "amount": plain(intent.amount_minor, intent.currency),
                        "currency": intent.currency,
                        "method": f"{method.brand} {method.last4}",
                    },
                )
            ],
        )
        return attempt


def _allowed_method(invoice: Invoice, max_attempts: int, on: date) -> PaymentMethod:
    if invoice.state == "paid":
        raise Refused(
            "invoice_paid",
            f"Invoice {invoice.number} is paid.",
            field="invoice",
            value=invoice.number,
            fix="Nothing is left to collect.",
        )
    if invoice.state != "sent" or invoice.balance_minor <= 0:
        raise Refused(
            "invoice_closed",
            f"Invoice {invoice.number} is {invoice.state}.",
            field="invoice",
            value=invoice.number,
            fix="Only a sent invoice with a balance can be collected.",
        )
    method = active_method(invoice.party_id)
    if method is None:
        raise Refused(
            "no_payment_method",
            f"There is no payment method on file to collect invoice {invoice.number}.",
            field="invoice",
            value=invoice.number,
            fix="Ask the member to add one.",
        )
    verdict = retry_allowed(history(invoice.id), method.fingerprint, is_expired(method, on), max_attempts)
    if verdict.refused is not None:
        raise Refused(
            verdict.refused,
            f"Invoice {invoice.number} was tried {verdict.used} of {verdict.budget} times with "
            f"{method.brand} {method.last4}.",
            field="invoice",
            value=invoice.number,
            fix="A new payment method, or a new expiry date, opens new tries.",
        )
    return method


def _intent(
    organization: Organization, invoice: Invoice, method: PaymentMethod, now: datetime
) -> PaymentIntent:
    """The intent to use: the declined one of the same invoice and amount again, or a new one (C.3, 11)."""
    declined = PaymentIntent.objects.filter(
        invoices__invoice=invoice,
        state="declined",
        amount_minor=invoice.balance_minor,
        gateway=method.gateway,
        gateway_ref__isnull=False,
    ).first()
    if declined is not None:
        PaymentIntent.objects.filter(id=declined.id).update(state=INTENT.next(declined.state, "retry"))
        IntentInvoice.objects.filter(intent=declined, invoice=invoice).update(open=True)
        return declined
    intent = PaymentIntent.objects.create(
        organization=organization,
        party_id=invoice.party_id,
        gateway=method.gateway,
        livemode=not organization.is_sandbox,
        currency=invoice.currency,
        amount_minor=invoice.balance_minor,
        created_at=now,
    )
    IntentInvoice.objects.create(
        organization=organization, intent=intent, invoice=invoice, amount_minor=invoice.balance_minor
    )
    return intent


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send an attempt, for a while: frozen parameters, and the lease that guards what is written."""

    attempt_id: UUID
    intent_id: UUID
    lease: UUID
    gateway_ref: str | None
    request: IntentRequest
    confirmation: Confirmation
    key: str
    wanted: bool


def claim(attempt_id: UUID, *, now: datetime) -> Claim | None:
    """Step CLAIM: takes the lease on an attempt that may be sent; None when somebody else has it or it is answered.

    Looks again whether the balance is still owed. If not, an attempt that never reached the gateway is closed, and
    one that did is claimed as not `wanted`: `send` then fences it.
    """
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("intent", "method")
            .filter(id=attempt_id)
            .first()
        )
        if attempt is None or attempt.state not in ("created", "submitted", "unknown") or _leased(attempt_id):
            return None
        intent = attempt.intent
        invoices = Invoice.objects.filter(intents__intent=intent, intents__open=True).order_by("id")
        owed = sum(one.balance_minor for one in invoices.select_for_update() if one.state == "sent")
        wanted = owed >= intent.amount_minor
        if not wanted and intent.gateway_ref is None:
            _close_unsent(attempt, now)
            return None
        lease = new_id()
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE payments_attempt SET state = CASE WHEN state = 'created' THEN 'submitted' ELSE state END,
                       submitted_at = coalesce(submitted_at, %s), lease_token = %s,
                       send_deadline = clock_timestamp() + make_interval(secs => %s),
                       lease_until = clock_timestamp() + make_interval(secs => %s),
                       next_look_at = coalesce(next_look_at, %s)
                   WHERE id = %s""",
                [now, lease, SEND_WITHIN_SECONDS, LEASE_SECONDS, now, attempt_id],
            )
        about = {"organization": str(attempt.organization_id), "intent": str(intent.id)}
        return Claim(
            attempt_id,
            intent.id,
            lease,
            intent.gateway_ref,
            IntentRequest(intent.amount_minor, intent.currency, str(attempt.party_id), about),
            Confirmation(attempt.method.token, attempt.off_session, {ATTEMPT: str(attempt_id)}),
            attempt.idempotency_key,
            wanted,
        )


def _leased(attempt_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lease_until > clock_timestamp() FROM payments_attempt WHERE id = %s", [attempt_id]
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _close_unsent(attempt: Attempt, now: datetime) -> None:
    """Closes an attempt whose money is no longer owed and which the gateway never heard of."""
    Attempt.objects.filter(id=attempt.id).update(
        state="canceled",
        concluded_at=now,
        next_look_at=None,
        message="No longer owed when it was to be sent.",
    )
    PaymentIntent.objects.filter(id=attempt.intent_id).update(
        state=INTENT.next(attempt.intent.state, "close")
    )
    IntentInvoice.objects.filter(intent_id=attempt.intent_id).update(open=False)


def send(held: Claim, gateway: Gateway) -> GatewayIntent | GatewayError | None:
    """Steps CREATE, BIND, CONFIRM, with no transaction open; returns the gateway's answer or error. What is no longer
    wanted is canceled at the gateway instead (design.md §5, step 6).

    None when the right to send was lost on the way (deadline, lease, or another worker's intent): whoever has it now
    goes on, and what we created is unconfirmed and harms nobody.
    """
    try:
        ref = held.gateway_ref
        if ref is not None and not held.wanted:
            return gateway.cancel_intent(ref, key=f"fence:{held.attempt_id}")
        if ref is None:
            created = gateway.create_intent(held.request, key=f"col:{held.intent_id}")
            if not _bind(held, created.ref):
                return None
            ref = created.ref
        if not _may_send(held):
            return None
        return gateway.confirm_intent(ref, held.confirmation, key=held.key)
    except GatewayError as error:
        return error


def _bind(held: Claim, ref: str) -> bool:
    """Step BIND: the gateway's id, written once, under our lease."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payments_paymentintent i SET gateway_ref = %s FROM payments_attempt a
               WHERE i.id = %s AND a.id = %s AND a.lease_token = %s
                 AND (i.gateway_ref IS NULL OR i.gateway_ref = %s)""",
            [ref, held.intent_id, held.attempt_id, held.lease, ref],
        )
        return bool(cursor.rowcount == 1)


def _may_send(held: Claim) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM payments_attempt WHERE id = %s AND lease_token = %s AND send_deadline > clock_timestamp()"
            " AND state IN ('submitted', 'unknown')",
            [held.attempt_id, held.lease],
        )
        return cursor.fetchone() is not None
