"""Free canceled terms: what was billed for them and taken back can be billed again, should the membership go on."""

from uuid import UUID

from django.db import connection, transaction

from paidthru.organizations.models import Organization


def free_terms(organization: Organization, membership_id: UUID) -> None:
    """Marks what was billed for a membership's canceled terms, and of which nothing is owed or paid any more, as
    canceled: it no longer stands in the way of another bill for the same days. The books don't change."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE invoicing_receivable r SET state = 'canceled'
               FROM membership_term t
               WHERE t.organization_id = %s AND t.membership_id = %s AND t.canceled AND r.source_id = t.membership_id
                 AND r.period_start = t.start_on AND r.state IN ('void', 'settled') AND r.balance_minor = 0
                 AND NOT EXISTS (SELECT 1 FROM membership_term n WHERE n.membership_id = t.membership_id
                                 AND n.start_on = t.start_on AND NOT n.canceled)
                 AND NOT EXISTS (SELECT 1 FROM payments_allocation a WHERE a.receivable_id = r.id)""",
            [organization.id, membership_id],
        )
