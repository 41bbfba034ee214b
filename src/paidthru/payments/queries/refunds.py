"""Questions about money given back."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from paidthru.kernel.clock import local_date
from paidthru.payments.models import Refund
from paidthru.payments.rules.refunds import RefundLabel, RefundState, refund_label

OPEN_REFUND = ["approved", "submitted", "unknown", "pending"]  # those of the index refund_open


def refund_numbered(organization_id: UUID, number: int) -> Refund | None:
    """The refund of that number."""
    return Refund.objects.filter(organization_id=organization_id, number=number).first()


def refunds_made(organization_id: UUID) -> QuerySet[Refund]:
    """An organization's refunds, each with its party and payment."""
    return Refund.objects.filter(organization_id=organization_id).select_related("party", "payment")


def refunds_of_payment(payment_id: UUID) -> list[Refund]:
    """What was and is to be given back of a payment, oldest first."""
    return list(Refund.objects.filter(payment_id=payment_id).order_by("number"))


def refunds_due(organization_id: UUID, *, by: datetime, limit: int = 1000) -> list[UUID]:
    """Refunds to be sent or asked about by an instant, most urgent first."""
    due = Refund.objects.filter(organization_id=organization_id, state__in=OPEN_REFUND, next_look_at__lte=by)
    return list(due.order_by("next_look_at", "id").values_list("id", flat=True)[:limit])


def next_refund_look(organization_id: UUID) -> datetime | None:
    """The earliest instant at which a refund is to be sent or asked about."""
    return (
        Refund.objects.filter(
            organization_id=organization_id, state__in=OPEN_REFUND, next_look_at__isnull=False
        )
        .order_by("next_look_at")
        .values_list("next_look_at", flat=True)
        .first()
    )


def refunds_to_approve(organization_id: UUID) -> list[Refund]:
    """Refunds that wait for somebody to approve them, oldest first."""
    return list(refunds_made(organization_id).filter(state=RefundState.REQUESTED.value).order_by("id"))


def label_of_refund(refund: Refund, *, zone: str, on: date, timeout_days: int) -> RefundLabel:
    """Where a refund stands on a local date, in the staff's words (A-36)."""
    return refund_label(
        refund.state,
        code=refund.code,
        approved_on=local_date(refund.approved_at, zone) if refund.approved_at else None,
        on=on,
        timeout_days=timeout_days,
    )
