"""Where a member asks for the way to their membership: an address is typed, and the way is mailed to it (C-42).

Everybody is answered the same, and the same is done while they wait: a worker finds out whose address it is. Whoever
can't read the mail learns nothing.
"""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from paidthru.faces.portal.asking import asked_too_often, place_of
from paidthru.faces.portal.forms import LinkForm
from paidthru.faces.portal.pages import Choice, Page
from paidthru.faces.portal.showing import said_in, sent, show
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Organization
from paidthru.wiring import enqueue_member_links

PER_PLACE, PER_ADDRESS, PER_ORGANIZATION = (
    12,
    4,
    240,
)  # in an hour: a shared connection, a slip or two, a rush
_SEND = (Choice("go", "mail", "Mail me the link", primary=True),)


@never_cache
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks for the address; posted, the way is mailed to whom it belongs, if anybody."""
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        return show(
            request, Page("There is no such page", "Look whether the whole address was copied."), None, 404
        )
    said = said_in(request)
    if said is not None:
        return show(request, _asked(organization, said[0]), organization)
    if request.method != "POST":
        return show(
            request, _asking(request, organization, LinkForm(initial={"key": new_id()})), organization
        )
    form = LinkForm(request.POST)
    if not form.is_valid():
        return show(request, _asking(request, organization, form), organization, 422)
    email = form.cleaned_data["email"]
    counted = (
        (f"place {place_of(request)}", PER_PLACE),
        (f"{slug} address {email.casefold()}", PER_ADDRESS),
        (f"organization {slug}", PER_ORGANIZATION),
    )
    if any(asked_too_often(f"link {what}", most) for what, most in counted):
        page = Page(
            "That was asked for too often", "Try again in an hour; a mail that was sent already still works."
        )
        return show(request, page, organization, 429)
    with transaction.atomic():
        enqueue_member_links(organization.id, email, key=form.cleaned_data["key"])
    return sent(request, email)


def _asking(request: HttpRequest, organization: Organization, form: LinkForm) -> Page:
    return Page(
        "See your membership",
        f"{organization.name} mails you a link. By it you see your membership, pay what is open, change how you pay,"
        " or cancel. There is no password.",
        action=request.path,
        form=form,
        choices=_SEND,
    )


def _asked(organization: Organization, email: str) -> Page:
    text = f"If {email} is known at {organization.name}, a mail with your link is on its way."
    asides = [f"No mail? Look into the spam folder, or ask {organization.name} which address they have."]
    if organization.is_sandbox:
        asides = ["This is a sandbox: no mail leaves it. Staff find a member’s link on the member’s page."]
    return Page("Look into your mail", text, asides=tuple(asides))
