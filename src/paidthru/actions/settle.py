"""Settle: what the gateway says becomes payment, allocation, journal and status; once, however often it is said.

The one function for reply, retrieval, webhook, sweep and replay: idempotent, and a lower rank never overwrites a
higher one (design.md §5, field-notes C.2 and C.3 step 7). Several answers may be settled in one transaction.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

from paidthru.invoicing.models import Invoice, Receivable, names_of
from paidthru.invoicing.operations import close_failed
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.membership.operations import after_payment, mark_unpaid, restart_late_terms
from paidthru.membership.operations.receiving import members_of
from paidthru.membership.queries.documents import closed_on_failure
from paidthru.notices.operations import announce, tell_contact_of_payments
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.gateway import GatewayError, GatewayIntent, GatewayKeyReused, IntentStatus
from paidthru.payments.models import OPEN_ATTEMPT, Attempt
from paidthru.payments.operations import Money, Placed, book_all, place_all
from paidthru.payments.rules.intents import INTENT, reconcile_delay
from paidthru.payments.rules.settlement import (
    REBUILT,
    AttemptState,
    Next,
    Outcome,
    classify,
    may_replace,
    settlement_label,
)
from paidthru.payments.rules.throttle import TURNED_AWAY
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor, Happening, record

MISMATCH = "mismatch"  # the code of an answer about other money than was asked for
OTHER_MONEY = "payment_of_other_money"  # the event of such money for an attempt that had ended
ONE_PAYMENT = "one_payment_per_gateway_charge"
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


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the gateway about an attempt, and the lease under which it was asked, if any.

    `reviewed`: people have agreed on what it means for an attempt that needs review, so it may leave that state, and
    money of another amount than was asked for may be taken for it.
    """

    attempt_id: UUID
    answer: GatewayIntent | GatewayError
    lease: UUID | None = None
    reviewed: bool = False


def settle(
    organization: Organization,
    attempt_id: UUID,
    answer: GatewayIntent | GatewayError,
    *,
    actor: Actor,
    now: datetime,
    lease: UUID | None = None,
    policies: Policies | None = None,
    reviewed: bool = False,
) -> Settled:
    """Writes what an answer means for an attempt. A second time it changes nothing.

    `lease` is released if it is still ours. `policies` are the organization's, where the caller has them at hand.
    """

    def settled(answered: Answered) -> Settled:
        return settle_all(organization, [answered], actor=actor, now=now, policies=policies)[0]

    try:
        return settled(Answered(attempt_id, answer, lease, reviewed))
    except (IntegrityError, UniqueViolation) as error:
        if reviewed or ONE_PAYMENT not in str(error) or connection.in_atomic_block:
            raise
    booked = GatewayKeyReused("The gateway names a charge that is booked already.", code="charge_of_another")
    return settled(Answered(attempt_id, booked, lease))


def settle_all(
    organization: Organization,
    answers: Sequence[Answered],
    *,
    actor: Actor,
    now: datetime,
    policies: Policies | None = None,
) -> list[Settled]:
    """As `settle`, for answers about different attempts, in one transaction: all are written, or none."""
    with transaction.atomic():
        policies = policies or policies_of(organization)
        attempts = _locked(organization.id, [one.attempt_id for one in answers])
        settled, came = list[Settled](), list[tuple[_Telling, GatewayIntent]]()
        for one in answers:
            attempt = attempts[one.attempt_id]
            outcome = classify(one.answer, attempt=str(attempt.id))
            if not one.reviewed:
                outcome = _checked(outcome, one.answer, attempt)
            outcome = replace(
                outcome, code=_fit(outcome.code, 60) or None, message=_fit(outcome.message, 300)
            )
            told = _Telling(organization, attempt, outcome, actor, now, one.lease, policies)
            paid_already = outcome.state == AttemptState.SUCCEEDED and attempt.intent_state == "succeeded"
            agreed = one.reviewed and attempt.state == AttemptState.NEEDS_REVIEW
            standing = AttemptState.UNKNOWN if agreed else attempt.state
            if paid_already or not may_replace(standing, outcome.state):
                told.look_again()
                told.tell_other_money(one.answer)
                again = outcome.next is Next.CONFIRM and attempt.state in ("submitted", "unknown")
                stop = outcome.next is Next.OPEN_CIRCUIT
                settled.append(Settled(attempt.id, attempt.state, again, stop))
                continue
            if outcome.state == AttemptState.SUCCEEDED:
                assert isinstance(one.answer, GatewayIntent)  # only a fetched object says that money came
                came.append((told, one.answer))
            elif outcome.state in _ENDED_WITHOUT_MONEY:
                _not_collected(told)
            else:
                _write([told.row()])
                told.record(outcome.message or "")
            settled.append(Settled(attempt.id, outcome.state.value))
        for received_on, together in _together(came, organization.zone):
            _succeeded(together, received_on)
        return settled


def _together(
    came: Iterable[tuple["_Telling", GatewayIntent]], zone: str
) -> list[tuple[date, list[tuple["_Telling", GatewayIntent]]]]:
    """Money that can be written at once: received on one local date, and no two for the same invoice."""
    found: list[tuple[date, list[tuple[_Telling, GatewayIntent]]]] = []
    seen = set[UUID]()
    for told, answer in came:
        received_on = local_date(answer.taken_at or told.now, zone)
        if not found or found[-1][0] != received_on or not seen.isdisjoint(told.attempt.invoice_ids):
            found.append((received_on, []))
            seen = set()
        found[-1][1].append((told, answer))
        seen.update(told.attempt.invoice_ids)
    return found


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
    by_visitor: bool
    rebuilt: bool
    invoice_ids: Sequence[UUID]


def _locked(organization_id: UUID, attempt_ids: Sequence[UUID]) -> dict[UUID, _Attempt]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.id, a.party_id, a.state, a.looks, a.submitted_at, m.kind, t.id, t.state, t.gateway,
                   t.gateway_ref, t.livemode, t.customer_ref, t.currency, t.amount_minor, a.initiator = 'visitor',
                   a.message = %s,
                   ARRAY(SELECT h.invoice_id FROM payments_intentinvoice h WHERE h.intent_id = t.id ORDER BY 1)
               FROM payments_attempt a JOIN payments_paymentintent t ON t.id = a.intent_id
               JOIN payments_paymentmethod m ON m.id = a.method_id
               WHERE a.id = ANY(%s) AND a.organization_id = %s ORDER BY a.id FOR UPDATE OF a, t""",
            [REBUILT, list(attempt_ids), organization_id],
        )
        found = {row[0]: _Attempt(*row) for row in cursor.fetchall()}
    if len(found) < len(set(attempt_ids)):
        raise Attempt.DoesNotExist
    return found


def _checked(outcome: Outcome, answer: GatewayIntent | GatewayError, attempt: _Attempt) -> Outcome:
    """An answer about other money than we asked for is a person's matter, never a settlement (B-35, B-37)."""
    if isinstance(answer, GatewayIntent) and (
        answer.currency != attempt.currency
        or answer.amount_minor != attempt.amount_minor
        or answer.livemode != attempt.livemode
        or answer.customer_ref != attempt.customer_ref
        or attempt.gateway_ref not in (None, answer.ref)
        or (not attempt.rebuilt and _names_another(answer, attempt.intent_id))
        or (answer.status is IntentStatus.SUCCEEDED and not 0 < answer.received_minor <= answer.amount_minor)
    ):
        return Outcome(
            AttemptState.NEEDS_REVIEW,
            Next.REVIEW,
            code=MISMATCH,
            message="The gateway's answer is about another amount, currency or customer.",
        )
    return outcome


def _names_another(answer: GatewayIntent, intent_id: UUID) -> bool:
    """Whether an intent at the gateway says that it was made for another of ours. After a restore its money may stand
    under a row of its own all the same, for the one that it names is bound to another (C.10)."""
    return answer.metadata.get("intent", str(intent_id)) != str(intent_id)


@dataclass(frozen=True, slots=True)
class _Telling:
    """An attempt that is told an outcome."""

    organization: Organization
    attempt: _Attempt
    outcome: Outcome
    actor: Actor
    now: datetime
    lease: UUID | None
    policies: Policies

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
        if self.outcome.next is Next.CONFIRM:  # it waits for us and not for an answer
            return looks, self.now + timedelta(seconds=reconcile_delay(0))
        if self.outcome.next is Next.RESEND and wait is None:
            wait = TURNED_AWAY
        if wait is not None:  # turned away: those that were must not come back at the same moment (B-30)
            wait += wait * (self.attempt.id.int & 1023) // 1024
        else:
            wait = timedelta(seconds=reconcile_delay(looks))
        return min(looks + 1, 1000), self.now + wait

    def tell_other_money(self, answer: GatewayIntent | GatewayError) -> None:
        """Money came for an attempt that has ended without any, and it is other money than was asked for: nobody waits
        for it, so staff are told, once."""
        if (
            self.outcome.code != MISMATCH
            or self.attempt.state not in _ENDED_WITHOUT_MONEY
            or not isinstance(answer, GatewayIntent)
            or answer.status is not IntentStatus.SUCCEEDED
            or Event.objects.filter(subject_id=self.attempt.id, verb=OTHER_MONEY).exists()
        ):
            return
        numbers = Invoice.objects.filter(id__in=self.attempt.invoice_ids).order_by("id")
        label = self.label()
        invoices, ref = names_of(numbers), answer.charge_ref or answer.ref
        happening = self.happening(OTHER_MONEY, self.outcome.message or "", invoices, label, charge=ref)
        record(self.organization.id, self.actor, self.now, [happening])

    def row(self, *, ended: bool = False, event: str = "", apply_error: str = "") -> dict[str, object]:
        """What the attempt now is, for `_write`; with an `event`, its intent too, which then holds its invoices no
        more."""
        attempt, outcome = self.attempt, self.outcome
        looks, at = self._next_look(outcome.state)
        return {
            "id": attempt.id,
            "intent": attempt.intent_id,
            "event": INTENT.next(attempt.intent_state, event) if event else None,
            "state": outcome.state.value,
            "soft": outcome.soft,
            "code": _fit(outcome.code, 60),
            "advice": _fit(outcome.advice_code, 40),
            "network_advice": _fit(outcome.network_advice_code, 10),
            "network_decline": _fit(outcome.network_decline_code, 10),
            "message": _fit(outcome.message, 300),
            "apply_error": apply_error,
            "concluded": self.now if ended else None,
            "at": at,
            "looks": looks,
            "lease": self.lease,
        }

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
        numbers = names_of(invoices)
        label = self.label()
        happening = self.happening(f"payment_{self.outcome.state}", why, numbers, label)
        record(self.organization.id, self.actor, self.now, [happening])
        if (
            not self.attempt.by_visitor
        ):  # who came by a pay link reads it on their page; it is no news of the member's
            announce(self.organization.id, [happening], now=self.now)

    def label(self, *, applied: bool = False, apply_error: str = "") -> str:
        """The settlement state as staff read it from now on."""
        zone, submitted_at = self.organization.zone, self.attempt.submitted_at
        return settlement_label(
            self.outcome.state,
            applied=applied,
            apply_error=bool(apply_error),
            submitted_on=local_date(submitted_at, zone) if submitted_at else None,
            on=local_date(self.now, zone),
            timeout_days=self.policies.number("collect.reconcile_timeout_days"),
            code=self.outcome.code,
        ).value

    def happening(
        self, verb: str, why: str, invoices: Sequence[int | str | None], settlement: str, **more: str | int
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


def _fit(text: str | None, most: int) -> str:
    """A gateway's words as they can be kept."""
    return (text or "").replace("\0", "")[:most]


def _write(rows: Sequence[dict[str, object]]) -> None:
    """Writes what attempts now are, and their intents where they ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH v AS MATERIALIZED (
                   SELECT * FROM jsonb_to_recordset(%s::jsonb) AS v (
                       id uuid, intent uuid, event text, state text, soft boolean, code text, advice text,
                       network_advice text, network_decline text, message text, apply_error text,
                       concluded timestamptz, at timestamptz, looks smallint, lease uuid)),
                 intent AS (UPDATE payments_paymentintent t SET state = v.event FROM v
                            WHERE t.id = v.intent AND v.event IS NOT NULL),
                 held AS (UPDATE payments_intentinvoice h SET open = false FROM v
                          WHERE h.intent_id = v.intent AND h.open AND v.event IS NOT NULL)
               UPDATE payments_attempt a SET state = v.state, soft = v.soft, decline_code = v.code,
                   advice_code = v.advice, network_advice_code = v.network_advice,
                   network_decline_code = v.network_decline, message = v.message, apply_error = v.apply_error,
                   concluded_at = v.concluded, next_look_at = v.at, looks = v.looks,
                   lease_until = CASE WHEN lease_token = v.lease THEN NULL ELSE lease_until END,
                   lease_token = nullif(lease_token, v.lease)
               FROM v WHERE a.id = v.id""",
            [json.dumps(rows, default=str)],
        )


def _succeeded(came: Sequence[tuple[_Telling, GatewayIntent]], received_on: date) -> None:
    """Payment, allocation, journal, paid-through. The batch is dated when the processor took the money (I-62)."""
    told = came[0][0]
    organization, actor, now, policies = told.organization, told.actor, told.now, told.policies
    for one, _ in came:
        if one.attempt.state not in OPEN_ATTEMPT:
            one.cancel_others()
    monies = [
        Money(
            party_id=one.attempt.party_id,
            amount_minor=answer.received_minor,
            currency=answer.currency,
            means=one.attempt.means,
            taken_at=answer.taken_at or now,
            received_on=received_on,
            invoice_ids=one.attempt.invoice_ids,
            gateway=one.attempt.gateway,
            gateway_ref=answer.charge_ref or answer.ref,
            attempt_id=one.attempt.id,
        )
        for one, answer in came
    ]
    all_placed = place_all(organization.id, monies)
    sources = [id_ for placed in all_placed for id_ in placed.source_ids]
    restarted = restart_late_terms(sources, policies, on=received_on)
    moved = {id_: (before, after) for id_, before, after in after_payment(sources, policies, on=received_on)}
    members = members_of(moved)
    errors = [_apply_error(placed) for placed in all_placed]
    _write(
        [
            one.row(ended=True, event="succeed", apply_error=error)
            for (one, _), error in zip(came, errors, strict=True)
        ]
    )
    batch = open_batch(organization.id, "autopay", received_on, now=now)
    payments = book_all(organization.id, batch.id, list(zip(monies, all_placed, strict=True)), now=now)
    happenings = list[Happening]()
    for (one, answer), placed, error, payment in zip(came, all_placed, errors, payments, strict=True):
        surplus = {"surplus": plain(placed.surplus_minor, answer.currency)} if placed.surplus_minor else {}
        label = one.label(applied=bool(placed.parts), apply_error=error)
        numbers = [number for number, _ in placed.named]
        happenings.append(
            one.happening("payment_received", error, numbers, label, payment=payment.number, **surplus)
        )
        for id_ in placed.source_ids:
            if id_ in moved:
                before, after = moved.pop(id_)
                dates = {
                    "from": before.isoformat() if before else None,
                    "to": after.isoformat() if after else None,
                }
                why, member_id = f"Payment {payment.number}", members[id_]
                happenings.append(Happening("paid_through_moved", "membership", id_, member_id, why, dates))
    record(organization.id, actor, now, [*happenings, *restarted])
    announce(organization.id, happenings, now=now)
    tell_contact_of_payments(organization.id, [one.attempt.id for one, _ in came], now=now)


def _apply_error(placed: Placed) -> str:
    """Why money could pay nothing although its invoice wasn't paid; an invoice that is paid is no error (I-52)."""
    for number, state in placed.named:
        if not placed.parts and state not in ("sent", "paid"):
            return f"Invoice {number} is {state}; the money is kept as credit."
    return ""


def _not_collected(told: _Telling) -> None:
    """Frees the invoice. A decline is noted on the memberships that still owe: from it the label follows, by policy
    (C-30, C-31). What failed may close its invoice, whose next try then has a new one (P-06). That a visitor's card was
    declined changes neither: whoever has a link could make anybody past due."""
    by_visitor = told.attempt.by_visitor
    failed = told.outcome.state != AttemptState.CANCELED and not by_visitor
    declined = told.outcome.state == AttemptState.DECLINED
    _write([told.row(ended=True, event="decline" if declined else "close")])
    if declined and not by_visitor:
        asked_for = Receivable.objects.filter(
            lines__invoice__in=told.attempt.invoice_ids, lines__invoice__state="sent"
        )
        unpaid = asked_for.filter(state="open", voluntary=False)
        on = local_date(told.now, told.organization.zone)
        mark_unpaid(list(unpaid.values_list("source_id", flat=True)), on=on)
    closed = close_failed(closed_on_failure(told.policies, told.attempt.invoice_ids)) if failed else []
    told.record(told.outcome.message or "")
    if closed:
        record(told.organization.id, told.actor, told.now, closed)
