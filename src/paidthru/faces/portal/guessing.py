"""Slows down whoever guesses the addresses of secret links: after some wrong ones none of that place's is looked at.

A link's token can't be guessed; whoever tries a thousand is kept from asking the database about each.
"""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from paidthru.faces.portal.asking import HOUR, place_of
from paidthru.faces.portal.pages import Page
from paidthru.faces.portal.showing import show
from paidthru.organizations.operations import count_try
from paidthru.organizations.queries import tries_of

MOST = 40  # wrong links of one place within an hour: several people share one


def _key(request: HttpRequest) -> str:
    return f"wrong-link:{place_of(request)}"


def turned_away(request: HttpRequest) -> HttpResponse | None:
    """The page for a place that has tried too many wrong links (429); None where it hasn't."""
    if tries_of(_key(request)) < MOST:
        return None
    return show(request, Page(_("Too many links that don't work"), _("Try again in an hour.")), None, 429)


def note_wrong(request: HttpRequest) -> None:
    """Counts a link that isn't good; the first one starts the hour."""
    count_try(_key(request), HOUR)
