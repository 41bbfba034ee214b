"""Where a member asks for the way to their membership: an address is typed, and the way is mailed to it, as a link
and as a code that is entered here (C-42).

Everybody is answered the same, and the same is done while they wait: a worker finds out whose address it is. Whoever
can't read the mail learns nothing.
"""

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache

from paidthru.actions.mail_member_links import people_at
from paidthru.actions.make_link import make_link
from paidthru.faces.portal.asking import asked_too_often, counted, place_of
from paidthru.faces.portal.forms import CodeForm, LinkForm
from paidthru.faces.portal.languages import speak
from paidthru.faces.portal.pages import Choice, Page, Way
from paidthru.faces.portal.showing import noted_in, said_in, sent, show
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Organization
from paidthru.payments.queries.links import is_code, sign_in_code
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor
from paidthru.wiring import clock_for, enqueue_member_links

PER_PLACE, PER_ADDRESS, PER_ORGANIZATION = (
    12,
    4,
    240,
)  # in an hour: a shared connection, a slip or two, a rush
TRIES = 5  # of a code
LASTS_HOURS = 12  # whoever came by a code stays so long
_ENTER = (Choice("go", "code", _lazy("Continue"), primary=True),)
_AGAIN = (Way(_lazy("Ask again"), "."),)
_SEND = (Choice("go", "mail", _lazy("Mail me the link"), primary=True),)


@never_cache
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks for the address; posted, the way is mailed to whom it belongs, if anybody."""
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        return show(
            request,
            Page(_("There is no such page"), _("Look whether the whole address was copied.")),
            None,
            404,
        )
    speak(request, organization)
    said = said_in(request)
    if said is not None:
        return show(request, _asked(request, organization, said[0], CodeForm()), organization)
    if request.method == "POST" and "code" in request.POST:
        return _entered(request, organization)
    if request.method != "POST":
        return show(
            request, _asking(request, organization, LinkForm(initial={"key": new_id()})), organization
        )
    form = LinkForm(request.POST)
    if not form.is_valid():
        return show(request, _asking(request, organization, form), organization, 422)
    email = form.cleaned_data["email"]
    limits = (
        (f"place {place_of(request)}", PER_PLACE),
        (f"{slug} address {email.casefold()}", PER_ADDRESS),
        (f"organization {slug}", PER_ORGANIZATION),
    )
    if any(asked_too_often(f"link {what}", most) for what, most in limits):
        page = Page(
            _("That was asked for too often"),
            _("Try again in an hour; a mail that was sent already still works."),
        )
        return show(request, page, organization, 429)
    with transaction.atomic():
        enqueue_member_links(organization.id, email, key=form.cleaned_data["key"])
    return sent(request, email, form.cleaned_data["key"])


def _asking(request: HttpRequest, organization: Organization, form: LinkForm) -> Page:
    return Page(
        _("See your membership"),
        _(
            "{organization} mails you a link. By it you see your membership, pay what is open, change how you pay, or"
            " cancel. There is no password."
        ).format(organization=organization.name),
        action=request.path,
        form=form,
        choices=_SEND,
    )


def _entered(request: HttpRequest, organization: Organization) -> HttpResponse:
    """The code that was mailed lets in whoever asked for it in this browser; of several people at the address, the one
    who is chosen. It is good once, and for few tries."""
    email, key = (*(noted_in(request) or ()), "", "")[:2]
    if not email or not key:
        page = Page(
            _("Ask for a new code"),
            _("This one is too old, or was asked for in another browser."),
            ways=_AGAIN,
        )
        return show(request, page, organization, 409)
    tried = f"code {organization.slug} {email.casefold()} {key}"
    if counted(f"{tried} used") or asked_too_often(tried, TRIES):
        return _spent(request, organization)
    form = CodeForm(request.POST)
    if form.is_valid() and not is_code(form.cleaned_data["code"], sign_in_code(organization.id, email, key)):
        form.add_error("code", _("That is not the code in the mail. Look for the newest one."))
    if not form.is_valid():
        return show(request, _asked(request, organization, email, form), organization, 422)
    people = people_at(organization, email)
    chosen = [one for one in people if str(one.id) == request.POST.get("party") or len(people) == 1]
    if not chosen:
        return show(request, _who(request, people, form), organization)
    if asked_too_often(f"{tried} used", 1):  # at the same instant, in another window
        return _spent(request, organization)
    now = clock_for(organization).now()
    actor = Actor("member", chosen[0].name)
    __, token = make_link(
        organization, chosen[0].id, purpose="member", actor=actor, now=now, lasts=timedelta(hours=LASTS_HOURS)
    )
    answer = HttpResponseRedirect(f"/m/{token}/")
    answer.status_code = 303
    return answer


def _spent(request: HttpRequest, organization: Organization) -> HttpResponse:
    page = Page(_("Ask for a new code"), _("This one was used, or tried too often."), ways=_AGAIN)
    return show(request, page, organization, 429)


def _who(request: HttpRequest, people: list[Party], form: CodeForm) -> Page:
    """Several people have one address: whose membership it is about."""
    choices = tuple(Choice("party", str(one.id), one.name) for one in people)
    return Page(
        _("Whose membership?"),
        _("Several people have this address."),
        action=request.path,
        form=form,
        choices=choices,
    )


def _asked(request: HttpRequest, organization: Organization, email: str, form: CodeForm) -> Page:
    text = _(
        "If {email} is known at {organization}, a mail with your link and a code is on its way. Follow the link, or"
        " enter the code here."
    ).format(email=email, organization=organization.name)
    asides = [
        _("No mail? Look into the spam folder, or ask {organization} which address they have.").format(
            organization=organization.name
        )
    ]
    if organization.is_sandbox:
        asides = [
            _(
                "This is a sandbox: no mail leaves it. Staff open a member’s pages from the console: at the member,"
                " Send a secure link."
            )
        ]
    return Page(
        _("Look into your mail"),
        text,
        asides=tuple(asides),
        action=request.path,
        form=form,
        choices=_ENTER,
        ways=_AGAIN,
    )
