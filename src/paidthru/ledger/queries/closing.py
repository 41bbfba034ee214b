"""Questions about closed periods."""

from datetime import date
from uuid import UUID

from django.db import connection

from paidthru.ledger.models import Batch, ClosedPeriod
from paidthru.ledger.rules.closing import refuse_closed


def closed_through(organization_id: UUID) -> date | None:
    """The last day of the books that are closed; None where nothing is."""
    last = latest_closing(organization_id)
    return last.closed_through if last else None


def latest_closing(organization_id: UUID) -> ClosedPeriod | None:
    """The closing that counts; the only one that can be opened."""
    found = ClosedPeriod.objects.filter(organization_id=organization_id).exclude(state="reopened")
    return found.order_by("-closed_through").first()


def closings(organization_id: UUID) -> list[ClosedPeriod]:
    """Every closing there was, the latest first."""
    return list(
        ClosedPeriod.objects.filter(organization_id=organization_id).order_by("-closed_at", "-id")[:100]
    )


def refuse_closed_day(organization_id: UUID, on: date, *, field: str) -> None:
    """Refuses a date that a person chose where the books are closed: `period_locked`."""
    refuse_closed(on, closed_through(organization_id), field=field)


def unposted_in(organization_id: UUID, through: date, start: date | None = None) -> list[Batch]:
    """Batches that aren't posted and have journals on local dates up to and with `through`, from `start` where that is
    said; by number. What they hold can't be exported, nor its period closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT b.id FROM ledger_batch b WHERE b.organization_id = %(organization)s AND b.state <> 'posted'
               AND EXISTS (SELECT 1 FROM ledger_journal j WHERE j.batch_id = b.id AND j.effective_on <= %(through)s
                           AND (%(start)s::date IS NULL OR j.effective_on >= %(start)s))""",
            {"organization": organization_id, "through": through, "start": start},
        )
        ids = [id_ for (id_,) in cursor.fetchall()]
    return list(Batch.objects.filter(id__in=ids).order_by("number"))
