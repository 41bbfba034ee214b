"""Questions about what the calendar has to bill: how much of it is due and not done."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q

from paidthru.membership.models import Membership


@dataclass(frozen=True, slots=True)
class DueTerms:
    """Memberships whose next term begins on the same date, with all in common that makes its length and price."""

    next_on: date
    plan_id: UUID
    override_months: int | None
    customer_months: int | None
    cancel_on: date | None
    count: int


def due_terms(organization_id: UUID, *, by: date, at: datetime) -> list[DueTerms]:
    """The memberships that bill by themselves on a local date or before, at an instant, earliest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT m.next_bill_on, m.plan_id, m.override_months, c.value, m.cancel_on, count(*)
               FROM membership_membership m
               LEFT JOIN organizations_policysetting c ON c.organization_id = m.organization_id
                    AND c.scope = 'customer' AND c.scope_id = m.party_id AND c.key = 'term.interval_months'
               WHERE m.organization_id = %s AND m.next_bill_on <= %s AND (m.bill_from IS NULL OR m.bill_from <= %s)
               GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5""",
            [organization_id, by, at],
        )
        return [
            DueTerms(on, plan, override, int(customer) if customer else None, cancel, int(count))
            for on, plan, override, customer, cancel, count in cursor.fetchall()
        ]


def count_due(organization_id: UUID, *, by: date, at: datetime) -> tuple[int, date | None]:
    """How many memberships bill by themselves on a local date or before, at an instant; and the earliest date."""
    found = Membership.objects.filter(organization_id=organization_id, next_bill_on__lte=by)
    due = found.filter(Q(bill_from=None) | Q(bill_from__lte=at))
    counted = due.aggregate(n=Count("id"), first=Min("next_bill_on"))
    return int(counted["n"]), counted["first"]
