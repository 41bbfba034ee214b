"""What came by pay links: a visitor's way to pay, and what became of it."""

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from paidthru.invoicing.models import PayLink
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, MethodSetup, PaymentMethod


def setup_by(link: PayLink, setup_id: UUID) -> MethodSetup | None:
    """A way to pay that was, or is being, given by a pay link."""
    return MethodSetup.objects.filter(id=setup_id, pay_link=link).select_related("method").first()


def attempt_with(method: PaymentMethod) -> Attempt | None:
    """The last payment that was tried with a way to pay."""
    found = Attempt.objects.filter(method=method).select_related("intent", "method")
    return found.order_by("-created_at", "-id").first()


def failed_visits(invoice_id: UUID, *, since: datetime) -> int:
    """How many payments by pay links failed after an instant, of what an invoice asks for, on whichever document."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(DISTINCT a.id) FROM invoicing_line asks
               JOIN invoicing_line asked ON asked.receivable_id = asks.receivable_id
               JOIN payments_intentinvoice h ON h.invoice_id = asked.invoice_id
               JOIN payments_attempt a ON a.intent_id = h.intent_id
               WHERE asks.invoice_id = %s AND a.initiator = 'visitor' AND a.state IN ('declined', 'rejected')
                 AND a.concluded_at > %s""",
            [invoice_id, since],
        )
        return int(cursor.fetchone()[0])


def failed_by_visitors(
    organization_id: UUID, *, since: datetime, party_id: UUID | None = None, fingerprint: str = ""
) -> int:
    """How many payments by pay links failed after an instant: of one payer, of all invoices of theirs, or with one card
    or account, whoever entered it."""
    failed = Attempt.objects.filter(
        organization_id=organization_id,
        initiator="visitor",
        state__in=("declined", "rejected"),
        concluded_at__gt=since,
    )
    if party_id is not None:
        failed = failed.filter(party_id=party_id)
    return (failed.filter(method_fingerprint=fingerprint) if fingerprint else failed).count()


def unused_methods(
    organization_id: UUID, gateway: str, *, before: datetime, limit: int
) -> list[PaymentMethod]:
    """What visitors gave before an instant for one payment each, and no open payment uses."""
    given = PaymentMethod.objects.filter(
        organization_id=organization_id, gateway=gateway, state="once", created_at__lt=before
    )
    under_way = Attempt.objects.filter(method=OuterRef("id"), state__in=OPEN_ATTEMPT)
    return list(given.filter(~Exists(under_way)).order_by("id")[:limit])
