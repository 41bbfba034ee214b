"""Tickets: the last place is sold once however many want it, and let in once (X24, X25)."""

from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import permutations

import pytest
from tests.actions.test_collection_gates import freeze, in_earnest
from tests.actions.test_collection_races import together
from tests.collecting import billed
from tests.world import STAFF

from paidthru import invariants
from paidthru.actions.add_event import add_event
from paidthru.actions.approve_refund import approve_refund
from paidthru.actions.check_in import check_in
from paidthru.actions.follow_order import follow_order
from paidthru.actions.order_tickets import order_tickets
from paidthru.actions.record_payment import record_payment
from paidthru.actions.request_refund import request_refund
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.payments.models import Payment, Refund
from paidthru.runs import tickets as tickets_file
from paidthru.runs.tickets import buy, follow_orders, next_tickets_at, refund_tickets
from paidthru.ticketing.models import Ticket
from paidthru.ticketing.queries import seats_of
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor, again_on_conflict

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

    came = together([partial(wants, n) for n in range(50)], at_most=50)
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


def test_tickets_go_back_one_by_one_in_any_order_for_what_each_cost() -> None:
    found = billed("Ann")
    organization, desk, now = found.world.organization, found.desk, found.desk.clock.now()
    for n, order in enumerate(permutations(range(3))):
        event = add_event(organization, f"Ball {n}", price_minor=20_00, capacity=3, actor=STAFF, now=now)
        bought = buy(desk, event.id, found.party("Ann"), 3, by="account", channel="staff", actor=STAFF)
        assert bought.invoice is not None
        for amount in (25_00, 35_00):  # of no whole number of tickets
            record_payment(
                organization, bought.party_id, amount_minor=amount, currency="USD", means="cash",
                invoice_ids=[bought.invoice.id], actor=STAFF, now=now,
            )  # fmt: skip
        follow_order(organization, bought.id, actor=STAFF, now=now)
        tickets = list(bought.tickets.order_by("id"))
        assert [refund_tickets(desk, [tickets[place]], actor=STAFF) for place in order] == [20_00] * 3, order
        follow_orders(desk)
    assert not [one for one in invariants.check(organization.id) if "sandbox" not in one.invariant]


def test_a_refund_that_is_refused_leaves_the_ticket_sold() -> None:
    found = billed("Ann")
    organization, desk, now = found.world.organization, found.desk, found.desk.clock.now()
    ball = add_event(organization, "Ball", price_minor=20_00, capacity=1, actor=STAFF, now=now)
    ticket = buy(
        desk, ball.id, found.party("Ann"), 1, by="on_file", channel="portal", actor=STAFF
    ).tickets.get()
    payment = Payment.objects.filter(party_id=found.party("Ann")).latest("number")
    Payment.objects.filter(id=payment.id).update(disputed_minor=20_00)
    with pytest.raises(Refused) as disputed:
        refund_tickets(desk, [ticket], actor=STAFF, key="click")
    ticket.refresh_from_db()
    assert (disputed.value.code, ticket.state, Refund.objects.count()) == ("payment_disputed", "sold", 0)


def test_money_that_goes_back_by_the_payments_own_page_frees_as_many_places() -> None:
    found = billed("Ann")
    organization, desk, now = found.world.organization, found.desk, found.desk.clock.now()
    ball = add_event(organization, "Ball", price_minor=20_00, capacity=3, actor=STAFF, now=now)
    order = buy(desk, ball.id, found.party("Ann"), 3, by="on_file", channel="portal", actor=STAFF)
    payment = Payment.objects.filter(party_id=found.party("Ann")).latest("number")
    check_in(organization, order.tickets.order_by("id")[0].code, actor=STAFF, now=now)

    def states() -> Counter[str]:
        follow_orders(desk)
        return Counter(order.tickets.values_list("state", flat=True))

    request_refund(organization, payment.id, amount_minor=15_00, actor=STAFF, now=now)
    assert states() == {"checked_in": 1, "sold": 2}, "less than a ticket"
    request_refund(organization, payment.id, amount_minor=10_00, actor=STAFF, now=now)
    assert states() == {"checked_in": 1, "sold": 1, "refunded": 1}
    request_refund(organization, payment.id, actor=STAFF, now=now)
    assert states() == {"checked_in": 1, "refunded": 2}, "who is in stays in"
    assert states() == {"checked_in": 1, "refunded": 2}
    told = Event.objects.filter(verb="tickets_given_back", subject_id=order.id)
    assert [one.facts["tickets"] for one in told.order_by("id")] == [1, 1]


def test_a_refund_that_is_approved_weeks_later_frees_its_place_then() -> None:
    found = billed("Ann", staff__separation="on")
    organization, desk, now = found.world.organization, found.desk, found.desk.clock.now()
    ball = add_event(organization, "Ball", price_minor=20_00, capacity=1, actor=STAFF, now=now)
    order = buy(desk, ball.id, found.party("Ann"), 1, by="on_file", channel="portal", actor=STAFF)
    payment = Payment.objects.filter(party_id=found.party("Ann")).latest("number")
    refund = request_refund(organization, payment.id, actor=STAFF, now=now - timedelta(days=20))
    follow_orders(desk)
    assert order.tickets.get().state == "sold"
    approve_refund(organization, refund.id, actor=Actor("staff", "Bea"), now=now)
    follow_orders(desk)
    assert order.tickets.get().state == "refunded"


def test_what_can_not_be_charged_now_holds_no_place() -> None:
    found = billed("Ann")
    organization, now = found.world.organization, found.desk.clock.now()
    ball = add_event(organization, "Ball", price_minor=20_00, capacity=1, actor=STAFF, now=now)
    freeze()
    in_earnest(found)
    with pytest.raises(Refused, match="Charging is frozen"):
        buy(found.desk, ball.id, found.party("Ann"), 1, by="on_file", channel="portal", actor=STAFF)
    assert Ticket.objects.get().state == "lapsed"
    assert seats_of([ball.id])[ball.id].held == 0


def test_late_money_that_was_spent_otherwise_books_nothing() -> None:
    found = billed("Ann")
    organization, desk, now = found.world.organization, found.desk, found.desk.clock.now()
    ball = add_event(organization, "Ball", price_minor=20_00, capacity=1, actor=STAFF, now=now)
    late = buy(desk, ball.id, found.party("Ann"), 1, by="visitor", channel="public", actor=STAFF)
    Ticket.objects.filter(order=late).update(
        state="lapsed"
    )  # let go; and of the money that came nothing is left
    before = Invoice.objects.count()
    tickets_file._seat(desk, late)
    assert (Invoice.objects.count(), Ticket.objects.count()) == (before, 1), "no place without its money"
