"""Settle: what the gateway says becomes payment, allocation, journal and status; once, however often it is said.

The one function for reply, retrieval and (later) webhook, sweep and replay: idempotent, and a lower rank never
overwrites a higher one (design.md §5, field-notes C.2 and C.3 step 7).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Invoice
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.membership.operations import after_payment, mark_unpaid
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.gateway import GatewayError, GatewayIntent
from paidthru.payments.models import Attempt, IntentInvoice, Payment, PaymentIntent
from paidthru.payments.operations import Money, receive
from paidthru.payments.queries import label_of
from paidthru.payments.rules.intents import INTENT, reconcile_delay
from paidthru.payments.rules.settlement import AttemptState, Next, Outcome, classify, may_replace
from paidthru.timeline.operations import Actor, Happening, record


@dataclass(frozen=True, slots=True)
class Settled:
    """Where an attempt stands after an answer. `send_again` asks the caller to drive it with the same keys."""

    attempt_id: UUID
    state: str
    send_again: bool = False


def settle(
    organization: Organization,
    attempt_id: UUID,
    answer: GatewayIntent | GatewayError,
    *,
    actor: Actor,
    now: datetime,
    lease: UUID | None = None,
) -> Settled:
    """Writes what an answer means for an attempt. A second time it changes nothing.

    `lease` is released if it is still ours.
    """
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(of=("self", "intent"))
            .select_related("intent", "method")
            .get(id=attempt_id, organization=organization)
        )
        outcome = _checked(classify(answer, attempt=str(attempt_id)), answer, attempt)
        if lease is not None:
            Attempt.objects.filter(id=attempt_id, lease_token=lease).update(
                lease_token=None, lease_until=None
            )
        if not may_replace(attempt.state, outcome.state):
            _look_again(attempt, outcome, now)
            return Settled(
                attempt_id,
                attempt.state,
                outcome.next is Next.CONFIRM
                and attempt.state in (AttemptState.SUBMITTED, AttemptState.UNKNOWN),
            )
        Attempt.objects.filter(id=attempt_id).update(
            state=outcome.state,
            soft=outcome.soft,
            decline_code=outcome.code or "",
            message=(outcome.message or "")[:300],
        )
        attempt.state = outcome.state
        if outcome.state == AttemptState.SUCCEEDED:
            assert isinstance(answer, GatewayIntent)  # only a fetched object says that money came
            _succeeded(organization, attempt, answer, actor, now)
        elif outcome.state in (AttemptState.DECLINED, AttemptState.CANCELED, AttemptState.REJECTED):
            _not_collected(organization, attempt, outcome, actor, now)
        else:
            _look_again(attempt, outcome, now)
            _say(organization, attempt, f"payment_{outcome.state}", outcome.message or "", actor, now)
        return Settled(attempt_id, attempt.state)


def _checked(outcome: Outcome, answer: GatewayIntent | GatewayError, attempt: Attempt) -> Outcome:
    """An answer about other money than we asked for is a person's matter, never a settlement (B-35, B-37)."""
    intent = attempt.intent
    if isinstance(answer, GatewayIntent) and (
        answer.currency != intent.currency
        or answer.amount_minor != intent.amount_minor
        or answer.livemode != intent.livemode
        or answer.customer_ref != str(attempt.party_id)
    ):
        return Outcome(
            AttemptState.NEEDS_REVIEW,
            Next.REVIEW,
            code="mismatch",
            message="The gateway's answer is about another amount, currency or customer.",
        )
    return outcome


def _look_again(attempt: Attempt, outcome: Outcome, now: datetime) -> None:
    if attempt.state not in ("submitted", "unknown", "requires_action", "processing"):
        return
    wait = outcome.retry_after or timedelta(seconds=reconcile_delay(attempt.looks))
    Attempt.objects.filter(id=attempt.id).update(next_look_at=now + wait, looks=min(attempt.looks + 1, 1000))


def _succeeded(
    organization: Organization, attempt: Attempt, answer: GatewayIntent, actor: Actor, now: datetime
) -> None:
    """Payment, allocation, journal, paid-through. The batch is dated when the processor took the money (I-62)."""
    taken_at = answer.taken_at or now
    received_on = local_date(taken_at, organization.zone)
    invoices = list(Invoice.objects.filter(intents__intent=attempt.intent).order_by("id"))
    batch = open_batch(organization.id, "autopay", received_on, now=now)
    received = receive(
        organization.id,
        batch.id,
        Money(
            party_id=attempt.party_id,
            amount_minor=answer.received_minor,
            currency=answer.currency,
            means=attempt.method.kind,
            taken_at=taken_at,
            received_on=received_on,
            invoice_ids=[invoice.id for invoice in invoices],
            gateway=attempt.intent.gateway,
            gateway_ref=answer.charge_ref or answer.ref,
            attempt=attempt,
        ),
        now=now,
    )
    not_open = [invoice for invoice in invoices if invoice.state not in ("sent", "paid")]
    apply_error = ""
    if not received.paid and not_open:
        apply_error = f"Invoice {not_open[0].number} is {not_open[0].state}; the money is kept as credit."
    Attempt.objects.filter(id=attempt.id).update(concluded_at=now, next_look_at=None, apply_error=apply_error)
    _close(attempt, "succeed")
    moved = after_payment(received.source_ids, policies_of(organization), on=received_on)
    _say(
        organization,
        attempt,
        "payment_received",
        apply_error,
        actor,
        now,
        received.payment,
        {"surplus": plain(received.surplus_minor, answer.currency)} if received.surplus_minor else {},
    )
    record(
        organization.id,
        actor,
        now,
        (
            Happening(
                "paid_through_moved",
                "membership",
                id_,
                attempt.party_id,
                f"Payment {received.payment.number}",
                {"from": before.isoformat() if before else None, "to": after.isoformat() if after else None},
            )
            for id_, before, after in moved
        ),
    )


def _not_collected(
    organization: Organization, attempt: Attempt, outcome: Outcome, actor: Actor, now: datetime
) -> None:
    """Frees the invoice. A decline is noted on the membership: from it the label follows, by policy (C-30, C-31)."""
    Attempt.objects.filter(id=attempt.id).update(concluded_at=now, next_look_at=None)
    declined = outcome.state == AttemptState.DECLINED
    _close(attempt, "decline" if declined else "close")
    if declined:
        sources = Invoice.objects.filter(intents__intent=attempt.intent).values_list(
            "lines__receivable__source_id", flat=True
        )
        mark_unpaid(list(sources), on=local_date(now, organization.zone))
    _say(organization, attempt, f"payment_{outcome.state}", outcome.message or "", actor, now)


def _close(attempt: Attempt, event: str) -> None:
    PaymentIntent.objects.filter(id=attempt.intent_id).update(state=INTENT.next(attempt.intent.state, event))
    IntentInvoice.objects.filter(intent_id=attempt.intent_id).update(open=False)


def _say(
    organization: Organization,
    attempt: Attempt,
    verb: str,
    why: str,
    actor: Actor,
    now: datetime,
    payment: Payment | None = None,
    more: dict[str, str] | None = None,
) -> None:
    numbers = list(Invoice.objects.filter(intents__intent=attempt.intent).values_list("number", flat=True))
    label = label_of(
        attempt,
        zone=organization.zone,
        on=local_date(now, organization.zone),
        timeout_days=policies_of(organization).number("collect.reconcile_timeout_days"),
    )
    record(
        organization.id,
        actor,
        now,
        [
            Happening(
                verb,
                "attempt",
                attempt.id,
                attempt.party_id,
                why,
                {
                    "invoices": numbers,
                    "amount": plain(attempt.intent.amount_minor, attempt.intent.currency),
                    "currency": attempt.intent.currency,
                    "settlement": label,
                    "code": attempt.decline_code,
                    **({"payment": payment.number} if payment else {}),
                    **(more or {}),
                },
            )
        ],
    )
