"""Tickets: an event's own page, where anybody buys, a member's tickets, and what an order has (A-03, X24, X25).

The public page takes the places and leads to the pay link; the card is entered on the processor's page. What isn't paid
in the event's minutes is free again.
"""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from paidthru.actions.make_pay_link import make_pay_link
from paidthru.faces.portal.card_trying import begun_too_often, tried_too_many
from paidthru.faces.portal.forms import VisitorForm
from paidthru.faces.portal.guessing import note_wrong, turned_away
from paidthru.faces.portal.languages import language, locale_at, speak
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.reworded import reworded
from paidthru.faces.portal.showing import called, home_of, said_in, sent, show
from paidthru.faces.portal.views import with_link
from paidthru.invoicing.queries import pay_token
from paidthru.kernel.errors import Refused
from paidthru.kernel.formats import day_text, money_text
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money
from paidthru.payments.models import MemberLink
from paidthru.payments.queries import active_method
from paidthru.people.operations import payer_of
from paidthru.runs.tickets import buy
from paidthru.ticketing.models import TicketedEvent, TicketOrder
from paidthru.ticketing.queries import Seats, on_sale, order_by, order_token, orders_of, seats_of
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for

MOST = 10  # tickets that are bought at once without staff
SHOWN, OFFERED = 12, 60  # orders and events on a member's page
_STATES = {
    "held": _lazy("It is held until it is paid."),
    "sold": _lazy("It lets one in."),
    "checked_in": _lazy("It is in."),
    "refunded": _lazy("It was given back."),
    "lapsed": _lazy("It was not paid in time."),
}


def _count() -> forms.IntegerField:
    return forms.IntegerField(
        label=_lazy("Tickets"),
        min_value=1,
        max_value=MOST,
        initial=1,
        error_messages={
            "required": _lazy("How many tickets?"),
            "max_value": _lazy("At most %(limit_value)s at once."),
        },
        widget=forms.NumberInput(attrs={"class": "input", "min": 1, "max": MOST}),
    )


class PublicTicketsForm(VisitorForm):
    """How many tickets, and for whom."""

    count = _count()
    field_order = ("count", "name", "email", "key")


class MemberTicketsForm(forms.Form):
    """How many tickets for which event. `key` counts what was ordered when the page was shown, so that two windows buy
    once."""

    event = forms.ChoiceField(label=_lazy("For"), widget=forms.Select(attrs={"class": "input"}))
    count = _count()
    key = forms.CharField(widget=forms.HiddenInput, max_length=20)

    def __init__(self, *args: object, events: Sequence[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["event"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(events)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def event_page(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponseBase:
    """What an event is, and how many places are left; posted, an order that the pay link then takes."""
    events = TicketedEvent.objects.filter(organization__slug=slug, id=event_id).select_related("organization")
    event = events.first()
    if event is None:
        page = Page(_("There is no such page"), _("Look whether the whole address was copied."))
        return show(request, page, None, 404)
    organization, desk = event.organization, desk_for(event.organization)
    speak(request, organization)
    left = _left(event, seats_of([event.id]).get(event.id, Seats()))
    closed = ""
    if not on_sale(organization.id, desk.today).filter(id=event.id).exists():
        closed = _("Its tickets are not sold now.")
    elif left == 0:
        closed = _("It is sold out. A place may become free: look again later.")
    takes_money = desk.gateway.capabilities.online or not event.price_minor
    if not takes_money:
        closed = _("Cards can’t be taken here yet. Please ask {organization}.").format(
            organization=organization.name
        )
    form = PublicTicketsForm(
        request.POST if request.method == "POST" else None, initial={"key": str(new_id())}
    )
    # A click that comes twice finds the event sold out by itself: it is led to its own order all the same.
    if request.method == "POST" and takes_money and form.is_valid():
        too_many = tried_too_many(request) or begun_too_often(
            request, organization, "tickets", form.cleaned_data["email"]
        )
        if too_many is not None:
            return too_many
        try:
            return _bought(event, form)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, said_of(refused))
    page = Page(
        event.name,
        closed or _("At {organization}.").format(organization=organization.name),
        _about(event, left),
        action="" if closed and not form.errors else request.path,
        form=None if closed and not form.errors else form,
        choices=(
            Choice("go", "on", _("Go on to pay") if event.price_minor else _("Get them"), primary=True),
        ),
        asides=(
            _("Your places are held for {minutes} minutes while you pay.").format(minutes=event.hold_minutes),
            _("Card and bank details are entered on the payment processor’s own page only."),
        )
        if event.price_minor and not closed
        else (),
    )
    status = 422 if form.errors else 409 if closed and request.method == "POST" else 200
    return show(request, page, organization, status)


def _bought(event: TicketedEvent, form: PublicTicketsForm) -> HttpResponseBase:
    """To the order's pay link; of free tickets, to the tickets. Whoever gives an address isn't taken for the member who
    has it."""
    organization, clean = event.organization, form.cleaned_data
    desk = desk_for(organization)
    payer = payer_of(
        organization.id, clean["name"], clean["email"], language=language(), now=desk.clock.now()
    )
    actor = Actor("visitor", payer.name)
    order = buy(
        desk, event.id, payer.id, clean["count"], by="visitor", channel="public", actor=actor,
        key=f"tickets {event.id} {clean['key']}",
    )  # fmt: skip
    if (
        order.invoice is None or order.invoice.state != "sent"
    ):  # free, or of an earlier click: paid, or let go
        return redirect(f"/tickets/of/{order_token(order.id)}/")
    link = make_pay_link(organization, order.invoice.id, actor=actor, now=desk.clock.now())
    return redirect(f"/pay/{pay_token(link.id)}/")


@require_safe
@never_cache
def order_page(request: HttpRequest, token: str) -> HttpResponseBase:
    """What whoever has the order's link shows at the door."""
    too_many = turned_away(request)
    if too_many is not None:
        return too_many
    order = order_by(token)
    if order is None:
        note_wrong(request)
        page = Page(_("This link doesn’t work"), _("Look whether the whole address was copied."))
        return show(request, page, None, 404)
    speak(request, order.organization)
    tickets = tuple(
        Fact(_("Ticket {n}").format(n=n), one.code, str(_STATES[one.state]))
        for n, one in enumerate(order.tickets.order_by("id"), 1)
    )
    good = order.tickets.filter(state__in=("sold", "checked_in")).exists()
    text = _("{name}, at {organization}.").format(name=order.party.name, organization=order.organization.name)
    if good:
        text += " " + _("Show a code at the door; it lets one person in, once.")
    page = Page(
        _("Your tickets for {event}").format(event=order.event.name),
        text,
        (*_when(order.event), *tickets),
        asides=(reworded(order.said),) if order.said else (),
    )
    return show(request, page, order.organization)


@require_http_methods(["GET", "HEAD", "POST"])
@with_link
def tickets_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """A member's tickets, and the events that there are tickets for; posted, some are bought."""
    if link.attempt_id is not None:  # it is for confirming one payment only
        return redirect(home_of(request))
    organization, desk = link.organization, desk_for(link.organization)
    events = list(on_sale(organization.id, desk.today)[:OFFERED])
    seats = seats_of(one.id for one in events)
    left = {one.id: _left(one, seats.get(one.id, Seats())) for one in events}
    method, online = active_method(link.party_id), desk.gateway.capabilities.online
    posted = request.method == "POST"
    # A click that comes twice finds the event sold out by itself: it is led to its own order all the same.
    open_ = [one for one in events if (posted or left[one.id]) and (online or not one.price_minor)]
    form = MemberTicketsForm(
        request.POST if posted else None,
        initial={"key": str(orders_of(link.party_id).count())},
        events=[(str(one.id), f"{one.name}, {_price(one)}") for one in open_],
    )
    if posted and form.is_valid():
        clean = form.cleaned_data
        event = next(one for one in open_ if str(one.id) == clean["event"])
        actor = Actor("member", link.party.name)
        try:
            order = buy(
                desk, event.id, link.party_id, clean["count"],
                by="on_file" if method and event.price_minor else "visitor", channel="portal", actor=actor,
                key=f"tickets {link.party_id} {event.id} {clean['key']}",  # from two windows, or by two links: once
            )  # fmt: skip
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, said_of(refused))
        else:
            if order.invoice is not None and method is None and order.invoice.state == "sent":
                there = make_pay_link(organization, order.invoice.id, actor=actor, now=desk.clock.now())
                return redirect(f"/pay/{pay_token(there.id)}/")
            return sent(request, *_went(order))
    return _tickets(request, link, form, events, left)


def _tickets(
    request: HttpRequest,
    link: MemberLink,
    form: MemberTicketsForm,
    events: Sequence[TicketedEvent],
    left: dict[UUID, int],
) -> HttpResponse:
    method = active_method(link.party_id)
    notice, tone = said_in(request) or ("", "good")
    orders = list(orders_of(link.party_id).exclude(tickets__state="lapsed").distinct()[:SHOWN])
    sells = form.errors or form.fields["event"].choices  # type: ignore[attr-defined]
    text = _("At {organization}.").format(organization=link.organization.name)
    if sells:
        how = _("What they cost is paid on the next page.")
        if method:
            how = _("What they cost is charged to {method} at once.").format(method=called(method))
        text = f"{text} {how}"
    page = Page(
        _("Tickets") if orders or events else _("There are no tickets here now"),
        text,
        (*(_held(one) for one in orders), *(_offer(one, left[one.id]) for one in events)),
        notice,
        tone,
        action=request.path if sells else "",
        form=form if sells else None,
        choices=(Choice("go", "on", _("Buy"), primary=True),) if sells else (),
        ways=(
            *(
                Way(
                    _("My tickets for {event}").format(event=one.event.name),
                    f"/tickets/of/{order_token(one.id)}/",
                )
                for one in orders
            ),
            Way(_("Back"), home_of(request)),
        ),
    )
    return show(request, page, link.organization, 422 if form.errors else 200)


def _went(order: TicketOrder) -> tuple[str, str]:
    """What became of a purchase, and its tone."""
    states = set(order.tickets.values_list("state", flat=True))
    if states <= {"sold", "checked_in"}:
        count = order.tickets.count()
        said = ngettext("You have {count} for {event}.", "You have {count} for {event}.", count)
        return said.format(count=count, event=order.event.name), "good"
    if "held" in states:
        return _("Your payment is on its way, and your places are held. Please don’t pay again."), "good"
    return _("The payment did not go through. Nothing was taken, and no ticket was sold."), "warn"


def _held(order: TicketOrder) -> Fact:
    codes = [one.code for one in order.tickets.all() if one.state in ("sold", "checked_in")]
    day = (
        f", {day_text(order.event.starts_on, locale_at(order.organization))}" if order.event.starts_on else ""
    )
    return Fact(f"{order.event.name}{day}", ", ".join(codes) or _("None"), _("Your tickets."))


def _offer(event: TicketedEvent, left: int) -> Fact:
    locale = locale_at(event.organization)
    when = [day_text(event.starts_on, locale)] if event.starts_on else []
    when += [event.place] if event.place else []
    free = _("Sold out") if not left else ngettext("{count} left", "{count} left", left).format(count=left)
    return Fact(event.name, _price(event), ". ".join([", ".join(when), free] if when else [free]) + ".")


def _about(event: TicketedEvent, left: int) -> tuple[Fact, ...]:
    price: Money | str = Money(event.price_minor, event.currency) if event.price_minor else _("Free")
    return (*_when(event), Fact(_("A ticket"), price), Fact(_("Places left"), str(left)))


def _when(event: TicketedEvent) -> tuple[Fact, ...]:
    found = [Fact(_("On"), event.starts_on)] if event.starts_on else []
    return (*found, *((Fact(_("Where"), event.place),) if event.place else ()))


def _left(event: TicketedEvent, seats: Seats) -> int:
    return max(event.capacity - seats.sold - seats.held, 0)


def _price(event: TicketedEvent) -> str:
    if not event.price_minor:
        return _("free")
    return money_text(Money(event.price_minor, event.currency), locale_at(event.organization))
