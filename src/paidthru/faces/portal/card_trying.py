"""Turns away whoever tries card after card from one place, on whichever invoice or campaign (field-notes E.2).

Counted by what stands for the place, hashed, in a process's own cache; what fails for one payer, one invoice or with
one card is counted in the database (`runs.paying`).
"""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from paidthru.actions.settle import Settled
from paidthru.faces.portal.asking import asked_too_often, counted, place_of
from paidthru.faces.portal.pages import Page
from paidthru.faces.portal.showing import show
from paidthru.organizations.models import Organization
from paidthru.runs.paying import MOST_FAILED, WITHIN

PER_PLACE, PER_ADDRESS = 12, 6  # payments begun in an hour


def tried_too_many(request: HttpRequest) -> HttpResponse | None:
    """The page for a place from which too many cards failed lately (429); None where they didn't."""
    if counted(_what(request)) < MOST_FAILED:
        return None
    text = _("Nothing was charged. Try again in half an hour, or ask us how else to pay.")
    return show(request, Page(_("Too many payments failed here in a short time"), text), None, 429)


def begun_too_often(
    request: HttpRequest, organization: Organization, what: str, email: str
) -> HttpResponse | None:
    """Counts one more payment of `what` that is begun from this place and with this address; the page for too many of
    them in an hour (429), or None."""
    counts = (
        (f"{what} place {place_of(request)}", PER_PLACE),
        (f"{what} {organization.slug} {email.casefold()}", PER_ADDRESS),
    )
    if not any(asked_too_often(one, most) for one, most in counts):
        return None
    page = Page(_("Too many payments were begun from here"), _("Nothing was charged. Try again in an hour."))
    return show(request, page, organization, 429)


def note_outcome(request: HttpRequest, settled: Settled | None) -> None:
    """Counts a card that failed."""
    if settled is not None and settled.state in ("declined", "rejected"):
        asked_too_often(_what(request), MOST_FAILED, int(WITHIN.total_seconds()))


def _what(request: HttpRequest) -> str:
    return f"bad card {place_of(request)}"
