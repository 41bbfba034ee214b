"""Questions about what the calendar has to bill: how much of it is due and not done."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q

from paidthru.membership.models import Membership
from paidthru.membership.queries.discounts import discounts_from, discounts_of
from paidthru.membership.queries.running import PLAN_NEXT
from paidthru.membership.rules.discounts import Discount


@dataclass(frozen=True, slots=True)
class DueTerms:
    """Memberships whose next term begins on the same date, with all in common that makes its length and price: the plan
    that it is on, what comes off, whether it bears tax."""

    next_on: date
    plan_id: UUID
    override_months: int | None
    customer_months: int | None
    cancel_on: date | None
    exempt: bool
    discounts: tuple[Discount, ...]
    count: int


def due_terms(organization_id: UUID, *, by: date, at: datetime) -> list[DueTerms]:
    """The memberships that bill by themselves on a local date or before, at an instant, earliest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT m.next_bill_on, {PLAN_NEXT}, m.override_months, c.value, m.cancel_on, p.tax_exempt <> '',
                      {discounts_of(organization_id, PLAN_NEXT)}, count(*)
               FROM membership_membership m JOIN people_party p ON p.id = m.party_id
               LEFT JOIN organizations_policysetting c ON c.organization_id = m.organization_id
                    AND c.scope = 'customer' AND c.scope_id = m.party_id AND c.key = 'term.interval_months'
               WHERE m.organization_id = %s AND m.next_bill_on <= %s AND (m.bill_from IS NULL OR m.bill_from <= %s)
               GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7""",
            [organization_id, by, at],
        )
        return [
            DueTerms(
                on, plan, override, int(customer) if customer else None, cancel, exempt,
                discounts_from(given), int(count),
            )
            for on, plan, override, customer, cancel, exempt, given, count in cursor.fetchall()
        ]  # fmt: skip


def count_due(organization_id: UUID, *, by: date, at: datetime) -> tuple[int, date | None]:
    """How many memberships bill by themselves on a local date or before, at an instant; and the earliest date."""
    found = Membership.objects.filter(organization_id=organization_id, next_bill_on__lte=by)
    due = found.filter(Q(bill_from=None) | Q(bill_from__lte=at))
    counted = due.aggregate(n=Count("id"), first=Min("next_bill_on"))
    return int(counted["n"]), counted["first"]
