"""Submit invoices for payment: the list is what will be submitted (I-39 to I-43)."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import BillingRun
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import Collectable, histories
from paidthru.payments.rules.retries import retry_allowed

_LIST = """
    SELECT i.id, i.number, i.party_id, p.name, i.due_on, owed.minor, i.currency, i.run_id,
           pm.brand, pm.last4, pm.fingerprint, pm.exp_year, pm.exp_month
    FROM invoicing_invoice i
    JOIN people_party p ON p.id = i.party_id
    JOIN LATERAL (SELECT sum(r.balance_minor)::bigint AS minor FROM invoicing_line l
                  JOIN invoicing_receivable r ON r.id = l.receivable_id
                  WHERE l.invoice_id = i.id AND r.state = 'open' AND NOT r.voluntary) owed ON owed.minor > 0
    LEFT JOIN payments_paymentmethod pm ON pm.party_id = i.party_id AND pm.state = 'active'
    WHERE (NOT %(reviewed)s OR NOT EXISTS (SELECT 1 FROM membership_billingrun b WHERE b.id = i.run_id
                                           AND b.kind = 'staff' AND b.reviewed_at IS NULL))
      AND i.organization_id = %(organization)s AND i.state = 'sent' AND i.balance_minor > 0 AND i.kind = 'membership'
      AND i.due_on <= %(due_by)s AND (i.due_on, i.number) > (%(after_due)s, %(after_number)s)
      AND (%(name)s = '' OR position(lower(%(name)s) in lower(p.name)) > 0)
      AND NOT EXISTS (SELECT 1 FROM payments_intentinvoice o
                      WHERE o.invoice_id = i.id AND (o.open OR (%(untried)s AND EXISTS (
                          SELECT 1 FROM payments_attempt a
                          WHERE a.intent_id = o.intent_id AND a.submitted_at IS NOT NULL))))
      AND EXISTS (SELECT 1 FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
                  JOIN membership_membership m ON m.id = r.source_id
                  WHERE l.invoice_id = i.id AND m.autopay AND m.state <> 'ended')
    ORDER BY i.due_on, i.number LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Selection:
    """What staff ask for: due for collection on or before a date, and part of a member's name; or what the schedule
    asks for: the invoices that were never tried, `reviewed` leaving out those of runs that wait for a review."""

    due_by: date
    name_contains: str = ""
    untried: bool = False
    reviewed: bool = False


def submit_list(
    organization: Organization,
    selection: Selection,
    *,
    on: date,
    after: tuple[date, int] | None = None,
    limit: int = 500,
) -> tuple[list[Collectable], tuple[date, int] | None]:
    """A page of the autopay invoices due by the date, each with the reason if it can't be submitted, and where the
    next page starts. Invoices with an open attempt are not on it. The same list is what `submit` submits (I-42).
    """
    after_due, after_number = after or (date.min, 0)
    values: dict[str, Any] = {
        "organization": organization.id,
        "due_by": selection.due_by,
        "name": selection.name_contains,
        "untried": selection.untried,
        "reviewed": selection.reviewed,
        "after_due": after_due,
        "after_number": after_number,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LIST, values)
        rows = cursor.fetchall()
    budget = policies_of(organization).number("collect.max_attempts")
    tried = histories([row[0] for row in rows])
    found = []
    for (
        id_,
        number,
        party_id,
        name,
        due_on,
        balance,
        currency,
        run_id,
        brand,
        last4,
        fingerprint,
        year,
        month,
    ) in rows:
        if fingerprint is None:
            refused = "no_payment_method"
        else:
            expired = year is not None and (on.year, on.month) > (year, month)
            refused = retry_allowed(tried[id_], fingerprint, expired, budget).refused or ""
        found.append(
            Collectable(
                id_,
                number,
                party_id,
                name,
                due_on,
                balance,
                currency,
                run_id,
                f"{brand} {last4}" if brand else "",
                refused,
                len(tried[id_]),
            )
        )
    next_page = (rows[-1][4], rows[-1][1]) if len(rows) == limit else None
    return found, next_page


def next_collection(organization_id: UUID, *, since: date) -> date | None:
    """The earliest due date on or after a local date of an autopay invoice that waits to be collected."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT min(i.due_on) FROM invoicing_invoice i
               WHERE i.organization_id = %s AND i.state = 'sent' AND i.balance_minor > 0 AND i.kind = 'membership'
                 AND i.due_on >= %s
                 AND EXISTS (SELECT 1 FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
                             JOIN membership_membership m ON m.id = r.source_id
                             WHERE l.invoice_id = i.id AND m.autopay AND m.state <> 'ended')""",
            [organization_id, since],
        )
        row = cursor.fetchone()
    found: date | None = row[0]
    return found


def refuse_unready(
    organization: Organization,
    selection: Selection,
    run_ids: Sequence[UUID],
    *,
    now: datetime,
    acknowledged: bool,
) -> None:
    """Refuses what should be looked at first, unless the caller says that it was.

    `not_yet_due` when the date lies ahead (I-27); `review_required` when the policy asks for a review and a run of
    the list has had none (I-20).
    """
    if acknowledged:
        return
    if selection.due_by > local_date(now, organization.zone):
        raise Refused(
            "not_yet_due",
            f"{selection.due_by.isoformat()} is in the future: invoices that aren't due yet "
            "would be collected.",
            field="due_by",
            value=selection.due_by.isoformat(),
            fix="Choose today, or confirm that you want to collect them early.",
        )
    if policies_of(organization).word("invoice.review") == "must_approve":
        waiting = BillingRun.objects.filter(id__in=run_ids, reviewed_at__isnull=True).order_by("id").first()
        if waiting is not None:
            raise Refused(
                "review_required",
                f"The invoices of run “{waiting.name}” haven't been reviewed.",
                field="run",
                value=waiting.name,
                fix="Review the run, or confirm that you have read them.",
            )


@dataclass(frozen=True, slots=True)
class SubmitTotals:
    """The whole submit list in figures (minor units): what will be submitted, of which runs, and how many can't be,
    by reason. `digest` stands for exactly these invoices with these balances."""

    count: int
    amount_minor: int
    refused: Mapping[str, int]
    run_ids: tuple[UUID, ...]
    digest: str


def submit_totals(organization: Organization, selection: Selection, *, on: date) -> SubmitTotals:
    """Adds up the submit list; what a person confirms is bound to its digest."""
    count, amount_minor, refused, run_ids = 0, 0, Counter[str](), set[UUID]()
    digest, after = hashlib.sha256(), None
    while True:
        page, after = submit_list(organization, selection, on=on, after=after, limit=5_000)
        for one in page:
            if one.refused:
                refused[one.refused] += 1
                continue
            count += 1
            amount_minor += one.balance_minor
            if one.run_id is not None:
                run_ids.add(one.run_id)
            digest.update(f"{one.invoice_id} {one.balance_minor}\n".encode())
        if after is None:
            return SubmitTotals(
                count, amount_minor, dict(refused.most_common()), tuple(sorted(run_ids)), digest.hexdigest()
            )


def submit_page(
    organization: Organization,
    selection: Selection,
    *,
    on: date,
    refused: bool,
    after: tuple[date, int] | None,
    limit: int,
) -> tuple[list[Collectable], tuple[date, int] | None]:
    """A page of the submit list: those that will be submitted, or those that can't be; and where the next starts."""
    found: list[Collectable] = []
    while True:
        page, after = submit_list(organization, selection, on=on, after=after)
        for at, one in enumerate(page):
            if bool(one.refused) is not refused:
                continue
            found.append(one)
            if len(found) == limit:
                more = after is not None or any(bool(other.refused) is refused for other in page[at + 1 :])
                return found, (one.due_on, one.number) if more else None
        if after is None:
            return found, None
