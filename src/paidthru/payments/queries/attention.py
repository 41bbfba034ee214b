"""What of an organization's payments waits for a person, in figures: the queues of the home page (I-48, I-52, I-37)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q

from paidthru.payments.models import OPEN_ATTEMPT, Attempt, Dispute, Refund, Review, Stray
from paidthru.payments.queries.collecting import has_label
from paidthru.payments.rules.settlement import SettlementLabel

RED = tuple(label for label in SettlementLabel if label.red)


def is_red(*, zone: str, on: date, timeout_days: int) -> Q:
    """The attempts that stand red on a local date: somebody has to look."""
    found = Q()
    for label in RED:
        found |= has_label(label, zone=zone, on=on, timeout_days=timeout_days)
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many attempts stand red, by label, and how many of them a person settles with evidence; how many wait to be
    sent, and for an answer or the payer; refunds to be approved, and failed; proposals to be approved; disputes that
    are open; sums that nobody could place."""

    red: Mapping[SettlementLabel, int]
    reviews: int
    unsent: int
    under_way: int
    action: int
    refunds_to_approve: int
    refunds_failed: int
    proposals: int
    disputes: int
    strays: int


def waiting(organization_id: UUID, *, zone: str, on: date, timeout_days: int) -> Waiting:
    """The queues, as they are on a local date."""
    counts = {
        label.name: Count("id", filter=has_label(label, zone=zone, on=on, timeout_days=timeout_days))
        for label in RED
    }
    attempts = Attempt.objects.filter(organization_id=organization_id).aggregate(
        **counts,
        reviews=Count("id", filter=Q(state="needs_review")),
        unsent=Count("id", filter=Q(state="created")),
        action=Count("id", filter=Q(state="requires_action")),
        under_way=Count("id", filter=Q(state__in=set(OPEN_ATTEMPT) - {"created", "needs_review"})),
    )
    refunds = Refund.objects.filter(organization_id=organization_id).aggregate(
        to_approve=Count("id", filter=Q(state="requested")),
        failed=Count("id", filter=Q(state__in=["failed", "rejected"])),
    )
    return Waiting(
        red={label: attempts[label.name] for label in RED},
        reviews=attempts["reviews"],
        unsent=attempts["unsent"],
        under_way=attempts["under_way"],
        action=attempts["action"],
        refunds_to_approve=refunds["to_approve"],
        refunds_failed=refunds["failed"],
        proposals=Review.objects.filter(organization_id=organization_id, state="proposed").count(),
        disputes=Dispute.objects.filter(organization_id=organization_id, state="open").count(),
        strays=Stray.objects.filter(organization_id=organization_id, state="open").count(),
    )
