"""Close a period: from now on nothing is booked on its days."""

from datetime import date, datetime

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import ClosedPeriod
from paidthru.ledger.operations import hold_open_period
from paidthru.ledger.queries import next_recognition
from paidthru.ledger.queries.closing import unposted_in
from paidthru.ledger.rules.closing import is_month_end
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record


def close_period(organization: Organization, through: date, *, actor: Actor, now: datetime) -> ClosedPeriod:
    """Closes the books through the last day of a month (a year is its December), after everything that is being booked
    has been written.

    Refused: `month_unfinished` (no month's end, or it is not over), `period_locked` (it is closed already),
    `batches_unposted` (of these days), `recognition_due` (income of these days is still to be recognized).
    """
    with transaction.atomic():
        closed = hold_open_period(organization.id, alone=True)
        if not is_month_end(through) or through >= local_date(now, organization.zone):
            raise Refused(
                "month_unfinished",
                f"{through.isoformat()} is not the last day of a month that is over.",
                field="through",
                value=through.isoformat(),
                fix="Close whole months, from their end on.",
            )
        if closed and through <= closed:
            raise Refused(
                "period_locked",
                f"The books are closed through {closed.isoformat()} already.",
                field="through",
                value=through.isoformat(),
                fix="Close a later month.",
            )
        if left := unposted_in(organization.id, through):
            raise Refused(
                "batches_unposted",
                f"Not posted yet: {', '.join(f'batch {one.number}' for one in left[:10])}.",
                field="through",
                value=through.isoformat(),
                fix="Post what belongs to these days first.",
            )
        due = next_recognition(organization.id)
        if due and due <= through:
            raise Refused(
                "recognition_due",
                f"Income through {due.isoformat()} is still to be recognized.",
                field="through",
                value=through.isoformat(),
                fix="The worker does it; `paidthru status` says when.",
            )
        period = ClosedPeriod.objects.create(
            organization=organization, closed_through=through, closed_at=now, closed_by=actor.name[:200]
        )
        facts = {"through": through.isoformat()}
        record(organization.id, actor, now, [Happening("period_closed", "period", period.id, facts=facts)])
        return period
