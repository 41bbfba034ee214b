"""Pledge: somebody promises an amount in instalments (A-26)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from paidthru.giving.models import Campaign, Pledge, PledgePart
from paidthru.giving.operations import book_promise
from paidthru.giving.queries import facts_of
from paidthru.giving.rules.campaigns import checked_donation
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.instalments import instalments_of
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval
from paidthru.ledger.rules.postings import basis_of
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, once, record


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised: an amount (minor units) in so many instalments, the first due on a local date."""

    amount_minor: int
    currency: str
    instalments: int
    every: Interval
    first_on: date
    fund: str = ""


def pledge(
    organization: Organization,
    party_id: UUID,
    promise: Promise,
    *,
    campaign: Campaign | None = None,
    channel: str = "staff",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Pledge:
    """Writes a pledge with its instalments, which sum to it; each is billed on its own date (`bill_pledges`). The same
    `key` gives the same pledge.

    Refused `member_unknown`, `due_before_bill`, `key_reused`, as `checked_donation` and as `instalments_of`.
    """
    today = local_date(now, organization.zone)
    checked_donation(facts_of(campaign) if campaign else None, promise.amount_minor, promise.currency, today)
    parts = instalments_of(promise.amount_minor, promise.instalments, promise.first_on, promise.every)
    if promise.first_on < today:
        raise Refused(
            "due_before_bill",
            f"It is {today}; the first instalment can't have been due before.",
            field="first_on",
            value=promise.first_on.isoformat(),
            fix=f"Choose {today} or a later day.",
        )

    def act() -> dict[str, str]:
        party = Party.objects.filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        made = Pledge.objects.create(
            organization=organization,
            party=party,
            campaign=campaign,
            amount_minor=promise.amount_minor,
            currency=promise.currency,
            basis=basis_of(policies_of(organization)),
            fund=promise.fund or (campaign.fund if campaign else ""),
            made_on=today,
            channel=channel,
            created_at=now,
        )
        PledgePart.objects.bulk_create(
            PledgePart(
                id=new_id(), organization=organization, pledge=made, n=part.n, due_on=part.due_on,
                amount_minor=part.amount_minor,
            )
            for part in parts
        )  # fmt: skip
        book_promise(made, made.amount_minor, "made", on=today, now=now)
        facts = {
            "amount": plain(promise.amount_minor, promise.currency), "currency": promise.currency,
            "instalments": len(parts), "first": promise.first_on.isoformat(),
            "campaign": campaign.name if campaign else "",
        }  # fmt: skip
        record(organization.id, actor, now, [Happening("pledged", "pledge", made.id, party.id, facts=facts)])
        return {"pledge": str(made.id)}

    inputs = {
        "party": party_id, "amount": promise.amount_minor, "currency": promise.currency,
        "instalments": promise.instalments, "every": str(promise.every), "first": promise.first_on,
        "campaign": campaign.id if campaign else None,
    }  # fmt: skip
    return Pledge.objects.get(id=once(organization.id, key, "pledge", inputs, now, act)["pledge"])
