"""Issue tax receipts for what was given and paid, and void those of money that went back (A-25)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import TaxReceipt
from paidthru.giving.operations import lock_receipts, told_of_receipt, write_receipts
from paidthru.giving.queries import unreceipted
from paidthru.kernel.clock import local_date
from paidthru.notices.operations import tell_of_receipts
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import SCHEDULE, record

A_BATCH = 500


def issue_tax_receipts(organization: Organization, *, after: UUID | None = None, now: datetime) -> int:
    """Makes the receipts say what stands as received, at most a batch; returns how many were issued or voided, 0 when
    all do. What came has a receipt, under the next number of its series, and is mailed; where all of it went back it is
    void; where a part did, another one replaces it; what staff hold back stays so. With `after` it looks only at whom
    something happened to since that event. Twice is once, by however many workers."""
    today = local_date(now, organization.zone)
    with transaction.atomic():
        lock_receipts(organization.id)
        found = unreceipted(organization.id, limit=A_BATCH, after=after)
        asked = TaxReceipt.objects.select_for_update().filter(
            source_id__in=[one.source_id for one in found], state="issued"
        )
        said = {one.gift_year: one for one in asked}
        there = {one.gift_year: said[one.gift_year] for one in found if one.gift_year in said}
        TaxReceipt.objects.filter(id__in=[one.id for one in there.values()]).update(state="void")
        paid = [one for one in found if one.received_minor > 0]
        made = write_receipts(organization, paid, there, on=today, now=now)
        tell_of_receipts(made, now=now)
        told = [
            told_of_receipt("tax_receipt_voided", there[one.gift_year])
            for one in found
            if one.gift_year in there
        ]
        told += [told_of_receipt("tax_receipt_issued", one) for one in made]
        record(organization.id, SCHEDULE, now, told)
        return len(told)
