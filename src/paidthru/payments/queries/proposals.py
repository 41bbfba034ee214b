"""Attempts that need a person, and what is proposed of them (field-notes E.3)."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from paidthru.payments.models import Attempt, Review


def needing_review(organization_id: UUID) -> QuerySet[Attempt]:
    """An organization's attempts that a person must look at, each with its party, method and intent, oldest first."""
    found = Attempt.objects.filter(organization_id=organization_id, state="needs_review")
    return found.select_related("party", "method", "intent").order_by("id")


def proposals(attempt_ids: Iterable[UUID]) -> dict[UUID, Review]:
    """What is proposed of attempts and waits for an approval."""
    found = Review.objects.filter(attempt__in=list(attempt_ids), state="proposed")
    return {review.attempt_id: review for review in found}


def reviews_of(attempt_id: UUID) -> list[Review]:
    """Everything that was ever proposed of an attempt, newest first."""
    return list(Review.objects.filter(attempt_id=attempt_id).order_by("-id"))
