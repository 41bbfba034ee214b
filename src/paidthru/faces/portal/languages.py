"""Which language a page of the portal speaks: the member's own, where one is stored; else the one that was chosen at
the foot of a page, which this browser keeps; else what the browser asks for; else the organization's.

The words themselves are Django's catalogues under `locale` (docs/languages.md).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from paidthru.kernel.formats import best_locale
from paidthru.organizations.models import Organization
from paidthru.people.models import Party

NAMES = dict(settings.LANGUAGES)
KEPT_FOR = 365 * 24 * 3600  # seconds that a browser keeps the choice


def in_language(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view in the language that its reader asks for, until `speak` knows better; afterwards all is as it was."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **about: Any) -> HttpResponseBase:
        with translation.override(_asked_for(request) or settings.LANGUAGE_CODE):
            response = view(request, *args, **about)
            response.headers.setdefault("Content-Language", language())
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return answer


def speak(request: HttpRequest, organization: Organization, party: Party | None = None) -> None:
    """From here on in the language for somebody at an organization: `party` is given where it is them for sure."""
    stored = party.language if party is not None else ""
    translation.activate(
        _known(stored) or _asked_for(request) or _known(organization.locale) or settings.LANGUAGE_CODE
    )


def language() -> str:
    """The language spoken now, by its code."""
    return translation.get_language() or settings.LANGUAGE_CODE


def locale_at(organization: Organization) -> str:
    """How dates and amounts are written for the reader: in their language, as in the organization's region."""
    return best_locale(language(), organization.locale)


def own_language(party: Party) -> str:
    """The language in which somebody is written to, as in their mails: theirs, else the organization's."""
    return _known(party.language) or _known(party.organization.locale) or settings.LANGUAGE_CODE


def _asked_for(request: HttpRequest) -> str:
    """What was chosen in this browser, else the first of its languages that we have; "" for neither."""
    chosen = _known(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
    if chosen:
        return chosen
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return next((_known(code) for code, weight in wanted if weight and _known(code)), "")


def _known(code: str) -> str:
    """The language of a code such as `de-at` or `de_AT`, if we have it."""
    found = code.replace("_", "-").partition("-")[0].lower()
    return found if found in NAMES else ""
