"""Issue tax receipts for what was given and paid, and void those of money that went back (A-25)."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from paidthru.giving.models import TaxReceipt
from paidthru.giving.queries import Unreceipted, unreceipted
from paidthru.giving.rules.receipts import Gift, statement
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.notices.operations import tell
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
from paidthru.organizations.queries import brand_of
from paidthru.people.models import Party
from paidthru.timeline.operations import SCHEDULE, Happening, record

A_BATCH = 500
SERIES = "tax_receipt"


def issue_tax_receipts(organization: Organization, *, now: datetime) -> int:
    """Makes the receipts say what stands as received, at most a batch; returns how many were issued or voided, 0 when
    all do. What came has a receipt, under the next number of its series, and is mailed; where all of it went back it is
    void; where a part did, another one replaces it. Twice is once, by however many workers."""
    today = local_date(now, organization.zone)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"tax receipts {organization.id}"]
            )
        found = unreceipted(organization.id, limit=A_BATCH)
        there = {
            one.source_id: one
            for one in TaxReceipt.objects.select_for_update().filter(
                source_id__in=[one.source_id for one in found], state="issued"
            )
        }
        voided = [there[one.source_id] for one in found if one.source_id in there]
        TaxReceipt.objects.filter(id__in=[one.id for one in voided]).update(state="void")
        happenings = [_told("tax_receipt_voided", one) for one in voided]
        paid = [one for one in found if one.received_minor > 0]
        brand = brand_of(organization.id)
        country = brand.country if brand else ""
        parties = Party.objects.in_bulk([one.party_id for one in paid])
        first = take_numbers(organization.id, SERIES, len(paid)) if paid else 0
        for number, one in enumerate(paid, start=first):
            party = parties[one.party_id]
            receipt = TaxReceipt.objects.create(
                organization=organization,
                number=number,
                party=party,
                source_id=one.source_id,
                amount_minor=one.received_minor,
                advantage_minor=one.advantage_minor,
                currency=one.currency,
                given_on=one.given_on,
                issued_on=today,
                country=country,
                donor=party.name,
                address=party.address,
                statement=_statement(country, one),
                replaces=there.get(one.source_id),
                issued_at=now,
            )
            happenings.append(_told("tax_receipt_issued", receipt))
            _mail(organization.id, receipt, now)
        record(organization.id, SCHEDULE, now, happenings)
        return len(voided) + len(paid)


def _statement(country: str, one: Unreceipted) -> str:
    gift = Gift(one.received_minor, min(one.advantage_minor, one.received_minor), one.currency, one.given_on)
    said = (gift.amount_minor, gift.advantage_minor, gift.eligible_minor)
    amount, advantage, eligible = (f"{plain(minor, one.currency)} {one.currency}" for minor in said)
    return statement(country, gift, (amount, advantage, eligible))


def _told(verb: str, receipt: TaxReceipt) -> Happening:
    facts = {
        "number": receipt.number,
        "amount": plain(receipt.amount_minor, receipt.currency),
        "currency": receipt.currency,
    }
    return Happening(verb, "tax_receipt", receipt.id, receipt.party_id, facts=facts)


def _mail(organization_id: UUID, receipt: TaxReceipt, now: datetime) -> None:
    facts = {
        "number": str(receipt.number),
        "amount": plain(receipt.amount_minor, receipt.currency),
        "currency": receipt.currency,
        "given_on": receipt.given_on.isoformat(),
    }
    tell(organization_id, receipt.party_id, "tax_receipt", f"tax_receipt {receipt.id}", facts, now=now)
