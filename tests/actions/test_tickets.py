"""Tickets: the last place is sold once however many want it, and let in once (X24, X25)."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from tests.actions.test_collection_races import together
from tests.collecting import billed
from tests.world import STAFF

from paidthru import invariants
from paidthru.actions.add_event import add_event
from paidthru.actions.check_in import check_in
from paidthru.actions.follow_order import follow_order
from paidthru.actions.order_tickets import order_tickets
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.runs.tickets import buy, follow_orders, next_tickets_at, refund_tickets
from paidthru.ticketing.models import Ticket
from paidthru.ticketing.queries import seats_of
from paidthru.timeline.operations import again_on_conflict

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_last_ticket_is_sold_once_and_the_others_are_told() -> None:
    found = billed("Ann", "Bo")
    organization, now = found.world.organization, found.desk.clock.now()
    ball = add_event(organization, "Ball", price_minor=20_00, capacity=1, actor=STAFF, now=now)
    before = Invoice.objects.count()
    parties = [found.party("Ann"), found.party("Bo")] * 25

    def wants(n: int) -> object:
        act = partial(
            order_tickets, organization, ball.id, parties[n], 1, channel="portal", actor=STAFF, now=now,
            key=f"click {n}",
        )  # fmt: skip
        try:
            return again_on_conflict(act).id
        except Refused as refused:
            return refused.code

    came = together([partial(wants, n) for n in range(50)])
    assert Counter(one for one in came if isinstance(one, str)) == {"sold_out": 49}
    assert Ticket.objects.filter(event=ball).count() == 1
    assert Invoice.objects.count() == before + 1
    assert seats_of([ball.id])[ball.id].held == 1


def test_a_place_is_held_for_minutes_and_a_ticket_lets_in_once() -> None:
    found = billed("Ann")
    organization, desk = found.world.organization, found.desk
    now = desk.clock.now()
    ball = add_event(organization, "Ball", price_minor=20_00, capacity=2, actor=STAFF, now=now)
    held = buy(desk, ball.id, found.party("Ann"), 1, by="visitor", channel="public", actor=STAFF)
    assert next_tickets_at(desk) == now + timedelta(minutes=15)
    assert follow_orders(desk) == 0
    code = held.tickets.get().code
    with pytest.raises(Refused, match="not paid for yet"):
        check_in(organization, code, actor=STAFF, now=now)
    paid = buy(desk, ball.id, found.party("Ann"), 1, by="cash", channel="staff", actor=STAFF)
    ticket = paid.tickets.get()
    assert check_in(organization, f" {ticket.code.lower()}", actor=STAFF, now=now).state == "checked_in"
    with pytest.raises(Refused) as twice:
        check_in(organization, ticket.code, actor=STAFF, now=now)
    assert twice.value.code == "already_in"
    with pytest.raises(Refused) as inside:
        refund_tickets(desk, [ticket], actor=STAFF)
    assert inside.value.code == "ticket_not_sold"
    on_account = order_tickets(
        organization, add_event(organization, "Talk", price_minor=5_00, capacity=1, actor=STAFF, now=now).id,
        found.party("Ann"), 1, channel="staff", on_account=True, actor=STAFF, now=now,
    )  # fmt: skip
    assert follow_order(organization, on_account.id, actor=STAFF, now=now).tickets.get().state == "held"
    assert not [one for one in invariants.check(organization.id) if "sandbox" not in one.invariant]
