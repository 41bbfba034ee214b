"""Questions about Gift Aid: who declared it, what is claimed next, and what was claimed (A-25)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from paidthru.giving.models import GiftAidClaim, GiftAidDeclaration, GiftAidLine
from paidthru.giving.rules.gift_aid import CURRENCY, MOST_LINES, may_be_claimed, tax_on, words
from paidthru.organizations.queries import brand_of


@dataclass(frozen=True, slots=True)
class NewLine:
    """A donation that Gift Aid is to be claimed on: its receipt, the declaration, and the amounts in pence."""

    receipt_id: UUID
    declaration_id: UUID
    number: int
    donor: str
    given_on: date
    amount_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class BackLine:
    """What was claimed on a donation that went back since, in pence."""

    id: UUID
    number: int
    donor: str
    given_on: date
    amount_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class ToClaim:
    """What the next claim consists of."""

    new: tuple[NewLine, ...]
    back: tuple[BackLine, ...]

    @property
    def tax_minor(self) -> int:
        """What HMRC owes for it, in pence; less than nothing where more went back."""
        return sum(one.tax_minor for one in self.new) - sum(one.tax_minor for one in self.back)


def in_the_united_kingdom(organization_id: UUID) -> bool:
    """Whether an organization's letterhead is of the country whose charities claim Gift Aid."""
    return bool(words_to_declare(organization_id, date.min))


def words_to_declare(organization_id: UUID, from_on: date) -> str:
    """What a donor agrees to who declares Gift Aid from a local date on; '' elsewhere than in the United Kingdom."""
    brand = brand_of(organization_id)
    return words(brand.name, from_on) if brand is not None and brand.country == "GB" else ""


def gift_aid_to_claim(organization_id: UUID) -> ToClaim:
    """The earliest donations under a declaration on which nothing was claimed, as many as a claim holds, and those on
    which something was and whose receipt is void since."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.id, d.id, t.number, d.donor, t.given_on, t.amount_minor, t.advantage_minor
               FROM giving_taxreceipt t
               CROSS JOIN LATERAL (
                   SELECT d.id, d.donor FROM giving_giftaiddeclaration d
                   WHERE d.party_id = t.party_id AND d.from_on <= t.given_on
                     AND (d.until_on IS NULL OR t.given_on < d.until_on)
                   ORDER BY d.made_at DESC LIMIT 1) d
               WHERE t.organization_id = %s AND t.state = 'issued' AND t.currency = %s
                 AND NOT EXISTS (SELECT 1 FROM giving_giftaidline l WHERE l.receipt_id = t.id)
               ORDER BY t.given_on, t.number""",
            [organization_id, CURRENCY],
        )
        found = [row for row in cursor.fetchall() if may_be_claimed(row[5], row[6], row[4])]
    new = tuple(
        NewLine(receipt, declaration, number, donor, on, minor, tax_on(minor, on))
        for receipt, declaration, number, donor, on, minor, _ in found[:MOST_LINES]
    )
    gone = GiftAidLine.objects.filter(
        organization=organization_id, taken_back_in=None, receipt__state="void"
    ).select_related("receipt", "declaration")
    back = tuple(
        BackLine(
            one.id,
            one.receipt.number,
            one.declaration.donor,
            one.receipt.given_on,
            one.amount_minor,
            one.tax_minor,
        )
        for one in gone.order_by("receipt__given_on", "receipt__number")
    )
    return ToClaim(new, back)


def declarations_of(organization_id: UUID) -> QuerySet[GiftAidDeclaration]:
    """An organization's declarations, in force and withdrawn, the newest first."""
    found = GiftAidDeclaration.objects.filter(organization_id=organization_id).select_related("party")
    return found.order_by("-made_at", "-id")


def declared_by(party_id: UUID) -> GiftAidDeclaration | None:
    """Somebody's declaration that is in force."""
    return GiftAidDeclaration.objects.filter(party_id=party_id, until_on=None).first()


def claims_of(organization_id: UUID) -> QuerySet[GiftAidClaim]:
    """What was claimed, the newest first."""
    return GiftAidClaim.objects.filter(organization_id=organization_id).order_by("-number")


def lines_of_claim(claim: GiftAidClaim) -> QuerySet[GiftAidLine]:
    """The donations of a claim, the earliest first."""
    found = GiftAidLine.objects.filter(claim=claim).select_related("receipt", "declaration")
    return found.order_by("receipt__given_on", "receipt__number")
