"""What was collected, by calendar month (A-40): money received, less what was given back and what was taken back."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet

from paidthru.payments.models import Payment, Refund, Reversal

# A refund counts from the day on which it was decided, a dispute once it is lost.
_GIVEN = ("approved", "submitted", "unknown", "pending", "succeeded")
_MOVED = f"""
    SELECT received_on AS day, currency, sum(amount_minor) AS received, 0::bigint AS refunded, 0::bigint AS taken_back
    FROM payments_payment WHERE organization_id = %(organization)s GROUP BY 2, 1
    UNION ALL
    SELECT b.dated_on, r.currency, 0, r.amount_minor, 0
    FROM payments_refund r JOIN ledger_batch b ON b.id = r.batch_id
    WHERE r.organization_id = %(organization)s
      AND r.state IN {_GIVEN}
    UNION ALL
    SELECT occurred_on, currency, 0, 0, CASE WHEN kind = 'reinstated' THEN -amount_minor ELSE amount_minor END
    FROM payments_reversal WHERE organization_id = %(organization)s"""


@dataclass(frozen=True, slots=True)
class Collected:
    """Money of one currency, in minor units, that moved in the calendar month that begins on `month`."""

    month: date
    received_minor: int = 0
    refunded_minor: int = 0
    taken_back_minor: int = 0

    @property
    def net_minor(self) -> int:
        """What was collected."""
        return self.received_minor - self.refunded_minor - self.taken_back_minor


def collected_by_month(organization_id: UUID, currency: str, start: date, end: date) -> list[Collected]:
    """The months of the local dates [start, end) in which money of a currency moved, in order."""
    rows = _asked(
        "date_trunc('month', day)::date, sum(received)::bigint, sum(refunded)::bigint, sum(taken_back)::bigint",
        "GROUP BY 1 ORDER BY 1",
        organization_id,
        currency,
        start,
        end,
    )
    return [Collected(*row) for row in rows]


def collected(organization_id: UUID, currency: str, start: date, end: date) -> int:
    """What was collected in a currency on the local dates [start, end), in minor units."""
    net = "coalesce(sum(received - refunded - taken_back), 0)::bigint"
    return int(_asked(net, "", organization_id, currency, start, end)[0][0])


def collected_between(organization_id: UUID, currency: str, start: date, end: date) -> Collected:
    """As `collected`, with what it is made of; its `month` is the first day."""
    sums = ", ".join(f"coalesce(sum({one}), 0)::bigint" for one in ("received", "refunded", "taken_back"))
    return Collected(start, *_asked(sums, "", organization_id, currency, start, end)[0])


def moves(
    organization_id: UUID, currency: str, start: date, end: date
) -> tuple[QuerySet[Payment], QuerySet[Refund], QuerySet[Reversal]]:
    """The rows behind `collected`, each with its `day`: what came, what was given back, and what was taken back (one
    that was reinstated came again)."""
    mine = {"organization_id": organization_id, "currency": currency, "day__gte": start, "day__lt": end}
    return (
        Payment.objects.annotate(day=F("received_on")).filter(**mine).select_related("party"),
        Refund.objects.annotate(day=F("batch__dated_on"))
        .filter(**mine, state__in=_GIVEN)
        .select_related("party", "payment"),
        Reversal.objects.annotate(day=F("occurred_on")).filter(**mine).select_related("party", "payment"),
    )


def currencies_collected(organization_id: UUID) -> list[str]:
    """The currencies in which money ever came, in the order of their codes."""
    with connection.cursor() as cursor:
        cursor.execute(
            # From one currency to the next by the index payment_by_currency: there are few, and many payments.
            """WITH RECURSIVE found(currency) AS (
                   SELECT min(currency) FROM payments_payment WHERE organization_id = %(organization)s
                   UNION ALL
                   SELECT (SELECT min(p.currency) FROM payments_payment p
                           WHERE p.organization_id = %(organization)s AND p.currency > f.currency)
                   FROM found f WHERE f.currency IS NOT NULL)
               SELECT currency FROM found WHERE currency IS NOT NULL""",
            {"organization": organization_id},
        )
        return [str(row[0]) for row in cursor.fetchall()]


def _asked(
    columns: str, rest: str, organization_id: UUID, currency: str, start: date, end: date
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {columns} FROM ({_MOVED}) moved
                WHERE currency = %(currency)s AND day >= %(start)s AND day < %(end)s {rest}""",
            {"organization": organization_id, "currency": currency, "start": start, "end": end},
        )
        return list(cursor.fetchall())
