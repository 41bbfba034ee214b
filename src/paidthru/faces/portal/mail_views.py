"""Which mails somebody wants: by the link in a mail that can be declined, and from a member's own page (A-53).

Looking declines nothing, for mail programs open links by themselves; one click in the mail program does, which posts
(RFC 8058). The address itself is the key: it is signed, and good for one topic of one member only.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from paidthru.actions.set_mail_wishes import set_mail_wishes
from paidthru.faces.portal.languages import speak
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.refusals import fix_of, message_of
from paidthru.faces.portal.showing import home_of, show
from paidthru.faces.portal.spoken import topic as topic_said
from paidthru.faces.portal.views import with_link
from paidthru.kernel.errors import Refused
from paidthru.notices.queries import declined_by, declined_in
from paidthru.notices.rules.kinds import TOPICS
from paidthru.payments.models import MemberLink
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor
from paidthru.wiring import clock_for

_ALWAYS = _lazy("Receipts, invoices, failed payments, final notices and what ends a membership always come.")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, token: str) -> HttpResponseBase:
    """What the mail's topic is; posted, its mails are declined, or wanted again."""
    try:
        party, topic = declined_in(token)
    except Refused as refused:
        return show(request, Page(message_of(refused), fix_of(refused)), None, 404)
    speak(request, party.organization)
    notice = ""
    if request.method == "POST":
        wants = request.POST.get("mails") == "yes"
        _wish(party, {topic: wants})
        notice = _("You get these mails again.") if wants else _("You get none of these mails any more.")
    if topic in declined_by(party.id):
        choices = (Choice("mails", "yes", _("I want them again")),)
    else:
        choices = (Choice("mails", "no", _("I don’t want these mails"), primary=True),)
    page = Page(
        _("Mails that you get"),
        _("{topic}, from {organization} to {address}.").format(
            topic=topic_said(topic), organization=party.organization.name, address=_veiled(party.email)
        ),
        notice=notice,
        action=request.path,
        choices=choices,
        asides=(_ALWAYS,),
    )
    return show(request, page, party.organization)


@require_safe
@with_link
def wishes_page(request: HttpRequest, link: MemberLink) -> HttpResponse:
    """Every topic that can be declined, with how it stands."""
    return _wishes(request, link)


@require_http_methods(["POST"])
@with_link
def wishes_set(request: HttpRequest, link: MemberLink) -> HttpResponse:
    """Declines a topic, or wants it again."""
    topic, __, answer = request.POST.get("mails", "").partition(":")
    if topic not in TOPICS or answer not in ("yes", "no"):
        return _wishes(request, link, notice=_("Nothing was chosen."), tone="warn", status=422)
    _wish(link.party, {topic: answer == "yes"})
    return _wishes(request, link, notice=_("Noted."))


def _wishes(
    request: HttpRequest, link: MemberLink, *, notice: str = "", tone: str = "good", status: int = 200
) -> HttpResponse:
    home, declined = home_of(request), declined_by(link.party_id)
    facts = tuple(
        Fact(topic_said(topic), _("Declined") if topic in declined else _("Sent")) for topic in TOPICS
    )
    choices = tuple(
        Choice("mails", f"{topic}:yes", _("Send again: {topic}").format(topic=topic_said(topic, within=True)))
        if topic in declined
        else Choice(
            "mails", f"{topic}:no", _("Decline: {topic}").format(topic=topic_said(topic, within=True))
        )
        for topic in TOPICS
    )
    page = Page(
        _("Mails that you get"),
        _("From {organization}.").format(organization=link.organization.name),
        facts,
        notice,
        tone,
        f"{home}mails/set/",
        choices,
        (_ALWAYS,),
        ways=(Way(_("Back"), home),),
    )
    return show(request, page, link.organization, status)


def _wish(party: Party, wanted: dict[str, bool]) -> None:
    now = clock_for(party.organization).now()
    set_mail_wishes(party.organization, party.id, wanted, actor=Actor("member", party.name), now=now)


def _veiled(email: str) -> str:
    """An address that whoever has it knows again, and nobody else: a mail may have been passed on."""
    name, at, host = email.rpartition("@")
    return f"{name[:1]}…{at}{host}" if at else _("you")
