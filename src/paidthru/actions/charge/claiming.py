"""Step CLAIM of a charge: the right to send, for a while (field-notes C.3, 2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.organizations.queries import fingerprint
from paidthru.payments.gateway import ATTEMPT, Confirmation, IntentRequest
from paidthru.payments.models import Attempt, IntentInvoice, PaymentIntent
from paidthru.payments.rules.imprint import imprint
from paidthru.payments.rules.intents import INTENT

SEND_WITHIN_SECONDS = 120  # the latest moment to start a send, after the claim
LEASE_SECONDS = 300  # longer than the deadline and the read timeout together


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send an attempt, for a while: frozen parameters, and the lease that guards what is written.

    `stale_refs` are earlier intents of its invoices, over other amounts, that were declined: they are fenced first.
    """

    attempt_id: UUID
    intent_id: UUID
    lease: UUID
    gateway_ref: str | None
    request: IntentRequest
    confirmation: Confirmation
    key: str
    wanted: bool
    stale_refs: tuple[str, ...] = ()


_CLAIMABLE = """
    SELECT a.id, a.organization_id, t.customer_ref, a.off_session, a.idempotency_key, m.token, t.id, t.gateway_ref,
           t.amount_minor, t.currency, t.livemode
               AND (current_setting('fsync') = 'off' OR current_setting('synchronous_commit') = 'off'),
           CASE WHEN t.gateway_ref IS NULL THEN ARRAY(
               SELECT o.gateway_ref FROM payments_intentinvoice h
               JOIN payments_intentinvoice l ON l.invoice_id = h.invoice_id AND l.intent_id <> h.intent_id
               JOIN payments_paymentintent o ON o.id = l.intent_id
               WHERE h.intent_id = t.id AND o.state = 'declined' AND o.gateway_ref IS NOT NULL) END,
           t.party_id, ARRAY(
               SELECT i.id || ':' || coalesce(i.number, 0) FROM payments_intentinvoice h
               JOIN invoicing_invoice i ON i.id = h.invoice_id WHERE h.intent_id = t.id)
    FROM payments_attempt a
    JOIN payments_paymentintent t ON t.id = a.intent_id
    JOIN payments_paymentmethod m ON m.id = a.method_id
    WHERE {which} AND (a.lease_until IS NULL OR a.lease_until <= clock_timestamp())
    ORDER BY a.id LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED"""
_NAMED = _CLAIMABLE.format(which="a.id = %(attempt)s AND a.state IN ('created', 'submitted', 'unknown')")
_WAITING = _CLAIMABLE.format(which="a.organization_id = %(organization)s AND a.state = 'created'")


def claim(attempt_id: UUID, *, now: datetime) -> Claim | None:
    """Step CLAIM: takes the lease on an attempt that may be sent; None when somebody else has it or it is answered.

    Looks again whether the balance is still to be collected. If not, an attempt that never reached the gateway is
    closed, and one that did is claimed as not `wanted`: `send` then fences it. Refused `database_unsafe` where real
    money would move and the database may forget what it committed (B-62).
    """
    held = _claim(_NAMED, {"attempt": attempt_id, "limit": 1}, now)
    return held[0] if held else None


def claim_waiting(organization_id: UUID, *, now: datetime, limit: int) -> list[Claim] | None:
    """As `claim`, for the next attempts that wait to be sent and that nobody else holds; None when there is none."""
    return _claim(_WAITING, {"organization": organization_id, "limit": limit}, now)


def _claim(statement: str, values: dict[str, UUID | int], now: datetime) -> list[Claim] | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
        if not rows:
            return None
        lease, owed, instance = new_id(), _owed([row[0] for row in rows]), fingerprint()
        held: list[Claim] = []
        closed: list[tuple[UUID, UUID]] = []
        for (
            attempt_id,
            owner,
            customer_ref,
            off_session,
            key,
            token,
            intent_id,
            ref,
            amount,
            currency,
            unsafe,
            stale,
            party_id,
            invoices,
        ) in rows:
            if unsafe:
                raise Refused(
                    "database_unsafe",
                    "The database may lose what it has confirmed (fsync or synchronous_commit is off).",
                    fix="Switch both on: no card is charged on memory that can be lost.",
                )
            wanted = owed.get(attempt_id, 0) >= amount
            if not wanted and ref is None:
                closed.append((attempt_id, intent_id))
                continue
            held.append(
                Claim(
                    attempt_id,
                    intent_id,
                    lease,
                    ref,
                    IntentRequest(
                        amount,
                        currency,
                        customer_ref,
                        imprint(
                            owner, intent_id, party=party_id, instance=instance, invoices=_numbered(invoices)
                        ),
                    ),
                    Confirmation(token, off_session, {ATTEMPT: str(attempt_id)}),
                    key,
                    wanted,
                    tuple(stale or ()),
                )
            )
        cursor.execute(
            """UPDATE payments_attempt SET state = CASE WHEN state = 'created' THEN 'submitted' ELSE state END,
                   submitted_at = coalesce(submitted_at, %s), lease_token = %s,
                   send_deadline = clock_timestamp() + make_interval(secs => %s),
                   lease_until = clock_timestamp() + make_interval(secs => %s),
                   next_look_at = coalesce(next_look_at, %s)
               WHERE id = ANY(%s)""",
            [now, lease, SEND_WITHIN_SECONDS, LEASE_SECONDS, now, [one.attempt_id for one in held]],
        )
        _close_unsent(closed, now)
        return held


def _numbered(invoices: Sequence[str]) -> list[tuple[UUID, int]]:
    pairs = (one.split(":") for one in invoices)
    return [(UUID(id_), int(number)) for id_, number in pairs]


def _owed(attempt_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What each attempt may still collect, in minor units: the balances of its invoices that are sent, off session
    without voluntary lines (G-44), and of what the calendar or staff submitted only as long as a membership on it is
    on autopay (B-17). Whoever is about to pay one is waited for."""
    owed: dict[UUID, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.id, i.balance_minor - CASE WHEN a.off_session THEN (
                       SELECT coalesce(sum(v.balance_minor), 0) FROM invoicing_line l
                       JOIN invoicing_receivable v ON v.id = l.receivable_id AND v.voluntary AND v.state = 'open'
                       WHERE l.invoice_id = i.id) ELSE 0 END
               FROM payments_attempt a
               JOIN payments_intentinvoice h ON h.intent_id = a.intent_id AND h.open
               JOIN invoicing_invoice i ON i.id = h.invoice_id
               WHERE a.id = ANY(%s) AND i.state = 'sent'
                 AND (a.initiator NOT IN ('submission', 'schedule') OR EXISTS (
                      SELECT 1 FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
                      JOIN membership_membership m ON m.id = r.source_id
                      WHERE l.invoice_id = i.id AND m.autopay AND m.state <> 'ended'))
               ORDER BY i.id FOR SHARE OF i""",
            [list(attempt_ids)],
        )
        for attempt_id, balance in cursor.fetchall():
            owed[attempt_id] = owed.get(attempt_id, 0) + balance
    return owed


def _close_unsent(closed: Sequence[tuple[UUID, UUID]], now: datetime) -> None:
    """Closes attempts that are no longer wanted and of which the gateway never heard."""
    if not closed:
        return
    attempts, intents = [one for one, _ in closed], [intent for _, intent in closed]
    why = "No longer to be collected when it was to be sent."
    Attempt.objects.filter(id__in=attempts).update(
        state="canceled", concluded_at=now, next_look_at=None, message=why, lease_token=None, lease_until=None
    )
    PaymentIntent.objects.filter(id__in=intents).update(state=INTENT.next("open", "close"))
    IntentInvoice.objects.filter(intent__in=intents).update(open=False)


def give_back(claims: Iterable[Claim]) -> None:
    """Gives claims back that were not sent, so that others need not wait for the leases to end."""
    for held in claims:
        Attempt.objects.filter(id=held.attempt_id, lease_token=held.lease).update(
            lease_token=None, lease_until=None
        )
