"""The charge calendar: what comes to a member, as a page and as a calendar that their own program subscribes to
(RFC 5545). Its address is signed: whoever has it reads days and amounts, and can do nothing."""

from datetime import timedelta
from uuid import UUID, uuid5

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe
from icalendar import Calendar, Event

from paidthru.actions.renew_calendar_address import renew_calendar_address
from paidthru.faces.portal.guessing import note_wrong, turned_away
from paidthru.faces.portal.languages import locale_at, own_language
from paidthru.faces.portal.member_views import member_of
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.reworded import reworded
from paidthru.faces.portal.showing import home_of, show
from paidthru.faces.portal.views import with_link
from paidthru.kernel.formats import day_text, money_text
from paidthru.kernel.money import Money
from paidthru.kernel.periods import add_months
from paidthru.payments.models import MemberLink
from paidthru.people.models import Party
from paidthru.runs.coming_charges import ComingCharge, coming_charges
from paidthru.runs.desk import Desk
from paidthru.timeline.queries import times_told
from paidthru.wiring import desk_for

MONTHS = 12
_MOST = 60  # of them on the page
_SALT = "paidthru.charge-calendar"
_SPACE = UUID("5b0f2b1e-6a2f-5c39-9d4e-0e6c7a3d9f11")  # of the ids of calendar entries
_SHARED = _lazy(
    "Your calendar program keeps it up to date by itself. Whoever has its address sees these days and amounts, and can"
    " do nothing else."
)
_HOW = {"by itself": _lazy("charged by itself"), "asked for": _lazy("you will be asked for it")}


def calendar_token(party_id: UUID) -> str:
    """What stands in the address of somebody's calendar: signed, good for that alone, until they take another one."""
    times = _times(party_id)
    return signing.Signer(salt=_SALT).sign(f"{party_id.hex}.{times}" if times else party_id.hex)


def _times(party_id: UUID) -> int:
    """How often the calendar got a new address."""
    return times_told(party_id, "calendar_address_renewed")


@require_http_methods(["GET", "HEAD", "POST"])
@with_link
def calendar_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """What comes in the next twelve months, with the address to subscribe to; posted, it gets another one."""
    if link.attempt_id is not None:  # it is for confirming one payment only
        return redirect(home_of(request))
    desk, notice = desk_for(link.organization), ""
    if request.method == "POST":
        known = request.POST.get("known", "")
        party = Party.objects.get(id=link.party_id)
        if known.isascii() and known.isdigit() and len(known) < 9:
            renew_calendar_address(party, known=int(known), actor=member_of(link), now=desk.clock.now())
        notice = _("It has a new address; what was subscribed to before shows nothing any more.")
    found, locale = _coming(desk, link.party_id), locale_at(link.organization)
    facts = tuple(
        Fact(
            day_text(one.on, locale),
            money_text(Money(one.amount_minor, one.currency), locale),
            f"{_what(one)}; {_HOW[one.way]}",
        )
        for one in found[:_MOST]
    )
    here = request.build_absolute_uri(f"/calendar/{calendar_token(link.party_id)}/charges.ics")
    page = Page(
        _("What comes"),
        _("The next twelve months, at today’s prices.")
        if found
        else _("Nothing is due in the next twelve months."),
        facts,
        notice=notice,
        action=f"{home_of(request)}calendar/",
        choices=(Choice("known", str(_times(link.party_id)), _("Give my calendar a new address")),),
        ways=(
            Way(
                _("Open it in my calendar"),
                here.replace("https://", "webcal://").replace("http://", "webcal://"),
            ),
            Way(_("Download it"), here),
            Way(_("Back"), home_of(request)),
        ),
        asides=(_SHARED,),
    )
    return show(request, page, link.organization)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar itself, for whoever has its address."""
    if (away := turned_away(request)) is not None:
        return away
    try:
        named, _dot, _times = signing.Signer(salt=_SALT).unsign(token.replace("\0", "")).partition(".")
        party = Party.objects.select_related("organization").get(id=UUID(hex=named))
        if token != calendar_token(party.id):  # it has another address now
            raise Http404
    except (signing.BadSignature, ValueError, Party.DoesNotExist):
        note_wrong(request)
        raise Http404 from None
    desk = desk_for(party.organization)
    with translation.override(own_language(party)):  # whatever program asks for it
        written = _written(desk, party)
    answer = HttpResponse(written, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="charges.ics"'
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def _coming(desk: Desk, party_id: UUID) -> list[ComingCharge]:
    return coming_charges(desk, party_id, until=add_months(desk.today, MONTHS))


def _what(one: ComingCharge) -> str:
    if not one.member:
        return reworded(one.what)
    return _("{plan} of {member}").format(plan=one.what.removesuffix(f" of {one.member}"), member=one.member)


def _written(desk: Desk, party: Party) -> bytes:
    organization = party.organization
    calendar = Calendar()
    calendar.add("prodid", "-//Paidthru//Charges//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", organization.name)
    for one in _coming(desk, party.id):
        amount = money_text(Money(one.amount_minor, one.currency), locale_at(organization))
        entry = Event()
        entry.add("uid", f"{uuid5(_SPACE, one.key)}@paidthru")
        entry.add("dtstamp", desk.clock.now())
        entry.add("dtstart", one.on)
        entry.add("dtend", one.on + timedelta(days=1))
        entry.add(
            "summary", _("{amount} to {organization}").format(amount=amount, organization=organization.name)
        )
        entry.add("description", f"{_what(one)}; {_HOW[one.way]}.")
        entry.add("transp", "TRANSPARENT")
        calendar.add_component(entry)
    return bytes(calendar.to_ical())
