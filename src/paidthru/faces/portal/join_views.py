"""Joining by link: what it means is read, name and address are given, and the way on is mailed (P-22, P-26).

Whoever gives an address hears the same, whether it is known here or not; what is known is shown only to who reads the
mail. Looking changes nothing: acts are POSTs.
"""

import hashlib
from collections.abc import Callable
from functools import wraps

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache

from paidthru.actions.ask_to_join import ask_to_join
from paidthru.actions.open_sign_up import open_sign_up
from paidthru.faces.portal.forms import JoinForm
from paidthru.faces.portal.languages import language, speak
from paidthru.faces.portal.offering import Offer, offer_of
from paidthru.faces.portal.pages import Choice, Page, Way
from paidthru.faces.portal.refusals import fix_of, message_of, said_of
from paidthru.faces.portal.showing import said_in, sent, show
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.membership.models import JoinLink
from paidthru.membership.queries.join_links import join_link, refuse_unusable
from paidthru.wiring import desk_for, enqueue_work

View = Callable[[HttpRequest, JoinLink], HttpResponseBase]
GO_ON = (Choice("go", "on", _lazy("Go on"), primary=True),)


def with_join_link(view: View) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """Hands a view the link of the token: 404 where there never was one, 410 where it takes nobody any more."""

    @wraps(view)
    @never_cache
    def look(request: HttpRequest, token: str) -> HttpResponseBase:
        link = join_link(token.replace("\0", ""))
        if link is None:
            page = Page(_("There is no such link"), _("Look whether the whole address was copied."))
            return show(request, page, None, 404)
        speak(request, link.organization)
        try:
            refuse_unusable(link, on=desk_for(link.organization).today)
        except Refused as refused:
            return gone(request, link, refused)
        return view(request, link)

    return look


def gone(request: HttpRequest, link: JoinLink, refused: Refused) -> HttpResponse:
    """A link that takes nobody any more."""
    return show(request, Page(message_of(refused), fix_of(refused)), link.organization, 410)


@with_join_link
def join_page(request: HttpRequest, link: JoinLink) -> HttpResponseBase:
    """What joining means, and who wants to."""
    said = said_in(request)
    if said is not None:
        return _answer(request, link, *said)
    desk = desk_for(link.organization)
    posted = request.method == "POST"
    code = (request.POST if posted else request.GET).get("code", "").strip()
    wrong = ""
    try:
        try:
            offer = offer_of(link.plan, desk.today, code=code)
        except Refused as refused:
            if refused.code != "code_unknown":
                raise
            offer, wrong = offer_of(link.plan, desk.today), said_of(refused)
    except Refused:
        page = Page(
            _("Nobody can join just now"),
            _("{plan} has no price yet. Please ask {organization}.").format(
                plan=link.plan.name, organization=link.organization.name
            ),
        )
        return show(request, page, link.organization, 409)
    if offer.needs_method and not desk.gateway.capabilities.online:
        text = _(
            "{organization} can’t take cards or bank accounts here yet. Please ask them how to join."
        ).format(organization=link.organization.name)
        return show(
            request,
            Page(_("Join {plan}").format(plan=link.plan.name), text, offer.facts()),
            link.organization,
            409,
        )
    if not posted:
        read = {"code": code, "read_with": "" if wrong else code}
        form = JoinForm(initial={"key": str(new_id())} | read, consent=offer.consent)
        return show(request, _asking(request, link, offer, form, wrong), link.organization)
    if not wrong and code.casefold() != request.POST.get("read_with", "").casefold():
        return _read_again(request, link, offer, code)
    form = JoinForm(request.POST, consent=offer.consent)
    if wrong and not form.errors.get("code"):
        form.add_error("code", wrong)
    if not form.is_valid():
        return show(request, _asking(request, link, offer, form), link.organization, 422)
    return _asked(request, link, offer, form)


def _read_again(request: HttpRequest, link: JoinLink, offer: Offer, code: str) -> HttpResponse:
    """The price with the code that was given: nobody agrees to one that they have not read."""
    typed = {name: request.POST.get(name, "").replace("\0", "") for name in ("name", "email", "key")}
    form = JoinForm(initial=typed | {"code": code, "read_with": code}, consent=offer.consent)
    notice = (
        _("This is the price with the code “{code}”. Please read it and agree.").format(code=code)
        if code
        else _("This is the price without a code. Please read it and agree.")
    )
    return show(request, _asking(request, link, offer, form, notice), link.organization)


def _asking(request: HttpRequest, link: JoinLink, offer: Offer, form: JoinForm, notice: str = "") -> Page:
    return Page(
        _("Join {plan}").format(plan=offer.plan),
        _("At {organization}.").format(organization=offer.organization),
        offer.facts(),
        notice,
        "warn",
        action=request.path,
        form=form,
        asides=(
            _(
                "The next step is mailed to you. Nothing is charged before you have read and confirmed it there."
            ),
            _("Card and bank details are entered on the payment processor’s own page only."),
        ),
        choices=GO_ON,
        ways=(Way(_("I am a member already"), f"/my/{link.organization.slug}/"),),
    )


def _asked(request: HttpRequest, link: JoinLink, offer: Offer, form: JoinForm) -> HttpResponse:
    """Notes the wish. The answer is the same for everybody."""
    desk, clean = desk_for(link.organization), form.cleaned_data
    try:
        with transaction.atomic():
            sign_up = ask_to_join(
                link.organization,
                link.id,
                name=clean["name"],
                email=clean["email"],
                place=_place(request),
                key=clean["key"],
                consent=offer.consent,
                now=desk.clock.now(),
                code=clean["code"].strip(),
                language=language(),
            )
            enqueue_work(link.organization_id)
    except Refused as refused:
        if refused.field in form.fields:
            form.add_error(refused.field, said_of(refused))
            return show(request, _asking(request, link, offer, form), link.organization, 422)
        status = 429 if refused.code == "too_many_sign_ups" else 409
        return show(request, Page(message_of(refused), fix_of(refused)), link.organization, status)
    token = ""
    if link.organization.is_sandbox:  # no mail leaves a sandbox, and nobody real waits for it
        token, __ = open_sign_up(sign_up, now=desk.clock.now())
    return sent(request, clean["email"], token)


def _answer(request: HttpRequest, link: JoinLink, email: str, token: str) -> HttpResponse:
    """What everybody reads who asked; in a sandbox with the way on."""
    text = _("We have sent a mail to {email}. It has a link by which you go on, for three days.").format(
        email=email
    )
    asides = (_("No mail? Look into the spam folder, or whether the address is right."),)
    onward = ""
    if token:
        onward, asides = (
            f"/join/on/{token}/",
            (_("This is a sandbox: no mail leaves it, so the way on is here."),),
        )
    return show(
        request, Page(_("Look into your mail"), text, asides=asides, onward=onward), link.organization
    )


def _place(request: HttpRequest) -> str:
    return hashlib.sha256(f"join {request.META.get('REMOTE_ADDR', '')}".encode()).hexdigest()
