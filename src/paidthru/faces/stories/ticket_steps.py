"""Tickets in stories: events, who buys, and what is given back."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from paidthru import runs
from paidthru.actions.add_event import add_event
from paidthru.actions.follow_order import follow_order
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.kernel.errors import Refused
from paidthru.people.operations import payer_of
from paidthru.runs.tickets import buy, refund_tickets
from paidthru.ticketing.models import TicketOrder
from paidthru.ticketing.queries import Seats, event_named, seats_of, sold_to
from paidthru.timeline.operations import Actor

from .forms import Expectation, SetupLine, Step
from .pay_link_steps import pay_with_a_new_one
from .telling import STAFF, Telling, address_of
from .ticket_forms import (
    MemberBuysTickets,
    StaffRefundsTickets,
    TicketEventSetup,
    TicketsAre,
    VisitorBuysTickets,
    VisitorOrdersTickets,
)

VISITOR = "Visitor"


def _event(telling: Telling, line: TicketEventSetup) -> None:
    price_minor, currency = telling.money(line.price)
    add_event(
        telling.organization,
        line.name,
        price_minor=price_minor,
        currency=currency,
        capacity=line.capacity,
        starts_on=line.starts,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _buys(telling: Telling, step: MemberBuysTickets) -> None:
    party = telling.newcomer(step.member)
    event = event_named(telling.organization.id, step.event)
    buy(
        telling.desk,
        event.id,
        party.id,
        _count(step.count),
        by="on_file",
        channel="portal",
        actor=Actor("member", party.name),
    )


def _ordered(telling: Telling, step: VisitorBuysTickets | VisitorOrdersTickets) -> TicketOrder:
    now = telling.desk.clock.now()
    payer = payer_of(telling.organization.id, VISITOR, address_of(VISITOR), now=now)
    event = event_named(telling.organization.id, step.event)
    return buy(
        telling.desk,
        event.id,
        payer.id,
        _count(step.count),
        by="visitor",
        channel="public",
        actor=Actor("visitor", VISITOR),
    )


def _visitor_orders(telling: Telling, step: VisitorOrdersTickets) -> None:
    _ordered(telling, step)


def _visitor_buys(telling: Telling, step: VisitorBuysTickets) -> None:
    order, desk = _ordered(telling, step), telling.desk
    if order.invoice is None:
        return
    link = make_pay_link(telling.organization, order.invoice.id, actor=STAFF, now=desk.clock.now())
    pay_with_a_new_one(desk, link, "card", order.invoice.total_minor)
    follow_order(telling.organization, order.id, actor=STAFF, now=desk.clock.now())


def _refunds(telling: Telling, step: StaffRefundsTickets) -> None:
    event = event_named(telling.organization.id, step.event)
    theirs = [one for one in sold_to(event.id, telling.party(step.member).id) if one.state == "sold"]
    wanted = len(theirs) if step.count is None else step.count
    if not 0 < wanted <= len(theirs):
        raise Refused(
            "ticket_unknown",
            f"{step.member} has {len(theirs)} tickets for {event.name} that can be given back.",
            field="count",
            value=wanted,
            fix="Give back that many or fewer.",
        )
    for _, of in groupby(theirs[:wanted], key=lambda one: one.order_id):
        refund_tickets(telling.desk, list(of), actor=STAFF)
    if not telling.organization.worker_stopped:
        runs.send_refunds(telling.desk)


def _sold(telling: Telling, line: TicketsAre) -> tuple[str, str]:
    event = event_named(telling.organization.id, line.event)
    seats = seats_of([event.id]).get(event.id, Seats())
    left = event.capacity - seats.sold - seats.held
    return f"{line.sold} sold, {line.left} left", f"{seats.sold} sold, {left} left"


def _count(written: int | None) -> int:
    return 1 if written is None else written


TICKET_SETTERS: dict[type[SetupLine], Callable[[Telling, Any], None]] = {TicketEventSetup: _event}
TICKET_DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    MemberBuysTickets: _buys,
    VisitorBuysTickets: _visitor_buys,
    VisitorOrdersTickets: _visitor_orders,
    StaffRefundsTickets: _refunds,
}
TICKET_READERS: dict[type[Expectation], Callable[[Telling, Any], tuple[str, str]]] = {TicketsAre: _sold}
