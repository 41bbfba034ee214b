"""Step CLAIM of a charge: the right to send, for a while (field-notes C.3, 2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.ids import new_id
from paidthru.organizations.queries import fingerprint
from paidthru.payments.gateway import ATTEMPT, Confirmation, IntentRequest
from paidthru.payments.models import Attempt, IntentInvoice, PaymentIntent
from paidthru.payments.queries.collecting import BY_ITSELF
from paidthru.payments.queries.gates import refuse_unsafe
from paidthru.payments.rules.imprint import imprint
from paidthru.payments.rules.intents import INTENT, reconcile_delay

SEND_WITHIN_SECONDS = 120  # the latest moment to start a send, after the claim
LEASE_SECONDS = 300  # longer than the deadline and the read timeouts of a send's last calls together
GIVEN_UP_AFTER = timedelta(
    hours=48
)  # what could not be confirmed for so long is fenced, not sent any more (C.3, 8a)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send an attempt, for a while: frozen parameters, and the lease that guards what is written.

    `stale_refs` are earlier intents that were declined, over other amounts or on earlier documents of the same
    obligation: they are fenced first.
    `resumed`: the payer is there and confirms anew what waits for them.
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
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """An attempt that may be claimed, locked."""

    id: UUID
    organization_id: UUID
    live: bool
    customer_ref: str
    off_session: bool
    key: str
    resumes: int
    token: str
    intent_id: UUID
    ref: str | None
    amount: int
    currency: str
    livemode: bool
    given_up: bool
    usable: bool
    n: int
    stale: list[str] | None
    party_id: UUID
    invoices: list[str]
    firsts: list[UUID]


_CLAIMABLE = """
    SELECT a.id, a.organization_id, o.mode = 'live', t.customer_ref, a.off_session, a.idempotency_key, a.resumes,
           m.token, t.id, t.gateway_ref, t.amount_minor, t.currency, t.livemode,
           a.abandoned_at IS NOT NULL OR coalesce(a.submitted_at < %(old)s, false),
           m.state IN ('active', 'once', 'gift'),
           a.n,
           CASE WHEN t.gateway_ref IS NULL THEN ARRAY(
               SELECT DISTINCT o.gateway_ref FROM payments_intentinvoice h
               JOIN invoicing_line asks ON asks.invoice_id = h.invoice_id
               JOIN invoicing_line asked ON asked.receivable_id = asks.receivable_id
               JOIN payments_intentinvoice l ON l.invoice_id = asked.invoice_id AND l.intent_id <> h.intent_id
               JOIN payments_paymentintent o ON o.id = l.intent_id
               WHERE h.intent_id = t.id AND o.state = 'declined' AND o.gateway_ref IS NOT NULL) END,
           t.party_id, ARRAY(
               SELECT i.id || ':' || coalesce(i.number, 0) FROM payments_intentinvoice h
               JOIN invoicing_invoice i ON i.id = h.invoice_id WHERE h.intent_id = t.id),
           ARRAY(SELECT i.first_id FROM payments_intentinvoice h
                 JOIN invoicing_invoice i ON i.id = h.invoice_id
                 WHERE h.intent_id = t.id AND i.first_id IS NOT NULL)
    FROM payments_attempt a
    JOIN organizations_organization o ON o.id = a.organization_id
    JOIN payments_paymentintent t ON t.id = a.intent_id AND t.gateway = coalesce(%(gateway)s, t.gateway)
    JOIN payments_paymentmethod m ON m.id = a.method_id
    WHERE {which} AND (a.lease_until IS NULL OR a.lease_until <= clock_timestamp())
    ORDER BY a.id LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED"""
_NAMED = _CLAIMABLE.format(which="a.id = %(attempt)s AND a.state = ANY(%(states)s)")
_WAITING = _CLAIMABLE.format(which="a.organization_id = %(organization)s AND a.state = 'created'")
#: Turned away at the gateway's door, or given back unsent: nothing was done, so the same is sent again (C.4).
_TURNED_AWAY = _CLAIMABLE.format(
    which="a.organization_id = %(organization)s AND a.state = 'submitted' AND a.lease_token IS NULL"
    " AND a.next_look_at <= %(now)s"
)
METHOD_CHANGED = "The payment method was changed before it was charged."
_SENDABLE = ["created", "submitted", "unknown"]
_WAITS_FOR_PAYER = ["requires_action"]
_FENCEABLE = [*_SENDABLE, *_WAITS_FOR_PAYER, "processing"]


def claim(attempt_id: UUID, *, now: datetime, gateway: str | None = None) -> Claim | None:
    """Step CLAIM: takes the lease on an attempt that may be sent; None when somebody else has it or it is answered.

    Looks again whether the balance is still to be collected, whether the attempt was given up (by a person, or because
    it could not be confirmed for two days), and whether its method was replaced, removed or revoked meanwhile. If so,
    one that never reached the gateway is closed, and one that did is claimed as not `wanted`: `send` then fences it.
    With `gateway`, only an attempt at that one. Refused as `refuse_unsafe`: `billing_frozen`, `clock_differs`,
    `database_unsafe`.
    """
    return _one(_claim(_NAMED, {"attempt": attempt_id, "states": _SENDABLE}, now, gateway))


def claim_waiting(
    organization_id: UUID, *, now: datetime, limit: int, gateway: str | None = None
) -> list[Claim] | None:
    """As `claim`, for the next attempts that wait to be sent and that nobody else holds; None when there is none. Those
    that were turned away before come first."""
    values = {"organization": organization_id}
    return _claim(_TURNED_AWAY, values, now, gateway, limit) or _claim(_WAITING, values, now, gateway, limit)


def claim_fence(attempt_id: UUID, *, now: datetime, gateway: str | None = None) -> Claim | None:
    """Takes the lease on an open attempt in order to end it: `send` cancels it at the gateway. One that the gateway
    never heard of is closed here, and None returned, as when somebody else has it."""
    values = {"attempt": attempt_id, "states": _FENCEABLE}
    return _one(_claim(_NAMED, values, now, gateway, give_up=True))


def claim_resumed(
    attempt_id: UUID, return_url: str, *, now: datetime, gateway: str | None = None
) -> Claim | None:
    """Takes the lease on an attempt that waits for its payer, who is there: the same intent is confirmed anew, on
    session, under a key of its own that is stored here. None when somebody else has it, or it waits no more."""
    values = {"attempt": attempt_id, "states": _WAITS_FOR_PAYER}
    return _one(_claim(_NAMED, values, now, gateway, return_url=return_url))


def _one(held: list[Claim] | None) -> Claim | None:
    return held[0] if held else None


def _claim(
    statement: str,
    values: dict[str, Any],
    now: datetime,
    gateway: str | None,
    limit: int = 1,
    *,
    give_up: bool = False,
    return_url: str | None = None,
) -> list[Claim] | None:
    values |= {"now": now, "old": now - GIVEN_UP_AFTER, "gateway": gateway, "limit": limit}
    resumed = return_url is not None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = [_Row(*row) for row in cursor.fetchall()]
        if not rows:
            return None
        refuse_unsafe(live=rows[0].live, livemode=any(row.livemode for row in rows), now=now)
        owed = _owed([row.id for row in rows], payer_is_there=resumed)
        lease, instance = new_id(), fingerprint()
        held: list[Claim] = []
        closed: list[_Row] = []
        for row in rows:
            given_up = give_up or not row.usable or (row.given_up and not resumed)
            wanted = owed.get(row.id, 0) >= row.amount and not given_up
            if not wanted and row.ref is None:
                closed.append(row)
            else:
                held.append(_held(row, lease, instance, wanted, return_url))
        cursor.execute(
            """UPDATE payments_attempt SET state = CASE WHEN state = 'created' THEN 'submitted' ELSE state END,
                   submitted_at = coalesce(submitted_at, %(now)s), lease_token = %(lease)s,
                   send_deadline = clock_timestamp() + make_interval(secs => %(send)s),
                   lease_until = clock_timestamp() + make_interval(secs => %(until)s),
                   next_look_at = %(look)s, resumes = resumes + %(resumed)s
               WHERE id = ANY(%(ids)s)""",
            {
                "now": now,
                "lease": lease,
                "send": SEND_WITHIN_SECONDS,
                "until": LEASE_SECONDS,
                "look": now + timedelta(seconds=reconcile_delay(0)),
                "resumed": int(resumed),
                "ids": [one.attempt_id for one in held],
            },
        )
        _close_unsent(closed, now)
        return held


def _held(row: _Row, lease: UUID, instance: str, wanted: bool, return_url: str | None) -> Claim:
    about = imprint(
        row.organization_id,
        row.intent_id,
        party=row.party_id,
        instance=instance,
        invoices=_numbered(row.invoices),
        firsts=row.firsts,
    )
    resumed = return_url is not None
    return Claim(
        row.id,
        row.intent_id,
        lease,
        row.ref,
        # An intent that isn't made yet is made for its first attempt, and for no other: the same key, the same words.
        IntentRequest(row.amount, row.currency, row.customer_ref, about, str(row.id)),
        Confirmation(
            row.token, row.off_session and not resumed, {ATTEMPT: str(row.id)}, return_url, noted=row.n == 1
        ),
        f"act:{row.id}:{row.resumes + 1}" if resumed else row.key,
        wanted,
        tuple(row.stale or ()),
        resumed,
    )


def _numbered(invoices: Sequence[str]) -> list[tuple[UUID, int]]:
    pairs = (one.split(":") for one in invoices)
    return [(UUID(id_), int(number)) for id_, number in pairs]


def _owed(attempt_ids: Sequence[UUID], *, payer_is_there: bool = False) -> dict[UUID, int]:
    """What each attempt may still collect, in minor units: the balances of its invoices that are sent, off session
    without voluntary lines (G-44; a gift has its consent), and of what the calendar or staff submitted only as long as
    its membership, or of anything else its payer's, is on autopay (B-17), unless the payer is there. Whoever is about
    to pay one is waited for."""
    owed: dict[UUID, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT a.id, i.balance_minor - CASE WHEN a.off_session AND a.initiator <> 'gift' THEN (
                       SELECT coalesce(sum(v.balance_minor), 0) FROM invoicing_line l
                       JOIN invoicing_receivable v ON v.id = l.receivable_id AND v.voluntary AND v.state = 'open'
                       WHERE l.invoice_id = i.id) ELSE 0 END
               FROM payments_attempt a
               JOIN payments_intentinvoice h ON h.intent_id = a.intent_id AND h.open
               JOIN invoicing_invoice i ON i.id = h.invoice_id
               WHERE a.id = ANY(%s) AND i.state = 'sent'
                 AND (%s OR a.initiator NOT IN ('submission', 'schedule') OR {BY_ITSELF})
               ORDER BY i.id FOR SHARE OF i""",
            [list(attempt_ids), payer_is_there],
        )
        for attempt_id, balance in cursor.fetchall():
            owed[attempt_id] = owed.get(attempt_id, 0) + balance
    return owed


def _close_unsent(closed: Sequence[_Row], now: datetime) -> None:
    """Closes attempts that are no longer wanted and of which the gateway never heard."""
    if not closed:
        return
    for usable, why in ((True, "No longer to be collected when it was to be sent."), (False, METHOD_CHANGED)):
        Attempt.objects.filter(id__in=[row.id for row in closed if row.usable is usable]).update(
            state="canceled",
            concluded_at=now,
            next_look_at=None,
            message=why,
            lease_token=None,
            lease_until=None,
        )
    intents = [row.intent_id for row in closed]
    PaymentIntent.objects.filter(id__in=intents).update(state=INTENT.next("open", "close"))
    IntentInvoice.objects.filter(intent__in=intents).update(open=False)


def give_back(claims: Iterable[Claim], *, now: datetime, lost: bool = False) -> None:
    """Gives claims back that were not sent, so that others need not wait for the leases to end. `lost`: the right to
    send was lost on the way, so they are left alone for a while."""
    again_at = now + timedelta(seconds=reconcile_delay(0)) if lost else now
    for held in claims:
        Attempt.objects.filter(id=held.attempt_id, lease_token=held.lease).update(
            lease_token=None, lease_until=None, next_look_at=again_at
        )
