"""Tickets: ordered and paid for at once, let go when they are not paid in time, given back (A-03, X24, X25)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import F, Sum

from paidthru.actions.charge import Asked
from paidthru.actions.follow_order import follow_order
from paidthru.actions.give_back_tickets import give_back_tickets
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
from paidthru.ticketing.queries import next_hold_end
from paidthru.timeline.operations import SCHEDULE, Actor

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
    now = desk.clock.now()
    order = order_tickets(
        desk.organization,
        event_id,
        party_id,
        count,
        channel=channel,
        on_file=by == "on_file",
        on_account=by == "account",
        actor=actor,
        now=now,
        key=key,
    )
    if order.invoice is None or order.invoice.state != "sent" or by in ("visitor", "account"):
        return order
    if by == "on_file":
        pay_online(desk, order.invoice.id, actor=actor, asked=Asked(order.invoice.total_minor))
        _end(desk, order)
    else:
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


def follow_orders(desk: Desk) -> int:
    """Sells what was paid, and lets go what was not paid in time; returns how many orders were looked at."""
    orders = TicketOrder.objects.filter(organization=desk.organization, held_until__isnull=False)
    found = list(orders.select_related("invoice").order_by("held_until", "id"))
    for order in found:
        if order.held_until is not None and order.held_until <= desk.clock.now():
            _end(desk, order)
        else:
            follow_order(desk.organization, order.id, actor=SCHEDULE, now=desk.clock.now())
    return len(found)


def next_tickets_at(desk: Desk) -> datetime | None:
    """When the next hold of places ends; an instant that has passed means now."""
    return next_hold_end(desk.organization.id)


def refund_tickets(
    desk: Desk, tickets: Sequence[Ticket], *, reason: str = "", actor: Actor, key: str | None = None
) -> int:
    """Gives tickets back, of one order: their places are free, and what was paid for them goes back the way it came,
    by the refunds there are. Returns how much that is (minor units); it is sent by whoever sends refunds. Refused as
    `give_back_tickets`, `request_refund` and `record_refund`."""
    order = TicketOrder.objects.get(id=tickets[0].order_id)
    ids = [one.id for one in tickets]
    give_back_tickets(
        desk.organization, order.id, ids, reason=reason, actor=actor, now=desk.clock.now(), key=key
    )
    total_minor = 0
    paid = (
        Allocation.objects.filter(receivable__source_id__in=ids)
        .values_list("payment_id")
        .annotate(left=Sum(F("amount_minor") - F("reversed_minor") - F("refunded_minor")))
        .order_by("payment_id")
    )
    for payment_id, left in list(paid):
        if left:
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
            via=_BY_HAND[payment.means], actor=actor, now=now, key=key,
        )  # fmt: skip
    else:
        request_refund(
            desk.organization, payment.id, amount_minor=amount_minor, currency=payment.currency, reason=reason,
            actor=actor, now=now, key=key,
        )  # fmt: skip


def _end(desk: Desk, order: TicketOrder) -> None:
    """Has an order paid or let go; one whose payment is under way, or paid in part, waits."""
    assert order.invoice is not None  # free tickets are sold at once
    order.invoice.refresh_from_db()
    under_way = any(one.state in OPEN_ATTEMPT for one in attempts_at(order.invoice.id))
    if order.invoice.state == "sent" and not under_way:
        with suppress(Refused):  # paid in the same moment, or in part: then it isn't let go
            void(desk, order.invoice.id, actor=SCHEDULE, reason="The tickets were not paid in time.")
    order.invoice.refresh_from_db()
    open_still = order.invoice.state == "sent"
    follow_order(desk.organization, order.id, keep=open_still, actor=SCHEDULE, now=desk.clock.now())
