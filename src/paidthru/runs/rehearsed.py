"""What came of a rehearsal: the copy's months in figures, and where two courses part, member by member."""

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection

from paidthru.actions.rehearse import Luck
from paidthru.invoicing.queries import age_totals
from paidthru.kernel.clock import local_date, local_instant
from paidthru.kernel.periods import add_months, first_of_next_month
from paidthru.membership.queries.members import counts_by_label
from paidthru.membership.rules.renewal_notice import PREVIOUS
from paidthru.organizations.models import Organization, Rehearsal
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries.revenue import collected
from paidthru.people.queries import found_by
from paidthru.runs.desk import Desk


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, or the part of it that was played, from the local date `start` on. Amounts are minor units of
    the organization's currency."""

    start: date
    billed: int = 0
    billed_minor: int = 0
    collected_minor: int = 0
    declined: int = 0
    mails: int = 0
    ended: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one course. `labels`: how many members are called what at its end; `owed_minor`: what is owed
    then."""

    months: tuple[Month, ...]
    labels: dict[str, int] = field(default_factory=dict)
    owed_minor: int = 0

    def total(self, name: str) -> int:
        """The sum of one of the months' figures."""
        return sum(getattr(month, name) for month in self.months)

    def without(self, earlier: "Figures") -> "Figures":
        """The same but for what had happened on the first day before it began."""
        first, *later = self.months
        before = earlier.months[0]
        counts = {name: getattr(first, name) - getattr(before, name) for name in _COUNTED}
        return replace(self, months=(replace(first, **counts), *later))

    def as_dict(self) -> dict[str, Any]:
        """As it is kept with the course."""
        months = [asdict(month) | {"start": month.start.isoformat()} for month in self.months]
        return {"months": months, "labels": self.labels, "owed_minor": self.owed_minor}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Figures":
        """As it was kept."""
        months = tuple(
            Month(**(month | {"start": date.fromisoformat(month["start"])})) for month in kept["months"]
        )
        return cls(months, kept["labels"], kept["owed_minor"])


_COUNTED = tuple(one.name for one in fields(Month) if one.name != "start")
# What an invoice asks for again, having been billed before: it would be counted twice.
_CARRIED = f"""(SELECT coalesce(sum(l.amount_minor), 0) FROM invoicing_line l
               WHERE l.invoice_id = i.id AND l.derivation ->> 'rule' = '{PREVIOUS}')"""
_COUNTS = f"""
    SELECT (SELECT count(*) FROM invoicing_invoice
            WHERE organization_id = %(org)s AND bill_on >= %(start)s AND bill_on < %(end)s
              AND state NOT IN ('draft', 'void') AND first_id IS NULL AND currency = %(currency)s),
           (SELECT coalesce(sum(i.total_minor - {_CARRIED}), 0) FROM invoicing_invoice i
            WHERE i.organization_id = %(org)s AND i.bill_on >= %(start)s AND i.bill_on < %(end)s
              AND i.state NOT IN ('draft', 'void') AND i.first_id IS NULL AND i.currency = %(currency)s),
           (SELECT count(*) FROM payments_attempt WHERE organization_id = %(org)s AND state = 'declined'
              AND (concluded_at AT TIME ZONE %(zone)s)::date >= %(start)s
              AND (concluded_at AT TIME ZONE %(zone)s)::date < %(end)s),
           (SELECT count(*) FROM timeline_message WHERE organization_id = %(org)s AND state <> 'dropped'
              AND (written_at AT TIME ZONE %(zone)s)::date >= %(start)s
              AND (written_at AT TIME ZONE %(zone)s)::date < %(end)s),
           (SELECT count(*) FROM membership_membership WHERE organization_id = %(org)s AND state = 'ended'
              AND ended_on >= %(start)s AND ended_on < %(end)s)"""


def figures_of(desk: Desk, *, since: date) -> Figures:
    """What a copy did from a local date through its today, by calendar month."""
    organization, months = desk.organization, list[Month]()
    today, start = desk.today, since
    with connection.cursor() as cursor:
        while start <= today:
            end = first_of_next_month(start)
            cursor.execute(
                _COUNTS,
                {
                    "org": organization.id, "start": start, "end": end, "currency": organization.currency,
                    "zone": organization.zone,
                },
            )  # fmt: skip
            billed, billed_minor, declined, mails, ended = map(int, cursor.fetchone())
            came = collected(organization.id, organization.currency, start, end)
            months.append(Month(start, billed, billed_minor, came, declined, mails, ended))
            start = end
    labels = counts_by_label(organization.id, policies_of(organization), today, which=found_by("", "party__"))
    owed = sum(age_totals(organization.id, today).get(organization.currency, ()))
    return Figures(tuple(months), labels, owed)


# What a course brought each member, by the number that they have in every copy.
_OUTCOMES = """
    SELECT p.number, p.id, p.name,
           coalesce((SELECT sum(i.total_minor - {carried}) FROM invoicing_invoice i
                     WHERE i.party_id = p.id AND i.bill_on >= %(since)s AND i.state NOT IN ('draft', 'void')
                       AND i.first_id IS NULL AND i.currency = %(currency)s), 0)::bigint AS billed,
           coalesce((SELECT sum(y.amount_minor - y.refunded_minor - y.reversed_minor) FROM payments_payment y
                     WHERE y.party_id = p.id AND y.received_on >= %(since)s
                       AND y.currency = %(currency)s), 0)::bigint AS paid,
           (SELECT count(*) FROM payments_attempt a WHERE a.party_id = p.id AND a.state = 'declined'
              AND a.created_at > %(began)s) AS declined,
           (SELECT count(*) FROM timeline_message g WHERE g.party_id = p.id AND g.written_at > %(began)s
              AND g.state <> 'dropped') AS mails,
           coalesce(m.state, ''), m.paid_through
    FROM people_party p LEFT JOIN LATERAL (
        SELECT state, paid_through FROM membership_membership m WHERE m.party_id = p.id
        ORDER BY (m.state <> 'ended') DESC, m.id DESC LIMIT 1) m ON true
    WHERE p.organization_id = {org}"""
_NAMED = "number, id, name, billed, paid, declined, mails, state, paid_through"
_PARTED = f"""
    FROM ({_OUTCOMES.format(org="%(present)s", carried=_CARRIED)}) a({_NAMED})
    JOIN ({_OUTCOMES.format(org="%(proposed)s", carried=_CARRIED)}) b({_NAMED})
      USING (number)
    WHERE (a.billed, a.paid, a.declined, a.mails, a.state, a.paid_through)
          IS DISTINCT FROM (b.billed, b.paid, b.declined, b.mails, b.state, b.paid_through)"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a course brought one member: billed and paid in it (minor units of the organization's currency), tries that
    were declined, mails, the state of the newest membership, and through which local date they have paid."""

    billed_minor: int
    paid_minor: int
    declined: int
    mails: int
    state: str
    paid_through: date | None


@dataclass(frozen=True, slots=True)
class Parting:
    """A member for whom two courses differ. `party_id` is theirs in the original."""

    party_id: UUID
    name: str
    present: Outcome
    proposed: Outcome


def partings(rehearsal: Rehearsal, *, limit: int, offset: int = 0) -> tuple[list[Parting], int]:
    """The members for whom the two courses of a rehearsal differ, by their numbers, and how many these are. None where
    a copy is gone."""
    there = Organization.objects.filter(forked_from=rehearsal.organization_id).values("id")
    forks = dict(rehearsal.courses.filter(fork_id__in=there).values_list("kind", "fork_id"))
    present, proposed = forks.get("present"), forks.get("proposed")
    if present is None or proposed is None:
        return [], 0
    values: dict[str, UUID | date | datetime | int | str] = {
        "currency": rehearsal.organization.currency,
        "present": present,
        "proposed": proposed,
        "since": local_date(rehearsal.begins_at, rehearsal.organization.zone),
        "began": rehearsal.begins_at,
        "limit": limit,
        "offset": offset,
    }
    mask = present.int ^ rehearsal.organization_id.int
    columns = "billed, {0}.paid, {0}.declined, {0}.mails, {0}.state, {0}.paid_through"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT a.id, a.name, a.{columns.format("a")}, b.{columns.format("b")}, count(*) OVER () {_PARTED}
                ORDER BY number LIMIT %(limit)s OFFSET %(offset)s""",
            values,
        )
        rows = cursor.fetchall()
    found = [
        Parting(UUID(int=row[0].int ^ mask), row[1], Outcome(*row[2:8]), Outcome(*row[8:14])) for row in rows
    ]
    return found, int(rows[0][14]) if rows else 0


_SEEN = """
    SELECT (SELECT count(*) FROM payments_attempt WHERE organization_id = %(org)s AND created_at >= %(since)s
              AND state IN ('succeeded', 'declined')),
           (SELECT count(*) FROM payments_attempt WHERE organization_id = %(org)s AND created_at >= %(since)s
              AND state = 'declined' AND soft),
           (SELECT count(*) FROM payments_attempt WHERE organization_id = %(org)s AND created_at >= %(since)s
              AND state = 'declined' AND NOT soft),
           (SELECT count(*) FROM payments_paymentmethod WHERE organization_id = %(org)s AND state = 'active'),
           (SELECT count(*) FROM {untried}), (SELECT count(*) FROM {untried} AND i.state = 'paid'),
           (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY y.received_on - i.due_on)
            FROM {untried} AND i.state = 'paid')"""
_UNTRIED = """invoicing_invoice i LEFT JOIN LATERAL (
        SELECT max(y.received_on) AS received_on FROM payments_allocation a
        JOIN payments_payment y ON y.id = a.payment_id WHERE a.invoice_id = i.id) y ON true
    WHERE i.organization_id = %(org)s AND i.bill_on >= %(start)s AND i.due_on < %(end)s
      AND i.state IN ('sent', 'paid') AND i.total_minor > 0
      AND NOT EXISTS (SELECT 1 FROM payments_intentinvoice t WHERE t.invoice_id = i.id)"""
_ENOUGH = 50  # of what is counted; fewer say nothing


def luck_seen(desk: Desk) -> Luck:
    """How payments went in the last twelve months, where there were enough of them to say; else the usual."""
    organization, usual = desk.organization, Luck()
    start = add_months(desk.today, -12)
    with connection.cursor() as cursor:
        cursor.execute(
            _SEEN.format(untried=_UNTRIED),
            {
                "org": organization.id, "since": local_instant(start, time.min, organization.zone), "start": start,
                "end": add_months(desk.today, -2),
            },
        )  # fmt: skip
        tried, soft, hard, methods, untried, paid, days = (int(one or 0) for one in cursor.fetchone())
    by_hand = untried >= _ENOUGH
    return Luck(
        soft * 1000 // tried if tried >= _ENOUGH else usual.declined,
        min(hard * 1000 // methods, 1000) if methods >= _ENOUGH else usual.lost,
        paid * 1000 // untried if by_hand else usual.by_hand,
        min(max(days, 0), 365) if by_hand else usual.by_hand_days,
    )
