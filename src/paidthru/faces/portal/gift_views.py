"""A gift's own page, by the signed link in its mails: what it is, and to change, pause or stop it (A-20).

Whoever has the link can do that to this gift, and to nothing else. Looking changes nothing: acts are POSTs.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from paidthru.actions.change_gift import change_gift, change_gift_amount
from paidthru.faces.portal.guessing import note_wrong, turned_away
from paidthru.faces.portal.languages import speak
from paidthru.faces.portal.pages import Choice, Fact, Page
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.showing import PRIVATE, amount_said, away, called, home_of, said_in, sent, show
from paidthru.faces.portal.spoken import every
from paidthru.giving.models import Gift
from paidthru.giving.queries import gift_by, interval_of, last_given
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money, parse_amount
from paidthru.payments.models import PaymentMethod
from paidthru.payments.queries import active_method
from paidthru.runs.desk import Desk
from paidthru.runs.gifts import begin_card, card_given, pause_gift, stop_gift, use_card
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for

_APART = _lazy("A gift is apart from any membership: ending one leaves the other.")


class AmountForm(forms.Form):
    """Another amount for a gift."""

    amount = forms.CharField(
        label=_lazy("Another amount"), required=False, max_length=40,
        help_text=_lazy("It counts from the next time on."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "inputmode": "decimal"}),
    )  # fmt: skip


def with_gift(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hands a view the gift of the token; one that isn't ours gets a page for that (404)."""

    @wraps(view)
    @never_cache
    def look(request: HttpRequest, token: str, **about: UUID) -> HttpResponseBase:
        too_many = turned_away(request)
        if too_many is not None:
            return too_many
        gift = gift_by(token)
        if gift is None:
            note_wrong(request)
            page = Page(_("This link doesn’t work"), _("Look whether the whole address was copied."))
            return show(request, page, None, 404)
        speak(request, gift.organization)
        return view(request, gift, **about)

    return look


@require_http_methods(["GET", "HEAD", "POST"])
@with_gift
def gift_page(request: HttpRequest, gift: Gift) -> HttpResponseBase:
    """What is given, how often and from what; posted, it is stopped, paused, taken up again, or of another amount."""
    desk, form = desk_for(gift.organization), AmountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return sent(request, _done(desk, gift, request.POST.get("do", ""), form))
        except Refused as refused:
            form.add_error("amount" if refused.field == "amount" else None, said_of(refused))
    said = said_in(request)
    return _shown(request, gift, form, notice=said[0] if said else "")


def _done(desk: Desk, gift: Gift, what: str, form: AmountForm) -> str:
    """Does what was chosen; returns what is said of it."""
    actor, now = Actor("visitor", gift.party.name), desk.clock.now()
    match what:
        case "stop":
            stop_gift(desk, gift.id, actor=actor)
            return _("The gift is stopped. Nothing more is charged.")
        case "pause":
            pause_gift(desk, gift.id, actor=actor)
            return _("The gift is paused. Nothing is charged until you take it up again.")
        case "resume":
            again = change_gift(desk.organization, gift.id, "active", actor=actor, now=now)
            return _("Thank you. The gift goes on, next on {day}.").format(day=again.next_on)
    amount_minor = parse_amount(form.cleaned_data["amount"], gift.currency)
    changed = change_gift_amount(desk.organization, gift.id, amount_minor, actor=actor, now=now)
    return _("From now on you give {amount}.").format(amount=amount_said(changed.amount_minor, gift.currency))


@require_POST
@with_gift
def card(request: HttpRequest, gift: Gift) -> HttpResponseBase:
    """Goes to the processor's page, where another card or account is entered for the gift."""
    desk = desk_for(gift.organization)
    if not desk.gateway.capabilities.online:
        return _shown(request, gift, AmountForm(), notice=_("Cards can’t be taken here now."), status=409)
    back = request.build_absolute_uri(f"{home_of(request)}with/{{setup}}/")
    try:
        setup = begin_card(desk, gift, return_url=back.replace("%7B", "{").replace("%7D", "}"))
    except Refused as refused:
        return _shown(request, gift, AmountForm(), notice=said_of(refused), status=409)
    return away(request, gift.organization, setup.url or home_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
@with_gift
def with_card(request: HttpRequest, gift: Gift, setup: UUID) -> HttpResponseBase:
    """Back from the processor: what the gift is to be charged to from now on; posted, it is."""
    desk = desk_for(gift.organization)
    method = card_given(desk, gift, setup)
    if method is None or (method.state != "once" and method.id != gift.method_id):
        return redirect(home_of(request))
    if request.method == "POST":
        try:
            use_card(desk, gift, method, actor=Actor("visitor", gift.party.name))
        except Refused as refused:
            return _shown(request, gift, AmountForm(), notice=said_of(refused), status=409)
    if request.method == "POST" or method.id == gift.method_id:
        return redirect(home_of(request))
    amount = amount_said(gift.amount_minor, gift.currency)
    text = _("From now on {amount} {every} is charged to it, until you stop it.").format(
        amount=amount, every=every(interval_of(gift))
    )
    if gift.state == "paused":
        text += " " + _("The gift goes on.")
    page = Page(
        _("Use this for your gift?"),
        text,
        (Fact(_("Payment method"), called(method), _("It is kept for this gift alone.")),),
        action=request.path,
        choices=(Choice("do", "use", _("Yes, use it"), primary=True),),
    )
    return show(request, page, gift.organization)


def _shown(
    request: HttpRequest, gift: Gift, form: AmountForm, *, notice: str = "", status: int = 200
) -> HttpResponse:
    home = home_of(request)
    stopped = gift.state in ("stopped", "begun")
    page = Page(
        _("Your gift") if not stopped else _("This gift is stopped"),
        _("To {organization}.").format(organization=gift.organization.name)
        if not stopped
        else _("Nothing more is charged for {organization}.").format(organization=gift.organization.name),
        _facts(gift, desk_for(gift.organization)),
        notice,
        "good" if status < 400 else "warn",
        action="" if stopped else home,
        form=None if stopped else form,
        choices=() if stopped else _choices(gift, home),
        asides=() if stopped else (_APART, PRIVATE),
    )
    return show(request, page, gift.organization, 422 if form.errors else status)


def _choices(gift: Gift, home: str) -> tuple[Choice, ...]:
    pause = (
        Choice("do", "resume", _("Take it up again"))
        if gift.state == "paused"
        else Choice("do", "pause", _("Pause it"))
    )
    return (
        Choice("do", "amount", _("Change the amount"), primary=True),
        Choice("kind", "any", _("Use another card or account"), action=f"{home}card/"),
        pause,
        Choice("do", "stop", _("Stop it for good")),
    )


def _facts(gift: Gift, desk: Desk) -> tuple[Fact, ...]:
    amount = Money(gift.amount_minor, gift.currency)
    found = [
        Fact(
            _("You give") if gift.state != "stopped" else _("You gave"),
            amount,
            every(interval_of(gift)),
        )
    ]
    if gift.campaign is not None:
        found.append(Fact(_("For"), gift.campaign.name))
    if gift.next_on is not None:
        found.append(Fact(_("Next on"), gift.next_on))
    elif gift.state == "paused":
        found.append(Fact(_("Paused"), _("Nothing is charged until you take it up again.")))
    method: PaymentMethod | None = gift.method or active_method(gift.party_id)
    if gift.state != "stopped":
        found.append(
            Fact(_("Charged to"), called(method) if method else _("There is no card or account on file."))
        )
    last = last_given(gift.id)
    if last is not None:
        found.append(Fact(_("Last given on"), last))
    return tuple(found)
