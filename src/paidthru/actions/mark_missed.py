"""Mark missed cycles: what was due and is not paid makes a membership past due, by policy (C-14, C-20)."""

from datetime import date, datetime

from django.db import connection, transaction

from paidthru.dunning.queries import IN_FLIGHT
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def mark_missed(
    organization: Organization, *, today: date, at_start: bool = False, actor: Actor, now: datetime
) -> int:
    """Notes memberships with something owed that was due before the local date `today`, isn't under way and has no
    failure on record yet; returns how many. With `at_start` a running membership's new cycle is missed on its first day
    already: it is collected as it starts, or there was nothing to collect it with (C-14). What is voluntary is not
    owed. A second time it finds nothing.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE membership_membership m SET unpaid_since = missed.due_on
                   FROM (SELECT r.source_id, min(r.due_on) AS due_on FROM invoicing_receivable r
                         WHERE r.organization_id = %(organization)s AND r.state = 'open' AND NOT r.voluntary
                           AND r.due_on <= %(today)s AND NOT {IN_FLIGHT.format(receivable="r")} GROUP BY 1) missed
                   WHERE m.id = missed.source_id AND m.unpaid_since IS NULL AND m.state <> 'ended'
                     AND (missed.due_on < %(today)s OR (%(at_start)s AND m.state <> 'pending'))
                   RETURNING m.id, m.party_id, missed.due_on""",
                {"organization": organization.id, "today": today, "at_start": at_start},
            )
            missed = cursor.fetchall()
        record(
            organization.id,
            actor,
            now,
            (
                Happening("cycle_missed", "membership", id_, party_id, facts={"due": due_on.isoformat()})
                for id_, party_id, due_on in missed
            ),
        )
        return len(missed)
