"""Write steps of the ledger room, inside somebody's transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from paidthru.kernel.copying import Encoded, copy_rows, encoded
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.periods import first_of_next_month
from paidthru.ledger.models import Account, Batch, DeferralSchedule, Entry, Journal
from paidthru.ledger.queries.closing import closed_through
from paidthru.ledger.rules.chart import CHART
from paidthru.ledger.rules.closing import booked_on
from paidthru.ledger.rules.deferral import schedule as deferral_parts
from paidthru.ledger.rules.deferral import unearned
from paidthru.ledger.rules.postings import Draft
from paidthru.organizations.operations import take_numbers

BATCH_NAMES = {
    "autopay": "Auto-Created for AutoPay",
    "receipts": "Receipts",
    "sales": "New memberships",
    "recognition": "Recognition",
    "adjustments": "Adjustments",
    "charges": "Charges",
    "invoices": "Invoices",
    "assessments": "Assessments",
    "pledges": "Pledges",
    "refunds": "Refunds",
    "returns": "Returns and disputes",
    "settlement": "Processor fees and payouts",
}


class JournalDraft(NamedTuple):
    """A journal to be written: what it books (source and event), on which local date, and its entries (sum zero)."""

    source_kind: str
    source_id: UUID
    event: str
    effective_on: date
    text: str
    entries: Sequence[Draft]
    reverses_id: UUID | None = None
    id: UUID | None = None


def accounts(organization_id: UUID, currency: str) -> Mapping[str, UUID]:
    """Account ids by code; the chart is opened when a currency is first used."""
    found = dict(
        Account.objects.filter(organization_id=organization_id, currency=currency).values_list("code", "id")
    )
    missing = [code for code in CHART if code not in found]
    if missing:
        Account.objects.bulk_create(
            [
                Account(
                    organization_id=organization_id,
                    code=code,
                    currency=currency,
                    number=CHART[code][0],
                    kind=CHART[code][1],
                )
                for code in missing
            ],
            ignore_conflicts=True,  # another worker may open the chart at the same moment
        )
        found = dict(
            Account.objects.filter(organization_id=organization_id, currency=currency).values_list(
                "code", "id"
            )
        )
    return found


def open_account(organization_id: UUID, code: str, currency: str) -> None:
    """Opens an income account of the organization's own (`Income:Courses`), if it isn't there."""
    accounts(organization_id, currency)
    Account.objects.get_or_create(
        organization_id=organization_id,
        code=code,
        currency=currency,
        defaults={"number": "4900", "kind": "income"},
    )


def open_batch(organization_id: UUID, kind: str, dated_on: date, *, now: datetime, name: str = "") -> Batch:
    """The open batch of that kind and local date, made if there is none; a renewal run always gets its own.

    The row is locked against posting until the transaction ends, so that what is written now can't miss the batch. One
    that would lie in a closed period is dated the first open day.
    """
    dated_on = booked_on(dated_on, hold_open_period(organization_id))
    if kind != "renewal":
        found = Batch.objects.raw(
            f"SELECT * FROM {Batch._meta.db_table} WHERE organization_id = %s AND kind = %s AND dated_on = %s"
            " AND state <> 'posted' FOR SHARE",
            [organization_id, kind, dated_on],
        )
        for batch in found:
            return batch
    try:
        with transaction.atomic():
            return Batch.objects.create(
                organization_id=organization_id,
                number=take_numbers(organization_id, "batch"),
                kind=kind,
                name=name or f"{BATCH_NAMES[kind]} {dated_on.isoformat()}",
                dated_on=dated_on,
                opened_at=now,
            )
    except IntegrityError:  # somebody opened it in the meantime
        return open_batch(organization_id, kind, dated_on, now=now, name=name)


def hold_open_period(organization_id: UUID, *, alone: bool = False) -> date | None:
    """The day through which the books are closed, None where they never were; it stays so until the transaction ends.

    Whoever books holds this together with others; whoever closes or opens a period holds it `alone`, after all of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(hashtextextended(%s, 0))",
            [f"books of {organization_id}"],
        )
    return closed_through(organization_id)


def hold_batch(batch_id: UUID) -> None:
    """Keeps a batch from being posted until the transaction ends. Refused `batch_posted` when it already is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT state, number FROM {Batch._meta.db_table} WHERE id = %s FOR SHARE", [batch_id]
        )
        row = cursor.fetchone()
    if row is None or row[0] == "posted":
        raise Refused(
            "batch_posted",
            f"Batch {row[1] if row else ''} is posted; nothing can be added to it.",
            field="batch",
            fix="It goes into the next open batch.",
        )


_JOURNAL = ("id", "source_id", "text", "organization_id", "batch_id", "currency", "recorded_at", "effective_on",
            "source_kind", "event", "reverses_id")  # fmt: skip
_ENTRY = ("id", "journal_id", "amount_minor", "party_id", "invoice_id", "receivable_id", "organization_id",
          "account_id")  # fmt: skip


def write_journals(
    organization_id: UUID, batch_id: UUID, currency: str, drafts: Iterable[JournalDraft], *, now: datetime
) -> None:
    """Writes journals with their entries into a batch held open. The database refuses one that doesn't balance.

    What is dated in a closed period is booked on the first open day: dates that a person chooses there have been
    refused before (`rules/closing.py`), the rest has happened and has to be booked.
    """
    closed = hold_open_period(organization_id)
    sides = {code: encoded(organization_id, id_) for code, id_ in accounts(organization_id, currency).items()}
    heads: dict[tuple[object, ...], Encoded] = {}

    def head(draft: JournalDraft) -> Encoded:
        about = (booked_on(draft.effective_on, closed), draft.source_kind, draft.event, draft.reverses_id)
        found = heads.get(about)
        if found is None:
            found = heads[about] = encoded(organization_id, batch_id, currency, now, *about)
        return found

    written: list[tuple[UUID, JournalDraft]] = []

    def identified() -> Iterator[tuple[UUID, JournalDraft]]:
        for draft in drafts:
            if draft.entries:
                written.append((draft.id or new_id(), draft))
                yield written[-1]

    with connection.cursor() as cursor:
        copy_rows(
            cursor, Journal._meta.db_table, _JOURNAL,
            ((id_, draft.source_id, draft.text[:300], head(draft)) for id_, draft in identified()),
        )  # fmt: skip
        copy_rows(
            cursor, Entry._meta.db_table, _ENTRY,
            (
                (new_id(), id_, one.amount_minor, one.party_id, one.invoice_id, one.receivable_id, sides[one.account])
                for id_, draft in written
                for one in draft.entries
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deferral:
    """Income of a receivable to be spread over [start_on, end_on)."""

    receivable_id: UUID
    invoice_id: UUID
    party_id: UUID
    total_minor: int
    start_on: date
    end_on: date
    income_code: str


_DEFERRAL = (
    "id",
    "organization_id",
    "receivable_id",
    "invoice_id",
    "party_id",
    "currency",
    "total_minor",
    "start_on",
    "end_on",
    "income_code",
    "recognized_minor",
    "next_on",
)


def write_deferrals(organization_id: UUID, currency: str, deferrals: Iterable[Deferral]) -> None:
    """Writes deferral schedules; each is first due at the end of its first month."""
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            DeferralSchedule._meta.db_table,
            _DEFERRAL,
            (
                (
                    new_id(),
                    organization_id,
                    one.receivable_id,
                    one.invoice_id,
                    one.party_id,
                    currency,
                    one.total_minor,
                    one.start_on,
                    one.end_on,
                    one.income_code,
                    0,
                    month_end(deferral_parts(one.total_minor, one.start_on, one.end_on)[0][0]),
                )
                for one in deferrals
            ),
        )


def cancel_deferred(given_back: Mapping[UUID, int]) -> dict[UUID, int]:
    """Takes amounts (minor units, by receivable) that are given back or credited out of their deferral schedules;
    returns how much of each was not yet earned and has been canceled. The rest of a schedule goes on to be recognized.
    """
    canceled: dict[UUID, int] = {}
    for one in _schedules(given_back):
        amount = unearned(
            given_back[one.receivable_id],
            total_minor=one.total_minor,
            recognized_minor=one.recognized_minor,
            canceled_minor=one.canceled_minor,
        )
        if amount:
            canceled[one.receivable_id] = amount
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {DeferralSchedule._meta.db_table} s SET canceled_minor = s.canceled_minor + p.amount
                FROM unnest(%s::uuid[], %s::bigint[]) AS p(id, amount) WHERE s.receivable_id = p.id""",
            [list(canceled), list(canceled.values())],
        )
    return canceled


def restore_deferred(canceled: Mapping[UUID, int]) -> dict[UUID, tuple[int, str]]:
    """Puts canceled amounts (minor units, by receivable) back, because what took them did not happen; returns for each
    how much is deferred again and the account of its income. Of a schedule whose term is over that is nothing: what
    would have been earned by now is income."""
    restored: dict[UUID, tuple[int, str]] = {}
    for one in _schedules(canceled):
        amount = min(canceled[one.receivable_id], one.canceled_minor) if one.next_on is not None else 0
        restored[one.receivable_id] = amount, one.income_code
        DeferralSchedule.objects.filter(id=one.id).update(canceled_minor=one.canceled_minor - amount)
    return restored


def _schedules(receivables: Mapping[UUID, int]) -> list[DeferralSchedule]:
    """The schedules of receivables, locked against recognition."""
    found = DeferralSchedule.objects.select_for_update().filter(receivable_id__in=receivables)
    return list(found.order_by("id"))


def month_end(day: date) -> date:
    """The last day of a day's month, on which the month's part is recognized (field-notes D.4)."""
    return first_of_next_month(day) - timedelta(days=1)
