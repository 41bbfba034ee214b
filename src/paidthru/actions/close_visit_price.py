"""Close a visit price: nobody is charged by it any more (C-26)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record
from paidthru.visits.models import VisitPrice


def close_visit_price(
    organization: Organization, price_id: UUID, *, actor: Actor, now: datetime
) -> VisitPrice:
    """Closes a visit price; its name is free again, and what was billed by it stays. A second time changes nothing.

    Refused `visit_price_unknown`.
    """
    with transaction.atomic():
        price = VisitPrice.objects.select_for_update().filter(id=price_id, organization=organization).first()
        if price is None:
            raise Refused(
                "visit_price_unknown", "There is no such visit price.", field="price", fix="Look it up again."
            )
        if not price.closed:
            price.closed = True
            price.save(update_fields=["closed"])
            closed = Happening("visit_price_closed", "visit_price", price.id, facts={"price": price.name})
            record(organization.id, actor, now, [closed])
        return price
