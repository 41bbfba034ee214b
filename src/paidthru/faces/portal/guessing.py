"""Slows down whoever guesses the addresses of secret links: after some wrong ones none of that place's is looked at.

A link's token can't be guessed; whoever tries a thousand is kept from asking the database about each.
"""

import hashlib

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from paidthru.faces.portal.asking import HOUR, place_of
from paidthru.faces.portal.pages import Page
from paidthru.faces.portal.showing import show

MOST = 40  # wrong links of one place within an hour: several people share one


def _key(request: HttpRequest) -> str:
    return f"wrong-link:{hashlib.sha256(place_of(request).encode()).hexdigest()}"


def turned_away(request: HttpRequest) -> HttpResponse | None:
    """The page for a place that has tried too many wrong links (429); None where it hasn't."""
    if int(caches["asked"].get(_key(request), 0)) < MOST:
        return None
    return show(request, Page(_("Too many links that don't work"), _("Try again in an hour.")), None, 429)


def note_wrong(request: HttpRequest) -> None:
    """Counts a link that isn't good; the first one starts the hour."""
    key = _key(request)
    if not caches["asked"].add(key, 1, HOUR):
        try:
            caches["asked"].incr(key)
        except ValueError:  # it ran out in between
            caches["asked"].add(key, 1, HOUR)
