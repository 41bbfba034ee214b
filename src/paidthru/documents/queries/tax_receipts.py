"""Tax receipts and a year's statement of them as documents (A-25)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from paidthru.documents.queries.invoices import Document
from paidthru.documents.queries.issuer import kept_with, present_issuer, present_payer
from paidthru.documents.rules.facts import GivenYearFacts, TaxReceiptFacts
from paidthru.documents.rules.tax_receipts import given_year_sheet, tax_receipt_sheet
from paidthru.giving.models import TaxReceipt
from paidthru.giving.rules.receipts import Gift, sayings
from paidthru.organizations.models import Organization
from paidthru.people.models import Party


def tax_receipt_document(
    organization: Organization, receipt: TaxReceipt, *, duplicate: bool = False
) -> Document:
    """A tax receipt as it was issued; marked where it is void, and where it is a `duplicate`."""
    issuer, payer, kept = kept_with(organization, receipt.id, receipt.party)
    address = tuple(line for line in receipt.address.split("\n") if line.strip())
    payer = replace(payer, name=receipt.donor, address=address)
    facts = _facts(receipt)
    if "sayings" in kept:
        facts = replace(facts, sayings=tuple(kept["sayings"]))
    name = f"tax-receipt-{receipt.number}{'-duplicate' if duplicate else ''}.pdf"
    return Document(name, tax_receipt_sheet(facts, issuer, payer, duplicate=duplicate))


def given_year_document(
    organization: Organization,
    party: Party,
    year: int,
    receipts: Sequence[TaxReceipt],
    *,
    today: date,
    now: datetime,
) -> Document:
    """What a donor gave in a calendar year, by their valid receipts."""
    facts = GivenYearFacts(year, tuple(_facts(one) for one in receipts), today, now)
    return Document(
        f"given-{year}-{party.number}.pdf",
        given_year_sheet(facts, present_issuer(organization), present_payer(party)),
    )


def _facts(one: TaxReceipt) -> TaxReceiptFacts:
    gift = Gift(one.amount_minor, one.advantage_minor, one.currency, one.given_on)
    return TaxReceiptFacts(
        number=one.number,
        currency=one.currency,
        amount_minor=one.amount_minor,
        advantage_minor=one.advantage_minor,
        given_on=one.given_on,
        issued_on=one.issued_on,
        country=one.country,
        sayings=sayings(one.country, gift),
        void=one.state == "void",
        replaces=one.replaces.number if one.replaces else None,
        issued_at=one.issued_at,
    )
