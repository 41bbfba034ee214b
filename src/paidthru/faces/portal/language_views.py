"""Choosing a language, at the foot of each page. Who came by a secret link is written to in it from then on, too."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from paidthru.actions.choose_language import choose_language
from paidthru.faces.portal.languages import KEPT_FOR, NAMES
from paidthru.faces.portal.views import with_link
from paidthru.payments.models import MemberLink
from paidthru.timeline.operations import Actor
from paidthru.wiring import clock_for


@require_safe
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Keeps the language in this browser, and leads back to the page. Nothing else comes of it, so it is asked for."""
    return _back(request.GET, secure=request.is_secure())


@require_POST
@with_link
def choose_for_member(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """As `choose`, and keeps it with the member: pages, mails and documents are in it."""
    if (wanted := request.POST.get("language", "")) in NAMES:
        now = clock_for(link.organization).now()
        actor = Actor("member", link.party.name)
        choose_language(link.organization, link.party_id, language=wanted, actor=actor, now=now)
    return _back(request.POST, secure=request.is_secure())


def _back(asked: QueryDict, *, secure: bool) -> HttpResponse:
    there, wanted = asked.get("next", ""), asked.get("language", "")
    safe = there.startswith("/") and url_has_allowed_host_and_scheme(there, allowed_hosts=None)
    answer = HttpResponseRedirect(there if safe else "/")
    answer.status_code = 303  # see other: always by GET
    if wanted in NAMES:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=KEPT_FOR,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
    return answer
