"""Recognize deferred income: at each month's end, the month's part of every schedule (field-notes D.4, D.5)."""

from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.copying import copy_rows
from paidthru.kernel.ids import new_id
from paidthru.ledger.models import DeferralSchedule, Recognition
from paidthru.ledger.operations import JournalDraft, month_end, open_batch, write_journals
from paidthru.ledger.rules.deferral import next_part, schedule
from paidthru.ledger.rules.postings import DEFERRED, Draft, recognition
from paidthru.organizations.models import Organization

SLICE = 2_000


def recognize(organization: Organization, *, month_end_on: date, now: datetime) -> int:
    """Takes the parts due by a month's end to income, a slice of schedules a transaction; returns how many.

    Idempotent: a part is unique by schedule and month, and a schedule moves on in the transaction that books it. What
    was given back before it was earned is left out, and the rest goes on exactly.
    """
    count = 0
    while True:
        with transaction.atomic():
            due = list(
                DeferralSchedule.objects.select_for_update(skip_locked=True)
                .filter(organization=organization, next_on__lte=month_end_on)
                .order_by("next_on", "id")[:SLICE]
            )
            if not due:
                return count
            _book(organization, due, now)
            count += len(due)


def _book(organization: Organization, due: list[DeferralSchedule], now: datetime) -> None:
    """One journal for each month end, currency and income account of the slice; its parts are the recognitions."""
    rows: list[tuple[object, ...]] = []
    moved: list[tuple[UUID, int, date | None]] = []

    def group(one: DeferralSchedule) -> tuple[date, str, str]:
        assert one.next_on is not None  # it is due
        return one.next_on, one.currency, one.income_code

    for (on, currency, income), members in groupby(sorted(due, key=group), key=group):
        journal_id, entries_total = new_id(), 0
        for one in members:
            months = [month for month, _ in schedule(one.total_minor, one.start_on, one.end_on)]
            place = next(n for n, month in enumerate(months) if month_end(month) == on)
            left = one.total_minor - one.recognized_minor - one.canceled_minor
            amount = next_part(left, len(months) - place)
            entries_total += amount
            if amount:
                rows.append((new_id(), organization.id, one.id, months[place], amount, journal_id))
            later = month_end(months[place + 1]) if place + 1 < len(months) else None
            moved.append((one.id, amount, later))
        if not entries_total:  # all of it was given back before it was earned
            continue
        entries: tuple[Draft, ...] = recognition(entries_total, DEFERRED, income)
        batch = open_batch(organization.id, "recognition", on, now=now)
        write_journals(
            organization.id,
            batch.id,
            currency,
            [
                JournalDraft(
                    "recognition",
                    journal_id,
                    f"{on.isoformat()} {income}",
                    on,
                    f"Income earned by {on.isoformat()}",
                    entries,
                    id=journal_id,
                )
            ],
            now=now,
        )
    with connection.cursor() as cursor:
        copy_rows(
            cursor,
            Recognition._meta.db_table,
            ("id", "organization_id", "schedule_id", "month_on", "amount_minor", "journal_id"),
            rows,
        )
        cursor.execute(
            """UPDATE ledger_deferralschedule s SET recognized_minor = recognized_minor + m.amount, next_on = m.later
               FROM unnest(%s::uuid[], %s::bigint[], %s::date[]) AS m(id, amount, later) WHERE s.id = m.id""",
            [list(column) for column in zip(*moved, strict=True)],
        )
