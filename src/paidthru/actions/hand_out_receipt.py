"""Hand out a receipt: from then on it says what it says (docs/decisions/0024)."""

from uuid import UUID

from django.db import transaction

from paidthru.documents.queries.receipts import parts_of
from paidthru.invoicing.models import IssuedDocument
from paidthru.invoicing.operations.freezing import keep_receipt
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.models import Payment


def hand_out_receipt(organization: Organization, payment_id: UUID) -> IssuedDocument:
    """Keeps whom a payment's receipt is for and what the payment was used for, the first time that it is asked for;
    afterwards that is what it says. No event: it moves nothing. Refused `payment_unknown`."""
    with transaction.atomic():
        payment = (
            Payment.objects.select_for_update(of=("self",))
            .select_related("party")
            .filter(id=payment_id, organization=organization)
            .first()
        )
        if payment is None:
            raise Refused(
                "payment_unknown", "There is no such payment.", field="payment", fix="Look it up again."
            )
        return keep_receipt(organization, payment.id, payment.party, parts_of(payment.id))
