"""Choosing a language, at the foot of each page. Who came by a secret link is written to in it from then on, too."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from paidthru.actions.choose_language import choose_language
from paidthru.faces.portal.languages import KEPT_FOR, NAMES
from paidthru.faces.portal.showing import home_of
from paidthru.faces.portal.views import with_link
from paidthru.payments.models import MemberLink
from paidthru.timeline.operations import Actor
from paidthru.wiring import clock_for


@require_POST
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Keeps the language in this browser, and leads back to the page."""
    return _back(request, "/")


@require_POST
@with_link
def choose_for_member(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """As `choose`, and keeps it with the member: pages, mails and documents are in it."""
    wanted = request.POST.get("language", "")
    if wanted in NAMES:
        now = clock_for(link.organization).now()
        actor = Actor("member", link.party.name)
        choose_language(link.organization, link.party_id, language=wanted, actor=actor, now=now)
    return _back(request, home_of(request))


def _back(request: HttpRequest, otherwise: str) -> HttpResponse:
    there, wanted = request.POST.get("next", ""), request.POST.get("language", "")
    safe = there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None)
    answer = HttpResponseRedirect(there if safe else otherwise)
    answer.status_code = 303  # see other: always by GET
    if wanted in NAMES:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=KEPT_FOR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return answer
