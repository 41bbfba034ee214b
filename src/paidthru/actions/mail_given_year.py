"""Mail donors what they gave in a calendar year, by their valid tax receipts (A-25)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.giving.queries import donors_in
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.notices.operations import tell_of_years
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def mail_given_year(organization: Organization, year: int, *, actor: Actor, now: datetime) -> list[UUID]:
    """Mails every donor of a year who has an address and wasn't mailed it before; returns to whom. Refused
    `year_not_over`: a statement of a year that goes on would not be of all of it."""
    if not 1 <= year < local_date(now, organization.zone).year:
        raise Refused(
            "year_not_over",
            f"{year} is not over.",
            field="year",
            value=year,
            fix="Choose a year that is over.",
        )
    with transaction.atomic():
        donors = donors_in(organization.id, year)
        tell_of_years(organization.id, donors, year, now=now)
        if donors:
            facts = {"year": year, "donors": len(donors)}
            happening = Happening("given_year_mailed", "organization", organization.id, facts=facts)
            record(organization.id, actor, now, [happening])
    return donors
