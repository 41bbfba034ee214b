"""Claim Gift Aid on what was given under declarations, once, and give back what was claimed on gifts that went back."""

from datetime import datetime

from paidthru.giving.models import GiftAidClaim, GiftAidLine
from paidthru.giving.operations import lock_receipts
from paidthru.giving.queries.gift_aid import gift_aid_to_claim
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
from paidthru.timeline.operations import Actor, Happening, once, record

_SERIES = "gift aid"


def claim_gift_aid(
    organization: Organization, *, tax_minor: int, actor: Actor, now: datetime, key: str | None = None
) -> GiftAidClaim:
    """Writes the next claim: every donation under a declaration that wasn't claimed on, less the tax on those that were
    and went back since. `tax_minor` (pence) is what was read beforehand. The same `key` gives the same claim.

    Refused `nothing_to_claim`, `changed_meanwhile`, `key_reused`.
    """

    def act() -> dict[str, str]:
        lock_receipts(organization.id)  # receipts, and so claims, are written one after another
        found = gift_aid_to_claim(organization.id)
        if not found.new and not found.back:
            raise Refused(
                "nothing_to_claim", "There is nothing to claim Gift Aid on.", fix="Look again later."
            )
        if found.tax_minor != tax_minor:
            raise Refused(
                "changed_meanwhile",
                f"The claim is {plain(found.tax_minor, 'GBP')} GBP now.",
                field="tax",
                value=plain(tax_minor, "GBP"),
                fix="Read it again.",
            )
        number = take_numbers(organization.id, _SERIES)
        claim = GiftAidClaim.objects.create(
            organization=organization, number=number, made_on=local_date(now, organization.zone),
            made_by=actor.name[:200], tax_minor=found.tax_minor, made_at=now,
        )  # fmt: skip
        GiftAidLine.objects.bulk_create(
            [
                GiftAidLine(
                    organization=organization, claim=claim, receipt_id=one.receipt_id,
                    declaration_id=one.declaration_id, amount_minor=one.amount_minor, tax_minor=one.tax_minor,
                )
                for one in found.new
            ],
            batch_size=1000,
        )  # fmt: skip
        GiftAidLine.objects.filter(id__in=[one.id for one in found.back]).update(taken_back_in=claim)
        facts = {
            "number": number,
            "gifts": len(found.new),
            "tax": plain(found.tax_minor, "GBP"),
            "currency": "GBP",
        }
        record(
            organization.id,
            actor,
            now,
            [Happening("gift_aid_claimed", "gift_aid_claim", claim.id, facts=facts)],
        )
        return {"claim": str(claim.id)}

    made = once(organization.id, key, "claim_gift_aid", {"tax": tax_minor}, now, act)
    return GiftAidClaim.objects.get(id=made["claim"])
