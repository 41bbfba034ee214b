"""Tickets: ordered and paid for at once, let go when they are not paid in time, given back (A-03, X24, X25)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from paidthru.actions.apply_credit import apply_credit
from paidthru.actions.charge import Asked
from paidthru.actions.follow_order import follow_order
from paidthru.actions.give_back_tickets import give_back_tickets
from paidthru.actions.note_late_tickets import note_late_tickets
from paidthru.actions.order_tickets import order_tickets
from paidthru.actions.record_payment import record_payment
from paidthru.actions.record_refund import record_refund
from paidthru.actions.request_refund import request_refund
from paidthru.kernel.errors import Refused
from paidthru.payments.models import OPEN_ATTEMPT, Allocation, Payment
from paidthru.payments.queries import attempts_at
from paidthru.runs.charges import void
from paidthru.runs.collection import pay_online
from paidthru.runs.desk import Desk
from paidthru.ticketing.models import Ticket, TicketOrder
from paidthru.ticketing.queries import next_hold_end, order_on, orders_to_follow, paid_late, refunded_unseen
from paidthru.timeline.operations import SCHEDULE, Actor

LOOKED_AT = timedelta(days=7)  # for so long money is expected that comes after a hold has ended
REFUNDED = "What was paid for it was given back."
LOOKED_AT_AGAIN = timedelta(hours=1)  # while a payment is under way

#: How money comes that no gateway holds, and how it goes back.
_BY_HAND = {"check": "check", "cash": "cash", "transfer": "transfer", "terminal": "elsewhere"}


def buy(
    desk: Desk,
    event_id: UUID,
    party_id: UUID,
    count: int,
    *,
    by: Literal["on_file", "visitor", "account", "check", "cash", "transfer", "terminal"],
    channel: Literal["portal", "public", "staff"],
    actor: Actor,
    key: str | None = None,
) -> TicketOrder:
    """Orders tickets, and has them paid at once: charged to the method on file, or booked as the check or cash that
    came. Declined, their places are free again. By "visitor" they wait for the card that is given by the pay link, by
    "account" for whatever pays their invoice. Refused as `order_tickets`, and `pay_online` before anything is charged.
    """
    order_now = partial(
        order_tickets,
        desk.organization,
        event_id,
        party_id,
        count,
        channel=channel,
        on_file=by == "on_file",
        on_account=by == "account",
        actor=actor,
        now=desk.clock.now(),
        key=key,
    )
    if by in ("visitor", "account"):
        return order_now()
    if by == "on_file":
        order = order_now()
        if order.invoice is not None and order.invoice.state == "sent":
            try:
                pay_online(desk, order.invoice.id, actor=actor, asked=Asked(order.invoice.total_minor))
            finally:  # refused before anything is charged, nobody waits for the places
                _end(desk, order)
    else:
        with transaction.atomic():  # money that is there, and the order that it pays, or neither
            order = order_now()
            if order.invoice is not None and order.invoice.state == "sent":
                record_payment(
                    desk.organization,
                    order.party_id,
                    amount_minor=order.invoice.total_minor,
                    currency=order.invoice.currency,
                    means=by,
                    invoice_ids=[order.invoice.id],
                    actor=actor,
                    now=desk.clock.now(),
                    key=f"{key} money" if key else None,
                )
                follow_order(desk.organization, order.id, actor=actor, now=desk.clock.now())
    return TicketOrder.objects.select_related("invoice", "event", "party").get(id=order.id)


def follow_payment(desk: Desk, invoice_id: UUID) -> None:
    """Sells the tickets of an invoice that was paid in this moment, so that their buyer sees them at once."""
    order = order_on(invoice_id)
    if order is not None:
        follow_order(desk.organization, order.id, actor=SCHEDULE, now=desk.clock.now())


def follow_orders(desk: Desk) -> int:
    """Sells what was paid, lets go what was not paid in time, and takes back what was refunded by the payment's own
    page or at the processor; returns how many orders were looked at."""
    found = list(orders_to_follow(desk.organization.id, desk.clock.now()))
    for order in found:
        _end(desk, order)
    for order in paid_late(desk.organization.id, since=desk.clock.now() - LOOKED_AT):
        _seat(desk, order)
    for order_id, count in refunded_unseen(desk.organization.id, since=desk.clock.now() - LOOKED_AT).items():
        _take_back(desk, order_id, count)
    return len(found)


def next_tickets_at(desk: Desk) -> datetime | None:
    """When orders are followed next; an instant that has passed means now."""
    return next_hold_end(desk.organization.id, desk.clock.now())


def refund_tickets(
    desk: Desk, tickets: Sequence[Ticket], *, reason: str = "", actor: Actor, key: str | None = None
) -> int:
    """Gives tickets back, of one order: their places are free, and what was paid for them goes back the way it came,
    by the refunds there are. Returns how much that is (minor units); it is sent by whoever sends refunds. Refused as
    `give_back_tickets`, `request_refund` and `record_refund`."""
    order = TicketOrder.objects.get(id=tickets[0].order_id)
    ids = [one.id for one in tickets]
    # One transaction: a refund that is refused leaves the tickets sold. A ticket is given back once, so what its
    # payment refunded before was for others, whichever allocations the books took it from; never more than it has left
    # (a disputed one is refused, not cut).
    with transaction.atomic():
        give_back_tickets(
            desk.organization, order.id, ids, reason=reason, actor=actor, now=desk.clock.now(), key=key
        )
        total_minor = 0
        paid = (
            Allocation.objects.filter(receivable__source_id__in=ids)
            .values_list("payment_id")
            .annotate(left=Sum(F("amount_minor") - F("reversed_minor")))
            .order_by("payment_id")
        )
        for payment_id, cost_minor in list(paid):
            payment = Payment.objects.get(id=payment_id)
            left = min(cost_minor, payment.amount_minor - payment.refunded_minor - payment.reversed_minor)
            if left > 0:
                _refund(
                    desk,
                    payment_id,
                    left,
                    reason or "Tickets given back",
                    actor,
                    f"{key} {payment_id}" if key else None,
                )
                total_minor += left
    return total_minor


def _refund(
    desk: Desk, payment_id: UUID, amount_minor: int, reason: str, actor: Actor, key: str | None
) -> None:
    payment, now = Payment.objects.get(id=payment_id), desk.clock.now()
    if payment.means in _BY_HAND:
        record_refund(
            desk.organization, payment.id, amount_minor=amount_minor, currency=payment.currency,
            via=_BY_HAND[payment.means], reason=reason, actor=actor, now=now, key=key,
        )  # fmt: skip
    else:
        request_refund(
            desk.organization, payment.id, amount_minor=amount_minor, currency=payment.currency, reason=reason,
            actor=actor, now=now, key=key,
        )  # fmt: skip


def _take_back(desk: Desk, order_id: UUID, count: int) -> None:
    """Takes the latest of an order's tickets back, whose money went back already; those who are in stay in."""
    sold = Ticket.objects.filter(order_id=order_id, state="sold").order_by("-id").values_list("id", flat=True)
    with suppress(Refused):  # somebody came in, or staff took it back, in the same moment
        give_back_tickets(
            desk.organization,
            order_id,
            list(sold[:count]),
            reason=REFUNDED,
            actor=SCHEDULE,
            now=desk.clock.now(),
        )


def _end(desk: Desk, order: TicketOrder) -> None:
    """Has an order paid or let go; one whose payment is under way, or paid in part, waits."""
    assert order.invoice is not None  # free tickets are sold at once
    order.invoice.refresh_from_db()
    under_way = any(one.state in OPEN_ATTEMPT for one in attempts_at(order.invoice.id))
    if order.invoice.state == "sent" and not under_way:
        with suppress(Refused):  # paid in the same moment, or in part: then it isn't let go
            void(desk, order.invoice.id, actor=SCHEDULE, reason="The tickets were not paid in time.")
    order.invoice.refresh_from_db()
    now = desk.clock.now()
    follow_order(
        desk.organization,
        order.id,
        keep=order.invoice.state == "sent",
        until=now + LOOKED_AT_AGAIN if under_way else None,
        actor=SCHEDULE,
        now=now,
    )


def _seat(desk: Desk, order: TicketOrder) -> None:
    """Money came for places that were let go: they are ordered anew where there are any, and paid from that money,
    which stands as credit; where there are none it stays credit, and says so."""
    now, organization = desk.clock.now(), desk.organization
    assert order.invoice is not None  # it was paid
    said = f"Paid after the places were let go, and others were free: {order.event.name} is booked."
    try:
        with transaction.atomic():  # the places and the money that pays them, or neither
            anew = order_tickets(
                organization,
                order.event_id,
                order.party_id,
                order.tickets.count(),
                channel=cast("Literal['portal', 'public', 'staff']", order.channel),
                on_account=True,
                actor=SCHEDULE,
                now=now,
                key=f"late {order.id}",
            )
            if anew.invoice is not None and anew.invoice.state == "sent":
                parts = {anew.invoice.id: anew.invoice.balance_minor}
                apply_credit(organization, order.party_id, parts, actor=SCHEDULE, now=now)
            follow_order(organization, anew.id, actor=SCHEDULE, now=now)
    except Refused as refused:
        said = f"Paid after the places were let go. {refused.message} The money stands as credit; refund it or keep it."
    note_late_tickets(organization, order.id, said, actor=SCHEDULE, now=now)
