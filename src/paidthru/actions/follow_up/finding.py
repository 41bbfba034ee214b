"""What there is to follow up: receivables without a case, and cases that have to be looked at."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from paidthru.dunning.queries import IN_FLIGHT

#: Whether a receivable without an open case may get one: it never had one, or its money was taken back, or the
#: cancellation that closed it was undone. What was set aside stays aside.
_MAY_OPEN = """
    NOT EXISTS (SELECT 1 FROM dunning_case oc WHERE oc.receivable_id = r.id AND oc.state = 'open')
    AND coalesce((SELECT lc.closed_because FROM dunning_case lc WHERE lc.receivable_id = r.id
                  ORDER BY lc.id DESC LIMIT 1), 'paid') IN ('paid', 'canceled')"""


OF_HOMES = ("assessment", "levy")  # what homes owe has cases too, without a membership


def _owed(of: str) -> str:
    return f"{of}.state = 'open' AND {of}.is_primary AND NOT {of}.voluntary AND {of}.balance_minor > 0"


_OWED = _owed("r")

_UNPAID = f"""
    SELECT r.id, r.party_id, r.source_id, m.plan_id, m.unpaid_since, r.due_on, first.bill_on,
           r.due_on = (SELECT min(o.due_on) FROM invoicing_receivable o
                       WHERE o.source_id = r.source_id AND {_owed("o")}),
           (SELECT min((a.concluded_at AT TIME ZONE %(zone)s)::date) FROM invoicing_line l
            JOIN payments_intentinvoice h ON h.invoice_id = l.invoice_id
            JOIN payments_attempt a ON a.intent_id = h.intent_id AND a.state IN ('declined', 'rejected')
            WHERE l.receivable_id = r.id),
           (SELECT max(v.occurred_on) FROM payments_allocation al
            JOIN payments_reversalpart vp ON vp.allocation_id = al.id JOIN payments_reversal v ON v.id = vp.reversal_id
            WHERE al.receivable_id = r.id),
           EXISTS (SELECT 1 FROM invoicing_line l JOIN timeline_event e ON e.subject_id = l.invoice_id
                   AND e.verb = 'payment_held_back' WHERE l.receivable_id = r.id),
           {IN_FLIGHT.format(receivable="r")},
           (SELECT lc.closed_because FROM dunning_case lc WHERE lc.receivable_id = r.id ORDER BY lc.id DESC LIMIT 1),
           coalesce(m.party_id, r.party_id)
    FROM invoicing_receivable r LEFT JOIN membership_membership m ON m.id = r.source_id
    JOIN LATERAL (SELECT i.bill_on FROM invoicing_line l JOIN invoicing_invoice i ON i.id = l.invoice_id
                  WHERE l.receivable_id = r.id ORDER BY i.number LIMIT 1) first ON true
    WHERE r.organization_id = %(organization)s AND {_OWED} AND r.due_on <= %(today)s
      AND (m.state IN ('pending', 'active') AND m.unpaid_since IS NOT NULL OR m.id IS NULL AND r.kind IN {OF_HOMES})
      AND {_MAY_OPEN}
      AND (%(after)s::uuid IS NULL OR r.id > %(after)s)
    ORDER BY r.id LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A receivable that was not paid and has no case: whose, since which local date, and why. `membership_id` is its
    source: a unit has no plan. `member_id` is the member, where somebody else is asked for it (C-25)."""

    receivable_id: UUID
    party_id: UUID
    membership_id: UUID
    plan_id: UUID | None
    since: date
    why: str
    member_id: UUID


def unpaid(
    organization_id: UUID, *, zone: str, today: date, not_before: date | None, after: UUID | None, limit: int
) -> tuple[list[Unpaid], UUID | None]:
    """What is to have a case, of the next `limit` receivables after one; and the last of these, None when there are no
    more. The day is that of the first failure, or the due date where nothing was tried: not one before it was billed,
    nor before dunning began here (`not_before`)."""
    values: dict[str, Any] = {
        "organization": organization_id,
        "zone": zone,
        "today": today,
        "after": after,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNPAID, values)
        rows = cursor.fetchall()
    found = []
    for row in rows:
        (
            id_,
            party,
            membership,
            plan,
            since,
            due_on,
            billed,
            oldest,
            failed,
            back,
            held,
            in_flight,
            last,
            member,
        ) = row
        if not (failed or back or held or (due_on < today and not in_flight)):
            continue
        if last == "canceled":
            day = today
        elif back is not None:
            day = back
        else:
            day = since if oldest and since else failed or due_on
        day = min(max(day, billed, not_before or billed), today)
        why = "returned" if back else "declined" if failed else "held" if held else "missed"
        found.append(Unpaid(id_, party, membership, plan, day, why, member))
    return found, rows[-1][0] if len(rows) == limit else None


def next_missed(organization_id: UUID, *, today: date) -> date | None:
    """The local date from which the next thing that is due will have been missed, should nobody pay it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT r.due_on + 1 FROM invoicing_receivable r
                LEFT JOIN membership_membership m ON m.id = r.source_id
                WHERE r.organization_id = %s AND {_OWED} AND r.due_on >= %s AND {_MAY_OPEN}
                  AND (m.state IN ('pending', 'active') OR m.id IS NULL AND r.kind IN {OF_HOMES})
                ORDER BY r.due_on LIMIT 1""",
            [organization_id, today],
        )
        row = cursor.fetchone()
    return row[0] if row else None


@dataclass(frozen=True, slots=True)
class Looked:
    """An open case as it is found: `closes` is why it is over ("" if it isn't), `tries` how many attempts have ended.
    Amounts are minor units."""

    case_id: UUID
    closes: str
    waiting: bool
    plan_id: UUID | None
    later_unpaid: int
    owed_minor: int
    tries: int


# First which cases, which asks little of each that is open; then all that is told of those. What was allocated is
# counted and not asked for with EXISTS, which would be answered by reading all allocations there are.
_CASES = f"""
    WITH due AS MATERIALIZED (
        SELECT c.id, flight.under_way, concluded.tries
        FROM dunning_case c JOIN invoicing_receivable r ON r.id = c.receivable_id
        {{membership}}
        CROSS JOIN LATERAL (SELECT {IN_FLIGHT.format(receivable="r")} AS under_way) flight
        CROSS JOIN LATERAL (
            SELECT count(*) AS tries FROM invoicing_line l JOIN payments_intentinvoice h ON h.invoice_id = l.invoice_id
            JOIN payments_attempt a ON a.intent_id = h.intent_id AND a.concluded_at IS NOT NULL
            WHERE l.receivable_id = r.id) concluded
        WHERE c.organization_id = %(organization)s AND c.state = 'open'
          AND (r.state <> 'open' OR m.state NOT IN ('pending', 'active') OR concluded.tries <> c.tries_seen
               OR (c.next_on <= %(by)s AND NOT flight.under_way))
        ORDER BY c.id LIMIT %(limit)s)
    SELECT c.id, r.state, m.state, m.ended_because, due.under_way, m.plan_id,
           (SELECT count(*) FROM invoicing_receivable n WHERE n.source_id = r.source_id AND n.is_primary
              AND n.state = 'open' AND n.period_start > r.period_start AND n.due_on <= %(today)s),
           (SELECT coalesce(sum(o.balance_minor), 0)::bigint FROM invoicing_receivable o
            WHERE o.source_id = r.source_id AND o.period_start = r.period_start AND o.state = 'open'
              AND NOT o.voluntary AND (m.id IS NOT NULL OR o.id = r.id)),
           (SELECT count(*) FROM invoicing_creditnoteline k WHERE k.receivable_id = r.id) > 0
             AND (SELECT count(*) FROM payments_allocation al WHERE al.receivable_id = r.id
                  AND al.amount_minor > al.reversed_minor) = 0,
           due.tries
    FROM due JOIN dunning_case c ON c.id = due.id JOIN invoicing_receivable r ON r.id = c.receivable_id
    {{membership}}
    WHERE c.state = 'open'
    ORDER BY c.id FOR UPDATE OF {{locked}}"""
_OF_MEMBERSHIPS = _CASES.format(
    membership="JOIN membership_membership m ON m.id = c.membership_id", locked="c, r, m"
)
#: What homes owe has no membership, whose columns are empty.
_OF_UNITS = _CASES.format(
    membership="JOIN people_unit u ON u.id = c.membership_id LEFT JOIN membership_membership m ON false",
    locked="c, r",
)

_OVER = {"settled": "paid", "written_off": "written_off", "void": "voided", "canceled": "voided"}


def to_look_at(organization_id: UUID, *, today: date, by: date, limit: int) -> list[Looked]:
    """The open cases that are over, whose calendar asks for a look by a date, or about which something was tried since
    the last look; locked with their receivables and memberships, so that nobody pays, cancels or
    switches while a mail is written."""
    values: dict[str, Any] = {"organization": organization_id, "today": today, "by": by, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_OF_MEMBERSHIPS, values)
        rows = cursor.fetchall()
        cursor.execute(_OF_UNITS, values | {"limit": limit - len(rows)})
        rows += cursor.fetchall()
    found = []
    for case_id, owed, lifecycle, ended, waiting, plan_id, later, owed_minor, credited, tries in rows:
        closes = _OVER.get(owed, "")
        if closes == "paid" and credited:
            closes = "credited"
        if not closes and lifecycle == "ending":
            closes = "canceled"
        elif not closes and lifecycle == "ended":
            closes = ended if ended in ("canceled", "lapsed", "downgraded") else "ended"
        found.append(Looked(case_id, closes, waiting, plan_id, later, owed_minor, tries))
    return found
