"""Homes that are billed, and somebody who comes, for the organizations on which the invariants are tried."""

from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.add_event import add_event
from paidthru.actions.add_unit import add_unit
from paidthru.actions.add_visit_price import add_visit_price
from paidthru.actions.assess import assess
from paidthru.actions.bill_assessments import bill_assessments
from paidthru.actions.bill_pledges import bill_pledges
from paidthru.actions.bill_visits import bill_visits
from paidthru.actions.charge_late_fees import charge_late_fees
from paidthru.actions.issue_tax_receipts import issue_tax_receipts
from paidthru.actions.levy import levy
from paidthru.actions.order_tickets import order_tickets
from paidthru.actions.pledge import Promise, pledge
from paidthru.actions.record_payment import record_payment
from paidthru.actions.record_visit import record_visit
from paidthru.actions.set_policy import set_policy
from paidthru.dunning.models import Case
from paidthru.giving.models import (
    Campaign,
    GiftAidClaim,
    GiftAidDeclaration,
    GiftAidLine,
    PledgePart,
    TaxReceipt,
)
from paidthru.invoicing.models import Receivable
from paidthru.kernel.clock import local_date
from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.models import Membership
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor

CLERK = Actor("staff", "Clerk")


class Club(Protocol):
    """As much of a club as is needed."""

    organization: Organization
    now: datetime
    parties: dict[str, UUID]

    def look(self, after: str) -> None: ...

    def on(self, day: date) -> None: ...


def homes_are_billed(club: Club) -> None:
    """Ivy owns a home: it is assessed, levied on in two instalments, late, and followed up; and she comes to swim."""
    organization, now = club.organization, club.now
    set_policy(organization, {"late_fee": {"call": "once", "args": ["25.00", 2]}}, actor=CLERK, now=now)
    today = local_date(now, organization.zone)
    unit = add_unit(
        organization, "1A", share=1, owner_id=club.parties["Ivy"], owned_from=today, actor=CLERK, now=now
    )
    every = Interval(1, Unit.YEAR)
    assess(organization, unit.id, amount_minor=100_00, every=every, starts_on=today, actor=CLERK, now=now)
    roof = levy(
        organization,
        name="Roof",
        amount_minor=99_99,
        method="share",
        due_on=today,
        instalments=2,
        actor=CLERK,
        now=now,
    )
    bill_assessments(organization, levy_id=roof.id, actor=CLERK, now=now)
    bill_assessments(organization, actor=CLERK, now=now)
    club.look("homes are billed")
    club.on(today + timedelta(days=4))
    charge_late_fees(organization, actor=CLERK, now=club.now)
    late = Receivable.objects.get(source_id=unit.id, kind="levy", due_on=today)
    Case.objects.create(
        organization=organization, receivable=late, party_id=club.parties["Ivy"], membership_id=unit.id,
        opened_on=today, opened_at=club.now, why="missed", ladder={"mail_days": [], "end": "staff_queue"},
    )  # fmt: skip
    add_visit_price(
        organization, "Pool", non_member_minor=15_00, overage_minor=8_00, actor=CLERK, now=club.now
    )
    record_visit(organization, club.parties["Ivy"], actor=CLERK, now=club.now)
    member = Membership.objects.filter(organization=organization, state="active").latest("id")
    record_visit(organization, member.party_id, actor=CLERK, now=club.now)
    bill_visits(organization, actor=CLERK, now=club.now)
    ball = add_event(organization, "Ball", price_minor=20_00, capacity=2, actor=CLERK, now=club.now)
    order_tickets(
        organization,
        ball.id,
        club.parties["Ivy"],
        1,
        channel="staff",
        on_account=True,
        actor=CLERK,
        now=club.now,
    )
    club.look("homes are late")
    roof_fund = Campaign.objects.filter(organization=organization).first() or add_campaign(
        organization, "Choir", goal_minor=500_00, actor=CLERK, now=club.now
    )
    promise = Promise(100_00, "USD", 2, Interval(1, Unit.MONTH), local_date(club.now, organization.zone))
    pledge(organization, club.parties["Ivy"], promise, campaign=roof_fund, actor=CLERK, now=club.now)
    bill_pledges(organization, actor=CLERK, now=club.now)
    club.look("a pledge is billed")
    asked = PledgePart.objects.get(organization=organization, n=1).invoice_id
    assert asked is not None  # it was billed just now
    record_payment(
        organization, club.parties["Ivy"], amount_minor=50_00, currency="USD", means="check", invoice_ids=[asked],
        actor=CLERK, now=club.now,
    )  # fmt: skip
    issue_tax_receipts(organization, now=club.now)
    TaxReceipt.objects.filter(organization=organization).update(
        amount_minor=1
    )  # as if more had been given back
    issue_tax_receipts(organization, now=club.now)
    club.look("receipts are issued, and replaced")
    declared = GiftAidDeclaration.objects.create(
        organization=organization, party_id=club.parties["Ivy"], donor="Ivy", address="1 High Street",
        postcode="AB1 2CD", from_on=local_date(club.now, organization.zone), statement="Words", channel="staff",
        made_at=club.now,
    )  # fmt: skip
    claims = [
        GiftAidClaim.objects.create(
            organization=organization, number=number, made_on=declared.from_on, made_by="Clerk", tax_minor=0,
            made_at=club.now,
        )
        for number in (1, 2)
    ]  # fmt: skip
    GiftAidLine.objects.create(
        organization=organization, claim=claims[0], receipt=TaxReceipt.objects.filter(organization=organization)[0],
        declaration=declared, amount_minor=1, tax_minor=0, taken_back_in=claims[1],
    )  # fmt: skip
    club.look("Gift Aid is claimed")
