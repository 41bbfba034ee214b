"""Charge: open an attempt, claim it, send it. The gateway is called between two transactions, never inside one.

The protocol is design.md §5 and field-notes C.3; the steps are named after it. What the gateway answered goes to
`settle`, strung together by `runs`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import owed_on
from paidthru.kernel.clock import local_date
from paidthru.kernel.copying import copy_rows
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import (
    ATTEMPT,
    UNEXPECTED_STATE,
    Confirmation,
    Gateway,
    GatewayError,
    GatewayIntent,
    GatewayKeyReused,
    GatewayRejected,
    IntentRequest,
)
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, IntentInvoice, PaymentIntent, PaymentMethod
from paidthru.payments.queries import histories, is_expired
from paidthru.payments.rules.intents import INTENT
from paidthru.payments.rules.retries import PastAttempt, retry_allowed
from paidthru.timeline.operations import Actor, Happening, record

SEND_WITHIN_SECONDS = 120  # the latest moment to start a send, after the claim
LEASE_SECONDS = 300  # longer than the deadline and the read timeout together


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening brought, by invoice: attempts that are new, those that were open already, and refusals."""

    written: Mapping[UUID, UUID]
    standing: Mapping[UUID, UUID]
    refused: Mapping[UUID, Refused]


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
    """As `open_attempts`, for one invoice. A refusal is raised."""
    opened = open_attempts(
        organization,
        [invoice_id],
        max_attempts=max_attempts,
        initiator=initiator,
        actor=actor,
        now=now,
        off_session=off_session,
    )
    for refused in opened.refused.values():
        raise refused
    return Attempt.objects.get(id=(opened.written or opened.standing)[invoice_id])


def open_attempts(
    organization: Organization,
    invoice_ids: Sequence[UUID],
    *,
    max_attempts: int,
    initiator: str,
    actor: Actor,
    now: datetime,
    off_session: bool = True,
) -> Opened:
    """Step OPEN: writes the intention to collect invoices' balances, in one transaction, before anything is called.

    Off session only what is owed is collected: a voluntary line is paid by a member who is there to choose it (G-44).

    An attempt that is already open is returned as it is: that is the answer to a double click. Refused, each by
    itself: `invoice_unknown`, `invoice_paid`, `invoice_closed`, `nothing_owed`, `no_payment_method`,
    `attempts_exhausted`, `card_expired`, `authorization_revoked`, `code_unrecognised`.
    """
    with transaction.atomic():
        locked = Invoice.objects.select_for_update().filter(id__in=invoice_ids, organization=organization)
        invoices = {invoice.id: invoice for invoice in locked.order_by("id")}
        standing = dict(
            Attempt.objects.filter(
                intent__invoices__invoice__in=invoices, intent__invoices__open=True, state__in=OPEN_ATTEMPT
            ).values_list("intent__invoices__invoice_id", "id")
        )
        methods = {
            method.party_id: method
            for method in PaymentMethod.objects.filter(
                party__in={invoice.party_id for invoice in invoices.values()}, state="active"
            )
        }
        tried, declined = histories(list(invoices)), _declined_intents(invoices)
        owed = owed_on(list(invoices)) if off_session else {i.id: i.balance_minor for i in invoices.values()}
        on, rows = local_date(now, organization.zone), _Rows(organization, initiator, off_session, now)
        refused: dict[UUID, Refused] = {}
        for id_ in dict.fromkeys(invoice_ids):  # attempts are numbered, and sent, in the order asked for
            invoice = invoices.get(id_)
            if invoice is None:
                refused[id_] = Refused(
                    "invoice_unknown", "There is no such invoice.", field="invoice", value=id_
                )
            elif id_ not in standing:
                method = methods.get(invoice.party_id)
                amount = owed.get(id_, 0)
                refusal = _refusal(invoice, amount, method, tried[id_], max_attempts, on)
                if refusal is not None:
                    refused[id_] = refusal
                elif method is not None:
                    rows.add(invoice, amount, method, declined.get((id_, method.gateway, amount)))
        rows.write(actor)
        return Opened(rows.written, standing, refused)


def _declined_intents(invoice_ids: Iterable[UUID]) -> dict[tuple[UUID, str, int], tuple[UUID, int]]:
    """The declined intents that may be used again, by invoice, gateway and amount, with their last attempt's n."""
    found = (
        PaymentIntent.objects.filter(
            invoices__invoice__in=invoice_ids, state="declined", gateway_ref__isnull=False
        )
        .annotate(last=Max("attempts__n"))
        .values_list("invoices__invoice_id", "gateway", "amount_minor", "id", "last")
    )
    return {(invoice_id, gateway, amount): (id_, last) for invoice_id, gateway, amount, id_, last in found}


def _refusal(
    invoice: Invoice,
    amount: int,
    method: PaymentMethod | None,
    tried: Sequence[PastAttempt],
    max_attempts: int,
    on: date,
) -> Refused | None:
    """Why the invoice can't be collected on a local date, if it can't."""
    number = invoice.number
    if invoice.state == "paid":
        return _refused("invoice_paid", f"Invoice {number} is paid.", number, "Nothing is left to collect.")
    if invoice.state != "sent" or invoice.balance_minor <= 0:
        return _refused(
            "invoice_closed",
            f"Invoice {number} is {invoice.state}.",
            number,
            "Only a sent invoice with a balance can be collected.",
        )
    if amount <= 0:
        return _refused(
            "nothing_owed",
            f"Only voluntary contributions are open on invoice {number}.",
            number,
            "The member can pay them; they are not collected by themselves.",
        )
    if method is None:
        return _refused(
            "no_payment_method",
            f"There is no payment method on file to collect invoice {number}.",
            number,
            "Ask the member to add one.",
        )
    verdict = retry_allowed(tried, method.fingerprint, is_expired(method, on), max_attempts)
    if verdict.refused is None:
        return None
    return _refused(
        verdict.refused,
        f"Invoice {number} was tried {verdict.used} of {verdict.budget} times with {method.brand} {method.last4}.",
        number,
        "A new payment method, or a new expiry date, opens new tries.",
    )


def _refused(code: str, message: str, number: int | None, fix: str) -> Refused:
    return Refused(code, message, field="invoice", value=number, fix=fix)


_INTENT = ("id", "organization_id", "party_id", "gateway", "livemode", "customer_ref", "currency", "amount_minor",
           "state", "created_at")  # fmt: skip
_INVOICE = ("id", "organization_id", "intent_id", "invoice_id", "amount_minor", "open")
_ATTEMPT = ("id", "organization_id", "intent_id", "party_id", "n", "method_id", "method_fingerprint", "initiator",
            "off_session", "idempotency_key", "state", "created_at", "looks", "decline_code", "message",
            "apply_error")  # fmt: skip


class _Rows:
    """The rows of the attempts that are opened together: a declined intent is used again, or a new one made."""

    def __init__(self, organization: Organization, initiator: str, off_session: bool, now: datetime) -> None:
        self.written: dict[UUID, UUID] = {}
        self._organization, self._initiator, self._off_session = organization, initiator, off_session
        self._now = now
        self._again: list[UUID] = []
        self._intents: list[tuple[object, ...]] = []
        self._invoices: list[tuple[object, ...]] = []
        self._attempts: list[tuple[object, ...]] = []
        self._happenings: list[Happening] = []

    def add(
        self, invoice: Invoice, amount: int, method: PaymentMethod, declined: tuple[UUID, int] | None
    ) -> None:
        """One more attempt at an amount (minor units); its intent is the declined one of the same invoice
        and amount, or new (C.3, 11)."""
        owner = self._organization.id
        intent_id, n = declined or (new_id(), 0)
        if declined:
            self._again.append(intent_id)
        else:
            self._intents.append(
                (intent_id, owner, invoice.party_id, method.gateway, method.livemode, method.customer_ref,
                 invoice.currency, amount, INTENT.initial, self._now)
            )  # fmt: skip
            self._invoices.append((new_id(), owner, intent_id, invoice.id, amount, True))
        attempt_id = self.written[invoice.id] = new_id()
        self._attempts.append(
            (attempt_id, owner, intent_id, invoice.party_id, n + 1, method.id, method.fingerprint, self._initiator,
             self._off_session, f"att:{attempt_id}", "created", self._now, 0, "", "", "")
        )  # fmt: skip
        facts = {
            "invoice": invoice.number,
            "amount": plain(amount, invoice.currency),
            "currency": invoice.currency,
            "method": f"{method.brand} {method.last4}",
        }
        self._happenings.append(
            Happening("payment_submitted", "invoice", invoice.id, invoice.party_id, facts=facts)
        )

    def write(self, actor: Actor) -> None:
        """Writes all of them. Should a lock ever be missed, the database refuses a second open intent."""
        PaymentIntent.objects.filter(id__in=self._again).update(state=INTENT.next("declined", "retry"))
        IntentInvoice.objects.filter(intent__in=self._again).update(open=True)
        with connection.cursor() as cursor:
            copy_rows(cursor, PaymentIntent._meta.db_table, _INTENT, self._intents)
            copy_rows(cursor, IntentInvoice._meta.db_table, _INVOICE, self._invoices)
            copy_rows(cursor, Attempt._meta.db_table, _ATTEMPT, self._attempts)
        record(self._organization.id, actor, self._now, self._happenings)


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
               WHERE h.intent_id = t.id AND o.state = 'declined' AND o.gateway_ref IS NOT NULL) END
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
        lease, owed = new_id(), _owed([row[0] for row in rows])
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
                        {"organization": str(owner), "intent": str(intent_id)},
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
            for stale in held.stale_refs:
                _fence(stale, gateway)
            ref = gateway.create_intent(held.request, key=f"col:{held.intent_id}").ref
        if not _may_send(held, ref):
            return None
        return gateway.confirm_intent(ref, held.confirmation, key=held.key)
    except GatewayError as error:
        return error


def _fence(ref: str, gateway: Gateway) -> None:
    """Cancels an intent that another one takes the place of (C.3, 11). Should it have moved on, a person must look."""
    try:
        gateway.cancel_intent(ref, key=f"fence:{ref}")
    except GatewayRejected as error:
        if error.code == UNEXPECTED_STATE:
            raise GatewayKeyReused(
                "An earlier intent of this invoice, taken for declined, can't be canceled.",
                code="earlier_intent",
            ) from error
        raise
    intent = PaymentIntent.objects.filter(gateway_ref=ref, gateway=gateway.name, state="declined")
    intent.update(state=INTENT.next("declined", "close"))


def _may_send(held: Claim, ref: str) -> bool:
    """Step BIND, the gateway's id written once under our lease, and the last look before money moves: whether our
    lease, the deadline and the attempt still allow it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payments_paymentintent t SET gateway_ref = %s FROM payments_attempt a
               WHERE t.id = %s AND a.id = %s AND a.lease_token = %s AND a.state IN ('submitted', 'unknown')
                 AND (t.gateway_ref IS NULL OR t.gateway_ref = %s)
               RETURNING a.send_deadline > clock_timestamp()""",
            [ref, held.intent_id, held.attempt_id, held.lease, ref],
        )
        row = cursor.fetchone()
    return row is not None and bool(row[0])
