"""Tables of the ticketing room."""

from typing import ClassVar

from django.db import models

from paidthru.invoicing.models import Invoice
from paidthru.organizations.models import Owned
from paidthru.people.models import Party


class TicketedEvent(Owned):
    """Something that one pays to come to: a ticket costs `price_minor` (minor units; nothing: it is free), and there
    are `capacity` places. Tickets are sold from `sale_from` through `sale_until` (local days; None: at any time); who
    hasn't paid after `hold_minutes` loses the place. Its row is locked while places are counted."""

    name = models.CharField(max_length=200)
    starts_on = models.DateField(null=True)
    place = models.CharField(max_length=200, blank=True)
    capacity = models.IntegerField()
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    sale_from = models.DateField(null=True)
    sale_until = models.DateField(null=True)
    hold_minutes = models.IntegerField(default=15)
    income_code = models.CharField(max_length=60)
    fund = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "name"], name="one_ticketed_event_per_name"),
            models.CheckConstraint(
                condition=models.Q(price_minor__gte=0, capacity__gt=0, hold_minutes__gt=0),
                name="ticketed_event_is_possible",
            ),
        ]


class TicketOrder(Owned):
    """Somebody asked for tickets; `invoice` asks for their price, None where they are free. Until `held_until` its
    places are held (None: sold, let go, or sold on account by staff)."""

    event = models.ForeignKey(TicketedEvent, on_delete=models.PROTECT, related_name="orders")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=6)  # portal | public | staff
    held_until = models.DateTimeField(null=True)
    ordered_at = models.DateTimeField()
    let_go = models.BooleanField(
        default=False
    )  # not paid in time; money that comes all the same is looked at
    # why an order ended otherwise than sold: not paid in time, paid too late
    said = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organization", "held_until"],
                name="ticket_order_held",
                condition=models.Q(held_until__isnull=False),
            ),
            models.Index(
                fields=["organization", "ordered_at"],
                name="ticket_order_let_go",
                condition=models.Q(let_go=True),
            ),
        ]


class Ticket(Owned):
    """One place at an event: held, sold, checked_in (since `checked_in_at`), refunded, or lapsed (not paid in time).
    Its `code` is what its holder
    shows at the door; what is owed for it has its id as its source."""

    order = models.ForeignKey(TicketOrder, on_delete=models.PROTECT, related_name="tickets")
    event = models.ForeignKey(TicketedEvent, on_delete=models.PROTECT, related_name="tickets")
    code = models.CharField(max_length=12)
    state = models.CharField(max_length=10)
    checked_in_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["organization", "code"], name="one_ticket_per_code"),
            models.CheckConstraint(
                condition=models.Q(state__in=("held", "sold", "checked_in", "refunded", "lapsed")),
                name="ticket_state_known",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["event", "state"], name="ticket_of_event"),
            models.Index(
                fields=["organization", "order"], name="ticket_held", condition=models.Q(state="held")
            ),
        ]
