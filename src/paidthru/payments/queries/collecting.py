"""Questions to the payments room."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum

from paidthru.invoicing.models import Invoice, named
from paidthru.invoicing.queries import OF_LINE
from paidthru.kernel.clock import local_date, local_instant
from paidthru.ledger.queries import batch_totals
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.models import (
    OPEN_ATTEMPT,
    Allocation,
    Attempt,
    IntentInvoice,
    Payment,
    PaymentMethod,
)
from paidthru.payments.rules.allocation import OLDEST_FIRST, OpenReceivable, allocate, allocate_by_hand
from paidthru.payments.rules.decline_codes import DECLINE_CODES
from paidthru.payments.rules.settlement import SettlementLabel, settlement_label

#: The kinds of invoices that autopay covers where it covers homes: their assessments, and dues all the same.
OF_HOMES = ("membership", "assessment", "levy", "late_fee")

#: Whether the dues of a membership m are collected by themselves: as long as it is on autopay and goes on, and not once
#: it is canceled and a payment of it has failed (C-34). Its member may still pay.
COLLECTED = "m.autopay AND m.state <> 'ended' AND (m.state <> 'ending' OR m.unpaid_since IS NULL)"

#: Whether an invoice i may be collected by itself: dues, while their own membership is and the invoice is that of who
#: pays for it, whose consent it is (C-25); what a home owes, while its owner agreed to it; anything else, while whoever
#: owes it agreed to it, or a membership that they have and pay for is.
BY_ITSELF = f"""CASE WHEN i.kind = 'membership' THEN EXISTS (
        SELECT 1 FROM invoicing_line l {OF_LINE.format(line="l")} JOIN membership_membership m ON m.id = r.source_id
        WHERE l.invoice_id = i.id AND {COLLECTED} AND coalesce(m.payer_id, m.party_id) = i.party_id)
    WHEN i.kind IN ('assessment', 'levy', 'late_fee') THEN EXISTS (
        SELECT 1 FROM invoicing_line l {OF_LINE.format(line="l")}
        JOIN people_holding h ON h.unit_id = r.source_id AND h.party_id = i.party_id
        WHERE l.invoice_id = i.id AND h.autopay AND h.until_on IS NULL)
    ELSE EXISTS (SELECT 1 FROM membership_membership m
        WHERE m.party_id = i.party_id AND m.payer_id IS NULL AND {COLLECTED})
        OR EXISTS (SELECT 1 FROM people_party own WHERE own.id = i.party_id AND own.autopay) END"""


def autopay_covers(policies: Policies) -> tuple[str, dict[str, list[str] | bool]]:
    """SQL of whether autopay covers an invoice i (`autopay.scope`, X21), and the values that it names."""
    scope = policies.word("autopay.scope")
    kinds = f"i.kind IN {OF_HOMES}" if scope == "assessments" else "i.kind = 'membership'"
    everything = scope == "all"
    others = [
        party
        for party, value in policies.differing("autopay.scope", "customer").items()
        if (value == "all") != everything
    ]
    if not everything and not others:
        return kinds, {}
    covered = f"({kinds} OR (i.party_id = ANY(%(others)s::uuid[])) <> %(everything)s)"
    return covered, {"others": others, "everything": everything}


@dataclass(frozen=True, slots=True)
class Collectable:
    """An invoice that could be submitted: what is asked, of whom, by which method; `refused`, why it can't be (a code,
    `why` and `fix` in words), until `not_before` where that is known; and how often it was tried. `label` is
    what people read for its number."""

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
    not_before: datetime | None = None
    why: str = ""
    fix: str = ""
    label: str = ""

    @property
    def named(self) -> int | str | None:
        """The number as events keep it."""
        return named(self.number, self.label)


def active_method(party_id: UUID) -> PaymentMethod | None:
    """The method that the party has on file."""
    return PaymentMethod.objects.filter(party_id=party_id, state="active").first()


def with_method(party_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these parties have a method on file."""
    found = PaymentMethod.objects.filter(party_id__in=list(party_ids), state="active")
    return set(found.values_list("party_id", flat=True))


def is_expired(method: PaymentMethod, on: date) -> bool:
    """True from the first day after the card's last month."""
    if method.exp_year is None or method.exp_month is None:
        return False
    return (on.year, on.month) > (method.exp_year, method.exp_month)


def unsent(organization_id: UUID, *, limit: int = 1000) -> list[UUID]:
    """Attempts that wait to be sent, oldest first."""
    return list(
        Attempt.objects.filter(organization_id=organization_id, state="created")
        .order_by("id")
        .values_list("id", flat=True)[:limit]
    )


def count_unsent(organization_id: UUID) -> int:
    """How many attempts wait to be sent."""
    return Attempt.objects.filter(organization_id=organization_id, state="created").count()


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
        applied=attempt.state == "succeeded" and not attempt.payment.stands_as_credit,
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
    return {currency: amount for (_, currency), amount in credits_of([party_id]).items()}


def credits_of(party_ids: Collection[UUID]) -> dict[tuple[UUID, str], int]:
    """As `credit_of`, for many parties at once, by party and currency."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT party_id, currency, sum(unallocated_minor) FROM payments_payment WHERE party_id = ANY(%s)"
            " AND unallocated_minor > 0 GROUP BY 1, 2",
            [list(party_ids)],
        )
        return {(party, currency): int(amount) for party, currency, amount in cursor.fetchall()}


def attempts_of(party_id: UUID) -> list[Attempt]:
    """Every attempt that reached the gateway for a party, oldest first."""
    return list(
        Attempt.objects.filter(party_id=party_id, submitted_at__isnull=False)
        .exclude(state="canceled")
        .order_by("submitted_at", "id")
    )


def last_attempt(invoice_id: UUID) -> Attempt | None:
    """The latest attempt at an invoice."""
    return (
        Attempt.objects.filter(intent__invoices__invoice_id=invoice_id).order_by("-created_at", "-n").first()
    )


def payment_numbered(organization_id: UUID, number: int) -> Payment | None:
    """The payment of that number."""
    return Payment.objects.filter(organization_id=organization_id, number=number).first()


def batch_amounts(batch_id: UUID) -> dict[str, int]:
    """What a batch amounts to by currency, in minor units: the invoices billed in it and the payments received in it;
    a batch with neither (recognition, adjustments) the debits of its journals (I-61)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT currency, sum(amount_minor) FROM (
                   SELECT currency, total_minor AS amount_minor FROM invoicing_invoice
                   WHERE batch_id = %(batch)s AND first_id IS NULL
                   UNION ALL
                   SELECT currency, amount_minor FROM payments_payment WHERE batch_id = %(batch)s) AS item
               GROUP BY 1""",
            {"batch": batch_id},
        )
        found = {currency: int(amount) for currency, amount in cursor.fetchall()}
    return found or {each.currency: each.debit_minor for each in batch_totals(batch_id)}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of some money, in minor units, and the line of an invoice that it pays."""

    invoice_id: UUID
    label: str
    description: str
    amount_minor: int


def would_pay(
    organization_id: UUID,
    party_id: UUID,
    amount_minor: int,
    currency: str,
    *,
    invoice_id: UUID | None = None,
    order: str = OLDEST_FIRST,
    by_hand: Mapping[UUID, int] | None = None,
) -> tuple[list[Part], int]:
    """What a party's money would pay if it came now, and the surplus that would be credit: the same rule as
    `operations.place`, asked without writing. `order` is the policy `payment.allocation`, for money without an invoice;
    `by_hand` the amount for each invoice (minor units), instead. Refused as `allocate_by_hand`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.id, r.balance_minor, r.due_on, r.position, r.voluntary, r.is_primary, i.id, i.label,
                      l.description, r.tax_of_id
               FROM invoicing_invoice i JOIN invoicing_line l ON l.invoice_id = i.id
               JOIN invoicing_receivable r ON r.id = l.receivable_id
               WHERE i.organization_id = %(organization)s AND i.party_id = %(party)s AND i.currency = %(currency)s
                 AND (i.state = 'sent' OR i.awaits_reissue) AND r.state = 'open' AND r.balance_minor > 0
                 AND (%(invoice)s::uuid IS NULL OR i.id = %(invoice)s) ORDER BY r.id""",
            {"organization": organization_id, "party": party_id, "currency": currency, "invoice": invoice_id},
        )
        rows = cursor.fetchall()
    found = [
        (row[6], row[7], OpenReceivable(row[0], row[1], row[2], row[3], row[4], row[5], row[-1]))
        for row in rows
    ]
    if by_hand is None:
        first = OLDEST_FIRST if invoice_id else order
        parts, surplus = allocate(amount_minor, [one for _, _, one in found], order=first)
    else:
        on_each = {id_: [one for invoice, _, one in found if invoice == id_] for id_ in by_hand}
        named = dict.fromkeys(by_hand, "an invoice") | {id_: f"invoice {number}" for id_, number, _ in found}
        parts, surplus = allocate_by_hand(amount_minor, by_hand, on_each, named)
    lines = {row[0]: row[6:] for row in rows}
    return [Part(lines[id_][0], lines[id_][1], lines[id_][2], amount) for id_, amount in parts], surplus


def payments_received(organization_id: UUID) -> QuerySet[Payment]:
    """An organization's payments, each with its party."""
    return Payment.objects.filter(organization_id=organization_id).select_related("party", "batch")


def attempts_made(organization_id: UUID) -> QuerySet[Attempt]:
    """An organization's attempts, each with its party, method and intent."""
    return Attempt.objects.filter(organization_id=organization_id).select_related(
        "party", "method", "intent", "payment"
    )


def has_label(label: str, *, zone: str, on: date, timeout_days: int) -> Q:
    """The attempts that `label_of` gives a settlement state on a local date (a test holds the two to the same)."""
    unknown_code = ~Q(decline_code="") & ~Q(decline_code__in=list(DECLINE_CODES))
    waiting = Q(state__in=["submitted", "unknown", "processing"])
    late = Q(submitted_at__lt=local_instant(on - timedelta(days=timeout_days - 1), time(0), zone))
    came = Q(state="succeeded", apply_error="")
    credit = Q(payment__unallocated_minor=F("payment__amount_minor"))  # Payment.stands_as_credit
    by_label = {
        SettlementLabel.AWAITING_SYNC: Q(state="created"),
        SettlementLabel.SETTLED: Q(
            state="succeeded", apply_error="", payment__unallocated_minor__lt=F("payment__amount_minor")
        ),
        SettlementLabel.FAILED_TO_SETTLE: Q(state="succeeded") & ~Q(apply_error=""),
        SettlementLabel.NOT_SETTLED: (came & credit)
        | Q(state="canceled")
        | (Q(state="declined") & ~unknown_code)
        | Q(state="succeeded", apply_error="", payment__unallocated_minor=F("payment__amount_minor")),
        SettlementLabel.TIMED_OUT: waiting & late,
        SettlementLabel.IN_PROGRESS: Q(state="requires_action")
        | (Q(state__in=["submitted", "processing"]) & ~late)
        | (Q(state="unknown") & ~late & ~unknown_code),
        SettlementLabel.UNKNOWN: Q(state__in=["needs_review", "rejected"])
        | (Q(state="declined") & unknown_code)
        | (Q(state="unknown") & ~late & unknown_code),
    }
    return by_label[SettlementLabel(label)]


def invoices_by_intent(intent_ids: Sequence[UUID]) -> dict[UUID, list[Invoice]]:
    """The invoices that intents collect."""
    found: dict[UUID, list[Invoice]] = {id_: [] for id_ in intent_ids}
    links = (
        IntentInvoice.objects.filter(intent_id__in=found)
        .select_related("invoice")
        .order_by("invoice__number")
    )
    for link in links:
        found[link.intent_id].append(link.invoice)
    return found


def invoices_by_payment(payment_ids: Sequence[UUID]) -> dict[UUID, list[Invoice]]:
    """The invoices that payments paid, each once."""
    found: dict[UUID, dict[UUID, Invoice]] = {id_: {} for id_ in payment_ids}
    paid = (
        Allocation.objects.filter(payment_id__in=found).select_related("invoice").order_by("invoice__number")
    )
    for one in paid:
        found[one.payment_id][one.invoice_id] = one.invoice
    return {id_: list(invoices.values()) for id_, invoices in found.items()}


def sources_of(party_id: UUID) -> list[UUID]:
    """What the books know of a party: the ids of its invoices and payments."""
    invoices = Invoice.objects.filter(party_id=party_id).values_list("id", flat=True)
    return [*invoices, *Payment.objects.filter(party_id=party_id).values_list("id", flat=True)]


def allocations_of(*, payment_id: UUID | None = None, invoice_id: UUID | None = None) -> list[Allocation]:
    """What a payment paid, or what paid an invoice (name one of them), in order."""
    found = Allocation.objects.select_related("payment", "invoice", "receivable").order_by("id")
    if payment_id is not None:
        found = found.filter(payment_id=payment_id)
    if invoice_id is not None:
        found = found.filter(invoice_id=invoice_id)
    return list(found)


def paid_on(invoice_id: UUID) -> int:
    """What stands as paid on an invoice, in minor units: what payments brought and nobody has taken back. What was
    given back counts: it is not owed again."""
    sums = Allocation.objects.filter(invoice_id=invoice_id).aggregate(
        amount=Sum("amount_minor", default=0), gone=Sum("reversed_minor", default=0)
    )
    return int(sums["amount"]) - int(sums["gone"])


def attempts_at(invoice_id: UUID) -> list[Attempt]:
    """The attempts at an invoice with their methods, newest first."""
    found = Attempt.objects.filter(intent__invoices__invoice_id=invoice_id).select_related(
        "method", "intent", "payment"
    )
    return list(found.order_by("-created_at", "-n"))


def methods_elsewhere(organization_id: UUID, gateway: str) -> QuerySet[PaymentMethod]:
    """The ways to pay that may be charged and lie with another gateway than this one."""
    usable = PaymentMethod.objects.filter(
        organization_id=organization_id, state__in=("active", "once", "gift")
    )
    return usable.exclude(gateway=gateway).order_by("id")
