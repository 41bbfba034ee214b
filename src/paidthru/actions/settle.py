"""Settle: what the gateway says becomes payment, allocation, journal and status; once, however often it is said.

The one function for reply, retrieval and (later) webhook, sweep and replay: idempotent, and a lower rank never
overwrites a higher one (design.md §5, field-notes C.2 and C.3 step 7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from paidthru.invoicing.models import Invoice, Receivable
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.membership.operations import after_payment, mark_unpaid, restart_late_terms
from paidthru.notices.operations import announce
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.gateway import GatewayError, GatewayIntent, IntentStatus
from paidthru.payments.models import OPEN_ATTEMPT, Attempt
from paidthru.payments.operations import Money, Placed, book, place
from paidthru.payments.rules.intents import INTENT, reconcile_delay
from paidthru.payments.rules.settlement import (
    AttemptState,
    Next,
    Outcome,
    classify,
    may_replace,
    settlement_label,
)
from paidthru.timeline.operations import Actor, Happening, record

_ASKED_AGAIN = ("submitted", "unknown", "requires_action", "processing")
_ENDED_WITHOUT_MONEY = (AttemptState.DECLINED, AttemptState.CANCELED, AttemptState.REJECTED)


@dataclass(frozen=True, slots=True)
class Settled:
    """Where an attempt stands after an answer. `send_again` asks the caller to drive it with the same keys, `stop`
    to send nothing more for now: the gateway refuses the account itself (B-31)."""

    attempt_id: UUID
    state: str
    send_again: bool = False
    stop: bool = False


def settle(
    organization: Organization,
    attempt_id: UUID,
    answer: GatewayIntent | GatewayError,
    *,
    actor: Actor,
    now: datetime,
    lease: UUID | None = None,
    policies: Policies | None = None,
) -> Settled:
    """Writes what an answer means for an attempt. A second time it changes nothing.

    `lease` is released if it is still ours. `policies` are the organization's, where the caller has them at hand.
    """
    with transaction.atomic():
        attempt = _locked(organization.id, attempt_id)
        outcome = _checked(classify(answer, attempt=str(attempt_id)), answer, attempt)
        told = _Telling(organization, attempt, outcome, actor, now, lease)
        paid_already = outcome.state == AttemptState.SUCCEEDED and attempt.intent_state == "succeeded"
        if paid_already or not may_replace(attempt.state, outcome.state):
            told.look_again()
            again = outcome.next is Next.CONFIRM and attempt.state in ("submitted", "unknown")
            return Settled(attempt_id, attempt.state, again, outcome.next is Next.OPEN_CIRCUIT)
        if outcome.state == AttemptState.SUCCEEDED:
            assert isinstance(answer, GatewayIntent)  # only a fetched object says that money came
            if attempt.state not in OPEN_ATTEMPT:
                told.cancel_others()
            _succeeded(told, answer, policies or policies_of(organization))
        elif outcome.state in _ENDED_WITHOUT_MONEY:
            _not_collected(told)
        else:
            told.write(ended=False)
            told.record(outcome.message or "")
        return Settled(attempt_id, outcome.state.value)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt as it stands, locked with its intent."""

    id: UUID
    party_id: UUID
    state: str
    looks: int
    submitted_at: datetime | None
    means: str
    intent_id: UUID
    intent_state: str
    gateway: str
    gateway_ref: str | None
    livemode: bool
    customer_ref: str
    currency: str
    amount_minor: int
    invoice_ids: Sequence[UUID]


def _locked(organization_id: UUID, attempt_id: UUID) -> _Attempt:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.id, a.party_id, a.state, a.looks, a.submitted_at, m.kind, t.id, t.state, t.gateway,
                   t.gateway_ref, t.livemode, t.customer_ref, t.currency, t.amount_minor,
                   ARRAY(SELECT h.invoice_id FROM payments_intentinvoice h WHERE h.intent_id = t.id ORDER BY 1)
               FROM payments_attempt a JOIN payments_paymentintent t ON t.id = a.intent_id
               JOIN payments_paymentmethod m ON m.id = a.method_id
               WHERE a.id = %s AND a.organization_id = %s FOR UPDATE OF a, t""",
            [attempt_id, organization_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Attempt.DoesNotExist
    return _Attempt(*row)


def _checked(outcome: Outcome, answer: GatewayIntent | GatewayError, attempt: _Attempt) -> Outcome:
    """An answer about other money than we asked for is a person's matter, never a settlement (B-35, B-37)."""
    if isinstance(answer, GatewayIntent) and (
        answer.currency != attempt.currency
        or answer.amount_minor != attempt.amount_minor
        or answer.livemode != attempt.livemode
        or answer.customer_ref != attempt.customer_ref
        or attempt.gateway_ref not in (None, answer.ref)
        or (answer.status is IntentStatus.SUCCEEDED and not 0 < answer.received_minor <= answer.amount_minor)
    ):
        return Outcome(
            AttemptState.NEEDS_REVIEW,
            Next.REVIEW,
            code="mismatch",
            message="The gateway's answer is about another amount, currency or customer.",
        )
    return outcome


@dataclass(frozen=True, slots=True)
class _Telling:
    """An attempt that is told an outcome."""

    organization: Organization
    attempt: _Attempt
    outcome: Outcome
    actor: Actor
    now: datetime
    lease: UUID | None

    def look_again(self) -> None:
        """Nothing new was said: releases the lease, and sets the next look at what is still open."""
        looks, at = self._next_look(self.attempt.state)
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE payments_attempt SET next_look_at = %(at)s, looks = %(looks)s,
                       lease_until = CASE WHEN lease_token = %(lease)s THEN NULL ELSE lease_until END,
                       lease_token = nullif(lease_token, %(lease)s) WHERE id = %(id)s""",
                {"at": at, "looks": looks, "lease": self.lease, "id": self.attempt.id},
            )

    def _next_look(self, state: str) -> tuple[int, datetime | None]:
        looks, wait = self.attempt.looks, self.outcome.retry_after
        if state not in _ASKED_AGAIN:
            return looks, None
        if wait is not None:  # turned away: those that were must not come back at the same moment (B-30)
            wait += wait * (self.attempt.id.int & 1023) // 1024
        else:
            wait = timedelta(seconds=reconcile_delay(looks))
        return min(looks + 1, 1000), self.now + wait

    def write(self, *, ended: bool, event: str = "", apply_error: str = "") -> None:
        """Writes what the attempt now is; with an `event`, its intent too, which then holds its invoices no more."""
        attempt, outcome = self.attempt, self.outcome
        looks, at = self._next_look(outcome.state)
        values: dict[str, str | int | bool | UUID | datetime | None] = {
            "id": attempt.id,
            "intent": attempt.intent_id,
            "state": outcome.state.value,
            "soft": outcome.soft,
            "code": (outcome.code or "")[:60],
            "advice": outcome.advice_code[:40],
            "network_advice": outcome.network_advice_code[:10],
            "network_decline": outcome.network_decline_code[:10],
            "message": (outcome.message or "")[:300],
            "apply_error": apply_error,
            "concluded": self.now if ended else None,
            "at": at,
            "looks": looks,
            "lease": self.lease,
            "event": INTENT.next(attempt.intent_state, event) if event else None,
        }
        with connection.cursor() as cursor:
            cursor.execute(
                """WITH intent AS (UPDATE payments_paymentintent SET state = %(event)s
                                   WHERE id = %(intent)s AND %(event)s IS NOT NULL),
                        held AS (UPDATE payments_intentinvoice SET open = false
                                 WHERE intent_id = %(intent)s AND open AND %(event)s IS NOT NULL)
                   UPDATE payments_attempt SET state = %(state)s, soft = %(soft)s, decline_code = %(code)s,
                       advice_code = %(advice)s, network_advice_code = %(network_advice)s,
                       network_decline_code = %(network_decline)s, message = %(message)s, apply_error = %(apply_error)s, concluded_at = %(concluded)s,
                       next_look_at = %(at)s, looks = %(looks)s,
                       lease_until = CASE WHEN lease_token = %(lease)s THEN NULL ELSE lease_until END,
                       lease_token = nullif(lease_token, %(lease)s)
                   WHERE id = %(id)s""",
                values,
            )

    def cancel_others(self) -> None:
        """Money came for an attempt that was taken for ended: a later one on the same intent can't succeed any more."""
        others = Attempt.objects.filter(intent_id=self.attempt.intent_id, state__in=OPEN_ATTEMPT)
        others.exclude(id=self.attempt.id).update(
            state="canceled",
            concluded_at=self.now,
            next_look_at=None,
            message="The money came by an earlier try.",
        )

    def record(self, why: str) -> None:
        """Writes the event of an answer that brought no money."""
        invoices = Invoice.objects.filter(id__in=self.attempt.invoice_ids).order_by("id")
        numbers = list(invoices.values_list("number", flat=True))
        label = self.label(policies_of(self.organization))
        happening = self.happening(f"payment_{self.outcome.state}", why, numbers, label)
        record(self.organization.id, self.actor, self.now, [happening])
        announce(self.organization.id, [happening], now=self.now)

    def label(self, policies: Policies, *, applied: bool = False, apply_error: str = "") -> str:
        """The settlement state as staff read it from now on."""
        zone, submitted_at = self.organization.zone, self.attempt.submitted_at
        return settlement_label(
            self.outcome.state,
            applied=applied,
            apply_error=bool(apply_error),
            submitted_on=local_date(submitted_at, zone) if submitted_at else None,
            on=local_date(self.now, zone),
            timeout_days=policies.number("collect.reconcile_timeout_days"),
            code=self.outcome.code,
        ).value

    def happening(
        self, verb: str, why: str, invoices: list[int | None], settlement: str, **more: str | int
    ) -> Happening:
        """The event of the answer."""
        attempt = self.attempt
        facts = {
            "invoices": invoices,
            "amount": plain(attempt.amount_minor, attempt.currency),
            "currency": attempt.currency,
            "settlement": settlement,
            "code": self.outcome.code or "",
            **more,
        }
        return Happening(verb, "attempt", attempt.id, attempt.party_id, why, facts)


def _succeeded(told: _Telling, answer: GatewayIntent, policies: Policies) -> None:
    """Payment, allocation, journal, paid-through. The batch is dated when the processor took the money (I-62)."""
    organization, attempt, now = told.organization, told.attempt, told.now
    taken_at = answer.taken_at or now
    received_on = local_date(taken_at, organization.zone)
    money = Money(
        party_id=attempt.party_id,
        amount_minor=answer.received_minor,
        currency=answer.currency,
        means=attempt.means,
        taken_at=taken_at,
        received_on=received_on,
        invoice_ids=attempt.invoice_ids,
        gateway=attempt.gateway,
        gateway_ref=answer.charge_ref or answer.ref,
        attempt_id=attempt.id,
    )
    placed = place(organization.id, money)
    restarted = restart_late_terms(placed.source_ids, policies, on=received_on)
    moved = after_payment(placed.source_ids, policies, on=received_on)
    apply_error = _apply_error(placed)
    told.write(ended=True, event="succeed", apply_error=apply_error)
    batch = open_batch(organization.id, "autopay", received_on, now=now)
    payment = book(organization.id, batch.id, money, placed, now=now)
    surplus = {"surplus": plain(placed.surplus_minor, answer.currency)} if placed.surplus_minor else {}
    label = told.label(policies, applied=bool(placed.parts), apply_error=apply_error)
    numbers = [number for number, _ in placed.named]
    happenings = [
        told.happening("payment_received", apply_error, numbers, label, payment=payment.number, **surplus)
    ]
    for id_, before, after in moved:
        dates = {"from": before.isoformat() if before else None, "to": after.isoformat() if after else None}
        why = f"Payment {payment.number}"
        happenings.append(Happening("paid_through_moved", "membership", id_, attempt.party_id, why, dates))
    record(organization.id, told.actor, now, [*happenings, *restarted])
    announce(organization.id, happenings, now=now)


def _apply_error(placed: Placed) -> str:
    """Why money could pay nothing although its invoice wasn't paid; an invoice that is paid is no error (I-52)."""
    for number, state in placed.named:
        if not placed.parts and state not in ("sent", "paid"):
            return f"Invoice {number} is {state}; the money is kept as credit."
    return ""


def _not_collected(told: _Telling) -> None:
    """Frees the invoice. A decline is noted on the memberships that still owe: from it the label follows, by policy
    (C-30, C-31)."""
    declined = told.outcome.state == AttemptState.DECLINED
    told.write(ended=True, event="decline" if declined else "close")
    if declined:
        asked_for = Receivable.objects.filter(
            lines__invoice__in=told.attempt.invoice_ids, lines__invoice__state="sent"
        )
        unpaid = asked_for.filter(state="open", voluntary=False)
        on = local_date(told.now, told.organization.zone)
        mark_unpaid(list(unpaid.values_list("source_id", flat=True)), on=on)
    told.record(told.outcome.message or "")
