"""Giving in stories: campaigns, donations, and what a campaign has raised."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.giving.operations import Giving
from paidthru.giving.queries import campaign_named, progress_of
from paidthru.kernel.periods import Interval, Unit
from paidthru.people.operations import payer_of
from paidthru.runs.giving import give
from paidthru.timeline.operations import Actor

from .expectation_forms import CampaignIs
from .forms import Expectation, SetupLine, Step
from .pay_link_steps import pay_with_a_new_one
from .setup_forms import CampaignSetup
from .step_forms import MemberDonates, VisitorDonates
from .telling import STAFF, Telling, address_of

VISITOR = "Visitor"
MONTHLY = Interval(1, Unit.MONTH)


def _campaign(telling: Telling, line: CampaignSetup) -> None:
    goal_minor, currency = telling.money(line.goal)
    add_campaign(
        telling.organization,
        line.name,
        goal_minor=goal_minor,
        currency=currency,
        starts_on=line.starts,
        ends_on=line.ends,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _donates(telling: Telling, step: MemberDonates) -> None:
    amount_minor, currency = telling.money(step.amount)
    party = telling.newcomer(step.member)
    campaign = campaign_named(telling.organization.id, step.campaign) if step.campaign else None
    give(
        telling.desk,
        Giving(party.id, amount_minor, currency, campaign, "portal", "on_file"),
        every=MONTHLY if step.every_month else None,
        actor=Actor("member", party.name),
    )


def _visitor_donates(telling: Telling, step: VisitorDonates) -> None:
    desk, (amount_minor, currency) = telling.desk, telling.money(step.amount)
    payer = payer_of(telling.organization.id, VISITOR, address_of(VISITOR), now=desk.clock.now())
    campaign = campaign_named(telling.organization.id, step.campaign) if step.campaign else None
    donation = give(
        desk,
        Giving(payer.id, amount_minor, currency, campaign, "public", "visitor"),
        every=MONTHLY if step.every_month else None,
        actor=Actor("visitor", VISITOR),
    )
    link = make_pay_link(telling.organization, donation.invoice_id, actor=STAFF, now=desk.clock.now())
    pay_with_a_new_one(desk, link, "card", amount_minor)


def _raised(telling: Telling, line: CampaignIs) -> tuple[str, str]:
    amount_minor, currency = telling.money(line.amount)
    campaign = campaign_named(telling.organization.id, line.campaign)
    raised_minor, percent = progress_of(campaign)
    wanted = f"{telling.shown(amount_minor, currency)} {line.percent}%"
    return wanted, f"{telling.shown(raised_minor, campaign.currency)} {percent}%"


GIVING_SETTERS: dict[type[SetupLine], Callable[[Telling, Any], None]] = {CampaignSetup: _campaign}
GIVING_DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    MemberDonates: _donates,
    VisitorDonates: _visitor_donates,
}
GIVING_READERS: dict[type[Expectation], Callable[[Telling, Any], tuple[str, str]]] = {CampaignIs: _raised}
