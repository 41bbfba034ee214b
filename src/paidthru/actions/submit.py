"""Submit invoices for payment: the list is what will be submitted (I-39 to I-43), and what waits beside it, and why.

The list has what autopay covers (`autopay.scope`) and is due, each with the reason if it can't be collected;
from it come the pending, failed and exception lists (I-29, I-30, I-38, I-44), and when each is tried by itself.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from paidthru.invoicing.queries import OF_LINE
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money, each_for_itself
from paidthru.membership.models import BillingRun
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.slots import APART, PLACES
from paidthru.payments.models import OPEN_ATTEMPT
from paidthru.payments.queries import Collectable, histories
from paidthru.payments.queries.collecting import BY_ITSELF, autopay_covers
from paidthru.payments.queries.retrying import Schedules, Wanted, grants_of, retry_policy, verdicts
from paidthru.payments.rules.retries import (
    EXCEPTION_CODES,
    FAILED_CODES,
    REASONS,
    Instrument,
    PastAttempt,
    RetryVerdict,
)
from paidthru.payments.rules.retry_schedule import Planned, RetrySchedule, next_try

# `current_only`: an invoice is superseded when a later term of the same membership has fallen due (I-38).
# `oldest_first`: the earlier open ones that something was tried at are looked at first.
# Where earlier terms go on being collected, one whose tries are used up is tried again once its method was charged with
# success by itself after that (X10): a card that works again pays what it failed to pay.
# Between two tries the closed invoice stands in the list for what it asked for; the next try makes its successor (X4).
_LIST = """
    SELECT i.id, i.number, i.party_id, p.name, i.due_on, owed.minor, i.currency, i.run_id,
           pm.token, pm.gateway, pm.kind, pm.brand, pm.last4, pm.fingerprint, pm.exp_year, pm.exp_month, pm.created_at,
           %(arrears)s = 'current_only' AND EXISTS (
               SELECT 1 FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
               JOIN invoicing_receivable n ON n.source_id = r.source_id AND n.period_start > r.period_start
                    AND n.state <> 'canceled' AND n.due_on <= %(due_by)s
               WHERE l.invoice_id = i.id AND NOT EXISTS (
                   SELECT 1 FROM invoicing_line c WHERE c.invoice_id = i.id AND c.receivable_id = n.id)),
           CASE WHEN %(arrears)s = 'oldest_first' THEN ARRAY(
               SELECT DISTINCT e.id FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
               JOIN invoicing_receivable o ON o.source_id = r.source_id AND o.period_start < r.period_start
                    AND o.state = 'open' AND NOT o.voluntary
               JOIN invoicing_line ol ON ol.receivable_id = o.id
               JOIN invoicing_invoice e ON e.id = ol.invoice_id AND e.id <> i.id
                    AND (e.state = 'sent' AND (e.first_id IS NOT NULL OR EXISTS (
                             SELECT 1 FROM payments_intentinvoice h WHERE h.invoice_id = e.id))
                         OR e.awaits_reissue)
               WHERE l.invoice_id = i.id) END,
           p.number, (SELECT m.plan_id FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
                      JOIN membership_membership m ON m.id = r.source_id WHERE l.invoice_id = i.id LIMIT 1),
           worked.at, i.label
    FROM invoicing_invoice i
    JOIN people_party p ON p.id = i.party_id
    JOIN LATERAL (SELECT sum(r.balance_minor)::bigint AS minor FROM invoicing_line l {of_line}
                  WHERE l.invoice_id = i.id AND r.state = 'open' AND NOT r.voluntary) owed ON owed.minor > 0
    LEFT JOIN payments_paymentmethod pm ON pm.party_id = i.party_id AND pm.state = 'active'
    CROSS JOIN LATERAL (SELECT array_prepend(coalesce(i.first_id, i.id), ARRAY(
        SELECT d.id FROM invoicing_invoice d WHERE d.first_id = coalesce(i.first_id, i.id))) AS documents) chain
    LEFT JOIN LATERAL (
        SELECT max(a.concluded_at) AS at FROM payments_attempt a
        JOIN payments_payment y ON y.attempt_id = a.id AND y.state = 'succeeded'
        WHERE a.party_id = i.party_id AND a.method_id = pm.id AND a.state = 'succeeded'
          AND a.initiator NOT IN ('member', 'staff', 'visitor')) worked ON %(arrears)s IN ('oldest_first', 'all_open')
    WHERE (NOT %(reviewed)s OR NOT EXISTS (SELECT 1 FROM membership_billingrun b WHERE b.id = i.run_id
                                           AND b.kind = 'staff' AND b.reviewed_at IS NULL))
      AND i.organization_id = %(organization)s AND (i.state = 'sent' AND i.balance_minor > 0 OR i.awaits_reissue)
      AND {covers}
      AND i.due_on <= %(due_by)s AND (i.due_on, i.number) > (%(after_due)s, %(after_number)s)
      AND (%(place)s::bigint IS NULL OR i.due_on < %(due_by)s OR mod(p.number * %(apart)s, %(units)s) < %(place)s)
      AND (%(name)s = '' OR position(lower(%(name)s) in lower(p.name)) > 0)
      AND NOT EXISTS (SELECT 1 FROM payments_intentinvoice o WHERE o.invoice_id = i.id AND o.open)
      AND (%(tries)s = 0 OR (SELECT count(*) FROM payments_intentinvoice o
                             JOIN payments_attempt a ON a.intent_id = o.intent_id AND a.method_id = pm.id
                             WHERE o.invoice_id = ANY(chain.documents) AND a.state IN ('declined', 'rejected')
                               AND a.initiator NOT IN ('member', 'staff', 'visitor'))
           < %(tries)s + (SELECT count(*) FROM payments_grant g WHERE g.invoice_id = ANY(chain.documents))
           OR worked.at > (SELECT max(a.concluded_at) FROM payments_intentinvoice o
                           JOIN payments_attempt a ON a.intent_id = o.intent_id
                           WHERE o.invoice_id = ANY(chain.documents)))
      AND {by_itself}
    ORDER BY i.due_on, i.number LIMIT %(limit)s"""

Place = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Selection:
    """What staff ask for: due for collection on or before a date, and part of a member's name. `reviewed` leaves out
    those of runs that wait for a review; `tries`, unless it is 0, those that the method on file failed so often;
    `before_place`, of what is due on that very date, members whose time of day has not come (`Slot.passed`)."""

    due_by: date
    name_contains: str = ""
    reviewed: bool = False
    tries: int = 0
    before_place: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An invoice of the list with what was tried before, the method on file, since when it is there, when staff allowed
    further tries, the number and plan of the member, which say at what times it is tried, and when the method was last
    charged with success by itself, where that lets earlier terms be tried again."""

    one: Collectable
    tried: Sequence[PastAttempt]
    method: Instrument | None
    saved_at: datetime | None
    grants: Sequence[datetime]
    member: int
    plan_id: UUID | None
    worked_at: datetime | None


def submit_list(
    organization: Organization,
    selection: Selection,
    *,
    now: datetime,
    after: Place | None = None,
    limit: int = 500,
) -> tuple[list[Collectable], Place | None]:
    """A page of the autopay invoices due by the date, each with the reason if it can't be submitted at `now`, and where
    the next page starts. Invoices with an open attempt are not on it. The same list is what `submit` submits (I-42).
    """
    rows, following = _rows(
        organization, selection, policies_of(organization), now=now, after=after, limit=limit
    )
    return [row.one for row in rows], following


def planned_tries(
    organization: Organization,
    selection: Selection,
    schedules: Schedules,
    *,
    now: datetime,
    after: Place | None = None,
    limit: int = 500,
) -> tuple[list[tuple[Row, Planned | None]], Place | None]:
    """A page of the list with when each invoice is tried next by itself: not before its verdict allows it. None where
    nothing will be: no method, no tries left, or staff decide."""
    rows, following = _rows(
        organization, selection, policies_of(organization), now=now, after=after, limit=limit
    )
    return [(row, _planned(row, schedules.of(row.plan_id, row.member))) for row in rows], following


def _planned(row: Row, schedule: RetrySchedule) -> Planned | None:
    waits = row.one.not_before is not None or row.one.refused == "earlier_first"
    if row.method is None or row.saved_at is None or (row.one.refused and not waits):
        return None
    planned = next_try(
        row.tried,
        row.method,
        row.saved_at,
        row.one.due_on,
        schedule,
        grants=row.grants,
        worked_at=row.worked_at,
    )
    if planned is None or row.one.refused == "earlier_first":
        return None  # it comes into its turn by what happens to the earlier one
    if row.one.not_before is not None and row.one.not_before > planned.at:
        return Planned(row.one.not_before, planned.initiator)
    return planned


def _rows(
    organization: Organization,
    selection: Selection,
    policies: Policies,
    *,
    now: datetime,
    after: Place | None,
    limit: int,
) -> tuple[list[Row], Place | None]:
    after_due, after_number = after or (date.min, 0)
    covers, named = autopay_covers(policies)
    values: dict[str, Any] = {
        "organization": organization.id,
        "due_by": selection.due_by,
        "name": selection.name_contains,
        "reviewed": selection.reviewed,
        "tries": selection.tries,
        "place": selection.before_place,
        "apart": APART,
        "units": PLACES,
        "arrears": policies.word("collect.arrears"),
        "after_due": after_due,
        "after_number": after_number,
        "limit": limit,
        **named,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _LIST.format(covers=covers, by_itself=BY_ITSELF, of_line=OF_LINE.format(line="l")), values
        )
        rows = cursor.fetchall()
    asked = _Asked(organization, policies, rows, now)
    found = [asked.row(row) for row in rows]
    return found, (rows[-1][4], rows[-1][1]) if len(rows) == limit else None


class _Asked:
    """What is asked about a page of invoices at once: their histories, and whether they may be tried."""

    def __init__(
        self, organization: Organization, policies: Policies, rows: Sequence[Sequence[Any]], now: datetime
    ) -> None:
        self._organization, self._now = organization, now
        self._schedules = Schedules(policies, organization.zone)
        earlier = {id_: row for row in rows for id_ in row[18] or ()}
        ids = [row[0] for row in rows] + list(earlier)
        self._tried, self._grants = histories(ids), grants_of(ids)
        wanted = [Wanted(row[0], row[9], _instrument(row), row[5]) for row in rows if row[8] is not None]
        # A debit may only come again with its amount, so the earlier invoice is asked about with that one.
        wanted += [
            Wanted(id_, row[9], _instrument(row), self._last_amount(id_))
            for id_, row in earlier.items()
            if row[8] is not None
        ]
        self._verdicts = verdicts(
            organization, wanted, retry_policy(policies), now=now, tried=self._tried, grants=self._grants
        )

    def _last_amount(self, invoice_id: UUID) -> int:
        tried = self._tried[invoice_id]
        return tried[-1].amount_minor if tried else 0

    def row(self, row: Sequence[Any]) -> Row:
        """One invoice, with the first reason that it can't be tried now."""
        id_, number, party_id, name, due_on, balance, currency, run_id = row[:8]
        saved, superseded, earlier = row[8] is not None, row[17], row[18] or ()
        verdict = self._verdicts.get(id_)
        refused, not_before = "", None
        if superseded:
            refused = "earlier_term"
        elif verdict is None:
            refused = "no_payment_method"
        elif verdict.refused is not None:
            refused, not_before = verdict.refused, verdict.not_before
        elif any(self._goes_first(one, row) for one in earlier):
            refused = "earlier_first"
        tried = self._tried[id_]
        one = Collectable(
            id_,
            number,
            party_id,
            name,
            due_on,
            balance,
            currency,
            run_id,
            f"{row[11]} {row[12]}" if row[11] else "",
            refused,
            len(tried),
            not_before,
            *_told(refused, verdict),
            row[22],
        )
        return Row(one, tried, _instrument(row) if saved else None, row[16], self._grants[id_], *row[19:22])

    def _goes_first(self, earlier_id: UUID, row: Sequence[Any]) -> bool:
        """Whether an earlier invoice is being collected, or was tried and will be again by itself."""
        tried = self._tried[earlier_id]
        if tried and tried[-1].state in OPEN_ATTEMPT:
            return True
        verdict = self._verdicts.get(earlier_id)
        if verdict is None or not (verdict.allowed or verdict.not_before) or not any(p.failed for p in tried):
            return False
        grants = self._grants[earlier_id]
        schedule = self._schedules.of(row[20], row[19])
        planned = next_try(
            tried, _instrument(row), row[16], row[4], schedule, grants=grants, worked_at=row[21]
        )
        return planned is not None


def _told(refused: str, verdict: RetryVerdict | None) -> tuple[str, str]:
    if not refused:
        return "", ""
    reason = REASONS[refused]
    sentence = verdict.sentence if verdict is not None and verdict.refused == refused else ""
    return sentence or reason.sentence, reason.fix


def _instrument(row: Sequence[Any]) -> Instrument:
    year, month = row[14], row[15]
    expires = (year, month) if year is not None and month is not None else None
    return Instrument(row[13], expires, row[8], row[10], row[11])


def next_collection(
    organization_id: UUID, policies: Policies, *, since: date, place: int | None = None
) -> tuple[date, int] | None:
    """The earliest due date of an autopay invoice that waits to be collected, and the member's number: after a local
    date, or on it at a time of day that has not come (`Slot.passed`)."""
    covers, named = autopay_covers(policies)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT i.due_on, p.number FROM invoicing_invoice i JOIN people_party p ON p.id = i.party_id
               WHERE i.organization_id = %(organization)s AND i.state = 'sent' AND i.balance_minor > 0
                 AND {covers} AND i.due_on >= %(since)s
                 AND (i.due_on > %(since)s OR mod(p.number * %(apart)s, %(units)s) >= %(place)s)
                 AND {BY_ITSELF}
               ORDER BY i.due_on, mod(p.number * %(apart)s, %(units)s) LIMIT 1""",
            {
                "organization": organization_id,
                "since": since,
                "place": PLACES if place is None else place,
                "apart": APART,
                "units": PLACES,
                **named,
            },
        )
        row = cursor.fetchone()
    return (row[0], int(row[1])) if row else None


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
            fix="Choose today, or confirm that you want to collect them early (--yes on the command line).",
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
    """The whole submit list in figures: what will be submitted, of each currency for itself, of which runs, and how
    many can't be, by reason. `digest` stands for exactly these invoices with these balances."""

    count: int
    amounts: tuple[Money, ...]
    refused: Mapping[str, int]
    run_ids: tuple[UUID, ...]
    digest: str


def submit_totals(organization: Organization, selection: Selection, *, now: datetime) -> SubmitTotals:
    """Adds up the submit list; what a person confirms is bound to its digest."""
    count, refused, run_ids = 0, Counter[str](), set[UUID]()
    amounts = Counter({organization.currency: 0})
    digest, after = hashlib.sha256(), None
    while True:
        page, after = submit_list(organization, selection, now=now, after=after, limit=5_000)
        for one in page:
            if one.refused:
                refused[one.refused] += 1
                continue
            count += 1
            amounts[one.currency] += one.balance_minor
            if one.run_id is not None:
                run_ids.add(one.run_id)
            digest.update(f"{one.invoice_id} {one.balance_minor}\n".encode())
        if after is None:
            return SubmitTotals(
                count,
                each_for_itself(amounts),
                dict(refused.most_common()),
                tuple(sorted(run_ids)),
                digest.hexdigest(),
            )


def submit_page(
    organization: Organization,
    selection: Selection,
    *,
    now: datetime,
    refused: bool,
    after: Place | None,
    limit: int,
) -> tuple[list[Collectable], Place | None]:
    """A page of the submit list: those that will be submitted, or those that can't be; and where the next starts."""
    return _page(
        organization, selection, lambda code: bool(code) is refused, now=now, after=after, limit=limit
    )


def pending_page(
    organization: Organization, *, now: datetime, after: Place | None = None, limit: int = 50
) -> tuple[list[Collectable], Place | None]:
    """A page of the pending invoices: due today or earlier and not submitted, each with the reason (`why`) and what
    would let it be collected (`fix`), whoever would have to do it (I-29, I-30)."""
    return _page(organization, _due(organization, now), bool, now=now, after=after, limit=limit)


def failed_page(
    organization: Organization, *, now: datetime, after: Place | None = None, limit: int = 50
) -> tuple[list[Collectable], Place | None]:
    """A page of the failed invoices: no further try is made of them until a person acts (I-44, I-64). Those whose
    reason is in `GRANTABLE` (payments/rules/retries.py) can be allowed another attempt."""
    due = _due(organization, now)
    return _page(organization, due, FAILED_CODES.__contains__, now=now, after=after, limit=limit)


def exception_page(
    organization: Organization, *, now: datetime, after: Place | None = None, limit: int = 50
) -> tuple[list[Collectable], Place | None]:
    """A page of the exceptions: unpaid invoices of earlier terms, which `collect.arrears` leaves out (I-38)."""
    due = _due(organization, now)
    return _page(organization, due, EXCEPTION_CODES.__contains__, now=now, after=after, limit=limit)


def _due(organization: Organization, now: datetime) -> Selection:
    return Selection(local_date(now, organization.zone))


def _page(
    organization: Organization,
    selection: Selection,
    wanted: Callable[[str], bool],
    *,
    now: datetime,
    after: Place | None,
    limit: int,
) -> tuple[list[Collectable], Place | None]:
    """A page of those of the list whose refusal code ("" for none) is wanted, and where the next page starts."""
    found: list[Collectable] = []
    while True:
        page, after = submit_list(organization, selection, now=now, after=after)
        for at, one in enumerate(page):
            if not wanted(one.refused):
                continue
            found.append(one)
            if len(found) == limit:
                more = after is not None or any(wanted(other.refused) for other in page[at + 1 :])
                return found, (one.due_on, one.number) if more else None
        if after is None:
            return found, None
