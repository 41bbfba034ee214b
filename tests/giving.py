"""Somebody gives, once and every month, for the organizations on which the invariants are tried."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.donate import donate
from paidthru.actions.keep_gift_method import keep_gift_method
from paidthru.actions.make_gifts_due import make_gifts_due
from paidthru.giving.models import Gift
from paidthru.giving.operations import Giving
from paidthru.kernel.clock import local_date
from paidthru.kernel.periods import Interval, Unit
from paidthru.organizations.models import Organization
from paidthru.payments.models import PaymentMethod
from paidthru.timeline.operations import Actor

CLERK = Actor("staff", "Clerk")


class Club(Protocol):
    """As much of a club as is needed."""

    organization: Organization
    now: datetime
    parties: dict[str, UUID]

    def look(self, after: str) -> None: ...


def gifts_are_given(club: Club) -> None:
    """Whoever has a card gives every month to a campaign, and Ivy once."""
    organization, now = club.organization, club.now
    roof = add_campaign(organization, "Roof", goal_minor=100_00, currency="USD", actor=CLERK, now=now)
    giver = PaymentMethod.objects.filter(organization=organization, state="active").order_by("id")[0].party_id
    monthly = Giving(giver, 10_00, "USD", roof, "portal", "on_file")
    donate(organization, monthly, every=Interval(1, Unit.MONTH), actor=CLERK, now=now)
    card = PaymentMethod.objects.create(
        organization=organization, party_id=giver, gateway="sandbox", kind="card", token="pm_gift", brand="Visa",
        last4="4242", fingerprint="fp_gift", state="once", created_at=now,
    )  # fmt: skip
    keep_gift_method(
        organization, Gift.objects.get(organization=organization).id, card.id, actor=CLERK, now=now
    )
    once = Giving(club.parties["Ivy"], 5_00, "USD", None, "staff", "check")
    donate(organization, once, actor=CLERK, now=now)
    assert make_gifts_due(organization, actor=CLERK, now=now) == [], local_date(now, organization.zone)
    club.look("gifts are given")
