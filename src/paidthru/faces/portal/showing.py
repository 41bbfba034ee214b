"""What the portal's pages share: their frame, the way to the processor and back, and how a way to pay is called."""

from dataclasses import replace
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from paidthru.faces.portal.languages import NAMES, language, locale_at
from paidthru.faces.portal.pages import Page, Shell
from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import brand_of
from paidthru.payments.models import MemberLink, PaymentMethod

_SENT = "sent"
_SENT_FOR = 3600  # seconds
_SANDBOX = {"Test card": _lazy("Test card"), "Test bank": _lazy("Test bank")}
PRIVATE = _lazy("What you enter is seen by the payment processor only, never by us.")


def show(
    request: HttpRequest, page: Page, organization: Organization | None, status: int = 200
) -> HttpResponse:
    """A page in its organization's frame, or in nobody's."""
    shell = shell_of(request, organization)
    return render(request, "portal/page.html", {"page": page, "shell": shell}, status=status)


def amount_said(amount_minor: int, currency: str) -> str:
    """An amount in a sentence; the page writes it in the reader's way (`kernel.formats.reader_text`)."""
    return f"{plain(amount_minor, currency)} {currency}"


def called(method: PaymentMethod) -> str:
    """A way to pay, by what may be shown of it."""
    dated = f", {method.exp_month:02d}/{method.exp_year}" if method.exp_month and method.exp_year else ""
    return "{brand} •••• {last4}".format(**brand_and_last4(method)) + dated


def brand_and_last4(method: PaymentMethod) -> dict[str, str]:
    """What may be shown of a way to pay: who issued it, in the reader's language where that is no name, and its last
    four digits."""
    return {"brand": str(_SANDBOX.get(method.brand, method.brand)), "last4": method.last4}


def who_at(link: MemberLink) -> str:
    """Whose page it is, and where."""
    return _("{name}, at {organization}.").format(name=link.party.name, organization=link.organization.name)


def home_of(request: HttpRequest, depth: int = 3) -> str:
    """The link's own address: the first `depth` parts of the path."""
    return "/".join(request.path.split("/")[:depth]) + "/"


def way_back(request: HttpRequest, depth: int = 3) -> str:
    """Where the processor leads back to, `{setup}` standing for the saving's id."""
    there = request.build_absolute_uri(f"{home_of(request, depth)}back/?setup={{setup}}")
    return there.replace("%7B", "{").replace("%7D", "}")


def setup_in(request: HttpRequest) -> UUID | None:
    """The saving that an address names, if it is an id at all."""
    try:
        return UUID(request.GET.get("setup", ""))
    except ValueError:
        return None


def away(request: HttpRequest, organization: Organization, url: str) -> HttpResponseBase:
    """On to another page. One on the processor's host is reached by a link: our policy lets no form lead there."""
    if urlsplit(url).netloc == request.get_host():
        return redirect(url)
    page = Page(
        _("On to the payment processor"),
        _("You will come back here afterwards."),
        onward=url if urlsplit(url).scheme == "https" or organization.is_sandbox else "",
    )
    return show(request, page, organization)


def sent(request: HttpRequest, *said: str, to: str = "") -> HttpResponse:
    """On to this page's answer by GET, or to another's of the portal, so that Back and Reload send nothing again.

    What was said goes along in a signed cookie of this path, not in the address: logs keep addresses.
    """
    path = to or request.path
    answer = HttpResponseRedirect(f"{path}?{_SENT}=1")
    answer.status_code = 303  # see other: always by GET
    answer.set_signed_cookie(
        _SENT,
        quote("\n".join(said)),  # a cookie has no letters beyond Latin ones
        salt=path,
        max_age=_SENT_FOR,
        path=path,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return answer


def said_in(request: HttpRequest) -> tuple[str, ...] | None:
    """What `sent` noted in this browser, where its answer is asked for; None where not, or it is too old or altered."""
    if request.method != "GET" or _SENT not in request.GET:
        return None
    return noted_in(request)


def noted_in(request: HttpRequest) -> tuple[str, ...] | None:
    """What `sent` noted in this browser for this page; None where nothing, or it is too old or altered."""
    try:
        noted = request.get_signed_cookie(_SENT, salt=request.path, max_age=_SENT_FOR)
    except (KeyError, BadSignature):
        return None
    return tuple(unquote(str(noted)).split("\n"))


def shell_of(request: HttpRequest, organization: Organization | None) -> Shell:
    """The frame around an organization's pages, or (None) around nobody's."""
    shell = Shell("", language(), language=language())
    if organization is None:
        return shell
    is_members = request.path.startswith("/m/")
    locale, brand = locale_at(organization).lower().replace("_", "-"), brand_of(organization.id)
    return replace(
        shell,
        organization=organization.name,
        locale=locale,
        languages=tuple(NAMES.items()),
        languages_at=f"{home_of(request)}language/" if is_members else "/language/",
        here=_here(request),
        keeps_language=is_members,
        zone=organization.zone,
        is_sandbox=organization.is_sandbox,
        brand_at=f"/brand/{organization.slug}/{brand.number}/" if brand else "",
        has_logo=brand is not None and brand.logo_id is not None,
    )


def _here(request: HttpRequest) -> str:
    """Where the page can be asked for again; what was posted to may answer to nothing else."""
    if request.method != "POST":
        return request.get_full_path()
    if request.path.startswith("/join/on/"):
        return home_of(request, 4)
    return home_of(request) if request.path.startswith(("/m/", "/pay/", "/gift/")) else request.path
