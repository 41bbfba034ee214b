"""Review payments: money that came, and tries that brought none, as one list with one set of statuses (I-63, I-64)."""

from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate

from paidthru.payments.models import Attempt, Payment


class ReviewStatus(StrEnum):
    """Where money stands, or a try that brought none: what staff search for."""

    APPLIED = "applied"
    CREDIT = "credit"
    FAILED_TO_SETTLE = "failed_to_settle"
    DISPUTED = "disputed"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    RETURNED = "returned"
    REVERSED = "reversed"
    REJECTED = "rejected"
    UNDER_WAY = "under_way"
    REQUIRES_ACTION = "requires_action"
    NEEDS_REVIEW = "needs_review"
    CANCELED = "canceled"


_CAME = Q(state="succeeded")
_UNAPPLIED = _CAME & Q(unallocated_minor__gt=0)
_APPLY_ERROR = Q(attempt__apply_error__gt="")
_OF_PAYMENTS = {
    ReviewStatus.APPLIED: _CAME & Q(unallocated_minor=0),
    ReviewStatus.CREDIT: _UNAPPLIED & (Q(attempt=None) | ~_APPLY_ERROR),
    ReviewStatus.FAILED_TO_SETTLE: _UNAPPLIED & _APPLY_ERROR,
    **{
        ReviewStatus(state): Q(state=state)
        for state in ("disputed", "partly_refunded", "refunded", "returned", "reversed")
    },
}
_OF_TRIES = {
    ReviewStatus.REJECTED: ("declined", "rejected"),
    ReviewStatus.UNDER_WAY: ("created", "submitted", "unknown", "processing"),
    ReviewStatus.REQUIRES_ACTION: ("requires_action",),
    ReviewStatus.NEEDS_REVIEW: ("needs_review",),
    ReviewStatus.CANCELED: ("canceled",),
}
_STATUS_OF_TRY = {state: status for status, states in _OF_TRIES.items() for state in states}


def payments_reviewed(organization_id: UUID, status: ReviewStatus | None = None) -> QuerySet[Payment]:
    """The payments of a status, or all, each with its party, batch and attempt; `on` is the local date of receipt."""
    found = Payment.objects.filter(organization_id=organization_id).select_related(
        "party", "batch", "attempt__method", "attempt__intent"
    )
    if status is not None:
        found = found.filter(_OF_PAYMENTS[status]) if status in _OF_PAYMENTS else found.none()
    return found.annotate(on=F("received_on"))


def tries_reviewed(organization_id: UUID, zone: str, status: ReviewStatus | None = None) -> QuerySet[Attempt]:
    """The attempts of a status, or all, that have brought no money, each with its party, method and intent; `on` is the
    local date on which each was made."""
    found = Attempt.objects.filter(organization_id=organization_id).exclude(state="succeeded")
    found = found.select_related("party", "method", "intent")
    if status is not None:
        found = found.filter(state__in=_OF_TRIES[status]) if status in _OF_TRIES else found.none()
    return found.annotate(on=TruncDate("created_at", tzinfo=ZoneInfo(zone)))


def status_of(one: Payment | Attempt) -> ReviewStatus:
    """The status by which the list finds a payment, or an attempt that has brought no money."""
    if isinstance(one, Attempt):
        return _STATUS_OF_TRY[one.state]
    if one.state != "succeeded":
        return ReviewStatus(one.state)
    if one.unallocated_minor == 0:
        return ReviewStatus.APPLIED
    unsettled = one.attempt is not None and one.attempt.apply_error
    return ReviewStatus.FAILED_TO_SETTLE if unsettled else ReviewStatus.CREDIT
