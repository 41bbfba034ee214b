"""Events with tickets: what is sold, who has a ticket, and who is in (A-03, X24)."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.add_event import HOLD_MINUTES, add_event
from paidthru.actions.check_in import check_in
from paidthru.actions.close_event import close_event
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import first_click, key_of, money_said, new_key, told
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import query_of, text_in
from paidthru.faces.console.pages import FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Table,
    Text,
    Value,
    with_query,
)
from paidthru.faces.console.row_exports import rows_csv
from paidthru.faces.console.sentences import moments
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money, parse_amount
from paidthru.people.queries import one_meant
from paidthru.runs.tickets import buy, refund_tickets
from paidthru.ticketing.models import Ticket, TicketedEvent
from paidthru.ticketing.queries import Seats, events_of, seats_of, tickets_of
from paidthru.timeline.queries import events_of as happened_to

_INPUT = {"class": "input", "autocomplete": "off"}
_DAY = forms.DateInput(attrs=_INPUT | {"type": "date"}, format="%Y-%m-%d")
_STATES = {
    "held": Badge("Waits for payment", "warn"),
    "sold": Badge("Sold", "good"),
    "checked_in": Badge("In", "info"),
    "refunded": Badge("Given back"),
}
_EVENTS = (
    Column("name", "Event"),
    Column("on", "Date", "date"),
    Column("place", "Place"),
    Column("price", "Price", "money"),
    Column("sold", "Sold", "number"),
    Column("held", "Held", "number"),
    Column("left", "Left", "number"),
    Column("inside", "In", "number"),
)
_TICKETS = (
    Column("holder", "Holder", "link"),
    Column("code", "Ticket", "code"),
    Column("state", "Status", "badge"),
    Column("in", "In since", "date"),
    Column("invoice", "Invoice", "link"),
    Column("act", ""),
)
_MEANS = (
    ("on_file", "Charge the method on file, now"),
    ("account", "Send an invoice"),
    ("cash", "Cash"),
    ("check", "Check"),
    ("transfer", "Transfer"),
    ("terminal", "Card terminal"),
)


class EventForm(ActForm):
    """An event to be added."""

    name = forms.CharField(
        label="Name", max_length=200, error_messages={"required": "The event needs a name."},
        widget=forms.TextInput(attrs=_INPUT),
    )  # fmt: skip
    starts_on = forms.DateField(label="Date", required=False, widget=_DAY)
    place = forms.CharField(
        label="Place", max_length=200, required=False, widget=forms.TextInput(attrs=_INPUT)
    )
    price = forms.CharField(
        label="What a ticket costs", max_length=40, help_text="0: it is free.",
        error_messages={"required": "Enter the price; 0 where it is free."},
        widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"}),
    )  # fmt: skip
    places = forms.IntegerField(
        label="Places", error_messages={"required": "How many places are there?"},
        widget=forms.NumberInput(attrs=_INPUT),
    )  # fmt: skip
    sale_from = forms.DateField(label="Sold from", required=False, help_text="Empty: at once.", widget=_DAY)
    sale_until = forms.DateField(
        label="Sold through", required=False, help_text="Empty: through the day of the event.", widget=_DAY
    )
    hold_minutes = forms.IntegerField(
        label="Minutes to pay",
        initial=HOLD_MINUTES,
        help_text="For so long a place is held for somebody who pays.",
        widget=forms.NumberInput(attrs=_INPUT),
    )


class SellForm(ActForm):
    """Tickets to be sold by staff."""

    name = forms.CharField(
        label="Who",
        max_length=254,
        help_text="The number, the exact name, or the e-mail address.",
        error_messages={"required": "Enter a number or a name."},
        widget=forms.TextInput(attrs=_INPUT),
    )
    count = forms.IntegerField(label="Tickets", initial=1, widget=forms.NumberInput(attrs=_INPUT))
    by = forms.ChoiceField(label="Paid by", choices=_MEANS, widget=forms.Select(attrs={"class": "input"}))


class BackForm(ActForm):
    """Why a ticket is given back."""

    reason = forms.CharField(
        label="Why", max_length=200, required=False, widget=forms.TextInput(attrs=_INPUT)
    )


class DoorForm(ActForm):
    """A ticket at the door."""

    code = forms.CharField(
        label="Ticket",
        max_length=40,
        error_messages={"required": "Scan or enter a ticket."},
        widget=forms.TextInput(attrs=_INPUT | {"autofocus": True}),
    )


@staff_page("view")
def event_list(visit: Visit) -> HttpResponseBase:
    """The events, the newest first, with what is sold and left."""
    add = Action("Add an event", visit.url("events/new/"), "primary", icon="plus")
    return listed(
        visit,
        events_of(visit.organization.id),
        partial(_event_rows, visit),
        ListPage(
            title="Events",
            columns=_EVENTS,
            rows=(),
            empty=EmptyState("No event yet", "A dinner, a course, a trip: with a price and so many places."),
            noun=("event", "events"),
        ),
        current="events",
        sorts=["created_at"],
        default="-created_at",
        file="events",
        add=add if visit.may("set_policy") else None,
    )


def _event_rows(visit: Visit, found: list[TicketedEvent]) -> tuple[Row, ...]:
    seats = seats_of(one.id for one in found)
    rows = []
    for one in found:
        its, here = seats.get(one.id, Seats()), visit.url(f"events/{one.id}/")
        left = one.capacity - its.sold - its.held
        rows.append(
            Row(
                (
                    one.name,
                    one.starts_on,
                    one.place or None,
                    Money(one.price_minor, one.currency) if one.price_minor else "Free",
                    its.sold,
                    its.held or None,
                    left,
                    its.checked_in or None,
                ),
                here,
            )
        )
    return tuple(rows)


@staff_page("set_policy")
def new_event(visit: Visit) -> HttpResponseBase:
    """Adds an event; pressed twice, the second is refused by name."""
    form = EventForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        clean, currency = form.cleaned_data, visit.organization.currency
        try:
            made = add_event(
                visit.organization,
                clean["name"],
                price_minor=_price(clean["price"], currency),
                capacity=clean["places"],
                starts_on=clean["starts_on"],
                place=clean["place"],
                sale_from=clean["sale_from"],
                sale_until=clean["sale_until"],
                hold_minutes=clean["hold_minutes"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{made.name} is there, with {made.capacity} places.")
            return redirect(visit.url(f"events/{made.id}/"))
    page = FormPage(
        title="Add an event",
        form=form,
        submit_label="Add it",
        cancel_url=visit.url("events/"),
        intro=f"The price is in {visit.organization.currency}.",
        crumbs=(Link("Events", visit.url("events/")),),
    )
    return visit.page(page, "events", 422 if form.errors else 200)


def _price(text: str, currency: str) -> int:
    """Minor units. Refused `amount_invalid`, at the field of the price."""
    try:
        return parse_amount(text, currency)
    except Refused as refused:
        raise Refused(
            refused.code, refused.message, field="price", value=text[:40], fix=refused.fix
        ) from None


@staff_page("view")
def one_event(visit: Visit, event_id: UUID) -> HttpResponseBase:
    """An event: its places, and the list at the door, found by name or ticket."""
    event, request = _event(visit, event_id), visit.request
    its, searched = seats_of([event.id]).get(event.id, Seats()), text_in(request, "q")
    found = tickets_of(event.id)
    if text_in(request, "export") == "csv":
        return rows_csv("tickets", _TICKETS[:-1], (Row(_ticket(visit, one)[:-1]) for one in found.iterator()))
    if searched:
        found = found.filter(order__party__name__icontains=searched) | found.filter(
            code__iexact=searched.strip()
        )
    listed = list(found[: _SHOWN + 1])
    left = event.capacity - its.sold - its.held
    here = visit.url(f"events/{event.id}/")
    page_ = f"{visit.desk.public_url}/tickets/{visit.organization.slug}/{event.id}/"
    is_open = event.closed_at is None
    sells = visit.may("record_payment") and left > 0 and is_open
    return visit.page(
        RecordPage(
            title=event.name,
            kind="Event",
            badges=(
                *((Badge("Sold out", "warn"),) if left <= 0 else ()),
                *(() if is_open else (Badge("Sale closed", "neutral"),)),
            ),
            figures=(
                Figure("Sold", its.sold, f"of {event.capacity}"),
                Figure("Held", its.held, "not paid yet"),
                Figure("Left", max(left, 0)),
                Figure("In", its.checked_in),
            ),
            facts=(
                Fact("Date", event.starts_on),
                Fact("Place", event.place),
                Fact("Price", Money(event.price_minor, event.currency) if event.price_minor else "Free"),
                Fact("On sale", _sale(visit, event)),
                Fact("Its page, to be shared", Link(page_, page_)),
            ),
            actions=(
                *((Action("Sell tickets", f"{here}sell/", "primary", icon="plus"),) if sells else ()),
                *((Action("At the door", f"{here}door/"),) if visit.may("record_payment") else ()),
                *(
                    (Action("Close the sale", f"{here}close/"),)
                    if visit.may("set_policy") and is_open
                    else ()
                ),
            ),
            filters=(Filter("q", "Name or ticket", "search", searched),),
            query=query_of(request),
            sections=(
                Section(
                    "tickets",
                    "Tickets",
                    Table(
                        _TICKETS,
                        tuple(Row(_ticket(visit, one)) for one in listed[:_SHOWN]),
                        "Tickets",
                        empty=EmptyState("Nobody of that name has a ticket")
                        if searched
                        else EmptyState("No ticket is sold yet"),
                    ),
                    text=f"The first {_SHOWN}; search by name, or take the CSV."
                    if len(listed) > _SHOWN
                    else "",
                ),
            ),
            timeline=moments(
                happened_to(visit.organization.id, event.id, limit=30), visit.organization.locale
            ),
            export_url=with_query(query_of(request), export="csv") if listed else None,
            crumbs=(Link("Events", visit.url("events/")),),
        ),
        "events",
    )


_SHOWN = 300


def _sale(visit: Visit, event: TicketedEvent) -> str:
    locale, until = visit.organization.locale, event.sale_until or event.starts_on
    parts = [f"from {day_text(event.sale_from, locale)}"] if event.sale_from else []
    parts += [f"through {day_text(until, locale)}"] if until else []
    return " ".join(parts) or "At any time"


def _ticket(visit: Visit, one: Ticket) -> tuple[Value, ...]:
    order = one.order
    back = one.state == "sold" and visit.may("refund")
    return (
        Link(order.party.name, member_url(visit, order.party_id)),
        one.code,
        _STATES[one.state],
        one.checked_in_at,
        Link(order.invoice.label, invoice_url(visit, order.invoice.id)) if order.invoice else None,
        Link("Give back", visit.url(f"events/{one.event_id}/tickets/{one.id}/back/")) if back else None,
    )


@staff_page("set_policy")
def close(visit: Visit, event_id: UUID) -> HttpResponseBase:
    """An event's tickets are sold no more; those that there are stay good."""
    event = _event(visit, event_id)
    if visit.request.method == "POST":
        close_event(visit.organization, event.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"No more tickets are sold for {event.name}.")
        return redirect(visit.url(f"events/{event.id}/"))
    page = FormPage(
        title=f"Sell no more tickets for {event.name}?",
        form=ActForm(initial=new_key()),
        submit_label="Close the sale",
        cancel_url=visit.url(f"events/{event.id}/"),
        intro="The tickets that are sold stay good, and let in. Give them back one by one if it doesn’t take place.",
        crumbs=(Link("Events", visit.url("events/")), Link(event.name, visit.url(f"events/{event.id}/"))),
    )
    return visit.page(page, "events")


@staff_page("record_payment")
def sell(visit: Visit, event_id: UUID) -> HttpResponseBase:
    """Sells tickets to somebody who is known, paid in one of the ways that staff record or charge."""
    event = _event(visit, event_id)
    back = visit.url(f"events/{event.id}/")
    form = SellForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            buyer = one_meant(visit.organization.id, clean["name"])
            order = buy(
                visit.desk, event.id, buyer.id, clean["count"], by=clean["by"], channel="staff", actor=visit.actor,
                key=f"tickets {key_of(visit)}",
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            if order.tickets.filter(state="lapsed").exists():
                messages.warning(visit.request, "The bank declined it. No ticket was sold.")
            else:
                codes = ", ".join(order.tickets.order_by("id").values_list("code", flat=True))
                messages.success(visit.request, f"{buyer.name} has {codes}.")
            return redirect(back)
    cost = money_said(visit, event.price_minor, event.currency) if event.price_minor else "Free"
    page = FormPage(
        title=f"Sell tickets for {event.name}",
        form=form,
        submit_label="Sell",
        cancel_url=back,
        intro=f"{cost} each.",
        crumbs=(Link("Events", visit.url("events/")), Link(event.name, back)),
    )
    return visit.page(page, "events", 422 if form.errors else 200)


@staff_page("refund")
def give_back(visit: Visit, event_id: UUID, ticket_id: UUID) -> HttpResponseBase:
    """Takes a ticket back: its place is free, and what was paid for it goes back the way it came."""
    event = _event(visit, event_id)
    ticket = get_object_or_404(Ticket, id=ticket_id, event=event)
    back = visit.url(f"events/{event.id}/")
    form = BackForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        if not first_click(visit, clean["key"], f"ticket {ticket.id}"):
            messages.info(visit.request, "That was done already; nothing was done twice.")
            return redirect(back)
        try:
            given = refund_tickets(
                visit.desk, [ticket], reason=clean["reason"], actor=visit.actor, key=f"back {clean['key']}"
            )
        except Refused as refused:
            return told(visit, refused, back)
        said = (
            f"{money_said(visit, given, event.currency)} goes back." if given else "Nothing was paid for it."
        )
        messages.success(visit.request, f"Ticket {ticket.code} is given back. {said}")
        return redirect(back)
    holder = ticket.order.party.name
    page = FormPage(
        title=f"Give ticket {ticket.code} back?",
        form=form,
        submit_label="Give it back",
        cancel_url=back,
        intro=f"It is {holder}’s. Its place is free for somebody else, and what was paid for it goes back the way it"
        " came.",
        crumbs=(Link("Events", visit.url("events/")), Link(event.name, back)),
    )
    return visit.page(page, "events", 422 if form.errors else 200)


@dataclass(frozen=True, slots=True)
class DoorPage:
    """kiosk.html: one field, and what came of the last ticket. `tone` is good or bad."""

    template: ClassVar[str] = "console/kiosk.html"

    title: str
    form: DoorForm
    leave_url: str
    headline: str = ""
    said: Text | None = None
    tone: str = ""


@staff_page("record_payment")
def door(visit: Visit, event_id: UUID) -> HttpResponseBase:
    """The page at the door: a scanner or a finger enters a ticket; the second time it says since when it is in."""
    event = _event(visit, event_id)
    here = visit.url(f"events/{event.id}/door/")
    form = DoorForm(visit.request.POST or None, initial=new_key())
    headline, said, tone = "", None, ""
    if visit.request.method == "POST":
        try:
            code = form.cleaned_data["code"] if form.is_valid() else ""
            if not Ticket.objects.filter(event=event, code=code.strip().upper()).exists():
                raise Refused(
                    "ticket_unknown", "That is no ticket for this event.", fix="Look for its holder by name."
                )
            ticket = check_in(visit.organization, code, actor=visit.actor, now=visit.desk.clock.now())
        except Refused as refused:
            headline, said, tone = refused.message, Text(refused.fix or ""), "bad"
            form = DoorForm(initial=new_key())
        else:
            return redirect(f"{here}?in={ticket.code}")
    elif code := text_in(visit.request, "in"):
        inside = Ticket.objects.filter(event=event, code=code, state="checked_in").select_related(
            "order__party"
        )
        if (last := inside.first()) is not None:
            headline, tone = f"Welcome, {last.order.party.name}", "good"
            said = Text(f"Ticket {last.code}")
    page = DoorPage(event.name, form, visit.url(f"events/{event.id}/"), headline, said, tone)
    return visit.page(page, "events", 422 if tone == "bad" else 200)


def _event(visit: Visit, event_id: UUID) -> TicketedEvent:
    return get_object_or_404(TicketedEvent, id=event_id, organization=visit.organization)
