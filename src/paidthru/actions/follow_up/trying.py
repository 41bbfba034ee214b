"""Whether anything is still tried by itself for a case, read from the attempts; nothing is decided about them here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from paidthru.dunning.models import Case
from paidthru.dunning.queries import is_elsewhere
from paidthru.dunning.rules.ladder import Facts, day_of, ladder_from
from paidthru.invoicing.queries import OF_LINE
from paidthru.kernel.clock import local_date
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.models import PaymentMethod
from paidthru.payments.queries import histories
from paidthru.payments.queries.retrying import (
    Schedules,
    Wanted,
    grants_of,
    instrument,
    retry_policy,
    verdicts,
)
from paidthru.payments.rules.retry_schedule import in_sequence, next_try


@dataclass(frozen=True, slots=True)
class Tries:
    """`over_on`: the local date since which nothing more is tried by itself (None: something is, on `planned_on`).
    `elsewhere`: somebody else looks after the plan's failed payments."""

    over_on: date | None
    planned_on: date | None = None
    elsewhere: bool = False


_OF_CASES = f"""
    SELECT DISTINCT ON (c.id) c.id, i.id, i.due_on, i.party_id, p.number, m.plan_id,
           coalesce(m.autopay AND coalesce(m.payer_id, m.party_id) = i.party_id, h.autopay, false),
           (SELECT coalesce(sum(r.balance_minor), 0)::bigint FROM invoicing_line ll
            {OF_LINE.format(line="ll")} WHERE ll.invoice_id = i.id AND r.state = 'open' AND NOT r.voluntary)
    FROM dunning_case c JOIN invoicing_line l ON l.receivable_id = c.receivable_id
    JOIN invoicing_invoice i ON i.id = l.invoice_id JOIN people_party p ON p.id = i.party_id
    LEFT JOIN membership_membership m ON m.id = c.membership_id
    LEFT JOIN people_holding h ON h.unit_id = c.membership_id AND h.party_id = c.party_id AND h.role = 'owner'
         AND h.until_on IS NULL
    WHERE c.id = ANY(%s) ORDER BY c.id, i.number DESC"""


def tries_of(
    organization: Organization,
    policies: Policies,
    cases: Sequence[Case],
    facts: Mapping[UUID, Facts],
    *,
    now: datetime,
) -> dict[UUID, Tries]:
    """For each case, whether its latest invoice is tried again by itself. Where nothing can be, all is over on the day
    on which the last of the tries would have been."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_CASES, [[case.id for case in cases]])
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    invoices = [row[0] for row in rows.values()]
    methods = {
        one.party_id: one
        for one in PaymentMethod.objects.filter(party__in=[row[2] for row in rows.values()], state="active")
    }
    tried, grants = histories(invoices), grants_of(invoices)
    wanted = [
        Wanted(row[0], methods[row[2]].gateway, instrument(methods[row[2]]), row[6])
        for row in rows.values()
        if row[2] in methods
    ]
    answers = verdicts(organization, wanted, retry_policy(policies), now=now, tried=tried, grants=grants)
    schedules, found = Schedules(policies, organization.zone), {}
    for case in cases:
        invoice_id, due_on, party_id, number, plan_id, autopay, _ = rows[case.id]
        method, verdict = methods.get(party_id), answers.get(invoice_id)
        failures = [past for past in tried[invoice_id] if past.failed]
        schedule, planned = schedules.of(plan_id, number), None
        if method and verdict and autopay and (verdict.allowed or verdict.not_before is not None):
            known = grants[invoice_id]
            planned = next_try(
                tried[invoice_id], instrument(method), method.created_at, due_on, schedule, grants=known
            )
        elsewhere = is_elsewhere(policies, plan_id)
        if planned is not None:
            on = local_date(max(planned.at, now), organization.zone)
            found[case.id] = Tries(None, on, elsewhere)
            continue
        last = max((past.on for past in failures), default=None)
        used_up = verdict is not None and verdict.refused == "attempts_exhausted"
        if last is not None and (used_up or len(in_sequence(failures, due_on)) >= len(schedule.offsets)):
            found[case.id] = Tries(last, None, elsewhere)
        else:
            day = day_of(facts[case.id], ladder_from(case.ladder).tries_days)
            found[case.id] = Tries(max(day, last or day), None, elsewhere)
    return found
