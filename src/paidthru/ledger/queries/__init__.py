"""Questions to the ledger room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from paidthru.ledger.models import Account, Batch, DeferralSchedule, Entry, Journal


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's debits, credits (both positive) and balance (debit positive), in minor units."""

    number: str
    code: str
    kind: str
    currency: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """Debits less credits."""
        return self.debit_minor - self.credit_minor


def trial_balance(organization_id: UUID, *, through: date | None = None) -> list[Balance]:
    """Every account that was ever used, by currency and number, up to and with a local date."""
    dated = (
        "JOIN ledger_journal j ON j.id = e.journal_id AND j.effective_on <= %(through)s" if through else ""
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT a.number, a.code, a.kind, a.currency, moved.debit, moved.credit
                FROM (SELECT e.account_id,
                             coalesce(sum(e.amount_minor) FILTER (WHERE e.amount_minor > 0), 0) AS debit,
                             coalesce(-sum(e.amount_minor) FILTER (WHERE e.amount_minor < 0), 0) AS credit
                      FROM ledger_entry e {dated} WHERE e.organization_id = %(organization)s GROUP BY 1) moved
                     JOIN ledger_account a ON a.id = moved.account_id
                ORDER BY a.currency, a.number, a.code""",
            {"organization": organization_id, "through": through},
        )
        return [
            Balance(number, code, kind, currency, int(debit), int(credit))
            for number, code, kind, currency, debit, credit in cursor.fetchall()
        ]


def receivable_in_books(organization_id: UUID, currency: str) -> int:
    """What is owed in a currency by the books, in minor units: receivables, and on a cash basis the memo account."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(e.amount_minor), 0) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
               WHERE a.organization_id = %s AND a.currency = %s AND a.code IN ('Receivable', 'Memo billed')""",
            [organization_id, currency],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def balances_of_party(organization_id: UUID, party_id: UUID) -> dict[tuple[str, str], int]:
    """A party's balance by account code and currency, debit positive."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.code, a.currency, sum(e.amount_minor)
               FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
               WHERE e.organization_id = %s AND e.party_id = %s GROUP BY 1, 2""",
            [organization_id, party_id],
        )
        return {(code, currency): int(amount) for code, currency, amount in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class BatchTotals:
    """A batch's journals and the sums of their two sides, by currency, in minor units. `memo_minor` is the part of
    either side that stands on memo accounts: billed on a cash basis, and no income yet."""

    currency: str
    journals: int
    debit_minor: int
    credit_minor: int
    memo_minor: int = 0

    @property
    def amount_minor(self) -> int:
        """What the batch amounts to: the money it books (I-61); on a cash basis that only bills, what it bills."""
        return self.debit_minor - self.memo_minor or self.memo_minor


def batch_totals(batch_id: UUID) -> list[BatchTotals]:
    """The totals that staff verify before they post (I-15, I-16)."""
    return totals_of_batches([batch_id]).get(batch_id, [])


def next_recognition(organization_id: UUID) -> date | None:
    """The earliest month end with something to recognize."""
    return (
        DeferralSchedule.objects.filter(organization_id=organization_id, next_on__isnull=False)
        .order_by("next_on")
        .values_list("next_on", flat=True)
        .first()
    )


def first_journal_on(organization_id: UUID) -> date | None:
    """The local date of the first journal."""
    found = Journal.objects.filter(organization_id=organization_id).order_by("effective_on", "id")
    return found.values_list("effective_on", flat=True).first()


def unposted(organization_id: UUID, *, dated_by: date | None = None) -> list[Batch]:
    """Batches that are open or reviewed, oldest first."""
    found = Batch.objects.filter(organization_id=organization_id).exclude(state="posted")
    if dated_by is not None:
        found = found.filter(dated_on__lte=dated_by)
    return list(found.order_by("dated_on", "number"))


def totals_of_batches(batch_ids: Sequence[UUID]) -> dict[UUID, list[BatchTotals]]:
    """As `batch_totals`, for the batches of a page at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT batch_id, currency, count(*) FROM ledger_journal WHERE batch_id = ANY(%s)"
            " GROUP BY 1, 2 ORDER BY 1, 2",
            [list(batch_ids)],
        )
        counted = cursor.fetchall()
    moved = accounts_in_batches(batch_ids)
    found: dict[UUID, list[BatchTotals]] = {}
    for batch_id, currency, journals_in in counted:
        own = [one for one in moved.get(batch_id, []) if one.currency == currency]
        found.setdefault(batch_id, []).append(
            BatchTotals(
                currency,
                int(journals_in),
                sum(one.debit_minor for one in own),
                sum(one.credit_minor for one in own),
                sum(one.debit_minor for one in own if one.kind == "memo"),
            )
        )
    return found


def accounts_in_batches(batch_ids: Sequence[UUID]) -> dict[UUID, list[Balance]]:
    """What batches move on each account, by currency and number."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.batch_id, a.number, a.code, a.kind, a.currency, s.debit, s.credit
               FROM (SELECT j.batch_id, e.account_id,
                            coalesce(sum(e.amount_minor) FILTER (WHERE e.amount_minor > 0), 0) AS debit,
                            coalesce(-sum(e.amount_minor) FILTER (WHERE e.amount_minor < 0), 0) AS credit
                     FROM ledger_journal j JOIN ledger_entry e ON e.journal_id = j.id
                     WHERE j.batch_id = ANY(%s) GROUP BY 1, 2) s JOIN ledger_account a ON a.id = s.account_id
               ORDER BY s.batch_id, a.currency, a.number, a.code""",
            [list(batch_ids)],
        )
        found: dict[UUID, list[Balance]] = {}
        for batch_id, number, code, kind, currency, debit, credit in cursor.fetchall():
            found.setdefault(batch_id, []).append(
                Balance(number, code, kind, currency, int(debit), int(credit))
            )
        return found


def entries_of(found: QuerySet[Journal]) -> Iterator[tuple[Any, ...]]:
    """The entries of journals in order of date, a few at a time, for an export: date, batch number, the journal's text,
    the account's number, code and kind, currency, amount (debit positive, minor units)."""
    entries = Entry.objects.filter(journal_id__in=found.order_by().values("id"))
    return (
        entries.order_by("journal__effective_on", "journal_id", "-amount_minor", "id")
        .values_list(
            "journal__effective_on",
            "journal__batch__number",
            "journal__text",
            "account__number",
            "account__code",
            "account__kind",
            "journal__currency",
            "amount_minor",
        )
        .iterator(chunk_size=2000)
    )


def accounts_of(organization_id: UUID) -> list[Account]:
    """The organization's chart, by currency and number."""
    return list(
        Account.objects.filter(organization_id=organization_id).order_by("currency", "number", "code")
    )


def journals(
    organization_id: UUID,
    *,
    account_id: UUID | None = None,
    start: date | None = None,
    through: date | None = None,
    batch_id: UUID | None = None,
    source_ids: Sequence[UUID] | None = None,
) -> QuerySet[Journal]:
    """An organization's journals with their batch and entries, debits first: those that touch an account, on local
    dates from `start` up to and with `through`, in a batch, or of some sources (invoices, payments)."""
    entries = Entry.objects.select_related("account").order_by("-amount_minor", "id")
    found = Journal.objects.filter(organization_id=organization_id)
    if account_id is not None:
        found = found.filter(Exists(Entry.objects.filter(journal_id=OuterRef("id"), account_id=account_id)))
    if start is not None:
        found = found.filter(effective_on__gte=start)
    if through is not None:
        found = found.filter(effective_on__lte=through)
    if batch_id is not None:
        found = found.filter(batch_id=batch_id)
    if source_ids is not None:
        found = found.filter(source_id__in=source_ids)
    return found.select_related("batch").prefetch_related(Prefetch("entries", queryset=entries))


def journals_of_source(source_id: UUID) -> list[Journal]:
    """The journals that book one thing (an invoice, a payment), oldest first."""
    return list(
        Journal.objects.filter(source_id=source_id)
        .select_related("batch")
        .order_by("id")
        .prefetch_related(
            Prefetch("entries", Entry.objects.select_related("account").order_by("-amount_minor", "id"))
        )
    )


def batches_called(organization_id: UUID, named: int | str) -> list[Batch]:
    """The batches of a number or name, oldest first. The date that the name of a daily batch ends with may be left
    out: “Auto-Created for AutoPay” are all of that kind (I-60)."""
    batches = Batch.objects.filter(organization_id=organization_id)
    if isinstance(named, int):
        return list(batches.filter(number=named))
    exact = list(batches.filter(name=named).order_by("number"))
    return exact or [
        batch
        for batch in batches.filter(name__startswith=f"{named} ").order_by("dated_on", "number")
        if batch.name == f"{named} {batch.dated_on.isoformat()}"
    ]
