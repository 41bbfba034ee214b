"""Questions to the visits room."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Min, QuerySet

from paidthru.visits.models import Visit, VisitPrice
from paidthru.visits.rules.windows import PriceFacts, window_from

ONE_VISIT = timedelta(seconds=30)  # taps that follow each other faster, or in the same minute, are one visit


def prices_of(organization_id: UUID) -> list[VisitPrice]:
    """The visit prices that are open, in the order in which they were added."""
    return list(VisitPrice.objects.filter(organization_id=organization_id, closed=False).order_by("id"))


def facts_of(price: VisitPrice) -> PriceFacts:
    """A visit price as the rules see it."""
    return PriceFacts(price.name, tuple(window_from(stored) for stored in price.windows))


def included_used(membership_id: UUID, cycle_on: date) -> int:
    """How many visits a membership included in a cycle so far."""
    return Visit.objects.filter(membership_id=membership_id, cycle_on=cycle_on, verdict="included").count()


def just_now(party_id: UUID, at: datetime, place: str = "") -> Visit | None:
    """The visit of a party that another tap only repeats; where the tap names a `place`, a visit to that place."""
    since = min(at - ONE_VISIT, at.replace(second=0, microsecond=0))
    found = Visit.objects.filter(party_id=party_id, at__gte=since, at__lte=at)
    if place:
        found = found.filter(price__name=place)
    return found.order_by("-at").first()


def visits_of(organization_id: UUID) -> QuerySet[Visit]:
    """An organization's visits, newest first."""
    found = Visit.objects.filter(organization_id=organization_id).select_related("party", "price", "invoice")
    return found.order_by("-at", "-id")


def next_to_bill(organization_id: UUID) -> date | None:
    """The earliest local date on which visits are to be billed; a day that has passed means now."""
    waiting = Visit.objects.filter(organization_id=organization_id, bill_on__isnull=False, invoice=None)
    found: date | None = waiting.aggregate(first=Min("bill_on"))["first"]
    return found
