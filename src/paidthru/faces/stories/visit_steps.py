"""Visits in stories: what they cost, and who comes."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.add_visit_price import add_visit_price
from paidthru.people.operations import payer_of
from paidthru.runs.visits import visit
from paidthru.visits.rules.windows import Window

from .forms import SetupLine, Step
from .setup_forms import VisitPriceSetup
from .step_forms import MemberVisits, VisitorVisits
from .telling import STAFF, Telling, address_of

VISITOR = "Visitor"


def _price(telling: Telling, line: VisitPriceSetup) -> None:
    non_member_minor, currency = telling.money(line.non_member)
    add_visit_price(
        telling.organization,
        line.name,
        non_member_minor=non_member_minor,
        overage_minor=telling.money_in(line.overage, currency)[0],
        currency=currency,
        windows=[Window(one.days, one.from_minute, one.to_minute) for one in line.windows],
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _visits(telling: Telling, step: MemberVisits) -> None:
    visit(
        telling.desk, telling.newcomer(step.member).id, place=step.place or "", channel="kiosk", actor=STAFF
    )


def _visitor_visits(telling: Telling, step: VisitorVisits) -> None:
    now = telling.desk.clock.now()
    payer = payer_of(telling.organization.id, VISITOR, address_of(VISITOR), now=now)
    visit(telling.desk, payer.id, place=step.place or "", channel="kiosk", actor=STAFF)


VISIT_SETTERS: dict[type[SetupLine], Callable[[Telling, Any], None]] = {VisitPriceSetup: _price}
VISIT_DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    MemberVisits: _visits,
    VisitorVisits: _visitor_visits,
}
