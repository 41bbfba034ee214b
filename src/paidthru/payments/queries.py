"""Questions to the payments room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from paidthru.kernel.clock import local_date
from paidthru.ledger.queries import batch_totals
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, Payment, PaymentMethod
from paidthru.payments.rules.retries import PastAttempt
from paidthru.payments.rules.settlement import SettlementLabel, settlement_label


@dataclass(frozen=True, slots=True)
class Collectable:
    """An invoice that could be submitted: what is asked, of whom, by which method; `refused`, why
    it can't be; and how often it was tried."""

    invoice_id: UUID
    number: int
    party_id: UUID
    name: str
    due_on: date
    balance_minor: int
    currency: str
    run_id: UUID | None
    method: str
    refused: str = ""
    tried: int = 0


def active_method(party_id: UUID) -> PaymentMethod | None:
    """The method that the party has on file."""
    return PaymentMethod.objects.filter(party_id=party_id, state="active").first()


def is_expired(method: PaymentMethod, on: date) -> bool:
    """True from the first day after the card's last month."""
    if method.exp_year is None or method.exp_month is None:
        return False
    return (on.year, on.month) > (method.exp_year, method.exp_month)


def history(invoice_id: UUID) -> list[PastAttempt]:
    """The attempts ever made at an invoice, oldest first."""
    rows = (
        Attempt.objects.filter(intent__invoices__invoice_id=invoice_id)
        .order_by("created_at", "n")
        .values_list("method_fingerprint", "state", "decline_code")
    )
    return [PastAttempt(fingerprint, state, code or None) for fingerprint, state, code in rows]


def histories(invoice_ids: Sequence[UUID]) -> dict[UUID, list[PastAttempt]]:
    """As `history`, for many invoices at once."""
    found: dict[UUID, list[PastAttempt]] = {id_: [] for id_ in invoice_ids}
    rows = (
        Attempt.objects.filter(intent__invoices__invoice_id__in=invoice_ids)
        .order_by("created_at", "n")
        .values_list("intent__invoices__invoice_id", "method_fingerprint", "state", "decline_code")
    )
    for invoice_id, fingerprint, state, code in rows:
        found[invoice_id].append(PastAttempt(fingerprint, state, code or None))
    return found


def unsent(organization_id: UUID, *, limit: int = 1000) -> list[UUID]:
    """Attempts that wait to be sent, oldest first."""
    return list(
        Attempt.objects.filter(organization_id=organization_id, state="created")
        .order_by("created_at", "id")
        .values_list("id", flat=True)[:limit]
    )


def in_flight(organization_id: UUID, *, due_by: datetime | None = None, limit: int = 1000) -> list[UUID]:
    """Attempts without a final answer, most urgent first; with `due_by`, those to be looked at by then."""
    found = Attempt.objects.filter(
        organization_id=organization_id, state__in=["submitted", "unknown", "requires_action", "processing"]
    )
    if due_by is not None:
        found = found.filter(next_look_at__lte=due_by)
    return list(found.order_by("next_look_at", "id").values_list("id", flat=True)[:limit])


def next_look(organization_id: UUID) -> datetime | None:
    """The earliest instant at which an open attempt is to be looked at."""
    return (
        Attempt.objects.filter(
            organization_id=organization_id,
            next_look_at__isnull=False,
            state__in=["submitted", "unknown", "requires_action", "processing"],
        )
        .order_by("next_look_at")
        .values_list("next_look_at", flat=True)
        .first()
    )


def label_of(attempt: Attempt, *, zone: str, on: date, timeout_days: int) -> SettlementLabel:
    """The settlement state of an attempt as staff read it on a local date (I-48 to I-53, I-36, I-37)."""
    return settlement_label(
        attempt.state,
        applied=attempt.state == "succeeded" and not attempt.apply_error,
        apply_error=bool(attempt.apply_error),
        submitted_on=local_date(attempt.submitted_at, zone) if attempt.submitted_at else None,
        on=on,
        timeout_days=timeout_days,
        code=attempt.decline_code or None,
    )


def has_open_attempt(invoice_id: UUID) -> bool:
    """True while something is collecting the invoice."""
    return Attempt.objects.filter(
        intent__invoices__invoice_id=invoice_id, intent__invoices__open=True, state__in=OPEN_ATTEMPT
    ).exists()


def credit_of(party_id: UUID) -> dict[str, int]:
    """A party's credit by currency, in minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, sum(unallocated_minor) FROM payments_payment WHERE party_id = %s"
            " AND unallocated_minor > 0 GROUP BY 1",
            [party_id],
        )
        return {currency: int(amount) for currency, amount in cursor.fetchall()}


def attempts_of(party_id: UUID) -> list[Attempt]:
    """Every attempt that reached the gateway for a party, oldest first."""
    return list(
        Attempt.objects.filter(party_id=party_id, submitted_at__isnull=False).exclude(state="canceled")
        .order_by("submitted_at", "id")
    )


def last_attempt(invoice_id: UUID) -> Attempt | None:
    """The latest attempt at an invoice."""
    return Attempt.objects.filter(intent__invoices__invoice_id=invoice_id).order_by("-created_at", "-n").first()


def payment_numbered(organization_id: UUID, number: int) -> Payment | None:
    """The payment of that number."""
    return Payment.objects.filter(organization_id=organization_id, number=number).first()


def collected(organization_id: UUID, currency: str, start: date, end: date) -> int:
    """The money received on the local dates [start, end), in minor units of one currency (A-40)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(amount_minor), 0) FROM payments_payment WHERE organization_id = %s AND currency = %s"
            " AND received_on >= %s AND received_on < %s", [organization_id, currency, start, end])
        row = cursor.fetchone()
    return int(row[0])


def batch_amounts(batch_id: UUID) -> dict[str, int]:
    """What a batch amounts to by currency, in minor units: the invoices billed in it and the payments received in it;
    a batch with neither (recognition, adjustments) the debits of its journals (I-61)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT currency, sum(amount_minor) FROM (
                   SELECT currency, total_minor AS amount_minor FROM invoicing_invoice WHERE batch_id = %(batch)s
                   UNION ALL
                   SELECT currency, amount_minor FROM payments_payment WHERE batch_id = %(batch)s) AS item
               GROUP BY 1""",
            {"batch": batch_id})
        found = {currency: int(amount) for currency, amount in cursor.fetchall()}
    return found or {each.currency: each.debit_minor for each in batch_totals(batch_id)}
