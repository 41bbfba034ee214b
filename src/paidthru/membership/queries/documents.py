"""Which documents of memberships follow which policy."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from paidthru.organizations.rules.policies import Policies

_KEY = "invoice.on_failed_attempt"
_CLOSES = "close_and_reissue"


def closed_on_failure(policies: Policies, invoice_ids: Collection[UUID]) -> list[UUID]:
    """Those of the invoices, all of memberships, that a failed payment closes (`invoice.on_failed_attempt`), by the
    policy of the membership, its plan or its member. What staff charge for something else stays as it is."""
    special = any(policies.differing(_KEY, scope) for scope in ("subscription", "plan", "customer"))
    if not invoice_ids or (policies.word(_KEY) != _CLOSES and not special):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (i.id) i.id, m.id, m.plan_id, m.party_id FROM invoicing_invoice i
               JOIN invoicing_line l ON l.invoice_id = i.id
               JOIN invoicing_receivable r ON r.id = l.receivable_id
               JOIN membership_membership m ON m.id = r.source_id
               WHERE i.id = ANY(%s) AND i.kind = 'membership' ORDER BY i.id, r.period_start DESC""",
            [list(invoice_ids)],
        )
        rows = cursor.fetchall()
    return [
        invoice_id
        for invoice_id, membership_id, plan_id, party_id in rows
        if policies.within(subscription=membership_id, plan=plan_id, customer=party_id).word(_KEY) == _CLOSES
    ]
